internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// Reads the audit trail: what a query wants, in the order of the places.
///
/// Rows come in batches, each of one short read transaction, and are handed out between them, so
/// that a slow reader never holds up the write-ahead log. What is appended meanwhile is left for
/// the next query, which the cursor is for.
package struct AuditTrail {
  private let node: Node
  private let log: AuditLog

  /// Rows of one read transaction, and what their payloads may have in bytes.
  private static let batchRows = 2000
  private static let batchBytes = 4 << 20
  /// Places of one read transaction: at first, at least, at most, and at most where no index leads.
  private static let windowFirst: Int64 = 16_384
  private static let windowMin: Int64 = 2048
  private static let windowMax: Int64 = 1 << 22
  private static let windowMaxUnled: Int64 = 1 << 18

  package init(_ node: Node) {
    self.node = node
    log = AuditLog(node)
  }

  /// What is wanted of each entry beside itself.
  package enum Detail: Sendable {
    /// Nothing: `leafHash` is zero, and a payload counts as being here.
    case entry
    /// Its hash, and what became of its payload.
    case payloadState
    case payload
  }

  /// The cursor behind the last entry.
  package func end() throws(KianaError) -> StoreCursor {
    try node.database.read { () throws(KianaError) in
      StoreCursor(nonce: try nonce(), next: try node.events.size())
    }
  }

  /// The same place in the store as it is now, for a reader that kept the hash of the last entry
  /// that it read: where that entry still stands, so does everything before it, whatever happened
  /// to the store since.
  ///
  /// - Parameter leaf: hash of the entry before the cursor.
  /// - Returns: the cursor itself when it is of another past.
  package func renewed(
    _ cursor: StoreCursor, after leaf: Hash32
  ) throws(KianaError) -> StoreCursor {
    guard let kept = try node.events.leaf(cursor.next - 1), node.crypto.treeLeaf(kept) == leaf
    else { return cursor }
    return StoreCursor(nonce: try nonce(), next: cursor.next)
  }

  /// Hash of the entry before a cursor; nil when there is none here.
  package func leaf(before cursor: StoreCursor) throws(KianaError) -> Hash32? {
    try node.events.leaf(cursor.next - 1).map { node.crypto.treeLeaf($0) }
  }

  /// How a query would be answered: how many places are looked at, and SQLite's own words.
  package func steps(
    _ query: AuditQuery, after cursor: StoreCursor? = nil
  ) throws(KianaError) -> (places: Int64, words: [String]) {
    try node.database.read { () throws(KianaError) in
      let size = try node.events.size()
      let plan = try plan(query, from: cursor?.next ?? 0, try log.epochs(), end: size)
      let (condition, values) = plan.whole(0..<size)
      return (
        plan.ranges.reduce(0) { $0 + Int64($1.count) },
        try node.events.steps(where: condition, values, through: plan.index)
      )
    }
  }

  /// The cursor before the last so many entries that the query wants; behind all for 0.
  package func last(_ count: Int, _ query: AuditQuery) throws(KianaError) -> StoreCursor {
    let end = try end()
    guard count > 0 else { return end }
    var first: Int64?
    try forEach(query, isNewestFirst: true, limit: count, detail: .entry) { first = $0.seq }
    return StoreCursor(nonce: end.nonce, next: first ?? end.next)
  }

  /// Calls `body` with each entry that the query wants.
  ///
  /// - Parameters:
  ///   - cursor: only entries from there on; nil for all.
  ///   - limit: at most so many.
  /// - Returns: where to go on: behind the last entry that was looked at. It says nothing when the
  ///   newest came first.
  /// - Throws: `refused` for a cursor of another copy of the store.
  @discardableResult
  package func forEach(
    _ query: AuditQuery, after cursor: StoreCursor? = nil, isNewestFirst: Bool = false,
    limit: Int = .max, detail: Detail = .payloadState,
    _ body: (AuditRecord) throws(KianaError) -> Void
  ) throws(KianaError) -> StoreCursor {
    var reading = try node.database.read { () throws(KianaError) in
      try begin(query, after: cursor, isNewestFirst: isNewestFirst, limit: limit, detail: detail)
    }
    while let window = reading.window {
      let batch = try node.database.read { () throws(KianaError) in
        // A store that was put back under our feet has other entries at these places.
        guard try nonce() == reading.end.nonce else { throw Self.foreign(reading.end) }
        return try self.batch(window, reading)
      }
      for record in batch.records { try body(record) }
      reading.advance(batch)
    }
    return reading.cursor
  }

  // MARK: a reading

  private struct Batch {
    var records = [AuditRecord]()
    /// Whether the window has more.
    var isCut = false
  }

  /// How far a query is.
  private struct Reading {
    let plan: AuditPlan
    let epochs: [(epoch: AuditLog.Epoch, origin: String)]
    /// Where it began.
    private let first: Int64
    let end: StoreCursor
    let isNewestFirst: Bool
    let detail: Detail
    /// Rows that may still come.
    private(set) var left: Int
    /// Places that are not looked at yet.
    private var ranges: ArraySlice<Range<Int64>>
    private var width: Int64
    private var last: Int64?

    init(
      _ plan: AuditPlan, _ epochs: [(epoch: AuditLog.Epoch, origin: String)], from first: Int64,
      end: StoreCursor, isNewestFirst: Bool, detail: Detail, limit: Int
    ) {
      self.first = first
      self.plan = plan
      self.epochs = epochs
      self.end = end
      self.isNewestFirst = isNewestFirst
      self.detail = detail
      left = limit
      ranges = plan.ranges[...]
      width = plan.isByPlace ? AuditTrail.windowFirst : .max
    }

    /// The places to look at next; nil when it is done.
    var window: Range<Int64>? {
      guard left > 0, let range = isNewestFirst ? ranges.last : ranges.first else { return nil }
      return isNewestFirst
        ? range.upperBound - min(width, Int64(range.count))..<range.upperBound
        : range.lowerBound..<range.lowerBound + min(width, Int64(range.count))
    }

    mutating func advance(_ batch: Batch) {
      guard let window else { return }
      left -= batch.records.count
      last = batch.records.last?.seq ?? last
      var stop = isNewestFirst ? window.lowerBound : window.upperBound
      if batch.isCut, let last { stop = isNewestFirst ? last : last + 1 }
      if isNewestFirst {
        let range = ranges.removeLast()
        if range.lowerBound < stop { ranges.append(range.lowerBound..<stop) }
      } else {
        ranges[ranges.startIndex] = stop..<ranges[ranges.startIndex].upperBound
        if ranges.first?.isEmpty == true { ranges.removeFirst() }
      }
      guard plan.isByPlace else { return }
      // What a window has beyond a batch may have to be looked up and sorted a second time.
      if batch.isCut { width = max(width / 2, AuditTrail.windowMin) }
      guard batch.records.count < AuditTrail.batchRows / 8 else { return }
      width = min(
        width * 4, plan.index == .none ? AuditTrail.windowMaxUnled : AuditTrail.windowMax)
    }

    var cursor: StoreCursor {
      left > 0 ? end : StoreCursor(nonce: end.nonce, next: last.map { $0 + 1 } ?? first)
    }
  }

  private func begin(
    _ query: AuditQuery, after cursor: StoreCursor?, isNewestFirst: Bool, limit: Int,
    detail: Detail
  ) throws(KianaError) -> Reading {
    precondition(limit >= 0, "a limit is a number of entries")
    let end = StoreCursor(nonce: try nonce(), next: try node.events.size())
    if let cursor, cursor.nonce != end.nonce || cursor.next > end.next {
      throw Self.foreign(cursor)
    }
    let epochs = try log.epochs()
    let first = cursor?.next ?? 0
    return Reading(
      try plan(query, from: first, epochs, end: end.next),
      epochs.map { ($0, log.origin($0.number)) }, from: first, end: end,
      isNewestFirst: isNewestFirst, detail: detail, limit: limit)
  }

  private func nonce() throws(KianaError) -> String {
    try node.meta.text(.storeNonce) ?? ""
  }

  static func foreign(_ cursor: StoreCursor) -> KianaError {
    KianaError(
      code: .refused, what: "cannot go on from the cursor '\(cursor.text)'",
      why: "the store was restored or rebuilt since, and its places may have other entries",
      hint: "start over: leave --after away, or delete the checkpoint file")
  }

  /// How a query is answered now, in the read transaction that is open.
  func plan(
    _ query: AuditQuery, from first: Int64 = 0, _ epochs: [AuditLog.Epoch], end: Int64
  ) throws(KianaError) -> AuditPlan {
    let low = max(query.places.lowerBound, first, try node.meta.integer(.auditFirst))
    let high = min(query.places.upperBound, end)
    guard low < high, let terms = try query.terms(node.events.names) else { return .nothing }
    var ranges = [low..<high]
    if let times = query.times {
      ranges = try AuditPlan.ranges(times, epochs, TileTable(node.database))
        .map { $0.clamped(to: low..<high) }.filter { !$0.isEmpty }
    }
    guard !ranges.isEmpty else { return .nothing }
    return try AuditPlan.make(terms, times: query.times, ranges: ranges, node.events)
  }

  private func batch(_ window: Range<Int64>, _ reading: Reading) throws(KianaError) -> Batch {
    let (condition, values) = reading.plan.whole(window)
    var batch = Batch()
    var bytes = 0
    let rowsMax = min(Self.batchRows, reading.left)
    try node.events.forEach(
      where: condition, values, through: reading.plan.index, isNewestFirst: reading.isNewestFirst
    ) { (row) throws(KianaError) in
      let record = try record(row, reading)
      bytes += record.payload?.bytes.count ?? 0
      batch.records.append(record)
      batch.isCut = batch.records.count == rowsMax || bytes >= Self.batchBytes
      return !batch.isCut
    }
    return batch
  }

  private func record(_ row: EventRow, _ reading: Reading) throws(KianaError) -> AuditRecord {
    let origin = reading.epochs.last { $0.epoch.first <= row.seq }?.origin ?? ""
    var payload: BlockContent?
    var state = AuditRecord.PayloadState.none
    if row.entry.payloadCommitment != nil {
      switch reading.detail {
      case .entry: state = .here
      case .payloadState: state = try node.events.hasPayload(row.seq) ? .here : .erased
      case .payload:
        payload = try node.events.payload(row.seq)
        state = payload != nil ? .here : .erased
      }
    }
    return AuditRecord(
      seq: row.seq, entry: row.entry,
      leafHash: reading.detail == .entry ? .zero : node.crypto.treeLeaf(row.entry.leaf()),
      origin: origin, payloadState: state, payload: payload)
  }
}
