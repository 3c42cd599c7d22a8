package import KianaModel

/// The full-text part of the index: SQLite FTS5, without the contents, which `kiana.db` has.
package struct FullText {
  /// What is searched of one block.
  package struct Words: Sendable {
    package let topic: String
    package let tags: String
    package let body: String

    package init(topic: String, tags: String, body: String) {
      self.topic = topic
      self.tags = tags
      self.body = body
    }
  }

  private let database: Database

  package init(_ index: BlockIndex) {
    database = index.database
  }

  package func insert(_ words: Words, no: Int64) throws(KianaError) {
    let row = try database.statement(
      "INSERT INTO words (rowid, topic, tags, body) VALUES (?1, ?2, ?3, ?4)")
    bind(row, words, no)
    try row.run()
  }

  /// Whether the words of a block are in.
  package func has(no: Int64) throws(KianaError) -> Bool {
    let row = try database.statement("SELECT 1 FROM words_docsize WHERE id = ?1")
    row.bind(1, no)
    defer { row.reset() }
    return try row.step()
  }

  /// How many blocks have their words in.
  package func total() throws(KianaError) -> Int64 {
    let row = try database.statement("SELECT count(*) FROM words_docsize")
    defer { row.reset() }
    return try row.step() ? row.int(0) : 0
  }

  /// Takes the words of a block out; they must be the ones that were put in.
  package func remove(_ words: Words, no: Int64) throws(KianaError) {
    guard try has(no: no) else { return }
    let row = try database.statement(
      "INSERT INTO words (words, rowid, topic, tags, body) VALUES ('delete', ?1, ?2, ?3, ?4)")
    bind(row, words, no)
    try row.run()
  }

  private func bind(_ row: Statement, _ words: Words, _ no: Int64) {
    row.bind(1, no)
    row.bind(2, words.topic)
    row.bind(3, words.tags)
    row.bind(4, words.body)
  }

  /// Rewrites the index as one piece, so that nothing removed is left in it.
  package func optimize() throws(KianaError) {
    try database.execute("INSERT INTO words (words) VALUES ('optimize')")
  }

  /// The number of the `count`th newest block that matches; nil when fewer match.
  package func newest(
    _ match: String, labels: [(role: BlockIndex.Role, value: Int64)], count: Int
  ) throws(KianaError) -> Int64? {
    let row = try database.statement(
      "SELECT rowid FROM words WHERE words MATCH ?1\(Self.conditions(labels))"
        + " ORDER BY rowid DESC LIMIT 1 OFFSET ?2")
    row.bind(1, match)
    row.bind(2, count - 1)
    bind(row, labels)
    defer { row.reset() }
    return try row.step() ? row.int(0) : nil
  }

  /// Numbers of the blocks that match, from a number on, the best first by BM25.
  package func find(
    _ match: String, labels: [(role: BlockIndex.Role, value: Int64)], from first: Int64, limit: Int,
    offset: Int
  ) throws(KianaError) -> [Int64] {
    let row = try database.statement(
      "SELECT rowid FROM words WHERE words MATCH ?1 AND rowid >= ?2\(Self.conditions(labels))"
        + " ORDER BY rank LIMIT \(limit) OFFSET \(offset)")
    row.bind(1, match)
    row.bind(2, first)
    bind(row, labels)
    defer { row.reset() }
    var found = [Int64]()
    while try row.step() { found.append(row.int(0)) }
    return found
  }

  private static func conditions(_ labels: [(role: BlockIndex.Role, value: Int64)]) -> String {
    labels.indices.reduce("") { sql, index in
      sql + " AND EXISTS (SELECT 1 FROM label WHERE role = ?\(2 * index + 3)"
        + " AND value = ?\(2 * index + 4) AND no = words.rowid)"
    }
  }

  private func bind(_ row: Statement, _ labels: [(role: BlockIndex.Role, value: Int64)]) {
    for (index, label) in labels.enumerated() {
      row.bind(Int32(2 * index + 3), label.role.rawValue)
      row.bind(Int32(2 * index + 4), label.value)
    }
  }

  /// For each text the part around the words that match, marked with `open` and `close`; the index
  /// keeps no contents, so the texts of the answer go through a table in memory.
  package func snippets(
    _ texts: [Words], match: String, open: String, close: String
  ) throws(KianaError) -> [String] {
    try database.execute("PRAGMA temp_store = MEMORY")
    try database.execute(
      """
      CREATE VIRTUAL TABLE IF NOT EXISTS temp.answer USING fts5 (
        topic, tags, body, tokenize="unicode61 remove_diacritics 2");
      DELETE FROM temp.answer
      """)
    for (index, text) in texts.enumerated() {
      let row = try database.statement(
        "INSERT INTO temp.answer (rowid, topic, tags, body) VALUES (?1, ?2, ?3, ?4)")
      bind(row, text, Int64(index))
      try row.run()
    }
    var found = [String](repeating: "", count: texts.count)
    let row = try database.statement(
      """
      SELECT rowid, snippet(answer, 2, ?2, ?3, '…', 16) FROM temp.answer WHERE answer MATCH ?1
      """)
    row.bind(1, match)
    row.bind(2, open)
    row.bind(3, close)
    while try row.step() { found[Int(row.int(0))] = row.text(1) }
    row.reset()
    try database.execute("DELETE FROM temp.answer")
    return found
  }
}
