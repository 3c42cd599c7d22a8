internal import KianaCrypto
package import KianaModel
package import KianaStore

/// The signed states of this node's log, as they lie in the store.
package struct Checkpoints {
  private let node: Node
  private let table: CheckpointTable
  private let log: AuditLog

  package init(_ node: Node) {
    self.node = node
    table = CheckpointTable(node.database)
    log = AuditLog(node)
  }

  /// A signed checkpoint with the cosignatures that came for it.
  package struct Signed: Sendable, Equatable {
    package let epoch: Int64
    package let size: Int64
    /// The note as everybody reads it.
    package let note: [UInt8]
    /// How many witnesses signed.
    package let witnesses: Int
  }

  package func signed(_ row: CheckpointTable.Row) throws(KianaError) -> Signed {
    let lines = try table.cosignatures(epoch: row.epoch, size: row.size)
    // A witness may have signed with an older key too.
    let names = Set(lines.map { SignedNote.Signature(line: $0.dropLast())?.name ?? $0 })
    return Signed(
      epoch: row.epoch, size: row.size, note: row.note + lines.flatMap { Array($0.utf8) },
      witnesses: names.count)
  }

  /// The newest one of the present epoch; nil before the first.
  package func newest() throws(KianaError) -> Signed? {
    try table.last(epoch: try log.current().number).map(signed)
  }

  /// One that covers an index: the largest that witnesses signed, else the largest; nil when none
  /// does.
  package func covering(epoch: Int64, index: Int64) throws(KianaError) -> Signed? {
    let cosigned = try table.lastCosigned(epoch: epoch)
    if cosigned > index, let row = try table.find(epoch: epoch, size: cosigned) {
      return try signed(row)
    }
    guard let row = try table.last(epoch: epoch), row.size > index else { return nil }
    return try signed(row)
  }

  /// The smallest one of at least a size; nil when there is none.
  package func first(epoch: Int64, from size: Int64) throws(KianaError) -> Signed? {
    try table.first(epoch: epoch, from: size).map(signed)
  }

  /// How many entries of the present epoch this node has not signed.
  package func unsigned() throws(KianaError) -> Int64 {
    let epoch = try log.current()
    return epoch.size - (try table.last(epoch: epoch.number)?.size ?? 0)
  }

  /// What no witness has signed of the present epoch.
  package struct Unwitnessed: Sendable, Equatable {
    package let count: Int64
    /// When the first of these entries was made, milliseconds since 1970; nil when there is none.
    package let since: Int64?
    /// Whether a witness ever signed the log.
    package let hasWitness: Bool
  }

  package func unwitnessed() throws(KianaError) -> Unwitnessed {
    let epoch = try log.current()
    let cosigned = try table.lastCosigned(epoch: epoch.number)
    let first =
      cosigned < epoch.size ? try node.events.find(epoch.first + cosigned)?.entry.time : nil
    return Unwitnessed(
      count: epoch.size - cosigned, since: first, hasWitness: cosigned > 0 || epoch.number > 0)
  }

  /// The trail's figures as Prometheus reads them, each with its help and type.
  package func metrics() throws(KianaError) -> [String] {
    let unwitnessed = try unwitnessed()
    let age = unwitnessed.since.map { max(0, node.now() - $0) / 1000 } ?? 0
    let figures: [(name: String, help: String, value: Int64)] = [
      ("entries", "Entries that the audit trail ever had.", try node.events.size()),
      ("unsigned_events", "Entries that no checkpoint covers.", try unsigned()),
      (
        "unwitnessed_events", "Entries that no witness has signed.", unwitnessed.count
      ),
      ("unwitnessed_seconds", "How old the first of these is.", age),
      (
        "must_resume", "Whether the log waits for kiana-audit resume.",
        try AuditResume(node).reason() == nil ? 0 : 1
      ),
    ]
    return figures.flatMap {
      [
        "# HELP kiana_audit_\($0.name) \($0.help)", "# TYPE kiana_audit_\($0.name) gauge",
        "kiana_audit_\($0.name) \($0.value)",
      ]
    }
  }

  /// Takes the signature lines of witnesses for a checkpoint of this log.
  ///
  /// - Parameters:
  ///   - lines: each a signature line of a note, with its line feed.
  ///   - witnesses: keys that count; nil takes those of every identity whose key log is here.
  /// - Returns: the names of the witnesses whose signatures are new.
  /// - Throws: `damaged` when a line is by a known witness and wrong.
  package func take(
    cosignatures text: [UInt8], for signed: Signed, witnesses: [NoteKey]?
  ) throws(KianaError) -> [String] {
    guard let note = SignedNote(signed.note + text), let own = SignedNote(signed.note) else {
      throw KianaError(
        code: .damaged, what: "these are no cosignatures",
        why: "the witness answered something else")
    }
    let known: [NoteKey]
    if let witnesses { known = witnesses } else { known = try WitnessKeys(node).all() }
    var good = [SignedNote.Signature]()
    do throws(NoteFault) {
      // Each by itself: of two lines in one name the second may be wrong.
      for line in note.signatures where !own.signatures.contains(line) {
        let alone = SignedNote(text: own.text, signatures: [line])
        if try !alone.signers(among: known, node.crypto).isEmpty { good.append(line) }
      }
    } catch {
      throw KianaError(
        code: .damaged, what: "a cosignature was refused", why: error.words,
        hint: "ask the witness again")
    }
    var names = [String]()
    try node.database.transaction { () throws(KianaError) -> Void in
      for line in good {
        try forget(line, signed)
        if try table.insert(cosignature: line.line, epoch: signed.epoch, size: signed.size) {
          names.append(line.name)
        }
      }
    }
    return names
  }

  /// A witness that is asked twice has two times; the newer one is enough.
  private func forget(
    _ newer: SignedNote.Signature, _ signed: Signed
  ) throws(KianaError) {
    for line in try table.cosignatures(epoch: signed.epoch, size: signed.size) {
      guard let old = SignedNote.Signature(line: line.dropLast()),
        old.name.isSpelled(like: newer.name), old.keyHash == newer.keyHash
      else { continue }
      try table.deleteCosignature(epoch: signed.epoch, size: signed.size, line: line)
    }
  }
}

