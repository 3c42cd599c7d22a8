package import KianaModel

/// A wish of an author that a content disappear.
package struct RedactionRow: Sendable {
  /// The block whose content goes.
  package let id: Hash32
  package let author: Int64
  /// The `redact/1` block that says so.
  package let by: Hash32
  /// When the content is deleted, milliseconds since 1970; it is hidden at once.
  package let due: Int64

  package init(id: Hash32, author: Int64, by: Hash32, due: Int64) {
    self.id = id
    self.author = author
    self.by = by
    self.due = due
  }
}

/// Redactions that are under way, and contents the operator purged.
package struct RedactionTable {
  private let database: Database

  package init(_ database: Database) {
    self.database = database
  }

  /// Notes a wish; the same one twice is the same row.
  package func insert(_ redaction: RedactionRow) throws(KianaError) {
    let row = try database.statement(
      "INSERT OR IGNORE INTO redaction (id, author, by_id, due) VALUES (?1, ?2, ?3, ?4)")
    row.bind(1, redaction.id)
    row.bind(2, redaction.author)
    row.bind(3, redaction.by)
    row.bind(4, redaction.due)
    try row.run()
  }

  /// Whether an author wishes that the content of a block disappear.
  package func isWished(_ id: Hash32, by author: Int64) throws(KianaError) -> Bool {
    let row = try database.statement("SELECT 1 FROM redaction WHERE id = ?1 AND author = ?2")
    row.bind(1, id)
    row.bind(2, author)
    defer { row.reset() }
    return try row.step()
  }

  /// Redactions whose content must go by now and is still there.
  package func due(at now: Int64) throws(KianaError) -> [RedactionRow] {
    let row = try database.statement(
      "SELECT id, author, by_id, due FROM redaction WHERE done = 0 AND due <= ?1 ORDER BY due")
    row.bind(1, now)
    return try collect(row)
  }

  package func setDone(_ wish: RedactionRow) throws(KianaError) {
    let row = try database.statement("UPDATE redaction SET done = 1 WHERE id = ?1 AND by_id = ?2")
    row.bind(1, wish.id)
    row.bind(2, wish.by)
    try row.run()
  }

  /// Changes when the content goes that an author wishes gone.
  package func setDue(_ id: Hash32, by author: Int64, _ due: Int64) throws(KianaError) {
    let row = try database.statement(
      "UPDATE redaction SET due = ?3 WHERE id = ?1 AND author = ?2")
    row.bind(1, id)
    row.bind(2, author)
    row.bind(3, due)
    try row.run()
  }

  /// Forgets the wishes of a `redact/1` block that does not count any more.
  package func delete(by id: Hash32) throws(KianaError) {
    let row = try database.statement("DELETE FROM redaction WHERE by_id = ?1")
    row.bind(1, id)
    try row.run()
  }

  package func deleteAll(author: Int64) throws(KianaError) {
    let row = try database.statement("DELETE FROM redaction WHERE author = ?1")
    row.bind(1, author)
    try row.run()
  }

  /// Contents that wait for their deletion.
  package func waiting() throws(KianaError) -> Int64 {
    let row = try database.statement("SELECT count(*) FROM redaction WHERE done = 0")
    defer { row.reset() }
    return try row.step() ? row.int(0) : 0
  }

  /// Whether any block was ever redacted or purged here; most stores have none, and then no block
  /// need be looked up.
  package func hasAny() throws(KianaError) -> Bool {
    let row = try database.statement(
      "SELECT EXISTS (SELECT 1 FROM redaction) OR EXISTS (SELECT 1 FROM purge)")
    defer { row.reset() }
    return try row.step() && row.int(0) != 0
  }

  package func insertPurge(_ id: Hash32, now: Int64) throws(KianaError) {
    let row = try database.statement("INSERT OR IGNORE INTO purge (id, at) VALUES (?1, ?2)")
    row.bind(1, id)
    row.bind(2, now)
    try row.run()
  }

  package func isPurged(_ id: Hash32) throws(KianaError) -> Bool {
    let row = try database.statement("SELECT 1 FROM purge WHERE id = ?1")
    row.bind(1, id)
    defer { row.reset() }
    return try row.step()
  }

  private func collect(_ row: Statement) throws(KianaError) -> [RedactionRow] {
    defer { row.reset() }
    var found = [RedactionRow]()
    while try row.step() {
      found.append(
        RedactionRow(id: row.hash(0), author: row.int(1), by: row.hash(2), due: row.int(3)))
    }
    return found
  }
}
