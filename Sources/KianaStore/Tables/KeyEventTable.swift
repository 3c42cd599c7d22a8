package import KianaModel

/// Key events as they came: event and signatures, one CESR message each.
package struct KeyEventTable {
  private let database: Database

  package init(_ database: Database) {
    self.database = database
  }

  /// Adds an event; the same one twice is the same row.
  /// - Parameter event: the event's JSON and its signature group.
  /// - Returns: whether it was new.
  @discardableResult
  package func insert(
    author: Int64, s: Int64, said: Hash32, event: [UInt8], now: Int64
  ) throws(KianaError) -> Bool {
    let row = try database.statement(
      """
      INSERT OR IGNORE INTO key_event (author, s, said, event, first_seen)
      VALUES (?1, ?2, ?3, ?4, ?5)
      """)
    row.bind(1, author)
    row.bind(2, s)
    row.bind(3, said)
    row.bind(4, event)
    row.bind(5, now)
    try row.run()
    return database.changes > 0
  }

  package func count(author: Int64) throws(KianaError) -> Int {
    let row = try database.statement("SELECT count(*) FROM key_event WHERE author = ?1")
    row.bind(1, author)
    defer { row.reset() }
    return try row.step() ? Int(row.int(0)) : 0
  }

  package func has(author: Int64, s: Int64, said: Hash32) throws(KianaError) -> Bool {
    let row = try database.statement(
      "SELECT 1 FROM key_event WHERE author = ?1 AND s = ?2 AND said = ?3")
    row.bind(1, author)
    row.bind(2, s)
    row.bind(3, said)
    defer { row.reset() }
    return try row.step()
  }

  /// The digests of the events that are here, by place and then by digest.
  package func saids(author: Int64) throws(KianaError) -> [Hash32] {
    let row = try database.statement(
      "SELECT said FROM key_event WHERE author = ?1 ORDER BY s, said")
    row.bind(1, author)
    defer { row.reset() }
    var found = [Hash32]()
    while try row.step() { found.append(row.hash(0)) }
    return found
  }

  /// When the event of that digest came, milliseconds since 1970; nil when it is not here.
  package func time(author: Int64, s: Int64, said: Hash32) throws(KianaError) -> Int64? {
    let row = try database.statement(
      "SELECT first_seen FROM key_event WHERE author = ?1 AND s = ?2 AND said = ?3")
    row.bind(1, author)
    row.bind(2, s)
    row.bind(3, said)
    defer { row.reset() }
    return try row.step() ? row.int(0) : nil
  }

  package func delete(author: Int64, s: Int64, said: Hash32) throws(KianaError) {
    let row = try database.statement(
      "DELETE FROM key_event WHERE author = ?1 AND s = ?2 AND said = ?3")
    row.bind(1, author)
    row.bind(2, s)
    row.bind(3, said)
    try row.run()
  }

  /// The log in pieces of whole events, each a CESR stream of at most `bytesMax` or one event.
  package func streams(author: Int64, bytesMax: Int) throws(KianaError) -> [[UInt8]] {
    let row = try ordered(author)
    defer { row.reset() }
    var pieces = [[UInt8]]()
    while try row.step() {
      let event = row.blob(0)
      if let last = pieces.last, last.count + event.count <= bytesMax {
        pieces[pieces.count - 1] += event
      } else {
        pieces.append(event)
      }
    }
    return pieces
  }

  private func ordered(_ author: Int64) throws(KianaError) -> Statement {
    let row = try database.statement(
      "SELECT event FROM key_event WHERE author = ?1 ORDER BY s, said")
    row.bind(1, author)
    return row
  }

  /// The whole log as one CESR stream: by place in the log, at one place by digest. Nothing when
  /// the log is not here.
  package func stream(author: Int64) throws(KianaError) -> [UInt8] {
    let row = try ordered(author)
    defer { row.reset() }
    var out = [UInt8]()
    while try row.step() { out += row.blob(0) }
    return out
  }

  /// A digest of the events that are here, the same on every node that has the same ones: SHA-256
  /// over their SAIDs, by place and then by SAID.
  package func digest(author: Int64, _ crypto: any Cryptography) throws(KianaError) -> Hash32 {
    let row = try database.statement(
      "SELECT said FROM key_event WHERE author = ?1 ORDER BY s, said")
    row.bind(1, author)
    defer { row.reset() }
    var saids = [UInt8]()
    while try row.step() { saids += row.blob(0) }
    return crypto.sha256(saids)
  }

  package func deleteAll(author: Int64) throws(KianaError) {
    let row = try database.statement("DELETE FROM key_event WHERE author = ?1")
    row.bind(1, author)
    try row.run()
  }
}
