internal import KianaCrypto
internal import KianaModel
internal import KianaStore

/// What a full verification counts anew.
struct AuditRecount {
  private(set) var daily = [DailyKey: DailyCount]()
  private(set) var own = [Int64: ValidationTable.Day]()
  private(set) var others = [ValidatorDay: ValidationTable.Day]()
  /// False when refusals were forgotten, so that nobody can count them again.
  var isOwnExact = true
  var refusingEntries = Set<Int64>()
  /// Entries whose refusals are not here, with how many they had.
  var forgotten = [(seq: Int64, judged: Int64)]()
  var statementEntries = Set<Int64>()
  /// The last entry by which a command deleted blocks.
  var lastDeletion: Int64 = -1
  /// Entries that judged blocks which are not here, each with the number of one.
  var goneBlocks = [Int64: Int64]()
  /// Payload of the entry that pruned what is gone; the inner nil when it was erased since.
  var prune: [UInt8]??
  /// Entries whose payload is not here, and places of which an entry says why.
  private(set) var missingPayloads = [Range<Int64>]()
  var erasures = [ClosedRange<Int64>]()
  /// Entries that came back from an exported copy, without what belongs to them in other tables.
  var restored = [ClosedRange<Int64>]()
  /// Entries that took in one block, and whose verdict is not here.
  var missingVerdicts = [Int64]()
  /// Of each log that this node witnessed, the last entry that says so.
  var witnessed = [String: (seq: Int64, note: String?)]()
  /// The entry after which the log had to be resumed before it is signed; nil when it was.
  var unresumed: Int64?

  struct ValidatorDay: Hashable {
    let validator: AID
    let day: Int64
  }

  mutating func add(_ row: EventRow, _ key: DailyKey) {
    daily[key, default: DailyCount(count: 0, first: row.seq, last: row.seq)].count += 1
    daily[key]?.last = row.seq
  }

  mutating func miss(payloadOf seq: Int64) {
    guard let last = missingPayloads.last, last.upperBound == seq else {
      return missingPayloads.append(seq..<seq + 1)
    }
    missingPayloads[missingPayloads.count - 1] = last.lowerBound..<seq + 1
  }

  /// Entries whose payload is gone though no entry says that it was erased.
  func lostPayloads() -> [Int64] {
    var reasons = (erasures + restored).sorted { $0.lowerBound < $1.lowerBound }[...]
    var lost = [Int64]()
    for range in missingPayloads {
      var seq = range.lowerBound
      while seq < range.upperBound {
        while let first = reasons.first, first.upperBound < seq { reasons.removeFirst() }
        if let first = reasons.first, first.contains(seq) {
          seq = min(first.upperBound, range.upperBound - 1) + 1
        } else {
          lost.append(seq)
          seq += 1
        }
      }
    }
    return lost
  }

  mutating func judge(_ day: Int64, _ verdict: AuditEntry.Verdict) {
    own[day, default: ValidationTable.Day(validator: AID(digest: .zero), day: day)].count(verdict)
  }

  mutating func add(statement row: ValidationTable.Row, on day: Int64) {
    guard let statement = ValidationStatement(line: row.line) else { return }
    let key = ValidatorDay(validator: statement.validator, day: day)
    var found = others[key] ?? ValidationTable.Day(validator: statement.validator, day: day)
    found.count(statement, own: row.own)
    others[key] = found
  }
}

extension ValidationTable.Day {
  /// Counts a statement beside what this node found itself.
  mutating func count(_ statement: ValidationStatement, own: AuditEntry.Verdict) {
    count(statement.checks.verdict)
    guard own != .unknown, statement.checks.verdict != .unknown else { return }
    if own == statement.checks.verdict { agreed += 1 } else { disagreed += 1 }
  }
}

extension AuditVerifyRun {
  /// The roll-up and the validators' days are what the entries add up to.
  func counts() throws(KianaError) {
    try checkDaily()
    try checkValidators()
    let rows = try VerdictTable(node.database).refusingEntries()
    for entry in rows where entry >= first && !recount.refusingEntries.contains(entry) {
      try fault("seq:\(entry)", "verdict", "refusals stand under entry \(entry), which has none")
    }
  }

  /// The day of the first entry that is here; earlier days, and that one, had more.
  private var prunedUpToDay: Int64? {
    guard first > 0 else { return nil }
    return recount.daily.keys.map(\.day).min() ?? .max
  }

  /// What was kept, less the entries that are here, is what was pruned, and to that the entry that
  /// pruned commits.
  private func checkDaily() throws(KianaError) {
    var counted = recount.daily
    var gone = [PrunedDays.Row]()
    for (key, kept) in try DailyTable(node.database).rows() {
      let found = counted.removeValue(forKey: key)
      if found == kept { continue }
      let rest = kept.count < 0 ? -1 : kept.count - (found?.count ?? 0)
      let isLastGood =
        found.map { $0.last == kept.last } ?? (kept.first <= kept.last && kept.last < first)
      guard rest > 0, kept.first >= 0, kept.first < first, isLastGood else {
        try wrongDay(key.day)
        continue
      }
      gone.append(PrunedDays.Row(key: key, count: rest, first: kept.first))
    }
    for day in Set(counted.keys.map(\.day)).sorted() { try wrongDay(day) }
    if first > 0 { try checkPruned(gone) }
  }

