package import KianaModel

/// A block that waits until its time comes.
package struct HeldRow: Sendable {
  package let id: Hash32
  package let feed: Int64
  package let epoch: Int64
  package let seq: Int64
  /// When it may enter, milliseconds since 1970.
  package let due: Int64
  package let header: [UInt8]
  package let signature: [UInt8]
  package let content: BlockContent?
}

/// Blocks that wait until their time comes, with those that follow them.
package struct HeldTable {
  private let database: Database
  private static let columns = "id, feed, epoch, seq, due, header, sig, salt, bytes"

  package init(_ database: Database) {
    self.database = database
  }

  /// Adds a block; the same one twice is the same row.
  package func insert(_ block: Block, feed: Int64, due: Int64) throws(KianaError) {
    let row = try database.statement(
      """
      INSERT OR IGNORE INTO held (id, feed, epoch, seq, due, header, sig, salt, bytes)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      """)
    row.bind(1, block.id)
    row.bind(2, feed)
    row.bind(3, block.header.epoch)
    row.bind(4, block.header.seq)
    row.bind(5, due)
    row.bind(6, block.headerBytes)
    row.bind(7, block.signature)
    if let content = block.content {
      row.bind(8, content.salt)
      row.bind(9, content.bytes)
    } else {
      row.bindNull(8)
      row.bindNull(9)
    }
    try row.run()
  }

  package func delete(_ id: Hash32) throws(KianaError) {
    let row = try database.statement("DELETE FROM held WHERE id = ?1")
    row.bind(1, id)
    try row.run()
  }

  /// Deletes content and salt of a held block; the block goes on waiting.
  package func deleteContent(_ id: Hash32) throws(KianaError) {
    let row = try database.statement("UPDATE held SET salt = NULL, bytes = NULL WHERE id = ?1")
    row.bind(1, id)
    try row.run()
  }

  package func deleteAll(feed: Int64) throws(KianaError) {
    let row = try database.statement("DELETE FROM held WHERE feed = ?1")
    row.bind(1, feed)
    try row.run()
  }

  package func find(_ id: Hash32) throws(KianaError) -> HeldRow? {
    let row = try database.statement("SELECT \(Self.columns) FROM held WHERE id = ?1")
    row.bind(1, id)
    return try collect(row).first
  }

  /// Blocks whose time has come, in feed order.
  package func due(at now: Int64, limit: Int) throws(KianaError) -> [HeldRow] {
    let row = try database.statement(
      """
      SELECT \(Self.columns) FROM held WHERE due <= ?1 ORDER BY feed, epoch, seq LIMIT ?2
      """)
    row.bind(1, now)
    row.bind(2, limit)
    return try collect(row)
  }

  /// The held blocks of one feed, in feed order.
  package func all(feed: Int64) throws(KianaError) -> [HeldRow] {
    let row = try database.statement(
      "SELECT \(Self.columns) FROM held WHERE feed = ?1 ORDER BY epoch, seq, id")
    row.bind(1, feed)
    return try collect(row)
  }

  /// Bytes of the contents.
  package func contentBytes() throws(KianaError) -> Int64 {
    try number("SELECT coalesce(sum(length(bytes)), 0) FROM held")
  }

  package func count() throws(KianaError) -> Int64 {
    try number("SELECT count(*) FROM held")
  }

  /// How many blocks of an author wait.
  package func count(author: Int64) throws(KianaError) -> Int64 {
    let row = try database.statement(
      "SELECT count(*) FROM held WHERE feed IN (SELECT no FROM feed WHERE author = ?1)")
    row.bind(1, author)
    defer { row.reset() }
    return try row.step() ? row.int(0) : 0
  }

  /// Ids from `low` to `high`, both included; at most `limit`.
  package func ids(
    from low: Hash32, to high: Hash32, limit: Int
  ) throws(KianaError) -> [Hash32] {
    let row = try database.statement(
      "SELECT id FROM held WHERE id >= ?1 AND id <= ?2 ORDER BY id LIMIT ?3")
    row.bind(1, low)
    row.bind(2, high)
    row.bind(3, limit)
    defer { row.reset() }
    var found = [Hash32]()
    while try row.step() { found.append(row.hash(0)) }
    return found
  }

  private func number(_ sql: String) throws(KianaError) -> Int64 {
    let row = try database.statement(sql)
    defer { row.reset() }
    return try row.step() ? row.int(0) : 0
  }

  private func collect(_ row: Statement) throws(KianaError) -> [HeldRow] {
    defer { row.reset() }
    var found = [HeldRow]()
    while try row.step() {
      guard let id = Hash32(row.blob(0)) else { throw .damagedRow("held") }
      var content: BlockContent?
      if !row.isNull(7) {
        guard let salt = Hash32(row.blob(7)) else { throw .damagedRow("held") }
        content = BlockContent(salt: salt, bytes: row.blob(8))
      }
      found.append(
        HeldRow(
          id: id, feed: row.int(1), epoch: row.int(2), seq: row.int(3), due: row.int(4),
          header: row.blob(5), signature: row.blob(6), content: content))
    }
    return found
  }
}
