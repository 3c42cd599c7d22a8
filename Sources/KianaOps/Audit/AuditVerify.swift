internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// Proves the audit trail from the bytes up: `kiana-audit verify`.
///
/// The quick way checks what was signed, and the entries that no full tile holds yet. The full way
/// hashes every entry and every payload that is still here, and recounts whatever is counted. What
/// nobody signed and no witness saw is said as a range, never as proved.
package struct AuditVerify {
  /// Something about the trail.
  package struct Finding: Equatable, Sendable {
    /// `seq:N`, `checkpoint:N`, `tile:LEVEL/INDEX`, `day:DATE`, `log:ORIGIN`, `state`.
    package let target: String
    /// A word for scripts: `changed`, `missing`, `surplus`, `payload`, `tree`, `checkpoint`,
    /// `count`, `verdict`, `cut`, `clock`, `epoch`.
    package let kind: String
    package let words: String
    /// Whether it is proof of damage; else it is only said.
    package let isFault: Bool

    package init(target: String, kind: String, words: String, isFault: Bool) {
      self.target = target
      self.kind = kind
      self.words = words
      self.isFault = isFault
    }
  }

  package struct Summary: Equatable, Sendable {
    package var entries: Int64 = 0
    package var payloads: Int64 = 0
    /// Payloads that were redacted, pruned or lost.
    package var erased: Int64 = 0
    package var checkpoints = 0
    package var faults = 0
    /// Entries of the present epoch that a checkpoint of ours covers, and that a witness signed.
    package var signed: Int64 = 0
    package var witnessed: Int64 = 0
    /// Entries of the present epoch.
    package var size: Int64 = 0
    /// Place of the first entry of the present epoch.
    package var first: Int64 = 0

    package init() {}
  }

  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  /// - Parameters:
  ///   - report: called with each finding.
  ///   - progress: called with how many entries were read.
  package func run(
    isFull: Bool, report: @escaping (Finding) throws(KianaError) -> Void,
    progress: @escaping (Int64) throws(KianaError) -> Void
  ) throws(KianaError) -> Summary {
    let run = AuditVerifyRun(node, report, progress)
    try run.sizes()
    if isFull {
      try run.entries()
      try run.counts()
      try run.statements()
    } else {
      try run.edges()
    }
    try run.tree(isFull: isFull)
    try run.checkpoints()
    if isFull { try run.seen() }
    try run.marks()
    return run.summary
  }
}

/// One run of `AuditVerify`: what it has read so far.
final class AuditVerifyRun {
  let node: Node
  let log: AuditLog
  let tiles: TileTable
  private(set) var summary = AuditVerify.Summary()
  private let report: (AuditVerify.Finding) throws(KianaError) -> Void
  let progress: (Int64) throws(KianaError) -> Void
  /// How many entries each epoch has by its hashes.
  private(set) var epochs = [AuditLog.Epoch]()
  /// The first entry that is here.
  private(set) var first: Int64 = 0
  var recount = AuditRecount()
  /// Verdicts that belong to the entries that come.
  var verdicts: VerdictStream?

  init(
    _ node: Node, _ report: @escaping (AuditVerify.Finding) throws(KianaError) -> Void,
    _ progress: @escaping (Int64) throws(KianaError) -> Void
  ) {
    self.node = node
    log = AuditLog(node)
    tiles = TileTable(node.database)
    self.report = report
    self.progress = progress
  }

  func fault(_ target: String, _ kind: String, _ words: String) throws(KianaError) {
    summary.faults += 1
    try report(
      AuditVerify.Finding(target: target, kind: kind, words: words, isFault: true))
  }

  func remark(_ target: String, _ kind: String, _ words: String) throws(KianaError) {
    try report(
      AuditVerify.Finding(target: target, kind: kind, words: words, isFault: false))
  }

  func count(payload: BlockContent?, of entry: AuditEntry) {
    summary.entries += 1
    if payload != nil { summary.payloads += 1 }
    if payload == nil, entry.payloadCommitment != nil { summary.erased += 1 }
  }

  func summary(entries: Int64) {
    summary.entries = entries
  }

  // MARK: how long it is