/// Signs checkpoints of this node's log, and nothing else, with its `log` key; while an older one
/// is in grace, with both, so that nobody has to change a policy in a hurry.
package struct LogSigning: ~Copyable {
  private let node: Node
  private let key: KeyText
  private let seed: Secret
  private let graceKey: KeyText?
  private let graceSeed: Secret?

  /// - Throws: `key` when the secret cannot be opened; `refused` for a restored state, and before
  ///   `kiana-audit resume` has settled what was signed before.
  package init(_ node: Node, unlockedBy source: borrowing UnlockSource) throws(KianaError) {
    try Self.checkRestored(node)
    try Self.checkResumed(node)
    guard let keys = try node.keyLog(of: node.aid), let key = keys.signingKey(.log) else {
      throw KianaError(
        code: .key, what: "this node has no log key", hint: "run 'kiana-keys rotate --use log'")
    }
    let name = KeyFile.name(.log, key)
    let vault = try Vault.open(node.directory, owner: node.aid, source: source, like: name)
    let opened = try vault.load(name: name, key: key)
    let older = keys.keys.last { $0.use == .log && $0.state == .grace }?.key
    if let older, node.directory.hasKeyFile(KeyFile.name(.log, older)) {
      graceSeed = try vault.load(name: KeyFile.name(.log, older), key: older)
      graceKey = older
    } else {
      graceSeed = nil
      graceKey = nil
    }
    self.node = node
    self.key = key
    seed = opened
  }

  /// Entries come back from a copy only before the node writes others in their places, so the hint
  /// names that way first.
  private static func checkRestored(_ node: Node) throws(KianaError) {
    do throws(KianaError) {
      try RestoredState.check(node)
    } catch {
      guard try node.keyLog(of: node.aid)?.contestedFrom == nil, try !AuditResume.isSettled(node)
      else { throw error }
      throw KianaError(
        code: error.code, what: error.what, why: error.why,
        hint: "if there is an exported copy of the log, run 'kiana-audit resume --tiles DIR' "
          + "first; then \(error.hint)")
    }
  }

  static func checkResumed(_ node: Node) throws(KianaError) {
    guard let reason = try node.meta.text(.auditRestored), !reason.isEmpty else { return }
    throw KianaError(
      code: .refused, what: "the audit log must not be signed", why: reason,
      hint: "run 'kiana-audit resume' with a witness or an exported copy, or --new-epoch")
  }

  /// The checkpoint of the log as it is now: signed, and on the disk before anybody sees it.
  ///
  /// A size is signed once; the same note is given again.
  /// - Throws: `damaged` when the log does not go on from what was signed before.
  package borrowing func checkpoint() throws(KianaError) -> Checkpoints.Signed {
    let log = AuditLog(node)
    let table = CheckpointTable(node.database)
    let row = try node.database.transaction { () throws(KianaError) -> CheckpointTable.Row in
      let epoch = try log.current()
      guard epoch.size > 0 else {
        throw KianaError(code: .notFound, what: "the audit log has no entries yet")
      }
      if let last = try table.last(epoch: epoch.number) {
        try check(last, epoch, log)
        if last.size == epoch.size { return last }
      }
      let made = CheckpointTable.Row(
        epoch: epoch.number, size: epoch.size,
        note: sign(
          Checkpoint(
            origin: log.origin(epoch.number), size: epoch.size,
            root: try log.root(epoch, size: epoch.size))))
      try table.insert(made)
      return made
    }
    try Guard.update(node)
    return try Checkpoints(node).signed(row)
  }

  private borrowing func check(
    _ last: CheckpointTable.Row, _ epoch: AuditLog.Epoch, _ log: AuditLog
  ) throws(KianaError) {
    guard last.size <= epoch.size,
      let kept = SignedNote(last.note).flatMap({ Checkpoint($0.text) }),
      kept.root == (try log.root(epoch, size: last.size))
    else {
      throw KianaError(
        code: .damaged, what: "the audit log is not what was signed",
        why: "its first \(last.size) entries do not give the root of the checkpoint",
        hint: "'kiana-audit verify --full' names what was changed; restore from a backup")
    }
  }

  private borrowing func sign(_ checkpoint: Checkpoint) -> [UInt8] {
    let text = Array(checkpoint.text.utf8)
    var note = SignedNote(text: checkpoint.text)
    let name = NoteKey(name: checkpoint.origin, .note, key.raw)
    note.signatures.append(
      name.signature(node.crypto.sign(text, seed: seed), time: 0, node.crypto))
    if let graceKey, graceSeed != nil {
      let name = NoteKey(name: checkpoint.origin, .note, graceKey.raw)
      note.signatures.append(name.signature(graceSignature(text), time: 0, node.crypto))
    }
    return note.bytes
  }

  private borrowing func graceSignature(_ text: [UInt8]) -> [UInt8] {
    switch graceSeed {
    case .some(let seed): node.crypto.sign(text, seed: seed)
    case nil: []
    }
  }
}