  private func wrongDay(_ day: Int64) throws(KianaError) {
    try fault(
      "day:\(Moment.dayText(day))", "count",
      "the counts kept for \(Moment.dayText(day)) are not those of the entries")
  }

  private func checkPruned(_ gone: [PrunedDays.Row]) throws(KianaError) {
    // That an entry says so at all, `marks` checks.
    guard let prune = recount.prune, let payload = prune.flatMap({ try? JSONValue.parse($0) }),
      let day = payload["day"]?.integer, let root = payload["daily"]?.string
    else { return }
    if root != (try? PrunedDays.root(gone, node.events.names, node.crypto).hex) {
      try fault("day:..\(Moment.dayText(day))", "count", "the counts of pruned days were changed")
    }
    // A clock that was set back may have added to those days since.
    guard let root = payload["validators"]?.string,
      let oldest = recount.daily.keys.map(\.day).min(), oldest >= day
    else { return }
    let days = try ValidationTable(node.database).days(to: day - 1)
    if root != PrunedDays.root(days, node.crypto).hex {
      try fault(
        "day:..\(Moment.dayText(day))", "count",
        "the verdicts counted for validators on pruned days were changed")
    }
  }

  private func checkValidators() throws(KianaError) {
    var others = recount.others
    var own = recount.own
    for kept in try ValidationTable(node.database).days() {
      if kept.validator == node.aid {
        own[kept.day] = nil
        try checkOwn(kept)
        continue
      }
      let key = AuditRecount.ValidatorDay(validator: kept.validator, day: kept.day)
      if first > 0, kept.day <= prunedUpToDay ?? .max { continue }
      if others.removeValue(forKey: key) != kept { try wrongValidator(kept.validator, kept.day) }
    }
    guard first == 0 else { return }
    for day in own.keys.sorted() { try wrongValidator(node.aid, day) }
    for missing in others.values { try wrongValidator(missing.validator, missing.day) }
  }

  private func checkOwn(_ kept: ValidationTable.Day) throws(KianaError) {
    if first > 0, kept.day <= prunedUpToDay ?? .max { return }
    let counted = recount.own[kept.day]
    let valid = counted?.valid ?? 0
    let isSame =
      valid == kept.valid && kept.agreed == 0 && kept.disagreed == 0
      && (!recount.isOwnExact
        || (counted?.invalid ?? 0) == kept.invalid && (counted?.unknown ?? 0) == kept.unknown)
    if !isSame { try wrongValidator(node.aid, kept.day) }
  }

  private func wrongValidator(_ validator: AID, _ day: Int64) throws(KianaError) {
    try fault(
      "day:\(Moment.dayText(day))", "count",
      "the verdicts counted for \(validator.text) on \(Moment.dayText(day)) are not those that "
        + "are here")
  }

  /// Statements of others are by them, and each belongs to an entry.
  func statements() throws(KianaError) {
    for row in try ValidationTable(node.database).raw() {
      guard let statement = ValidationStatement(line: row.line),
        statement.hasGoodSignature(node.crypto), statement.id == row.id,
        statement.validator.digest == row.validator, statement.time == row.time,
        AuditEntry.Verdict(number: row.own) != nil
      else {
        try fault(
          "seq:\(row.entry)", "verdict",
          "a statement of another validator, taken by entry \(row.entry), was changed")
        continue
      }
      if row.entry >= first, !recount.statementEntries.contains(row.entry) {
        try fault(
          "seq:\(row.entry)", "verdict",
          "a statement of another validator stands under entry \(row.entry), which took none")
      }
    }
  }

  // MARK: the tree

  /// Hashes of each level give those of the level above.
  func tree(isFull: Bool) throws(KianaError) {
    var expected: (tiles: Int64, edge: Int64) = (0, 0)
    for epoch in epochs {
      var level = 0
      var size = try tiles.size(epoch: epoch.number, level: 0)
      while true {
        let above = size / Int64(Tile.width)
        expected.tiles += above
        expected.edge += size % Int64(Tile.width)
        let kept = try tiles.size(epoch: epoch.number, level: level + 1)
        if kept != above {
          try fault(
            "tile:\(level + 1)/0", "tree",
            "level \(level + 1) of the tree has \(kept) hashes, and should have \(above)")
        } else if isFull {
          try compare(epoch, level, tiles: above)
        }
        guard above > 0 else { break }
        level += 1
        size = above
      }
    }
    if try tiles.counts() != expected {
      try fault("state", "tree", "there are hashes that belong to no tree")
    }
  }

