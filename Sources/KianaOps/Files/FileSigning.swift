internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// Signs files with this node's `file` key, in the formats of minisign and OpenSSH.
///
/// Only that key ever signs bytes that a caller hands in (DESIGN section 5), so that no such
/// signature can be one over a block.
package struct FileSigning: ~Copyable {
  package enum Format: String, Sendable, CaseIterable {
    /// `FILE.minisig`, prehashed.
    case minisign
    /// `FILE.sig`, as `ssh-keygen -Y sign` writes it.
    case ssh

    package var suffix: String {
      switch self {
      case .minisign: "minisig"
      case .ssh: "sig"
      }
    }
  }

  package static let namespace = "file"

  private let node: Node
  private let seed: Secret
  package let key: KeyText

  /// - Throws: `key` when the secret cannot be opened; `refused` for a restored state.
  package init(_ node: Node, unlockedBy source: borrowing UnlockSource) throws(KianaError) {
    try RestoredState.check(node)
    guard let key = try node.keyLog(of: node.aid)?.signingKey(.file) else {
      throw KianaError(
        code: .key, what: "this node has no file key", hint: "run 'kiana-keys rotate --use file'")
    }
    let name = KeyFile.name(.file, key)
    let vault = try Vault.open(node.directory, owner: node.aid, source: source, like: name)
    seed = try vault.load(name: name, key: key)
    self.node = node
    self.key = key
  }

  /// Signs a file and writes the signatures, each as `PREFIX.minisig` and `PREFIX.sig`; an existing
  /// one is replaced. The audit trail has it before anybody can see the signature.
  ///
  /// - Parameters:
  ///   - path: the file; `-` for standard input.
  ///   - comment: goes into the trusted comment of minisign, beside time, name and identity.
  /// - Returns: the paths that were written.
  package func sign(
    _ path: String, prefix: String, _ formats: [Format], comment: String?
  ) throws(KianaError) -> [String] {
    let texts = try texts(path, formats, comment)
    let now = node.now()
    try node.database.transaction { () throws(KianaError) in
      for (_, _, signature) in texts {
        try node.recorder.record(
          "file.sign", target: FileChecking.target(signature, node.crypto), key: key,
          payload: .object([JSONMember("file", .string(path))]), now: now)
      }
    }
    try Guard.update(node)
    var written = [String]()
    for (format, text, _) in texts {
      let path = "\(prefix).\(format.suffix)"
      let file = try FileWriting(path, mode: 0o644)
      try file.write(Array(text.utf8))
      try file.finish()
      written.append(path)
    }
    return written
  }

  private func texts(
    _ path: String, _ formats: [Format], _ comment: String?
  ) throws(KianaError) -> [(Format, text: String, signature: [UInt8])] {
    // One walk through the file, which may be a pipe.
    var blake2b = Digest64(.blake2b)
    var sha512 = Digest64(.sha512)
    try FileReading.forEachPiece(path) { (piece) throws(KianaError) in
      if formats.contains(.minisign) { blake2b.update(piece) }
      if formats.contains(.ssh) { sha512.update(piece) }
    }
    var texts = [(Format, text: String, signature: [UInt8])]()
    for format in formats {
      switch format {
      case .minisign:
        let made = try minisign(blake2b.finish(), path, comment)
        texts.append(
          (format, made.text(comment: "signature from kiana-keys"), made.signature))
      case .ssh:
        let made = ssh(sha512.finish())
        texts.append((format, made.text, made.signature))
      }
    }
    return texts
  }

  private func minisign(
    _ digest: [UInt8], _ path: String, _ comment: String?
  ) throws(KianaError) -> MinisignSignature {
    let name = path.split(separator: "/").last.map { Printable.line(String($0)) } ?? "-"
    let place = try node.keyLog(of: node.aid)?.lastS ?? 0
    var words = [
      "timestamp:\(node.now() / 1000)", "file:\(name)", "hashed", "aid:\(node.aid.text)",
      "kel:\(place)",
    ]
    if let comment { words.append(Printable.line(comment)) }
    let text = words.joined(separator: "\t")
    let signature = node.crypto.sign(digest, seed: seed)
    return MinisignSignature(
      isHashed: true, keyNumber: Minisign.keyNumber(key, node.crypto), signature: signature,
      trusted: MinisignSignature.Trusted(
        comment: text,
        signature: node.crypto.sign(
          MinisignSignature.globalMessage(signature, comment: text), seed: seed)))
  }

  private func ssh(_ digest: [UInt8]) -> SSHSignature {
    let message = SSHSignature.message(
      namespace: Self.namespace, hash: .sha512, digest: digest)
    return SSHSignature(
      key: key, namespace: Self.namespace, hash: .sha512,
      signature: node.crypto.sign(message, seed: seed))
  }
}
