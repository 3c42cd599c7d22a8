internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// Checks signatures over files: by this node, and by those whom it trusts.
package struct FileChecking {
  /// What a check came to.
  package struct Finding: Sendable {
    package enum Outcome: Equatable, Sendable {
      /// The file, the comment or the signature was changed.
      case badSignature
      /// Nobody whom this node knows has the key.
      case unknownKey
      case verdict(KeyVerdict)
    }

    package let outcome: Outcome
    package let format: FileSigning.Format
    /// Nil when nobody is known to have it, and the signature does not say it.
    package let key: KeyText?
    package let signer: AID?
    /// The name that a person gave the signer; nil for this node itself.
    package let name: String?
    /// What the signer said beside the file; nil when there is none.
    package let comment: String?
    /// When the signer was heard last to say where their key log ends.
    package var confirmation: Freshness.Confirmation? = nil

    /// One word for programs.
    package var word: String {
      switch outcome {
      case .badSignature: "bad-signature"
      case .unknownKey: KeyVerdict.unknownKey.rawValue
      case .verdict(let verdict): verdict.rawValue
      }
    }

    /// `nil` when the answer is yes, else what the command ends with.
    package var error: KianaError.Code? {
      switch outcome {
      case .badSignature: .damaged
      case .unknownKey: .notFound
      case .verdict(.valid), .verdict(.validRetired), .verdict(.validBeforeCompromise): nil
      case .verdict(.unproven), .verdict(.unknownKey): .notFound
      case .verdict: .damaged
      }
    }

    package var words: String {
      switch outcome {
      case .badSignature: "the signature does not belong to the file, or one of them was changed"
      case .unknownKey: "nobody whom this node trusts has its key"
      case .verdict(.unproven):
        "its key is retired, and no audit trail that is here has the signature from before that"
      case .verdict(.notVouched): "it was made after its key was retired"
      case .verdict(.compromised):
        "its key was compromised, and its owner does not vouch for the signature"
      case .verdict(.validRetired): "its key is retired, and was good when it signed"
      case .verdict(let verdict): verdict.words
      }
    }
  }

  /// A signature over the file itself, not over its digest, needs all of it in memory.
  private static let wholeBytesMax = 1 << 30

  private let node: Node
  private let known: [(name: String?, log: KeyLog)]

  package init(_ node: Node) throws(KianaError) {
    self.node = node
    var known = [(name: String?, log: KeyLog)]()
    if let own = try node.keyLog(of: node.aid) { known.append((nil, own)) }
    for row in try node.trust.all() { known.append((row.name, try Trust(node).log(row))) }
    self.known = known
  }

  /// How the audit trail names a signature.
  static func target(_ signature: [UInt8], _ crypto: any Cryptography) -> String {
    "sig:\(crypto.sha256(signature).hex)"
  }

  /// Checks one file against one signature.
  ///
  /// - Throws: `notFound` when one of them is not there, `damaged` when the signature is no file of
  ///   minisign, signify or OpenSSH.
  package func check(_ path: String, signature: String) throws(KianaError) -> Finding {
    let bytes = try FileReading.whole(signature, bytesMax: MinisignSignature.bytesMax)
    if let parsed = MinisignSignature(bytes) { return try check(path, parsed) }
    if let parsed = SSHSignature(bytes) { return try check(path, parsed) }
    throw KianaError(
      code: .damaged, what: "'\(signature)' is no signature",
      why: "it is not what minisign, signify or ssh-keygen write with an Ed25519 key")
  }

  private func check(
    _ path: String, _ signature: MinisignSignature
  ) throws(KianaError) -> Finding {
    let message =
      signature.isHashed
      ? try FileReading.digest(path, .blake2b)
      : try FileReading.whole(path, bytesMax: Self.wholeBytesMax)
    var isNamed = false
    for (name, log) in known {
      for record in log.keys where record.use == .file {
        guard Minisign.keyNumber(record.key, node.crypto) == signature.keyNumber else { continue }
        isNamed = true
        guard node.crypto.isSignature(signature.signature, of: message, by: record.key.raw)
        else { continue }
        if let trusted = signature.trusted {
          let global = MinisignSignature.globalMessage(
            signature.signature, comment: trusted.comment)
          guard node.crypto.isSignature(trusted.signature, of: global, by: record.key.raw)
          else { continue }
        }
        return try finding(
          .minisign, record.key, name, log, signature.signature, signature.trusted?.comment)
      }
    }
    return Finding(
      outcome: isNamed ? .badSignature : .unknownKey, format: .minisign, key: nil, signer: nil,
      name: nil, comment: nil)
  }

  private func check(_ path: String, _ signature: SSHSignature) throws(KianaError) -> Finding {
    func finding(_ outcome: Finding.Outcome) -> Finding {
      Finding(
        outcome: outcome, format: .ssh, key: signature.key, signer: nil, name: nil, comment: nil)
    }
    guard signature.namespace == FileSigning.namespace else { return finding(.badSignature) }
    let digest: [UInt8]
    switch signature.hash {
    case .sha512: digest = try FileReading.digest(path, .sha512)
    case .sha256:
      var hasher = SHA256()
      try FileReading.forEachPiece(path) { (piece) throws(KianaError) in hasher.update(piece) }
      digest = hasher.finish().bytes
    }
    let message = SSHSignature.message(
      namespace: signature.namespace, hash: signature.hash, digest: digest)
    guard node.crypto.isSignature(signature.signature, of: message, by: signature.key.raw) else {
      return finding(.badSignature)
    }
    for (name, log) in known where log.record(of: signature.key)?.use == .file {
      return try self.finding(.ssh, signature.key, name, log, signature.signature, nil)
    }
    return finding(.unknownKey)
  }

  private func finding(
    _ format: FileSigning.Format, _ key: KeyText, _ name: String?, _ log: KeyLog,
    _ signature: [UInt8], _ comment: String?
  ) throws(KianaError) -> Finding {
    var verdict = log.verdict(of: key, use: .file, index: nil)
    // What a key in use signed needs no proof. Only of this node's own trail it is known that
    // nothing was put into it later.
    if verdict != .valid, log.aid == node.aid,
      let place = try node.events.first(
        type: "file.sign", target: Self.target(signature, node.crypto))
    {
      verdict = log.verdict(of: key, use: .file, index: try node.logPosition(of: place))
    }
    return Finding(
      outcome: .verdict(verdict), format: format, key: key, signer: log.aid, name: name,
      comment: comment.map { Printable.line($0) },
      confirmation: try Freshness(node).confirmation(of: log.aid))
  }
}