  /// Entries and hashes must be as many as each other, and no fewer than were acknowledged.
  func sizes() throws(KianaError) {
    first = try node.meta.integer(.auditFirst)
    let end = try node.events.size()
    var all = try tiles.epochs()
    if all[0] != (0, 0) {
      try fault("state", "epoch", "the log does not begin with epoch 0 at entry 0")
      all[0] = (0, 0)
    }
    for index in all.indices.dropFirst()
    where all[index].first <= all[index - 1].first || all[index].first > end {
      try fault("state", "epoch", "the epochs of the log are out of order")
      all = Array(all[..<index])
      break
    }
    for (index, epoch) in all.enumerated() {
      let hashes = try tiles.size(epoch: epoch.epoch, level: 0)
      let last = index + 1 < all.count ? all[index + 1].first : end
      let entries = max(0, last - epoch.first)
      if hashes > entries {
        let gone = epoch.first + entries..<epoch.first + hashes
        try fault(
          "seq:\(gone.lowerBound)", "cut",
          gone.count == 1
            ? "entry \(gone.lowerBound) was deleted"
            : "entries \(gone.lowerBound) to \(gone.upperBound - 1) were deleted")
      } else if hashes < entries {
        try fault(
          "seq:\(epoch.first + hashes)", "surplus",
          "the entries from \(epoch.first + hashes) on have no hash in the tree")
      }
      epochs.append(
        AuditLog.Epoch(number: epoch.epoch, first: epoch.first, size: min(hashes, entries)))
    }
    summary.size = epochs.last?.size ?? 0
    summary.first = epochs.last?.first ?? 0
    try checkGuard(end)
  }

  private func checkGuard(_ end: Int64) throws(KianaError) {
    guard let kept = try GuardFile.read(for: node.aid, in: node.directory.places) else { return }
    if kept.auditSize > end {
      try fault(
        "seq:\(end)", "cut",
        "entries \(end) to \(kept.auditSize - 1) are missing: the guard file says so")
    }
    let signed = try Guard.present(node).signed
    if let last = kept.signed, signed?.reaches(last) != true {
      try fault(
        "checkpoint:\(last.size)", "checkpoint",
        "the checkpoint of size \(last.size) is gone: the guard file says that there was one")
    }
  }

  // MARK: what was signed

  func checkpoints() throws(KianaError) {
    let table = CheckpointTable(node.database)
    for row in try table.all() {
      summary.checkpoints += 1
      guard let epoch = epochs.first(where: { $0.number == row.epoch }) else {
        try fault("checkpoint:\(row.size)", "epoch", "a checkpoint is of an epoch that is not here")
        continue
      }
      guard try isGood(row, epoch) else { continue }
      let lines = try table.cosignatures(epoch: row.epoch, size: row.size)
      let count = try cosigners(row, lines)
      guard row.epoch == epochs.last?.number else { continue }
      summary.signed = max(summary.signed, row.size)
      if count > 0 { summary.witnessed = max(summary.witnessed, row.size) }
    }
    for stray in try table.strayCosignatures() {
      try fault(
        "checkpoint:\(stray.size)", "checkpoint",
        "witnesses signed the size \(stray.size), whose checkpoint is gone")
    }
  }

  private func isGood(
    _ row: CheckpointTable.Row, _ epoch: AuditLog.Epoch
  ) throws(KianaError) -> Bool {
    let target = "checkpoint:\(row.size)"
    let checkpoint: Checkpoint
    do throws(KianaError) {
      checkpoint = try OwnLog(node).checkpoint(of: row.note)
    } catch  where error.code == .damaged || error.code == .notFound {
      try fault(target, "checkpoint", "the checkpoint of size \(row.size): \(error.message)")
      return false
    }
    guard try areOwn(row.note, checkpoint.origin) else {
      try fault(
        target, "checkpoint",
        "the checkpoint of size \(row.size) was changed: not all signatures are this log's")
      return false
    }
    guard checkpoint.size == row.size, checkpoint.origin == log.origin(row.epoch) else {
      try fault(target, "checkpoint", "the checkpoint kept for size \(row.size) is of another one")
      return false
    }
    guard row.size <= epoch.size else {
      try fault(
        target, "cut",
        "the log had \(row.size) entries when it was signed, and has \(epoch.size)")
      return false
    }
    let root: Hash32?
    do throws(KianaError) { root = try log.root(epoch, size: row.size) } catch
      where
      error.code == .damaged
    { root = nil }
    guard root == checkpoint.root else {
      try fault(
        target, "tree", "the first \(row.size) entries do not give the root that was signed")
      return false
    }
    return true
  }

