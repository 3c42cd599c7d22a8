internal import KianaCrypto
package import KianaModel
package import KianaStore

/// Makes a node: `kiana-node init`.
///
/// The identity is the KERI v1 inception event of one control key that lies sealed on this machine
/// and one next key that does not: it comes from the recovery code, of which the node keeps
/// nothing but digests (DESIGN section 5).
package struct NewNode: ~Copyable {
  /// Where the recovery code went.
  package enum RecoveryCodePlace: Equatable, Sendable {
    /// A person saw it and typed two groups back.
    case terminal
    /// A file, because there was no terminal.
    case file(String)
  }

  package struct Result: Sendable {
    package let aid: AID
    package let recoveryCode: RecoveryCodePlace
    /// Whether the node was there already, and only the last step of making it was missing.
    package let wasFinished: Bool
  }

  private let directory: StateDirectory
  private let crypto = Sodium()
  private let now: Int64

  /// Makes the node, or finishes one whose making was interrupted after its last commit.
  ///
  /// - Parameters:
  ///   - isOnTerminal: whether to show the recovery code to a person and ask for two groups back.
  ///   - isSmallMachine: takes the smaller Argon2id costs.
  /// - Throws: `refused` when there is a node already.
  package static func make(
    in places: Places, unlockedBy source: borrowing UnlockSource, isOnTerminal: Bool,
    isSmallMachine: Bool, now: @escaping () -> Int64
  ) throws(KianaError) -> Result {
    let directory = try StateDirectory.new(places)
    let lock = try StateLock.take(directory)
    let result = try makeLocked(directory, source, isOnTerminal, isSmallMachine, now)
    lock.release()
    return result
  }

  private static func makeLocked(
    _ directory: StateDirectory, _ source: borrowing UnlockSource, _ isOnTerminal: Bool,
    _ isSmallMachine: Bool, _ now: @escaping () -> Int64
  ) throws(KianaError) -> Result {
    if DurableFile.exists(directory.truthPath) {
      let database = try Database(path: directory.truthPath, access: .readWrite)
      if try Migration.version(database) > 0, try MetaTable(database).text(.aid) != nil {
        return try finish(try Node.open(directory, now: now))
      }
    }
    let maker = NewNode(directory: directory, now: now())
    return try maker.make(source, isOnTerminal, isSmallMachine, clock: now)
  }

  private init(directory: StateDirectory, now: Int64) {
    self.directory = directory
    self.now = now
  }

  /// Only a node that has done nothing yet and has no guard file was interrupted.
  private static func finish(_ node: Node) throws(KianaError) -> Result {
    guard try GuardFile.read(for: node.aid, in: node.directory.places) == nil,
      try node.events.size() == 1
    else {
      throw KianaError(
        code: .refused, what: "there is a node in '\(node.directory.path)' already",
        why: "it is \(node.aid.text)", hint: "name another directory with --state")
    }
    try Guard.begin(node)
    return Result(
      aid: node.aid,
      recoveryCode: .file(RecoveryFile.path(of: node.aid, in: node.directory.places)),
      wasFinished: true)
  }

  private borrowing func make(
    _ source: borrowing UnlockSource, _ isOnTerminal: Bool, _ isSmallMachine: Bool,
    clock: @escaping () -> Int64
  ) throws(KianaError) -> Result {
    try removeRemains()
    let master = RecoveryCode.make()
    let control = Secret(randomCount: 32)
    let controlKey = crypto.publicKey(ofSeed: control)
    let nextKey = crypto.publicKey(ofSeed: RecoveryCode.nextKeySeed(master, index: 1))
    let inception = KeyEvent.inception(control: controlKey, next: nextKey, crypto)
    let aid = AID(digest: inception.said)
    let place = try RecoveryFile.deliver(
      master, of: aid, in: directory.places, isOnTerminal: isOnTerminal)
    let vault = try Vault.create(
      directory, owner: aid, source: source, isSmallMachine: isSmallMachine)
    try DurableFile.makeFolder(directory.keysPath, mode: 0o700)
    try vault.store(control, name: KeyFile.control, key: controlKey)
    let anchors = try makeKeys(vault)
    let interaction = KeyEvent.interaction(
      aid, s: 1, prior: inception.said, anchors: anchors, crypto)
    let messages = [inception, interaction].map { draft in
      (draft.said, draft.message(signature: crypto.sign(draft.bytes, seed: control)))
    }
    let recipient = RecoveryCode.backupRecipient(master)
    let database = try directory.createTruth()
    try database.transaction { () throws(KianaError) in
      try write(database, aid, messages, recipient: recipient)
    }
    try Guard.begin(try Node.open(directory, now: clock))
    return Result(aid: aid, recoveryCode: place, wasFinished: false)
  }

  /// What an interrupted attempt left is removed: no node came of it, so nothing was signed with
  /// these keys. Keys that may be somebody's identity are put by, never deleted.
  private borrowing func removeRemains() throws(KianaError) {
    let names = DurableFile.names(in: directory.keysPath).filter { $0.contains(".key") }
    let guards = Set(DurableFile.names(in: directory.places.guardDirectory))
    var areOfAttempt = true
    for name in names {
      let bytes = try DurableFile.read("\(directory.keysPath)/\(name)", sizeBytesMax: 4096)
      let comment = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
      guard let owner = comment.split(separator: " ").last else { continue }
      // An attempt without a terminal leaves the code's file, and a finished node a guard file.
      if !guards.contains("\(owner).recovery-code.UNCONFIRMED") { areOfAttempt = false }
      guard guards.contains("\(owner).guard") else { continue }
      throw KianaError(
        code: .refused, what: "cannot make a node in '\(directory.path)'",
        why: "the keys of node \(owner) lie there, though its kiana.db is gone",
        hint: "restore kiana.db from a backup, or name another directory with --state")
    }
    if areOfAttempt {
      for name in names { try DurableFile.delete("\(directory.keysPath)/\(name)") }
    } else if !names.isEmpty {
      try DurableFile.move(directory.keysPath, to: "\(directory.keysPath).before-\(now)")
    }
    for suffix in ["", "-wal", "-shm"] { try DurableFile.delete(directory.truthPath + suffix) }
  }

  /// A key of each use, sealed on disk, and the anchors that add them.
  private borrowing func makeKeys(_ vault: borrowing Vault) throws(KianaError) -> [KeyAnchor] {
    var anchors = [KeyAnchor]()
    for use in KeyUse.allCases {
      let secret = Secret(randomCount: 32)
      let key =
        use.isSigning
        ? crypto.publicKey(ofSeed: secret)
        : KeyText(raw: crypto.exchangePublicKey(ofSecret: secret), isSigningKey: false)
      try vault.store(secret, name: KeyFile.name(use, key), key: key)
      let notAfter = use.rotationDays.map { now + Int64($0) * 86_400_000 } ?? KeyUse.never
      anchors.append(.add(use, key, notBefore: now, notAfter: notAfter))
    }
    return anchors
  }

  private borrowing func write(
    _ database: Database, _ aid: AID, _ messages: [(said: Hash32, bytes: [UInt8])],
    recipient: String
  ) throws(KianaError) {
    let meta = MetaTable(database)
    let author = try AuthorTable(database).ensure(aid, admission: .own, now: now)
    for (s, message) in messages.enumerated() {
      try KeyEventTable(database).insert(
        author: author.no, s: Int64(s), said: message.said, event: message.bytes, now: now)
    }
    try meta.set(.aid, aid.text)
    try meta.set(.backupRecipient, recipient)
    try meta.set(.created, now)
    try meta.set(.storeNonce, String(crypto.randomHash().hex.prefix(16)))
    try meta.set(.bootID, directory.bootID())
    try Recorder(database, actor: aid).record("state.init", target: "state", now: now)
  }
}

