package import KianaModel

/// `index.db`: by which words, labels and times a block is found. Everything in it can be made
/// again from `kiana.db`; nothing in it is ever the truth.
package struct BlockIndex {
  /// What a label says of a block.
  package enum Role: Int64, Sendable {
    case author = 1
    case feed, kind, topic, tag
  }

  /// How far the index has counted.
  package enum Mark: String, Sendable {
    /// The last `block.no` whose labels and time are in.
    case labels
    /// The last one whose words are in.
    case words
    /// The last note about a block that changed (`BlockTable.changes`).
    case changes
  }

  package let database: Database

  package init(_ database: Database) {
    self.database = database
  }

  /// 0 when nothing was counted yet.
  package func upto(_ mark: Mark) throws(KianaError) -> Int64 {
    let row = try value(mark.rawValue)
    defer { row.reset() }
    return try row.step() ? row.int(0) : 0
  }

  package func setUpto(_ mark: Mark, _ no: Int64) throws(KianaError) {
    let row = try database.statement("INSERT OR REPLACE INTO upto (name, value) VALUES (?1, ?2)")
    row.bind(1, mark.rawValue)
    row.bind(2, no)
    try row.run()
  }

  /// The store that this index was made from; empty for a new index.
  package func storeNonce() throws(KianaError) -> String {
    let row = try value("store_nonce")
    defer { row.reset() }
    return try row.step() ? row.text(0) : ""
  }

  package func setStoreNonce(_ nonce: String) throws(KianaError) {
    let row = try database.statement(
      "INSERT OR REPLACE INTO upto (name, value) VALUES ('store_nonce', ?1)")
    row.bind(1, nonce)
    try row.run()
  }

  /// The newest audit entry of the store when the index last read from it: when the store has it no
  /// more, a power cut took what the index knows.
  package func source() throws(KianaError) -> (seq: Int64, leaf: [UInt8])? {
    let row = try database.statement(
      """
      SELECT one.value, two.value FROM upto AS one, upto AS two
      WHERE one.name = 'event' AND two.name = 'event_entry'
      """)
    defer { row.reset() }
    return try row.step() ? (row.int(0), row.blob(1)) : nil
  }

  package func setSource(seq: Int64, leaf: [UInt8]) throws(KianaError) {
    let row = try database.statement(
      "INSERT OR REPLACE INTO upto (name, value) VALUES ('event', ?1), ('event_entry', ?2)")
    row.bind(1, seq)
    row.bind(2, leaf)
    try row.run()
  }

  private func value(_ name: String) throws(KianaError) -> Statement {
    let row = try database.statement("SELECT value FROM upto WHERE name = ?1")
    row.bind(1, name)
    return row
  }

  /// Forgets everything, in the transaction that is open. The file stays the same one, so that
  /// another process that has it open sees it.
  package func clear() throws(KianaError) {
    try database.execute(
      """
      INSERT INTO words (words) VALUES ('delete-all');
      DELETE FROM label; DELETE FROM moment; DELETE FROM word; DELETE FROM bare;
      DELETE FROM upto WHERE name <> 'store_nonce'
      """)
  }

  /// Notes that the words of a block are in without its content.
  package func insertBare(no: Int64) throws(KianaError) {
    let row = try database.statement("INSERT OR IGNORE INTO bare (no) VALUES (?1)")
    row.bind(1, no)
    try row.run()
  }

  /// - Returns: whether its words were in without its content.
  package func deleteBare(no: Int64) throws(KianaError) -> Bool {
    let row = try database.statement("DELETE FROM bare WHERE no = ?1")
    row.bind(1, no)
    try row.run()
    return database.changes > 0
  }

  // MARK: labels

  /// The number of a word; nil when no block ever bore it.
  package func word(_ text: String) throws(KianaError) -> Int64? {
    let row = try database.statement("SELECT no FROM word WHERE text = ?1")
    row.bind(1, text)
    defer { row.reset() }
    return try row.step() ? row.int(0) : nil
  }

  /// The number of a word, given now when it has none.
  package func ensureWord(_ text: String) throws(KianaError) -> Int64 {
    if let known = try word(text) { return known }
    let row = try database.statement("INSERT INTO word (text) VALUES (?1)")
    row.bind(1, text)
    try row.run()
    return database.lastInsertedRow
  }

  package func insertLabel(_ role: Role, _ value: Int64, no: Int64) throws(KianaError) {
    let row = try database.statement(
      "INSERT OR IGNORE INTO label (role, value, no) VALUES (?1, ?2, ?3)")
    row.bind(1, role.rawValue)
    row.bind(2, value)
    row.bind(3, no)
    try row.run()
  }

  package func has(_ role: Role, _ value: Int64, no: Int64) throws(KianaError) -> Bool {
    let row = try database.statement(
      "SELECT 1 FROM label WHERE role = ?1 AND value = ?2 AND no = ?3")
    row.bind(1, role.rawValue)
    row.bind(2, value)
    row.bind(3, no)
    defer { row.reset() }
    return try row.step()
  }

  package func insertMoment(time: Int64, no: Int64) throws(KianaError) {
    let row = try database.statement("INSERT OR IGNORE INTO moment (time, no) VALUES (?1, ?2)")
    row.bind(1, time)
    row.bind(2, no)
    try row.run()
  }

  /// Numbers of blocks that bear all the labels, in order of arrival.
  ///
  /// - Parameters:
  ///   - labels: at least one; the first one should be the rarest.
  ///   - bound: only blocks after it, or before it when `isNewestFirst`.
  package func blocks(
    labels: [(role: Role, value: Int64)], beyond bound: Int64, isNewestFirst: Bool, limit: Int
  ) throws(KianaError) -> [Int64] {
    precondition(!labels.isEmpty, "a query by labels has a label")
    var sql =
      "SELECT no FROM label AS l WHERE role = ?1 AND value = ?2 AND no "
      + (isNewestFirst ? "< ?3" : "> ?3")
    for index in labels.indices.dropFirst() {
      sql +=
        " AND EXISTS (SELECT 1 FROM label WHERE role = ?\(2 * index + 3)"
        + " AND value = ?\(2 * index + 4) AND no = l.no)"
    }
    sql += " ORDER BY no \(isNewestFirst ? "DESC" : "ASC") LIMIT ?4"
    let row = try database.statement(sql)
    row.bind(1, labels[0].role.rawValue)
    row.bind(2, labels[0].value)
    row.bind(3, bound)
    row.bind(4, limit)
    for index in labels.indices.dropFirst() {
      row.bind(Int32(2 * index + 3), labels[index].role.rawValue)
      row.bind(Int32(2 * index + 4), labels[index].value)
    }
    return try numbers(row)
  }

  /// Numbers of blocks whose time is in the range, in order of arrival.
  package func blocks(
    times: ClosedRange<Int64>, beyond bound: Int64, isNewestFirst: Bool, limit: Int
  ) throws(KianaError) -> [Int64] {
    let row = try database.statement(
      """
      SELECT no FROM moment WHERE time BETWEEN ?1 AND ?2 AND no \(isNewestFirst ? "<" : ">") ?3
      ORDER BY no \(isNewestFirst ? "DESC" : "ASC") LIMIT ?4
      """)
    row.bind(1, times.lowerBound)
    row.bind(2, times.upperBound)
    row.bind(3, bound)
    row.bind(4, limit)
    return try numbers(row)
  }

  private func numbers(_ row: Statement) throws(KianaError) -> [Int64] {
    defer { row.reset() }
    var found = [Int64]()
    while try row.step() { found.append(row.int(0)) }
    return found
  }

  /// Forgets labels and time of a block that was deleted.
  package func deleteLabels(
    _ labels: [(role: Role, value: Int64)], time: Int64, no: Int64
  ) throws(KianaError) {
    for label in labels {
      let row = try database.statement(
        "DELETE FROM label WHERE role = ?1 AND value = ?2 AND no = ?3")
      row.bind(1, label.role.rawValue)
      row.bind(2, label.value)
      row.bind(3, no)
      try row.run()
    }
    let row = try database.statement("DELETE FROM moment WHERE time = ?1 AND no = ?2")
    row.bind(1, time)
    row.bind(2, no)
    try row.run()
  }

  /// Deletes words that no label names any more.
  package func deleteUnusedWords() throws(KianaError) {
    try database.execute(
      """
      DELETE FROM word WHERE NOT EXISTS (SELECT 1 FROM label
        WHERE role BETWEEN 2 AND 5 AND value = word.no)
      """)
  }
}
