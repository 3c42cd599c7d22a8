package import KianaModel

/// What reports ask the audit trail, beside the roll-up: each by an index, never by a walk over all
/// entries.
package struct ReportTable {
  private let database: Database
  private let events: EventTable

  package init(_ database: Database) {
    self.database = database
    events = EventTable(database)
  }

  /// The first and the last day that has an entry before a place; nil when there is none.
  package func days(before end: Int64) throws(KianaError) -> ClosedRange<Int64>? {
    let row = try database.statement("SELECT min(day), max(day) FROM daily WHERE first < ?1")
    row.bind(1, end)
    defer { row.reset() }
    guard try row.step(), !row.isNull(0) else { return nil }
    return row.int(0)...row.int(1)
  }

  /// The last place of the entries until a day, that day included; nil when there is none.
  package func lastPlace(until day: Int64) throws(KianaError) -> Int64? {
    let row = try database.statement("SELECT max(last) FROM daily WHERE day <= ?1")
    row.bind(1, day)
    defer { row.reset() }
    return try row.step() && !row.isNull(0) ? row.int(0) : nil
  }

  /// A count of the roll-up without the entries from a place on; nil when nothing is left.
  package func cut(
    _ key: DailyKey, _ count: DailyCount, before end: Int64
  ) throws(KianaError) -> DailyCount? {
    guard count.first < end else { return nil }
    guard count.last >= end else { return count }
    let kind = """
      type = ?1 AND actor = ?2 AND result = ?3 AND coalesce(verdict, -1) = ?4
      AND t >= ?5 AND t < ?6
      """
    let late = try database.statement(
      "SELECT count(*) FROM event WHERE seq >= ?7 AND seq <= ?8 AND \(kind)")
    bind(late, key, end, count.last)
    defer { late.reset() }
    let beyond = try late.step() ? late.int(0) : 0
    let before = try database.statement(
      "SELECT max(seq) FROM event WHERE seq >= ?7 AND seq < ?8 AND \(kind)")
    bind(before, key, count.first, end)
    defer { before.reset() }
    let last = try before.step() ? before.int(0) : count.first
    return DailyCount(count: count.count - beyond, first: count.first, last: last)
  }

  private func bind(_ row: Statement, _ key: DailyKey, _ from: Int64, _ to: Int64) {
    row.bind(1, key.type)
    row.bind(2, key.actor)
    row.bind(3, key.result)
    row.bind(4, key.verdict)
    row.bind(5, key.day * 86_400_000)
    row.bind(6, (key.day + 1) * 86_400_000)
    row.bind(7, from)
    row.bind(8, to)
  }

  /// Places of entries of a type, of some times and in a range of places, in order.
  package func places(
    type: String, times: Range<Int64>, in range: Range<Int64>, limit: Int
  ) throws(KianaError) -> [Int64] {
    guard let type = try events.names.find(type) else { return [] }
    return try places("type = ?1", type, times, range, limit)
  }

  /// Places of entries that ended with `fail`, `deny` or `error`, in order.
  package func places(
    result: AuditEntry.Result, times: Range<Int64>, in range: Range<Int64>, limit: Int
  ) throws(KianaError) -> [Int64] {
    // The second condition lets SQLite see that the index has these.
    try places("result = ?1 AND result > 0", result.number, times, range, limit)
  }

  private func places(
    _ condition: String, _ value: Int64, _ times: Range<Int64>, _ range: Range<Int64>, _ limit: Int
  ) throws(KianaError) -> [Int64] {
    let row = try database.statement(
      """
      SELECT seq FROM event WHERE \(condition) AND t >= ?2 AND t < ?3 AND seq >= ?4 AND seq < ?5
      ORDER BY seq LIMIT ?6
      """)
    row.bind(1, value)
    row.bind(2, times.lowerBound)
    row.bind(3, times.upperBound)
    row.bind(4, range.lowerBound)
    row.bind(5, range.upperBound)
    row.bind(6, limit)
    defer { row.reset() }
    var found = [Int64]()
    while try row.step() { found.append(row.int(0)) }
    return found
  }

  /// How many entries of some times have lost the payload that an entry of `type` with target
  /// `seq:N` names.
  package func erased(
    by type: String, times: Range<Int64>, before end: Int64
  ) throws(KianaError) -> Int64 {
    guard let type = try events.names.find(type) else { return 0 }
    let row = try database.statement(
      """
      SELECT count(*) FROM (
        SELECT DISTINCT CAST(substr(target, 5) AS INTEGER) AS place FROM event
        WHERE type = ?1 AND target GLOB 'seq:[0-9]*') AS named
      JOIN event ON event.seq = named.place
      LEFT JOIN payload ON payload.seq = named.place
      WHERE payload.seq IS NULL AND event.ps > 0 AND event.t >= ?2 AND event.t < ?3
        AND event.seq < ?4
      """)
    row.bind(1, type)
    row.bind(2, times.lowerBound)
    row.bind(3, times.upperBound)
    row.bind(4, end)
    defer { row.reset() }
    return try row.step() ? row.int(0) : 0
  }

  /// How many payloads of a range of places are here.
  package func payloads(_ places: Range<Int64>) throws(KianaError) -> Int64 {
    let row = try database.statement(
      "SELECT count(*) FROM payload WHERE seq >= ?1 AND seq < ?2")
    row.bind(1, places.lowerBound)
    row.bind(2, places.upperBound)
    defer { row.reset() }
    return try row.step() ? row.int(0) : 0
  }

  /// Refused blocks by reason, of entries of some times that are here.
  package func refusals(
    places: Range<Int64>, times: Range<Int64>
  ) throws(KianaError) -> [(reason: String, blocks: Int64)] {
    let row = try database.statement(
      """
      SELECT reason, count(*) FROM refusal JOIN event ON event.seq = refusal.entry
      WHERE entry >= ?1 AND entry < ?2 AND t >= ?3 AND t < ?4 GROUP BY reason ORDER BY reason
      """)
    row.bind(1, places.lowerBound)
    row.bind(2, places.upperBound)
    row.bind(3, times.lowerBound)
    row.bind(4, times.upperBound)
    defer { row.reset() }
    var found = [(reason: String, blocks: Int64)]()
    while try row.step() { found.append((row.text(0), row.int(1))) }
    return found
  }
}