/// Where the recovery code waits for a person when `init` ran without one.
package enum RecoveryFile {
  /// One file per node: several nodes may share a guard directory, and none may overwrite the code
  /// of another.
  package static func path(of aid: AID, in places: Places) -> String {
    "\(places.guardDirectory)/\(aid.text).recovery-code.UNCONFIRMED"
  }

  /// Destroys the file, and what the writing of one left that died.
  static func destroy(of aid: AID, in places: Places) throws(KianaError) {
    let path = path(of: aid, in: places)
    for name in DurableFile.names(in: places.guardDirectory)
    where "\(places.guardDirectory)/\(name)".hasPrefix("\(path).new.") {
      try DurableFile.destroy("\(places.guardDirectory)/\(name)")
    }
    try DurableFile.destroy(path)
  }

  /// Shows the code on the terminal and asks two groups back, or writes it into the file.
  static func deliver(
    _ master: borrowing Secret, of aid: AID, in places: Places, isOnTerminal: Bool
  ) throws(KianaError) -> NewNode.RecoveryCodePlace {
    let groups = RecoveryCode.groups(of: master)
    guard isOnTerminal, let terminal = Terminal() else {
      try DurableFile.makeFolder(places.guardDirectory, mode: 0o700)
      let path = path(of: aid, in: places)
      guard try SecretFile.writeNew(groups, to: path) else {
        throw KianaError(
          code: .refused, what: "cannot write '\(path)'", why: "there is such a file already")
      }
      return .file(path)
    }
    terminal.show("Recovery code of this node. Write it down; it is shown only now:\n\n    ")
    terminal.show(groups)
    terminal.show("\nWhoever has it can take over this identity and read its backups.\n")
    try confirm(groups, terminal)
    return .terminal
  }

  private static func confirm(
    _ groups: borrowing Secret, _ terminal: borrowing Terminal
  ) throws(KianaError) {
    let random = Sodium().randomBytes(2)
    let first = Int(random[0]) % 8
    let second = 8 + Int(random[1]) % 8
    for place in [first, second] {
      let typed = try terminal.ask("Group \(place + 1) of the code: ")
      guard RecoveryCode.isGroup(place, of: groups, typed) else {
        throw KianaError(
          code: .key, what: "this is not group \(place + 1) of the recovery code",
          why: "no node was made",
          hint: "run 'kiana-node init' again; it shows a new code")
      }
    }
  }
}