/// The witness keys of identities whose key logs are here.
package struct WitnessKeys {
  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  package static func name(_ aid: AID) -> String { "kiana/\(aid.text)/witness" }

  /// Those that count now, of every author but this node itself and of those whom a person trusts.
  package func all() throws(KianaError) -> [NoteKey] {
    var keys = [NoteKey]()
    for aid in try identities() { keys += try self.of(aid) }
    return keys
  }

  package func of(_ aid: AID) throws(KianaError) -> [NoteKey] {
    guard let log = try keyLog(of: aid), !log.isDuplicitous else { return [] }
    return log.keys.filter {
      $0.use == .witness && ($0.state == .active || $0.state == .grace)
    }.map { NoteKey(name: Self.name(aid), .cosignature, $0.key.raw) }
  }

  /// Everybody whose key log is here, this node left out.
  package func identities() throws(KianaError) -> [AID] {
    var found = Set(try node.trust.all().map(\.aid))
    for author in try node.authors.all() where !author.isPurged { found.insert(author.aid) }
    found.remove(node.aid)
    return found.sorted { $0.digest < $1.digest }
  }

  /// The key log of an author, or of somebody who was trusted by name.
  package func keyLog(of aid: AID) throws(KianaError) -> KeyLog? {
    if let row = try node.trust.all().first(where: { $0.aid == aid }) {
      return try Trust(node).log(row)
    }
    return try node.keyLog(of: aid)
  }
}
