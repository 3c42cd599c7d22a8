internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// The way out for an audit log that a restore may have cut back behind what was signed.
///
/// A log that signs a size twice with different roots is broken for ever. So nothing is signed
/// until a witness, or an exported copy, has shown how far the log had come: then it goes on from
/// there, with the entries of the copy, or a new epoch begins, whose first entry says so.
///
/// It works before 'kiana-node resume' too, while the node signs nothing at all: that command
/// appends entries, which would take the places of those that the copy brings back
/// (docs/decisions/16-audit-first.md).
package struct AuditResume {
  private let node: Node
  private let log: AuditLog

  package init(_ node: Node) {
    self.node = node
    log = AuditLog(node)
  }

  /// What became of the log.
  package enum Outcome: Sendable, Equatable {
    /// It goes on; what was signed is in it.
    case goesOn(size: Int64)
    /// Entries came back from an exported copy.
    case restored(entries: Int64)
    /// A new epoch began.
    case newEpoch(Int64)
  }

  /// Why the log must not be signed; nil when it may.
  package func reason() throws(KianaError) -> String? {
    let reason = try node.meta.text(.auditRestored) ?? ""
    if !reason.isEmpty { return reason }
    guard let restored = try RestoredState.reason(node), try !Self.isSettled(node) else {
      return nil
    }
    return restored
  }

  /// Whether the log of this copy was resumed already, and nothing was signed since.
  static func isSettled(_ node: Node) throws(KianaError) -> Bool {
    try node.meta.text(.auditSettled) == mark(node)
  }

  /// Stands for this file beside this guard file. The guard file stays as it is until the node is
  /// resumed, and never comes back to what it said before.
  private static func mark(_ node: Node) throws(KianaError) -> String {
    let identity = try node.directory.truthIdentity()
    let kept = try GuardFile.read(for: node.aid, in: node.directory.places)?.bytes() ?? []
    let file = Array("\(identity.inode) \(identity.birthNanoseconds)".utf8)
    return node.crypto.sha256(kept, file).hex
  }

  /// Somebody else who has the control key has the log key too.
  private func checkUncontested() throws(KianaError) {
    guard try node.keyLog(of: node.aid)?.contestedFrom != nil else { return }
    try RestoredState.check(node)
  }

  /// Compares the log with the newest states that others have of it.
  ///
  /// - Parameters:
  ///   - notes: signed checkpoints of this log, from witnesses and exports; those of other epochs
  ///     and logs are refused.
  ///   - copy: an exported log, from which entries may come back.
  /// - Throws: `needsPerson` when the log was cut back and no copy has the rest; `damaged` when it
  ///   does not go on from what was signed.
  package func run(
    against notes: [[UInt8]], copy: TileReading?
  ) throws(KianaError) -> Outcome {
    try checkUncontested()
    let wasRestored = try RestoredState.reason(node) != nil
    var newest: (size: Int64, note: [UInt8])?
    let epoch = try log.current()
    for note in notes {
      let checkpoint = try OwnLog(node).checkpoint(of: note)
      guard checkpoint.origin == log.origin(epoch.number) else {
        let isKnown = try log.epochs().contains { log.origin($0.number) == checkpoint.origin }
        guard isKnown else {
          throw cutBack("'\(checkpoint.origin)' is a later epoch than this copy knows")
        }
        throw KianaError(
          code: .usage, what: "this checkpoint says nothing of the log as it is now",
          why: "'\(checkpoint.origin)' is an epoch that has ended",
          hint: "ask for '\(log.origin(epoch.number))', or give --new-epoch")
      }
      if checkpoint.size > newest?.size ?? -1 { newest = (checkpoint.size, note) }
    }
    guard let newest else {
      throw KianaError(
        code: .usage, what: "nobody was asked", hint: "give --via, --tiles or --new-epoch")
    }
    if newest.size <= epoch.size {
      for note in notes { try checkRoot(note) }
      try node.database.transaction { () throws(KianaError) -> Void in
        try finish(target: "state", wasRestored: wasRestored)
      }
      try Guard.update(node)
      return .goesOn(size: newest.size)
    }
    guard let copy else {
      throw cutBack("it had \(newest.size) entries when it was signed, and has \(epoch.size)")
    }
    let count = try node.database.transaction { () throws(KianaError) in
      let count = try takeBack(from: copy, notes, newest.size, epoch)
      let next = epoch.first + epoch.size
      try finish(target: "seq:\(next)..\(next + count - 1)", wasRestored: wasRestored)
      return count
    }
    try Guard.update(node)
    return .restored(entries: count)
  }

  private func cutBack(_ why: String) -> KianaError {
    KianaError(
      code: .needsPerson, what: "the audit log was cut back", why: why,
      hint: "give an exported copy that has the rest with --tiles, or --new-epoch")
  }

  private func checkRoot(_ note: [UInt8]) throws(KianaError) {
    do throws(KianaError) {
      try Proving(node).check(against: note)
    } catch  where error.code == .damaged {
      // Entries were written since the restore in the places of those that were signed.
      throw KianaError(
        code: .needsPerson, what: "the audit log does not go on from what was signed",
        why: error.why, hint: "'kiana-audit resume --new-epoch' begins a new one, and says so in it"
      )
    }
  }

  /// Lets the log be signed again.
  ///
  /// - Parameter target: the entries that came back, or `state`.
  private func finish(target: String, wasRestored: Bool) throws(KianaError) {
    try settle(wasRestored: wasRestored)
    try node.recorder.record("audit.resume", target: target, now: node.now())
  }

  private func settle(wasRestored: Bool) throws(KianaError) {
    try node.meta.set(.auditRestored, "")
    guard wasRestored else { return }
    try node.meta.set(.auditSettled, try Self.mark(node))
    try Witnessing.forbidKey(node)
  }

  // MARK: entries of a copy

  /// Takes the entries that this log lacks from an exported one, when what is here are the first of
  /// them. Their payloads are not in the copy and stay away.
  private func takeBack(
    from copy: TileReading, _ notes: [[UInt8]], _ size: Int64, _ epoch: AuditLog.Epoch
  ) throws(KianaError) -> Int64 {
    let end = try OwnLog(node).checkpoint(of: try copy.checkpoint())
    guard end.size >= size, end.origin == log.origin(epoch.number) else {
      throw cutBack("the exported copy does not reach as far as what was signed")
    }
    let writer = TrailWriter(node.database, node.crypto)
    var batch = try writer.begin()
    var index = epoch.size
    while index < end.size {
      let width = Int64(Tile.width)
      let entries = try copy.bundle(index / width, of: end.size)
      for bytes in entries[Int(index % width)...] {
        guard let entry = AuditEntry(leaf: bytes) else {
          throw KianaError(
            code: .damaged, what: "the exported log is not this one",
            why: "entry \(index) is none of the trail")
        }
        try writer.append(entry, payload: nil, to: &batch)
        index += 1
      }
    }
    _ = try writer.finish(batch)
    // What does not belong together is undone with the transaction.
    for note in notes { try checkRoot(note) }
    return end.size - epoch.size
  }

  // MARK: a new epoch

  /// Begins a new epoch: the log so far stays readable, and its root is in the first entry of the
  /// new one.
  ///
  /// - Parameter notes: what others have of the old one; the newest goes into the entry.
  package func openEpoch(
    _ notes: [[UInt8]], reason: String
  ) throws(KianaError) -> Outcome {
    try checkUncontested()
    let wasRestored = try RestoredState.reason(node) != nil
    let known = zip(try epochs(of: notes), notes).compactMap { (epoch, note) in
      SignedNote(note).flatMap { Checkpoint($0.text) }.map { ([epoch, $0.size], note) }
    }.max { $0.0.lexicographicallyPrecedes($1.0) }
    let now = node.now()
    let number = try node.database.transaction { () throws(KianaError) -> Int64 in
      let old = try log.current()
      let root = try log.root(old, size: old.size)
      let number = try nextEpoch(old, notes)
      try TileTable(node.database).insert(epoch: number, first: old.first + old.size)
      try settle(wasRestored: wasRestored)
      var payload = [
        JSONMember("prev_origin", .string(log.origin(old.number))),
        JSONMember("reason", .string(reason)),
        JSONMember("root", .string(root.hex)), JSONMember("size", .integer(old.size)),
      ]
      if let known {
        payload.append(
          JSONMember("prev_checkpoint", .string(String(decoding: known.1, as: UTF8.self))))
      }
      try node.recorder.record(
        "audit.fork", target: "log:\(log.origin(number))", payload: .object(payload), now: now)
      return number
    }
    try Guard.update(node)
    return .newEpoch(number)
  }

  /// Beyond every epoch that anybody has seen. Who had the log key may have signed the last one
  /// there is; then the first one that nobody showed.
  private func nextEpoch(
    _ old: AuditLog.Epoch, _ notes: [[UInt8]]
  ) throws(KianaError) -> Int64 {
    let known = try epochs(of: notes)
    let last = max(old.number, known.max() ?? 0)
    if last < AuditLog.epochMax { return last + 1 }
    let left = (old.number..<AuditLog.epochMax).map { $0 + 1 }
    guard let free = left.first(where: { !known.contains($0) }) else {
      throw KianaError(
        code: .needsPerson, what: "there is no epoch of the audit log left",
        why: "each one up to \(AuditLog.epochMax) was signed", hint: "make a new node")
    }
    return free
  }

  private func epochs(of notes: [[UInt8]]) throws(KianaError) -> [Int64] {
    let prefix = log.origin(0).dropLast()
    return try notes.map { (note) throws(KianaError) in
      Int64(try OwnLog(node).checkpoint(of: note).origin.dropFirst(prefix.count)) ?? 0
    }
  }
}
