internal import KianaCrypto
internal import KianaModel
internal import KianaStore

/// Every entry against its hash in the tree, its payload, and what it says of other tables.
extension AuditVerifyRun {
  private static let clockStepMilliseconds: Int64 = 60_000
  private static let entriesBetweenProgress: Int64 = 4096

  func entries() throws(KianaError) {
    verdicts = VerdictStream(try VerdictTable(node.database).cursor())
    for epoch in epochs { try entries(of: epoch) }
    try leftOverVerdicts()
    for seq in recount.missingVerdicts where !recount.restored.contains(where: { $0 ~= seq }) {
      try fault("seq:\(seq)", "verdict", "the verdict of entry \(seq) is gone")
    }
    try forgottenRefusals()
    for seq in recount.lostPayloads() {
      try fault(
        "seq:\(seq)", "payload", "the payload of entry \(seq) is gone, and no entry says so")
    }
    for seq in try node.events.strayPayloads(from: first) {
      try fault("seq:\(seq)", "payload", "there is a payload of entry \(seq), and no such entry")
    }
  }

  private func entries(of epoch: AuditLog.Epoch) throws(KianaError) {
    let start = max(epoch.first, first)
    var walk = EntryWalk(epoch: epoch, next: start)
    while walk.next < epoch.first + epoch.size {
      do throws(KianaError) {
        try node.events.forEach(walk.next..<epoch.first + epoch.size) {
          (row, payload) throws(KianaError) in
          try take(row, payload, &walk)
          return true
        }
        break
      } catch  where error.code == .damaged {
        // A row that cannot be read at all: name it and go on behind it.
        guard let seq = try node.events.next(after: walk.next - 1) else { throw error }
        try skip(to: seq, &walk)
        try fault("seq:\(seq)", "changed", "entry \(seq) was changed: it cannot be read")
        try advance(&walk, time: nil)
      }
    }
    try skip(to: epoch.first + epoch.size, &walk)
  }

  /// Where a walk through an epoch is.
  private struct EntryWalk {
    let epoch: AuditLog.Epoch
    /// Place of the entry that comes.
    var next: Int64
    var tile = [Hash32]()
    var tileIndex: Int64 = -1
    /// Times of the entries of the tile; nil when one is not known.
    var times: ClosedRange<Int64>?
    var timesKnown = 0
    var lastTime: Int64?

    init(epoch: AuditLog.Epoch, next: Int64) {
      self.epoch = epoch
      self.next = next
    }
  }

  private func take(
    _ row: EventRow, _ payload: BlockContent?, _ walk: inout EntryWalk
  ) throws(KianaError) {
    try skip(to: row.seq, &walk)
    let entry = row.entry
    try checkHash(row, &walk)
    try check(payload, of: row)
    count(payload: payload, of: entry)
    recount.add(row, try dailyKey(row))
    if let last = walk.lastTime, entry.time < last &- Self.clockStepMilliseconds {
      try remark(
        "seq:\(row.seq)", "clock",
        "entry \(row.seq) is dated \(Moment.text(entry.time)), before entry \(row.seq - 1) "
          + "of \(Moment.text(last)): the clock was set back")
    }
    try checkMeaning(row, payload, walk.epoch)
    walk.lastTime = entry.time
    try advance(&walk, time: entry.time)
    if summary.entries % Self.entriesBetweenProgress == 0 { try progress(summary.entries) }
  }

  private func dailyKey(_ row: EventRow) throws(KianaError) -> DailyKey {
    DailyKey(
      day: Moment.day(row.entry.time), type: try node.events.names.find(row.entry.type) ?? 0,
      actor: try node.events.names.find(row.entry.actor) ?? 0, result: row.entry.result.number,
      verdict: row.entry.verdict?.number ?? -1)
  }

  /// Names the entries that are not there.
  private func skip(to seq: Int64, _ walk: inout EntryWalk) throws(KianaError) {
    while walk.next < seq {
      try fault("seq:\(walk.next)", "missing", "entry \(walk.next) was deleted")
      try advance(&walk, time: nil)
    }
  }

  private func checkHash(_ row: EventRow, _ walk: inout EntryWalk) throws(KianaError) {
    let index = row.seq - walk.epoch.first
    if index / Int64(Tile.width) != walk.tileIndex { try loadTile(&walk, index) }
    let offset = Int(index % Int64(Tile.width))
    let hash = node.crypto.treeLeaf(row.entry.leaf())
    guard offset < walk.tile.count, walk.tile[offset] == hash else {
      return try fault(
        "seq:\(row.seq)", "changed",
        "entry \(row.seq) was changed: it does not give its hash in the tree")
    }
  }

  private func loadTile(_ walk: inout EntryWalk, _ index: Int64) throws(KianaError) {
    walk.tileIndex = index / Int64(Tile.width)
    walk.times = nil
    walk.timesKnown = 0
    let source = StoredTiles(tiles, walk.epoch)
    do throws(KianaError) {
      walk.tile = try source.tile(level: 0, index: walk.tileIndex)
    } catch  where error.code == .damaged {
      try fault("tile:0/\(walk.tileIndex)", "tree", "the tile 0/\(walk.tileIndex) was changed")
      walk.tile = []
    }
  }

