package import KianaCrypto
package import KianaModel
internal import KianaStore

/// What opens an age file.
package enum OpeningKey: ~Copyable {
  /// This node's `enc` keys, those that were replaced too.
  case node(Node, UnlockSource)
  /// The identities in a file as `age-keygen` writes it.
  case identities(path: String)
  /// The recovery code: what was sealed for the backups.
  case recoveryCode(Secret)
  case passphrase(Secret)
}

/// Opens one age file (version 1), with armor or without.
package final class Opening {
  private let path: String
  private let file: FileWriting
  private let isToStandardOutput: Bool
  private let key: (_ isPassphrase: Bool) throws(KianaError) -> OpeningKey
  private var opener = AgeOpener()
  private var isOpen = false
  private var armor: AgeArmorReader?
  private var out = [UInt8]()
  /// What came before it is known whether the file is armored; nil afterwards.
  private var start: [UInt8]? = []

  /// - Parameters:
  ///   - path: `-` for standard input.
  ///   - output: nil for standard output, where what comes before a fault is written all the same.
  ///   - key: asked for when the header is there.
  package init(
    _ path: String, to output: String?,
    key: @escaping (_ isPassphrase: Bool) throws(KianaError) -> OpeningKey
  ) throws(KianaError) {
    self.path = path
    self.key = key
    isToStandardOutput = output == nil
    file = try FileWriting(output, mode: 0o600)
  }

  /// - Throws: `key` when nothing opens it, `damaged` when it was changed.
  package func run() throws(KianaError) {
    do throws(KianaError) {
      try FileReading.forEachPiece(path) { (piece) throws(KianaError) in
        try take(unsafe piece.withUnsafeBufferPointer { unsafe Array($0) })
        try flush()
      }
      try finish()
    } catch {
      if isToStandardOutput { try flush() }
      throw error
    }
    try flush()
    try file.finish()
  }

  private func flush() throws(KianaError) {
    try file.write(out)
    out.removeAll(keepingCapacity: true)
  }

  private func failed(_ fault: AgeFault) -> KianaError {
    KianaError(
      code: fault == .noMatch ? .key : .damaged, what: "cannot open '\(path)'", why: fault.reason)
  }

  /// Takes more of the file.
  private func take(_ bytes: [UInt8]) throws(KianaError) {
    guard let before = start else { return try takeDecided(bytes) }
    let whole = before + bytes
    guard let isArmored = AgeArmor.isArmored(whole) else {
      start = whole
      return
    }
    start = nil
    if isArmored { armor = AgeArmorReader() }
    try takeDecided(whole)
  }

  private func takeDecided(_ bytes: [UInt8]) throws(KianaError) {
    do throws(AgeFault) {
      let plain = try armor?.push(bytes.span) ?? bytes
      if isOpen {
        try opener.push(plain.span, into: &out)
      } else {
        try opener.pushHeader(plain.span)
      }
    } catch {
      throw failed(error)
    }
    if !isOpen { try unlock() }
  }

  /// Finds the file key when the header is there.
  private func unlock() throws(KianaError) {
    guard let header = opener.header else { return }
    let fileKey = try fileKey(header, try key(Age.wantsPassphrase(header)))
    do throws(AgeFault) {
      try opener.use(fileKey)
      isOpen = true
      try opener.push([UInt8]().span, into: &out)
    } catch {
      throw failed(error)
    }
  }

  private func finish() throws(KianaError) {
    if let before = start {
      start = nil
      try takeDecided(before)
    }
    do throws(AgeFault) {
      if let last = try armor?.finish() {
        // Its text is whole, and what it holds is not yet.
        armor = nil
        if isOpen {
          try opener.push(last.span, into: &out)
        } else {
          try opener.pushHeader(last.span)
        }
      }
    } catch {
      throw failed(error)
    }
    if !isOpen { try unlock() }
    do throws(AgeFault) {
      guard isOpen else { throw AgeOpener.cut }
      try opener.finish(into: &out)
    } catch {
      throw failed(error)
    }
  }

  // MARK: the file key

  private func fileKey(
    _ header: AgeHeader, _ key: consuming OpeningKey
  ) throws(KianaError) -> Secret {
    switch consume key {
    case .passphrase(let passphrase): return try fileKey(header, passphrase: passphrase)
    case .recoveryCode(let code):
      guard let master = RecoveryCode.master(fromText: code) else {
        throw KianaError(
          code: .key, what: "this is no recovery code",
          why: "its checksum says that it is mistyped",
          hint: "it has 16 groups of four; look at each letter again")
      }
      if let found = try fileKey(header, secret: RecoveryCode.backupSecret(master)) { return found }
    case .identities(let file):
      for number in 0..<Self.identitiesMax {
        guard let line = try SecretFile.line(number, of: file) else { break }
        guard let secret = AgeIdentity.secret(line) else { continue }
        if let found = try fileKey(header, secret: secret) { return found }
      }
    case .node(let node, let source):
      if let found = try fileKey(header, node, source) { return found }
    }
    throw failed(.noMatch)
  }

  private static let identitiesMax = 1000

  private func fileKey(
    _ header: AgeHeader, passphrase: borrowing Secret
  ) throws(KianaError) -> Secret {
    let found: Secret?
    do throws(AgeFault) {
      found = try Age.fileKey(header, passphrase: passphrase)
    } catch {
      throw failed(error)
    }
    guard let found else {
      throw KianaError(
        code: .key, what: "cannot open '\(path)'", why: "the passphrase is wrong")
    }
    return found
  }

  private func fileKey(
    _ header: AgeHeader, secret: borrowing Secret
  ) throws(KianaError) -> Secret? {
    do throws(AgeFault) {
      return try Age.fileKey(header, secret: secret)
    } catch {
      throw failed(error)
    }
  }

  /// By the newest key first.
  private func fileKey(
    _ header: AgeHeader, _ node: Node, _ source: borrowing UnlockSource
  ) throws(KianaError) -> Secret? {
    guard let log = try node.keyLog(of: node.aid) else { return nil }
    for record in log.keys.reversed() where record.use == .enc {
      let name = KeyFile.name(.enc, record.key)
      guard node.directory.hasKeyFile(name) else { continue }
      let vault = try Vault.open(node.directory, owner: node.aid, source: source, like: name)
      let secret = try vault.load(name: name, key: record.key)
      if let found = try fileKey(header, secret: secret) { return found }
    }
    return nil
  }
}
