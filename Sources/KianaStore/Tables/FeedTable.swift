package import KianaModel

/// One feed, as the store knows it.
package struct FeedRow: Sendable {
  package let no: Int64
  package let author: Int64
  package let name: String
  /// The last block of the longest valid prefix; nil while there is none.
  package var head: FeedPosition?
  /// The time that block claims, milliseconds since 1970; 0 while there is none.
  package var headTime: Int64
  /// How many blocks the feed has, those left behind by an epoch not counted.
  package var blocks: Int64
  /// Whether it forked and its author has not chosen a branch yet.
  package var isContested: Bool
  /// The first place at which a signature may not be checked yet; nil when all are.
  package var unchecked: (epoch: Int64, seq: Int64)?
  /// The number of the last change to the feed or to its author's key log.
  package let changed: Int64
}

/// Feeds and their heads.
package struct FeedTable {
  private let database: Database
  private static let columns =
    "no, author, name, head_epoch, head_seq, head_id, head_time, blocks, contested, "
    + "unchecked_epoch, unchecked_seq, changed"

  package init(_ database: Database) {
    self.database = database
  }

  package func find(author: Int64, name: String) throws(KianaError) -> FeedRow? {
    let row = try database.statement(
      "SELECT \(Self.columns) FROM feed WHERE author = ?1 AND name = ?2")
    row.bind(1, author)
    row.bind(2, name)
    defer { row.reset() }
    return try row.step() ? try read(row) : nil
  }

  package func find(no: Int64) throws(KianaError) -> FeedRow? {
    let row = try database.statement("SELECT \(Self.columns) FROM feed WHERE no = ?1")
    row.bind(1, no)
    defer { row.reset() }
    return try row.step() ? try read(row) : nil
  }

  /// The feeds of one author, by name.
  package func all(author: Int64) throws(KianaError) -> [FeedRow] {
    let row = try database.statement(
      "SELECT \(Self.columns) FROM feed WHERE author = ?1 ORDER BY name")
    row.bind(1, author)
    return try collect(row)
  }

  /// Every feed, by author in order of arrival, then by name.
  package func all() throws(KianaError) -> [FeedRow] {
    try collect(
      try database.statement("SELECT \(Self.columns) FROM feed ORDER BY author, name"))
  }

  /// How many feeds there are.
  package func count() throws(KianaError) -> Int {
    let row = try database.statement("SELECT count(*) FROM feed")
    defer { row.reset() }
    return try row.step() ? Int(row.int(0)) : 0
  }

  /// Feeds with signatures that are not checked.
  package func unchecked() throws(KianaError) -> [FeedRow] {
    try collect(
      try database.statement(
        "SELECT \(Self.columns) FROM feed WHERE unchecked_epoch IS NOT NULL ORDER BY no"))
  }

  package func insert(author: Int64, name: String) throws(KianaError) -> FeedRow {
    let row = try database.statement("INSERT INTO feed (author, name) VALUES (?1, ?2)")
    row.bind(1, author)
    row.bind(2, name)
    try row.run()
    return FeedRow(
      no: database.lastInsertedRow, author: author, name: name, head: nil, headTime: 0, blocks: 0,
      isContested: false, unchecked: nil, changed: 0)
  }

  /// Writes head, counts and the contested mark of a feed.
  package func update(_ feed: FeedRow) throws(KianaError) {
    try countChange()
    let row = try database.statement(
      """
      UPDATE feed SET head_epoch = ?2, head_seq = ?3, head_id = ?4, head_time = ?5, blocks = ?6,
        contested = ?7, unchecked_epoch = ?8, unchecked_seq = ?9, changed = \(Self.now)
      WHERE no = ?1
      """)
    row.bind(1, feed.no)
    if let head = feed.head {
      row.bind(2, head.epoch)
      row.bind(3, head.seq)
      row.bind(4, head.id)
    } else {
      for column in 2...4 { row.bindNull(Int32(column)) }
    }
    row.bind(5, feed.headTime)
    row.bind(6, feed.blocks)
    row.bind(7, feed.isContested)
    if let unchecked = feed.unchecked {
      row.bind(8, unchecked.epoch)
      row.bind(9, unchecked.seq)
    } else {
      row.bindNull(8)
      row.bindNull(9)
    }
    try row.run()
  }

  /// Notes that the key log of an author changed.
  package func touch(author: Int64) throws(KianaError) {
    try countChange()
    let row = try database.statement("UPDATE feed SET changed = \(Self.now) WHERE author = ?1")
    row.bind(1, author)
    try row.run()
  }

  private static let now = "(SELECT value FROM meta WHERE name = 'feed_changes')"

  private func countChange() throws(KianaError) {
    let row = try database.statement(
      """
      INSERT INTO meta (name, value) VALUES ('feed_changes', 1)
      ON CONFLICT (name) DO UPDATE SET value = value + 1
      """)
    try row.run()
  }

  package func delete(_ no: Int64) throws(KianaError) {
    let row = try database.statement("DELETE FROM feed WHERE no = ?1")
    row.bind(1, no)
    try row.run()
  }

  private func collect(_ row: Statement) throws(KianaError) -> [FeedRow] {
    defer { row.reset() }
    var found = [FeedRow]()
    while try row.step() { found.append(try read(row)) }
    return found
  }

  private func read(_ row: Statement) throws(KianaError) -> FeedRow {
    let name = row.text(2)
    var head: FeedPosition?
    if !row.isNull(5) {
      guard let id = Hash32(row.blob(5)) else { throw .damagedRow("feed") }
      head = FeedPosition(epoch: row.int(3), feed: name, id: id, seq: row.int(4))
    }
    return FeedRow(
      no: row.int(0), author: row.int(1), name: name, head: head, headTime: row.int(6),
      blocks: row.int(7), isContested: row.int(8) != 0,
      unchecked: row.isNull(9) ? nil : (row.int(9), row.int(10)), changed: row.int(11))
  }
}
