package import KianaModel

/// The audit trail's entries and their payloads. Triggers refuse changes; the proof that nothing
/// was changed is the tree, not the triggers.
package struct EventTable {
  private let database: Database

  package init(_ database: Database) {
    self.database = database
  }

  /// How many entries there are.
  package func size() throws(KianaError) -> Int64 {
    let row = try database.statement("SELECT coalesce(max(seq), -1) + 1 FROM event")
    defer { row.reset() }
    return try row.step() ? row.int(0) : 0
  }

  /// Appends an entry and its payload.
  /// - Parameter payload: salt and bytes, to which the entry commits; nil when it has none.
  /// - Returns: the entry's index, counted from 0.
  @discardableResult
  package func append(
    _ entry: AuditEntry, payload: BlockContent?
  ) throws(KianaError) -> Int64 {
    let seq = try size()
    let row = try database.statement(
      """
      INSERT INTO event (seq, t, type, actor, target, result, verdict, entry)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      """)
    row.bind(1, seq)
    row.bind(2, entry.time)
    row.bind(3, entry.type)
    row.bind(4, entry.actor.text)
    row.bind(5, entry.target)
    row.bind(6, entry.result.rawValue)
    if let verdict = entry.verdict { row.bind(7, verdict.rawValue) } else { row.bindNull(7) }
    row.bind(8, entry.leaf())
    try row.run()
    if let payload {
      let row = try database.statement(
        "INSERT INTO payload (seq, salt, data) VALUES (?1, ?2, ?3)")
      row.bind(1, seq)
      row.bind(2, payload.salt)
      row.bind(3, payload.bytes)
      try row.run()
    }
    return seq
  }

  /// One entry; nil when there is none.
  package func leaf(_ seq: Int64) throws(KianaError) -> [UInt8]? {
    let row = try database.statement("SELECT entry FROM event WHERE seq = ?1")
    row.bind(1, seq)
    defer { row.reset() }
    return try row.step() ? row.blob(0) : nil
  }

  /// The first entry of that type about that target; nil when there is none.
  package func first(type: String, target: String) throws(KianaError) -> Int64? {
    let row = try database.statement(
      "SELECT seq FROM event WHERE type = ?1 AND target = ?2 ORDER BY seq LIMIT 1")
    row.bind(1, type)
    row.bind(2, target)
    defer { row.reset() }
    return try row.step() ? row.int(0) : nil
  }

  /// Calls `body` with each entry and its payload, in order.
  package func forEach(
    _ body: (_ seq: Int64, _ leaf: [UInt8], _ payload: BlockContent?) throws(KianaError) -> Void
  ) throws(KianaError) {
    let row = try database.statement(
      """
      SELECT event.seq, entry, salt, data FROM event LEFT JOIN payload ON payload.seq = event.seq
      ORDER BY event.seq
      """)
    defer { row.reset() }
    while try row.step() {
      var payload: BlockContent?
      if !row.isNull(2) {
        guard let salt = Hash32(row.blob(2)) else { throw .damagedRow("payload") }
        payload = BlockContent(salt: salt, bytes: row.blob(3))
      }
      try body(row.int(0), row.blob(1), payload)
    }
  }
}
