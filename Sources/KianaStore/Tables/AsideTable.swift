package import KianaModel

/// A block that is stored outside its feed.
package struct AsideRow: Sendable {
  package enum Reason: String, Sendable {
    /// Its time has not come, or it follows such a block.
    case held
    /// Another block stands at its place.
    case fork
  }

  package let id: Hash32
  package let feed: Int64
  package let epoch: Int64
  package let seq: Int64
  package let reason: Reason
  /// When a held block may enter, milliseconds since 1970; 0 for a fork.
  package let due: Int64
  package let header: [UInt8]
  package let signature: [UInt8]
  package let content: BlockContent?
}

/// Held blocks, and the other side of forks.
package struct AsideTable {
  private let database: Database
  private static let columns = "id, feed, epoch, seq, reason, due, header, sig, salt, bytes"

  package init(_ database: Database) {
    self.database = database
  }

  /// Adds a block; the same one twice is the same row.
  /// - Returns: whether it was new.
  @discardableResult
  package func insert(
    _ block: Block, feed: Int64, reason: AsideRow.Reason, due: Int64
  ) throws(KianaError) -> Bool {
    let row = try database.statement(
      """
      INSERT OR IGNORE INTO aside (id, feed, epoch, seq, reason, due, header, sig, salt, bytes)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
      """)
    row.bind(1, block.id)
    row.bind(2, feed)
    row.bind(3, block.header.epoch)
    row.bind(4, block.header.seq)
    row.bind(5, reason.rawValue)
    row.bind(6, due)
    row.bind(7, block.headerBytes)
    row.bind(8, block.signature)
    if let content = block.content {
      row.bind(9, content.salt)
      row.bind(10, content.bytes)
    } else {
      row.bindNull(9)
      row.bindNull(10)
    }
    try row.run()
    return database.changes > 0
  }

  package func delete(_ id: Hash32) throws(KianaError) {
    let row = try database.statement("DELETE FROM aside WHERE id = ?1")
    row.bind(1, id)
    try row.run()
  }

  package func deleteAll(feed: Int64) throws(KianaError) {
    let row = try database.statement("DELETE FROM aside WHERE feed = ?1")
    row.bind(1, feed)
    try row.run()
  }

  package func find(_ id: Hash32) throws(KianaError) -> AsideRow? {
    let row = try database.statement("SELECT \(Self.columns) FROM aside WHERE id = ?1")
    row.bind(1, id)
    return try collect(row).first
  }

  /// Held blocks whose time has come, in feed order.
  package func due(at now: Int64, limit: Int) throws(KianaError) -> [AsideRow] {
    let row = try database.statement(
      """
      SELECT \(Self.columns) FROM aside WHERE reason = 'held' AND due <= ?1
      ORDER BY feed, epoch, seq LIMIT ?2
      """)
    row.bind(1, now)
    row.bind(2, limit)
    return try collect(row)
  }

  /// The blocks aside of one feed, in feed order.
  package func all(feed: Int64) throws(KianaError) -> [AsideRow] {
    let row = try database.statement(
      "SELECT \(Self.columns) FROM aside WHERE feed = ?1 ORDER BY epoch, seq, id")
    row.bind(1, feed)
    return try collect(row)
  }

  /// Whether a held block of the feed stands directly before this place.
  package func holds(feed: Int64, epoch: Int64, seq: Int64) throws(KianaError) -> AsideRow? {
    let row = try database.statement(
      """
      SELECT \(Self.columns) FROM aside
      WHERE feed = ?1 AND epoch = ?2 AND seq = ?3 AND reason = 'held' LIMIT 1
      """)
    row.bind(1, feed)
    row.bind(2, epoch)
    row.bind(3, seq)
    return try collect(row).first
  }

  /// Bytes of the contents of held blocks.
  package func heldBytes() throws(KianaError) -> Int64 {
    let row = try database.statement(
      "SELECT coalesce(sum(length(bytes)), 0) FROM aside WHERE reason = 'held'")
    defer { row.reset() }
    return try row.step() ? row.int(0) : 0
  }

  package func count(_ reason: AsideRow.Reason) throws(KianaError) -> Int64 {
    let row = try database.statement("SELECT count(*) FROM aside WHERE reason = ?1")
    row.bind(1, reason.rawValue)
    defer { row.reset() }
    return try row.step() ? row.int(0) : 0
  }

  private func collect(_ row: Statement) throws(KianaError) -> [AsideRow] {
    defer { row.reset() }
    var found = [AsideRow]()
    while try row.step() {
      guard let id = Hash32(row.blob(0)), let reason = AsideRow.Reason(rawValue: row.text(4))
      else { throw .damagedRow("aside") }
      var content: BlockContent?
      if !row.isNull(8) {
        guard let salt = Hash32(row.blob(8)) else { throw .damagedRow("aside") }
        content = BlockContent(salt: salt, bytes: row.blob(9))
      }
      found.append(
        AsideRow(
          id: id, feed: row.int(1), epoch: row.int(2), seq: row.int(3), reason: reason,
          due: row.int(5), header: row.blob(6), signature: row.blob(7), content: content))
    }
    return found
  }
}
