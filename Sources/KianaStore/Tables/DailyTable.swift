package import KianaModel

/// What a day had of one kind of entry.
package struct DailyKey: Hashable, Sendable {
  /// Days since 1970-01-01 UTC.
  package let day: Int64
  package let type: Int64
  package let actor: Int64
  package let result: Int64
  /// -1 where nothing was judged.
  package let verdict: Int64

  package init(day: Int64, type: Int64, actor: Int64, result: Int64, verdict: Int64) {
    self.day = day
    self.type = type
    self.actor = actor
    self.result = result
    self.verdict = verdict
  }
}

/// How many, and the places of the first and the last one.
package struct DailyCount: Equatable, Sendable {
  package var count: Int64
  package var first: Int64
  package var last: Int64

  package init(count: Int64, first: Int64, last: Int64) {
    self.count = count
    self.first = first
    self.last = last
  }
}

/// The roll-up of the audit trail, which reports read.
package struct DailyTable {
  private let database: Database

  package init(_ database: Database) {
    self.database = database
  }

  package func add(_ key: DailyKey, _ more: DailyCount) throws(KianaError) {
    let row = try database.statement(
      """
      INSERT INTO daily (day, type, actor, result, verdict, n, first, last)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      ON CONFLICT DO UPDATE SET n = n + excluded.n, last = excluded.last
      """)
    row.bind(1, key.day)
    row.bind(2, key.type)
    row.bind(3, key.actor)
    row.bind(4, key.result)
    row.bind(5, key.verdict)
    row.bind(6, more.count)
    row.bind(7, more.first)
    row.bind(8, more.last)
    try row.run()
  }

  /// How many entries of each kind there are from a place on, counted anew.
  package func count(from seq: Int64) throws(KianaError) -> [DailyKey: Int64] {
    let row = try database.statement(
      """
      SELECT (t - ((t % 86400000 + 86400000) % 86400000)) / 86400000 AS day, type, actor, result,
        coalesce(verdict, -1) AS found, count(*)
      FROM event WHERE seq >= ?1 GROUP BY day, type, actor, result, found
      """)
    row.bind(1, seq)
    defer { row.reset() }
    var counts = [DailyKey: Int64]()
    while try row.step() {
      let key = DailyKey(
        day: row.int(0), type: row.int(1), actor: row.int(2), result: row.int(3),
        verdict: row.int(4))
      counts[key] = row.int(5)
    }
    return counts
  }

  /// The rows of days from `first` to `last`, both included, in order.
  package func rows(
    from first: Int64 = .min, to last: Int64 = .max
  ) throws(KianaError) -> [(key: DailyKey, count: DailyCount)] {
    let row = try database.statement(
      """
      SELECT day, type, actor, result, verdict, n, first, last FROM daily
      WHERE day >= ?1 AND day <= ?2 ORDER BY day, type, actor, result, verdict
      """)
    row.bind(1, first)
    row.bind(2, last)
    defer { row.reset() }
    var found = [(key: DailyKey, count: DailyCount)]()
    while try row.step() {
      found.append(
        (
          DailyKey(
            day: row.int(0), type: row.int(1), actor: row.int(2), result: row.int(3),
            verdict: row.int(4)),
          DailyCount(count: row.int(5), first: row.int(6), last: row.int(7))
        ))
    }
    return found
  }
}