  private func compare(
    _ epoch: AuditLog.Epoch, _ level: Int, tiles count: Int64
  ) throws(KianaError) {
    let hashed = AuditLog.Epoch(
      number: epoch.number, first: epoch.first,
      size: try tiles.size(epoch: epoch.number, level: 0))
    let source = StoredTiles(tiles, hashed)
    var above = [Hash32]()
    for index in 0..<count {
      do throws(KianaError) {
        let offset = Int(index % Int64(Tile.width))
        if offset == 0 {
          above = try source.tile(level: level + 1, index: index / Int64(Tile.width))
        }
        let hashes = try source.tile(level: level, index: index)
        guard hashes.count == Tile.width, offset < above.count,
          Tile.root(hashes, node.crypto) == above[offset]
        else { throw .damagedRow("tile") }
      } catch  where error.code == .damaged {
        try fault(
          "tile:\(level)/\(index)", "tree",
          "the tile \(level)/\(index) was changed: it does not give its hash in the level above")
      }
    }
  }

  /// The entries that no full tile holds yet, for a quick look.
  func edges() throws(KianaError) {
    guard let epoch = epochs.last else { return }
    let start = epoch.size / Int64(Tile.width) * Int64(Tile.width)
    let hashes = try tiles.edge(epoch: epoch.number, level: 0)
    summary(entries: epoch.size)
    var next = epoch.first + start
    try node.events.forEach(next..<epoch.first + epoch.size) { (row, _) throws(KianaError) in
      while next < row.seq {
        try fault("seq:\(next)", "missing", "entry \(next) was deleted")
        next += 1
      }
      let offset = Int(row.seq - epoch.first - start)
      if offset >= hashes.count || node.crypto.treeLeaf(row.entry.leaf()) != hashes[offset] {
        try fault(
          "seq:\(row.seq)", "changed",
          "entry \(row.seq) was changed: it does not give its hash in the tree")
      }
      next = row.seq + 1
      return true
    }
  }

  // MARK: marks

  /// Where the trail begins, and whether it may be signed.
  func marks() throws(KianaError) {
    if let reason = try node.meta.text(.auditRestored), !reason.isEmpty {
      try remark("state", "epoch", "the log is not signed until 'kiana-audit resume': \(reason)")
    } else if let seq = recount.unresumed {
      try fault(
        "seq:\(seq)", "epoch",
        "entry \(seq) says that the state was restored, no later one that the log was resumed, "
          + "and the mark that keeps it from being signed is gone")
    }
    guard first != 0 else { return }
    // Not only the last one: entries that came back from a copy may tell of a prune that this
    // state has not had.
    let says = try node.events.all(type: "audit.prune").last { (seq) in
      (try? node.events.find(seq))??.entry.target == "seq:..\(first)"
    }
    guard let says else {
      return try fault(
        "seq:\(first)", "cut", "the entries before \(first) are gone, and no entry says so")
    }
    // Who can write the store can write that entry; from a signature on it is the log's own word.
    guard says >= summary.first + summary.signed else { return }
    try remark(
      "seq:\(says)", "cut",
      "the entries before \(first) are gone: entry \(says) says that they were pruned, and is not "
        + "signed yet")
  }
}

/// The counts of entries that are gone.
enum PrunedDays {
  /// How many of a kind went, and where the first of the day was.
  struct Row {
    let key: DailyKey
    let count: Int64
    let first: Int64
  }

  /// What is counted and was before a place.
  static func rows(_ daily: DailyTable, before seq: Int64) throws(KianaError) -> [Row] {
    let here = try daily.count(from: seq)
    return try daily.rows().compactMap { (key, kept) in
      let count = kept.count - (here[key] ?? 0)
      return count == 0 ? nil : Row(key: key, count: count, first: kept.first)
    }
  }

  /// The root of the RFC 6962 tree over the rows, each as the JCS array of its values.
  static func root(
    _ rows: [Row], _ names: NameTable, _ crypto: any Cryptography
  ) throws(KianaError) -> Hash32 {
    var tree = MerkleFrontier()
    for row in rows {
      let numbers = [row.key.day, row.key.result, row.key.verdict, row.count, row.first]
      let texts = [try names.text(row.key.type), try names.text(row.key.actor)]
      tree.add(
        JSONValue.array(numbers.map { .integer($0) } + texts.map { .string($0) }).canonical(),
        crypto)
    }
    return tree.root(crypto)
  }

  /// The same over what validators said on days.
  static func root(_ days: [ValidationTable.Day], _ crypto: any Cryptography) -> Hash32 {
    var tree = MerkleFrontier()
    for day in days {
      let numbers = [
        day.day, day.valid, day.invalid, day.unknown, day.agreed, day.disagreed,
      ]
      tree.add(
        JSONValue.array([.string(day.validator.text)] + numbers.map { .integer($0) }).canonical(),
        crypto)
    }
    return tree.root(crypto)
  }
}
