package import KianaModel

/// An entry of the audit trail as it lies in the store.
package struct EventRow: Sendable {
  /// Order of arrival in this store, from 0; the index in the log is `seq` less the first `seq` of
  /// its epoch.
  package let seq: Int64
  package let entry: AuditEntry
}

/// The audit trail's entries and their payloads. Triggers refuse changes; the proof that nothing
/// was changed is the tree, not the triggers.
package struct EventTable {
  private let database: Database
  package let names: NameTable
  private static let columns = "seq, t, type, actor, kid, target, result, verdict, pc, ps"

  package init(_ database: Database) {
    self.database = database
    names = NameTable(database)
  }

  /// How many entries there ever were.
  package func size() throws(KianaError) -> Int64 {
    // A number that only somebody with the file can have written is no reason to die.
    min(try last()?.seq ?? -1, Int64.max - 1) + 1
  }

  /// The last entry's place and time; nil when there is none.
  package func last() throws(KianaError) -> (seq: Int64, time: Int64)? {
    let row = try database.statement("SELECT seq, t FROM event ORDER BY seq DESC LIMIT 1")
    defer { row.reset() }
    return try row.step() ? (row.int(0), row.int(1)) : nil
  }

  /// Adds an entry and its payload at the end.
  ///
  /// - Parameter payload: salt and bytes, to which the entry commits; nil when it has none.
  package func insert(
    _ seq: Int64, _ entry: AuditEntry, payload: BlockContent?
  ) throws(KianaError) {
    let row = try database.statement(
      """
      INSERT INTO event (\(Self.columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
      """)
    let type = try names.number(entry.type)
    let actor = try names.number(entry.actor)
    row.bind(1, seq)
    row.bind(2, entry.time)
    row.bind(3, type)
    row.bind(4, actor)
    if let key = entry.key { row.bind(5, try names.number(key)) } else { row.bindNull(5) }
    row.bind(6, entry.target)
    row.bind(7, entry.result.number)
    if let verdict = entry.verdict { row.bind(8, verdict.number) } else { row.bindNull(8) }
    if let pc = entry.payloadCommitment { row.bind(9, pc) } else { row.bindNull(9) }
    row.bind(10, entry.payloadSize)
    try row.run()
    guard let payload else { return }
    try insert(payload: payload, seq)
  }

  /// Adds a payload that an entry commits to.
  package func insert(payload: BlockContent, _ seq: Int64) throws(KianaError) {
    let row = try database.statement("INSERT INTO payload (seq, salt, data) VALUES (?1, ?2, ?3)")
    row.bind(1, seq)
    row.bind(2, payload.salt)
    row.bind(3, payload.bytes)
    try row.run()
  }

  /// The place of the first entry after another one; nil when there is none.
  package func next(after seq: Int64) throws(KianaError) -> Int64? {
    let row = try database.statement("SELECT seq FROM event WHERE seq > ?1 ORDER BY seq LIMIT 1")
    row.bind(1, seq)
    defer { row.reset() }
    return try row.step() ? row.int(0) : nil
  }

  /// Places from one on that have a payload and no entry.
  package func strayPayloads(from first: Int64) throws(KianaError) -> [Int64] {
    let row = try database.statement(
      """
      SELECT seq FROM payload WHERE (seq >= ?1 OR seq < 0)
        AND NOT EXISTS (SELECT 1 FROM event WHERE event.seq = payload.seq) ORDER BY seq
      """)
    row.bind(1, first)
    defer { row.reset() }
    var found = [Int64]()
    while try row.step() { found.append(row.int(0)) }
    return found
  }

  /// One entry; nil when it is not here.
  package func find(_ seq: Int64) throws(KianaError) -> EventRow? {
    let row = try database.statement("SELECT \(Self.columns) FROM event WHERE seq = ?1")
    row.bind(1, seq)
    defer { row.reset() }
    return try row.step() ? try read(row) : nil
  }

  /// The bytes of one entry's leaf; nil when it is not here.
  package func leaf(_ seq: Int64) throws(KianaError) -> [UInt8]? {
    try find(seq)?.entry.leaf()
  }

  package func payload(_ seq: Int64) throws(KianaError) -> BlockContent? {
    let row = try database.statement("SELECT salt, data FROM payload WHERE seq = ?1")
    row.bind(1, seq)
    defer { row.reset() }
    guard try row.step() else { return nil }
    guard let salt = Hash32(row.blob(0)) else { throw .damagedRow("payload") }
    return BlockContent(salt: salt, bytes: row.blob(1))
  }

  /// The first entry of that type about that target; nil when there is none.
  package func first(type: String, target: String) throws(KianaError) -> Int64? {
    guard let type = try names.find(type) else { return nil }
    let row = try database.statement(
      """
      SELECT seq FROM event
      WHERE substr(target, 1, 16) = substr(?2, 1, 16) AND target = ?2 AND type = ?1
      ORDER BY seq LIMIT 1
      """)
    row.bind(1, type)
    row.bind(2, target)
    defer { row.reset() }
    return try row.step() ? row.int(0) : nil
  }

  /// Places of all entries of a type, in order.
  package func all(type: String, from seq: Int64 = 0) throws(KianaError) -> [Int64] {
    guard let type = try names.find(type) else { return [] }
    let row = try database.statement(
      "SELECT seq FROM event WHERE type = ?1 AND seq >= ?2 ORDER BY seq")
    row.bind(1, type)
    row.bind(2, seq)
    defer { row.reset() }
    var found = [Int64]()
    while try row.step() { found.append(row.int(0)) }
    return found
  }

  /// Calls `body` with each entry of a range and its payload, in order, until it returns false.
  package func forEach(
    _ range: Range<Int64>,
    _ body: (EventRow, BlockContent?) throws(KianaError) -> Bool
  ) throws(KianaError) {
    let row = try database.statement(
      """
      SELECT event.seq, t, type, actor, kid, target, result, verdict, pc, ps, salt, data
      FROM event LEFT JOIN payload ON payload.seq = event.seq
      WHERE event.seq >= ?1 AND event.seq < ?2 ORDER BY event.seq
      """)
    row.bind(1, range.lowerBound)
    row.bind(2, range.upperBound)
    defer { row.reset() }
    while try row.step() {
      var payload: BlockContent?
      if !row.isNull(11) {
        payload = BlockContent(salt: row.hash(10), bytes: row.blob(11))
      }
      guard try body(try read(row), payload) else { return }
    }
  }

  /// Calls `body` with each entry that a filter lets through, until it returns false.
  ///
  /// - Parameters:
  ///   - condition: SQL over the columns of `event`, with `values` for its `?1`, `?2`, ...
  package func forEach(
    where condition: String, _ values: [EventValue], isNewestFirst: Bool,
    _ body: (EventRow) throws(KianaError) -> Bool
  ) throws(KianaError) {
    let row = try database.statement(
      """
      SELECT \(Self.columns) FROM event WHERE \(condition)
      ORDER BY seq \(isNewestFirst ? "DESC" : "ASC")
      """)
    for (index, value) in values.enumerated() {
      switch value {
      case .integer(let number): row.bind(Int32(index + 1), number)
      case .text(let text): row.bind(Int32(index + 1), text)
      }
    }
    defer { row.reset() }
    while try row.step() {
      guard try body(try read(row)) else { return }
    }
  }

  private func read(_ row: Statement) throws(KianaError) -> EventRow {
    guard let result = AuditEntry.Result(number: row.int(6)) else { throw .damagedRow("event") }
    let verdict = row.isNull(7) ? nil : AuditEntry.Verdict(number: row.int(7))
    guard row.isNull(7) || verdict != nil else { throw .damagedRow("event") }
    return EventRow(
      seq: row.int(0),
      entry: AuditEntry(
        actor: try names.text(row.int(3)), key: row.isNull(4) ? nil : try names.text(row.int(4)),
        payloadCommitment: row.isNull(8) ? nil : row.hash(8), payloadSize: Int(row.int(9)),
        result: result, time: row.int(1), target: row.text(5), type: try names.text(row.int(2)),
        verdict: verdict))
  }

  // MARK: what goes

  /// Deletes a payload and its salt.
  /// - Returns: whether there was one.
  package func deletePayload(_ seq: Int64) throws(KianaError) -> Bool {
    let row = try database.statement("DELETE FROM payload WHERE seq = ?1")
    row.bind(1, seq)
    try row.run()
    return database.changes > 0
  }

  /// Deletes the payloads before a place but those of a list.
  /// - Returns: how many went.
  package func deletePayloads(
    from first: Int64, before end: Int64
  ) throws(KianaError) -> Int {
    let row = try database.statement("DELETE FROM payload WHERE seq >= ?1 AND seq < ?2")
    row.bind(1, first)
    row.bind(2, end)
    try row.run()
    return database.changes
  }

  /// Deletes the entries before a place, up to which `audit_first` was set.
  package func delete(before end: Int64) throws(KianaError) {
    let row = try database.statement("DELETE FROM event WHERE seq < ?1")
    row.bind(1, end)
    try row.run()
  }
}

/// A value for a condition over events.
package enum EventValue: Sendable, Equatable {
  case integer(Int64)
  case text(String)
}

extension AuditEntry.Result {
  /// Its number in the table.
  package var number: Int64 { Int64(Self.allCases.firstIndex(of: self)!) }

  package init?(number: Int64) {
    guard Self.allCases.indices.contains(Int(number)) else { return nil }
    self = Self.allCases[Int(number)]
  }
}

extension AuditEntry.Verdict {
  /// Its number in the table.
  package var number: Int64 { Int64(Self.allCases.firstIndex(of: self)!) }

  package init?(number: Int64) {
    guard Self.allCases.indices.contains(Int(number)) else { return nil }
    self = Self.allCases[Int(number)]
  }
}