  /// Goes on to the next entry; at the end of a tile its times are compared.
  private func advance(_ walk: inout EntryWalk, time: Int64?) throws(KianaError) {
    let index = walk.next - walk.epoch.first
    walk.next += 1
    if let time {
      walk.timesKnown += 1
      walk.times =
        walk.times.map { min($0.lowerBound, time)...max($0.upperBound, time) }
        ?? time...time
    }
    guard (index + 1) % Int64(Tile.width) == 0 else { return }
    guard walk.timesKnown == Tile.width, let times = walk.times,
      let kept = try tiles.times(epoch: walk.epoch.number, index: index / Int64(Tile.width)),
      kept != (times.lowerBound, times.upperBound)
    else { return }
    try fault(
      "tile:0/\(index / Int64(Tile.width))", "count",
      "the times kept with tile 0/\(index / Int64(Tile.width)) are not those of its entries")
  }

  private func check(_ payload: BlockContent?, of row: EventRow) throws(KianaError) {
    guard let payload else {
      if row.entry.payloadCommitment != nil { recount.miss(payloadOf: row.seq) }
      return
    }
    guard payload.bytes.count == row.entry.payloadSize,
      row.entry.payloadCommitment
        == node.crypto.payloadCommitment(salt: payload.salt, payload.bytes)
    else {
      return try fault(
        "seq:\(row.seq)", "payload",
        "the payload of entry \(row.seq) was changed: the entry commits to another one")
    }
  }

  // MARK: what an entry says of other tables

  private func checkMeaning(
    _ row: EventRow, _ payload: BlockContent?, _ epoch: AuditLog.Epoch
  ) throws(KianaError) {
    let isFirst = row.seq == epoch.first && epoch.number > 0
    if isFirst != (row.entry.type == "audit.fork") {
      try fault(
        "seq:\(row.seq)", "epoch",
        isFirst
          ? "epoch \(epoch.number) of the log does not begin with the entry that opens it"
          : "entry \(row.seq) opens an epoch of the log that is not kept")
    }
    let value = payload.flatMap { try? JSONValue.parse($0.bytes) }
    note(row, payload, value)
    try checkVerdicts(row, value)
    try checkRefusals(row, value)
    try checkStatements(row, value)
  }

  /// Keeps what an entry says of entries before it, or of other tables as a whole.
  private func note(_ row: EventRow, _ payload: BlockContent?, _ value: JSONValue?) {
    let target = row.entry.target
    switch row.entry.type {
    case "author.purge", "feed.evict": recount.lastDeletion = row.seq
    case "audit.prune":
      if target == "seq:..\(first)" { recount.prune = .some(payload?.bytes) }
    case "audit.redact", "audit.forget":
      if let range = TrailErasure.range(target) { recount.erasures.append(range) }
    case "audit.witness":
      let origin = String(decoding: target.utf8.dropFirst(4), as: UTF8.self)
      recount.witnessed[origin] = (row.seq, value?["note"]?.string)
    case "state.resume":
      // Without a payload there was nothing to settle.
      if row.entry.payloadCommitment != nil { recount.unresumed = row.seq }
    case "audit.fork": recount.unresumed = nil
    case "audit.resume":
      recount.unresumed = nil
      if let range = TrailErasure.range(target) { recount.restored.append(range) }
    default: break
    }
  }

  /// The verdicts that an entry commits to give its root.
  private func checkVerdicts(_ row: EventRow, _ payload: JSONValue?) throws(KianaError) {
    guard let stream = verdicts else { return }
    while let stray = try stream.next(before: row.seq) { try strayVerdict(stray) }
    var tree = MerkleFrontier()
    var isWhole = true
    var single: StoredVerdict?
    while let found = try stream.next(of: row.seq) {
      guard let checks = BlockChecks(packed: found.packed) else {
        isWhole = false
        try strayVerdict(found)
        continue
      }
      recount.judge(Moment.day(row.entry.time), checks.verdict)
      single = found
      guard let id = found.id else {
        isWhole = false
        recount.goneBlocks[row.seq] = found.no
        continue
      }
      tree.add(checks.line(of: id), node.crypto)
    }
    guard let single, isWhole else {
      if single == nil, tree.count == 0, isWhole, let blocks = payload?["blocks"]?.integer,
        payload?["root"] != nil, Self.areStoredBlocks(row.entry.type), blocks > 0
      {
        try fault("seq:\(row.seq)", "verdict", "the verdicts of entry \(row.seq) are gone")
      }
      if single == nil, row.entry.type == "block.accept", row.entry.payloadCommitment == nil {
        recount.missingVerdicts.append(row.seq)
      }
      return
    }
    if row.entry.target.hasPrefix("blk:"), row.entry.payloadCommitment == nil {
      let isSame =
        tree.count == 1 && single.id.map { "blk:\($0.hex)" } == row.entry.target
        && BlockChecks(packed: single.packed)?.verdict == row.entry.verdict
      if !isSame { try wrongVerdicts(row.seq) }
      return
    }
    guard let root = payload?["root"]?.string else { return }
    if root != tree.root(node.crypto).hex { try wrongVerdicts(row.seq) }
  }

