package import KianaCrypto
package import KianaModel
internal import KianaStore

/// This node's keys as other tools read them.
package struct KeyExport {
  package enum Format: String, Sendable, CaseIterable {
    case minisign, signify, ssh
    case allowedSigners = "allowed-signers"
    case krl, age, vkey, pem, cesr
  }

  private static let second: Int64 = 1000

  private let node: Node
  private let overview: KeyOverview

  package init(_ node: Node) throws(KianaError) {
    self.node = node
    overview = try KeyOverview(node)
  }

  // MARK: public keys

  /// - Throws: `usage` when a key of that use has no such form.
  package func text(_ format: Format, _ use: KeyUse) throws(KianaError) -> [UInt8] {
    switch format {
    case .minisign, .signify:
      let key = try signingKey(use, format)
      return Array(
        Minisign.publicKey(key, comment: "\(use.rawValue) key of \(node.aid.text)", node.crypto)
          .utf8)
    case .ssh:
      return Array("\(SSH.publicKey(try signingKey(use, format))) \(node.aid.text)\n".utf8)
    case .allowedSigners: return Array(try allowedSigners(use).utf8)
    case .krl: return try revocationList(use)
    case .age: return Array((try recipient(use) + "\n").utf8)
    case .vkey: return Array((try noteKey(use) + "\n").utf8)
    case .pem: return Array(PublicKeyText.pem(try key(use, format)).utf8)
    case .cesr: return try overview.stream()
    }
  }

  /// Writes a file that others may read.
  package func write(_ text: [UInt8], to path: String) throws(KianaError) {
    let file = try FileWriting(path, mode: 0o644)
    try file.write(text)
    try file.finish()
  }

  private func key(_ use: KeyUse, _ format: Format) throws(KianaError) -> KeyText {
    guard let key = overview.log.signingKey(use) else {
      throw KianaError(code: .notFound, what: "this node has no \(use.rawValue) key")
    }
    return key
  }

  private func signingKey(_ use: KeyUse, _ format: Format) throws(KianaError) -> KeyText {
    guard use.isSigning else { throw Self.noSuchForm(use, format) }
    return try key(use, format)
  }

  private static func noSuchForm(_ use: KeyUse, _ format: Format) -> KianaError {
    KianaError(
      code: .usage, what: "\(use.rawValue) keys have no form '\(format.rawValue)'",
      hint: "kiana-keys(1) says which keys have which forms")
  }

  /// Only keys that sign what a caller hands in: OpenSSH would take any signature by the others
  /// for one over a file.
  private func filePeriods(
    _ use: KeyUse, _ format: Format
  ) throws(KianaError) -> [(record: KeyRecord, before: Int64?)] {
    guard use == .file || use == .backup else { throw Self.noSuchForm(use, format) }
    let times = try overview.times()
    return overview.log.keys.filter { $0.use == use }.map { record in
      let due = record.notAfter >= KeyUse.never ? nil : record.notAfter
      switch record.state {
      // It goes on when it is overdue, and a tick that comes late must not void what it signed.
      case .active: return (record, nil)
      case .grace, .retired, .revoked: return (record, times[record.changedAt] ?? due)
      }
    }
  }

  /// The whole history: who checks an old file finds the key that signed it.
  private func allowedSigners(_ use: KeyUse) throws(KianaError) -> String {
    var text = "# keys of \(node.aid.text) up to event \(overview.log.lastS) of its key log\n"
    let times = try overview.times()
    for (record, before) in try filePeriods(use, .allowedSigners) {
      let after = min(record.notBefore, times[record.addedAt] ?? record.notBefore)
      // ssh-keygen refuses a period that is empty.
      let end = before.map { max($0, after + Self.second) }
      text +=
        SSH.allowedSigner(
          node.aid.text, record.key, namespaces: "file,git", after: after, before: end,
          comment: "\(use.rawValue)-\(record.addedAt)") + "\n"
    }
    return text
  }

  private func revocationList(_ use: KeyUse) throws(KianaError) -> [UInt8] {
    let revoked = try filePeriods(use, .krl).compactMap { (record, _) -> KeyText? in
      if case .revoked = record.state { record.key } else { nil }
    }
    let time = try overview.times()[overview.log.lastS] ?? 0
    return SSH.revocationList(
      revoked, comment: "keys of \(node.aid.text)", version: overview.log.lastS, now: time)
  }

  private func recipient(_ use: KeyUse) throws(KianaError) -> String {
    switch use {
    case .enc: return PublicKeyText.age(try key(use, .age))
    case .backup: return try node.meta.text(.backupRecipient) ?? ""
    default: throw Self.noSuchForm(use, .age)
    }
  }

  private func noteKey(_ use: KeyUse) throws(KianaError) -> String {
    guard use == .log || use == .witness else { throw Self.noSuchForm(use, .vkey) }
    let name = use == .log ? try node.auditOrigin() : "kiana/\(node.aid.text)/witness"
    let key = try key(use, .vkey)
    return NoteKey(name: name, use == .log ? .note : .cosignature, key.raw).text(node.crypto)
  }

  // MARK: the secret of the file key

  /// - Throws: `usage` for another use than `file`, or a form without a secret.
  package func secret(
    _ format: Format, _ use: KeyUse, unlockedBy source: borrowing UnlockSource
  ) throws(KianaError) -> Secret {
    guard use == .file else {
      throw KianaError(
        code: .refused, what: "the secret of the \(use.rawValue) key stays where it is",
        why: "only the file key signs what other tools hand it")
    }
    let key = try key(use, format)
    let name = KeyFile.name(use, key)
    let vault = try Vault.open(node.directory, owner: node.aid, source: source, like: name)
    let seed = try vault.load(name: name, key: key)
    let text: Secret
    switch format {
    case .minisign: text = SecretKeyFile.minisign(seed, node.crypto)
    case .signify: text = SecretKeyFile.signify(seed, node.crypto)
    case .ssh: text = SecretKeyFile.ssh(seed, comment: node.aid.text, node.crypto)
    case .pem: text = SecretKeyFile.pem(seed)
    case .allowedSigners, .krl, .age, .vkey, .cesr:
      throw KianaError(code: .usage, what: "the form '\(format.rawValue)' has no secret")
    }
    let now = node.now()
    try node.database.transaction { () throws(KianaError) in
      _ = try node.recorder.record("key.export-secret", target: "key:\(key.text)", now: now)
    }
    try Guard.update(node)
    return text
  }
}
