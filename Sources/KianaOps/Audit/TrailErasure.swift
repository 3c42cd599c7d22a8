internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// What may leave the trail: payloads by redaction, and old bundles by pruning. Every proof goes on
/// to hold, since hashes stay for ever.
package struct TrailErasure {
  private let node: Node
  private let log: AuditLog
  private static let basisBytesMax = 1000

  package init(_ node: Node) {
    self.node = node
    log = AuditLog(node)
  }

  // MARK: redaction

  /// Deletes payloads with their salts: what they said is in no file of the state directory
  /// afterwards, and nobody can guess it from the entry.
  ///
  /// - Parameters:
  ///   - basis: why; it is recorded for ever, and names nobody.
  /// - Returns: how many payloads went.
  /// - Throws: `notFound` when there is no such entry, `refused` when it is on hold.
  package func redact(_ places: [Int64], basis: String) throws(KianaError) -> Int {
    try Self.check(basis)
    let now = node.now()
    let gone = try node.database.transaction { () throws(KianaError) -> Int in
      let holds = try holds()
      var gone = 0
      for seq in places {
        guard try node.events.find(seq) != nil else {
          throw KianaError(code: .notFound, what: "there is no entry \(seq)")
        }
        if let hold = holds.first(where: { $0.range.contains(seq) }) {
          throw KianaError(
            code: .refused, what: "cannot redact entry \(seq)",
            why: "it is on hold: \(hold.reason)",
            hint:
              "kiana-audit hold \(hold.range.lowerBound)..\(hold.range.upperBound) --release "
              + "--reason TEXT"
          )
        }
        guard try node.events.deletePayload(seq) else { continue }
        gone += 1
        try node.recorder.record(
          "audit.redact", target: "seq:\(seq)",
          payload: .object([JSONMember("basis", .string(basis))]), now: now)
      }
      return gone
    }
    try Guard.update(node)
    // A command that died before this left traces; so it is done whatever was deleted now.
    try node.database.checkpointAndTruncate()
    return gone
  }

  private static func check(_ basis: String) throws(KianaError) {
    guard !basis.isEmpty, basis.utf8.count <= basisBytesMax, Printable.line(basis) == basis else {
      throw KianaError(
        code: .usage, what: "--basis or --reason is not one line of 1 to \(basisBytesMax) bytes")
    }
  }

  // MARK: legal hold

  /// Entries that no prune takes.
  package struct Hold: Sendable, Equatable {
    package let range: ClosedRange<Int64>
    package let reason: String
    /// Place of the entry that records it.
    package let entry: Int64
  }

  /// The holds that are in force, in the order in which they were made.
  package func holds() throws(KianaError) -> [Hold] {
    var found = [Hold]()
    for seq in try node.events.all(type: "audit.hold") {
      guard let row = try node.events.find(seq), let range = Self.range(row.entry.target) else {
        continue
      }
      let payload = try node.events.payload(seq).flatMap { try? JSONValue.parse($0.bytes) }
      found.append(Hold(range: range, reason: payload?["reason"]?.string ?? "", entry: seq))
    }
    for seq in try node.events.all(type: "audit.release") {
      guard let row = try node.events.find(seq), let range = Self.range(row.entry.target) else {
        continue
      }
      found.removeAll { $0.range == range && $0.entry < seq }
    }
    return found
  }

  /// The entries that a target names: `seq:A..B` or `seq:N`.
  static func range(_ target: String) -> ClosedRange<Int64>? {
    if target.hasPrefix("seq:"), let one = Int64(target.dropFirst(4)), one >= 0 { return one...one }
    let parts = target.dropFirst(4).split(separator: ".", omittingEmptySubsequences: false)
    guard target.hasPrefix("seq:"), parts.count == 3, parts[1].isEmpty,
      let first = Int64(parts[0]), let last = Int64(parts[2]), first >= 0, first <= last
    else { return nil }
    return first...last
  }

  /// Keeps entries from being pruned.
  /// - Throws: `notFound` when one of them is not here.
  package func hold(_ range: ClosedRange<Int64>, reason: String) throws(KianaError) {
    try Self.check(reason)
    try record("audit.hold", range, [JSONMember("reason", .string(reason))]) {
      () throws(KianaError) in
      let first = try node.meta.integer(.auditFirst)
      guard range.lowerBound >= first, range.upperBound < (try node.events.size()) else {
        throw KianaError(
          code: .notFound,
          what: "entries \(range.lowerBound) to \(range.upperBound) are not all here")
      }
    }
  }

  /// Lets entries be pruned again.
  /// - Throws: `notFound` when no such hold is in force.
  package func release(_ range: ClosedRange<Int64>, reason: String) throws(KianaError) {
    try Self.check(reason)
    try record("audit.release", range, [JSONMember("reason", .string(reason))]) {
      () throws(KianaError) in
      guard try holds().contains(where: { $0.range == range }) else {
        throw KianaError(
          code: .notFound,
          what: "there is no hold on entries \(range.lowerBound) to \(range.upperBound)",
          hint: "'kiana-audit hold --list' shows those that are in force")
      }
    }
  }

  /// - Parameter check: in the same transaction, since another command may prune meanwhile.
  private func record(
    _ type: String, _ range: ClosedRange<Int64>, _ payload: [JSONMember],
    _ check: () throws(KianaError) -> Void
  ) throws(KianaError) {
    _ = try node.database.transaction { () throws(KianaError) in
      try check()
      return try node.recorder.record(
        type, target: "seq:\(range.lowerBound)..\(range.upperBound)", payload: .object(payload),
        now: node.now())
    }
    try Guard.update(node)
  }

  // MARK: pruning

  /// What a prune takes, or would take.
  package struct Plan: Sendable, Equatable {
    /// The first entry that stays.
    package let end: Int64
    /// The first entry that is here now.
    package let first: Int64
    /// The hold that keeps more from going; nil when none does.
    package let hold: Hold?
    /// Whether only payloads go.
    package let onlyPayloads: Bool

    package var count: Int64 { end - first }
  }

  /// Everything before a moment, in whole bundles of 256, up to the first entry that is on hold or
  /// not older. The last bundle always stays.
  ///
  /// - Parameter moment: milliseconds since 1970.
  package func plan(
    before moment: Int64, onlyPayloads: Bool
  ) throws(KianaError) -> Plan {
    let first = try node.meta.integer(.auditFirst)
    let epoch = try log.current()
    var end = try firstEntry(from: first, notBefore: moment, upTo: epoch.first + epoch.size)
    let holds = try holds().filter { $0.range.upperBound >= first && $0.range.lowerBound < end }
    let hold = holds.min { $0.range.lowerBound < $1.range.lowerBound }
    if let hold { end = max(first, hold.range.lowerBound) }
    if onlyPayloads { return Plan(end: end, first: first, hold: hold, onlyPayloads: true) }
    // What has not been signed yet could not be proved any more.
    let signed = try CheckpointTable(node.database).last(epoch: epoch.number)?.size ?? 0
    end = min(end, epoch.first + signed, epoch.first + epoch.size - 1)
    let width = Int64(Tile.width)
    if end > epoch.first {
      end = epoch.first + (end - epoch.first) / width * width
    } else if let own = try log.epoch(of: end) {
      end = own.first + (end - own.first) / width * width
    }
    return Plan(end: max(first, end), first: first, hold: hold, onlyPayloads: false)
  }

  private func firstEntry(
    from first: Int64, notBefore moment: Int64, upTo end: Int64
  ) throws(KianaError) -> Int64 {
    var found = end
    try node.events.forEach(first..<end) { (row, _) in
      guard row.entry.time >= moment else { return true }
      found = row.seq
      return false
    }
    return found
  }

  /// Does what a plan says; hashes, counts and checkpoints stay.
  package func prune(_ plan: Plan) throws(KianaError) {
    if plan.count > 0 { try record(plan) }
    // Said first and done then, in short steps: what a power cut leaves goes at the next prune.
    var start = plan.onlyPayloads ? plan.first : try node.events.next(after: -1) ?? plan.end
    guard start < plan.end else { return }
    while start < plan.end {
      let end = min(start + Self.rowsAtOnce, plan.end)
      try node.database.transaction { () throws(KianaError) -> Void in
        _ = try node.events.deletePayloads(from: start, before: end)
        if !plan.onlyPayloads { try node.events.delete(before: end) }
      }
      start = end
    }
    try node.database.checkpointAndTruncate()
  }

  private func record(_ plan: Plan) throws(KianaError) {
    let now = node.now()
    try node.database.transaction { () throws(KianaError) -> Void in
      guard try node.meta.integer(.auditFirst) == plan.first else {
        throw KianaError(
          code: .stateLocked, what: "cannot prune", why: "another command just did",
          hint: "try again")
      }
      if let hold = try holds().first(where: {
        $0.range.lowerBound < plan.end && $0.range.upperBound >= plan.first
      }) {
        throw KianaError(
          code: .stateLocked, what: "cannot prune",
          why: "entries from \(hold.range.lowerBound) on were just put on hold", hint: "try again")
      }
      if plan.onlyPayloads {
        try node.recorder.record(
          "audit.forget", target: "seq:\(plan.first)..\(plan.end - 1)", now: now)
      } else {
        try mark(plan.end, now: now)
      }
    }
    try Guard.update(node)
  }

  private static let rowsAtOnce: Int64 = 1000

  private func mark(_ end: Int64, now: Int64) throws(KianaError) {
    let day = try node.events.find(end).map { Moment.day($0.entry.time) } ?? 0
    let daily = DailyTable(node.database)
    try checkCounts(of: try PrunedDays.rows(daily, before: try node.meta.integer(.auditFirst)))
    let gone = try PrunedDays.rows(daily, before: end)
    let days = try ValidationTable(node.database).days(to: day - 1)
    try node.meta.set(.auditFirst, end)
    try node.recorder.record(
      "audit.prune", target: "seq:..\(end)",
      payload: .object([
        JSONMember(
          "daily", .string(try PrunedDays.root(gone, node.events.names, node.crypto).hex)),
        JSONMember("day", .integer(day)),
        JSONMember("validators", .string(PrunedDays.root(days, node.crypto).hex)),
      ]), now: now)
  }

  /// Counts that were changed since the last prune must not be sworn to by the next.
  private func checkCounts(of gone: [PrunedDays.Row]) throws(KianaError) {
    guard let last = try node.events.all(type: "audit.prune").last,
      let payload = try node.events.payload(last).flatMap({ try? JSONValue.parse($0.bytes) }),
      try node.events.find(last)?.entry.target == "seq:..\(try node.meta.integer(.auditFirst))"
    else { return }
    let root = try PrunedDays.root(gone, node.events.names, node.crypto)
    guard payload["daily"]?.string == root.hex else {
      throw KianaError(
        code: .damaged, what: "cannot prune", why: "the counts of pruned days were changed",
        hint: "run 'kiana-audit verify --full'")
    }
  }
}