  /// What is kept has the signatures of this log's keys and no others, which readers would pass
  /// over.
  private func areOwn(_ bytes: [UInt8], _ origin: String) throws(KianaError) -> Bool {
    let hashes = Set(
      (try node.keyLog(of: node.aid)?.keys ?? []).filter { $0.use == .log }.map {
        NoteKey(name: origin, .note, $0.key.raw).hash(node.crypto)
      })
    guard let note = SignedNote(bytes), note.bytes == bytes else { return false }
    return note.signatures.allSatisfy { $0.name == origin && hashes.contains($0.keyHash) }
      && Set(note.signatures.map(\.keyHash)).count == note.signatures.count
  }

  /// How many witnesses signed; a wrong line of a known one is a fault.
  private func cosigners(
    _ row: CheckpointTable.Row, _ lines: [String]
  ) throws(KianaError) -> Int {
    guard let own = SignedNote(row.note) else { return 0 }
    var count = 0
    for line in lines {
      guard line.hasSuffix("\n"), let signature = SignedNote.Signature(line: line.dropLast()),
        SignedNote.Signature(line: Substring(signature.line.dropLast())) == signature
      else {
        try fault("checkpoint:\(row.size)", "checkpoint", "a cosignature is malformed")
        continue
      }
      // Its own signature would be no witness's.
      let keys = try everyWitness().filter {
        $0.name.isSpelled(like: signature.name) && $0.hash(node.crypto) == signature.keyHash
          && $0.name != WitnessKeys.name(node.aid)
      }
      guard let key = keys.first else {
        try remark(
          "checkpoint:\(row.size)", "checkpoint",
          "nobody known signed as '\(Printable.line(signature.name))'")
        continue
      }
      let note = SignedNote(text: own.text, signatures: [signature])
      if (try? note.signers(among: [key], node.crypto)) != nil {
        count += 1
      } else {
        try fault(
          "checkpoint:\(row.size)", "checkpoint",
          "the cosignature of '\(Printable.line(signature.name))' is wrong")
      }
    }
    return count
  }

  private var witnessKeys: [NoteKey]?

  /// Also keys that were replaced: what they signed stays signed.
  private func everyWitness() throws(KianaError) -> [NoteKey] {
    if let witnessKeys { return witnessKeys }
    var keys = [NoteKey]()
    let witnesses = WitnessKeys(node)
    for aid in try witnesses.identities() + [node.aid] {
      let records = try witnesses.keyLog(of: aid)?.keys ?? []
      keys += records.filter { $0.use == .witness }.map {
        NoteKey(name: WitnessKeys.name(aid), .cosignature, $0.key.raw)
      }
    }
    witnessKeys = keys
    return keys
  }

  /// What this node signed as a witness of others: by its own signature, and the last entry about
  /// that log commits to it, so that an older one cannot be put in its place.
  func seen() throws(KianaError) {
    var entries = recount.witnessed
    for (origin, bytes) in try CheckpointTable(node.database).allSeen() {
      let entry = entries.removeValue(forKey: origin)
      var isSame = entry != nil || first > 0
      if let hash = entry?.note { isSame = hash == node.crypto.sha256(bytes).hex }
      guard isSame, let note = SignedNote(bytes), note.bytes == bytes,
        let checkpoint = Checkpoint(note.text), checkpoint.origin.isSpelled(like: origin),
        let signers = try? note.signers(among: try everyWitness(), node.crypto),
        signers.contains(where: { $0.key.name == WitnessKeys.name(node.aid) })
      else {
        try fault(
          "log:\(Printable.line(origin))", "checkpoint",
          "what this node witnessed of '\(Printable.line(origin))' was changed")
        continue
      }
    }
    for (origin, entry) in entries.sorted(by: { $0.key < $1.key })
    where !recount.restored.contains(where: { $0 ~= entry.seq }) {
      try fault(
        "log:\(Printable.line(origin))", "checkpoint",
        "what this node witnessed of '\(Printable.line(origin))' by entry \(entry.seq) is gone")
    }
  }
}