  private static func areStoredBlocks(_ type: String) -> Bool {
    ["block.accept", "block.validate", "feed.cut", "feed.return"].contains(type)
  }

  private func wrongVerdicts(_ seq: Int64) throws(KianaError) {
    try fault(
      "seq:\(seq)", "verdict", "the verdicts of entry \(seq) were changed: it commits to others")
  }

  private func strayVerdict(_ found: StoredVerdict) throws(KianaError) {
    // What a prune took has no entry any more.
    guard found.entry >= first else { return }
    try fault(
      "seq:\(found.entry)", "verdict",
      "a verdict on block number \(found.no) was changed: no entry commits to it")
  }

  private func leftOverVerdicts() throws(KianaError) {
    guard let stream = verdicts else { return }
    while let stray = try stream.next(before: .max) { try strayVerdict(stray) }
    for (entry, no) in recount.goneBlocks.sorted(by: { $0.key < $1.key })
    where recount.lastDeletion < entry {
      try fault(
        "seq:\(entry)", "verdict",
        "a verdict of entry \(entry) is on block number \(no), which is not here and was not "
          + "deleted by any command")
    }
  }

  private func checkRefusals(_ row: EventRow, _ payload: JSONValue?) throws(KianaError) {
    guard row.entry.type == "block.reject" || row.entry.type == "block.hold" else { return }
    let refusals: [VerdictTable.Refusal]
    do throws(KianaError) {
      refusals = try VerdictTable(node.database).refusals(entry: row.seq)
    } catch  where error.code == .damaged {
      recount.refusingEntries.insert(row.seq)
      return try wrongRefusals(row.seq)
    }
    guard !refusals.isEmpty else {
      // Forgotten when there were too many, or nothing was judged.
      if payload?["judged"] != nil || payload == nil { recount.isOwnExact = false }
      if let judged = payload?["judged"]?.integer { recount.forgotten.append((row.seq, judged)) }
      return
    }
    var tree = MerkleFrontier()
    recount.refusingEntries.insert(row.seq)
    for (place, one) in refusals.enumerated() {
      recount.judge(Moment.day(row.entry.time), one.checks.verdict)
      guard let kind = BlockFault.Kind(rawValue: one.reason), one.place == place else {
        return try wrongRefusals(row.seq)
      }
      tree.add(one.checks.line(of: one.id, kind), node.crypto)
    }
    guard let payload else { return }
    if payload["root"]?.string != tree.root(node.crypto).hex { try wrongRefusals(row.seq) }
  }

  private func wrongRefusals(_ seq: Int64) throws(KianaError) {
    try fault(
      "seq:\(seq)", "verdict", "the refusals of entry \(seq) were changed: it commits to others")
  }

  /// The oldest refusals are forgotten when there are too many, and no others.
  private func forgottenRefusals() throws(KianaError) {
    let kept = try VerdictTable(node.database).refusalCount()
    let last = recount.forgotten.last { $0.seq < kept.first }
    for (seq, judged) in recount.forgotten {
      let isMade = kept.count > 0 && seq < kept.first
      let isDue = seq != last?.seq || kept.count + judged > Refusals.keptMax
      guard !isMade || !isDue else { continue }
      try fault("seq:\(seq)", "verdict", "the refusals of entry \(seq) are gone")
    }
  }

  private func checkStatements(_ row: EventRow, _ payload: JSONValue?) throws(KianaError) {
    guard row.entry.type == "block.statement" else { return }
    recount.statementEntries.insert(row.seq)
    // One that cannot be read is named by itself, and the root is another one without it.
    let rows = (try? ValidationTable(node.database).statements(entry: row.seq)) ?? []
    var tree = MerkleFrontier()
    for one in rows {
      tree.add(StatementIntake.leaf(one.line, own: one.own), node.crypto)
      recount.add(statement: one, on: Moment.day(row.entry.time))
    }
    guard let root = payload?["root"]?.string, root != tree.root(node.crypto).hex else { return }
    try fault(
      "seq:\(row.seq)", "verdict",
      "the statements of entry \(row.seq) were changed: it commits to others")
  }
}

/// Verdicts in the order of their entries, one at a time.
final class VerdictStream {
  private let read: () throws(KianaError) -> StoredVerdict?
  private var ahead: StoredVerdict?
  private var isAtEnd = false

  init(_ read: @escaping () throws(KianaError) -> StoredVerdict?) {
    self.read = read
  }

  private func peek() throws(KianaError) -> StoredVerdict? {
    if ahead == nil, !isAtEnd {
      ahead = try read()
      isAtEnd = ahead == nil
    }
    return ahead
  }

  /// The next one if it is of an entry before that one.
  func next(before entry: Int64) throws(KianaError) -> StoredVerdict? {
    guard let found = try peek(), found.entry < entry else { return nil }
    ahead = nil
    return found
  }

  /// The next one if it is of that entry.
  func next(of entry: Int64) throws(KianaError) -> StoredVerdict? {
    guard let found = try peek(), found.entry == entry else { return nil }
    ahead = nil
    return found
  }
}
