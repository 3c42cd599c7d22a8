package import KianaModel

/// What each author said last about where their key log ends.
package struct FreshNoteTable {
  private let database: Database

  package init(_ database: Database) {
    self.database = database
  }

  /// The note of an author; nil when none came, or its key does not speak for them any more.
  package func find(author: Int64, _ aid: AID) throws(KianaError) -> FreshNote? {
    let row = try database.statement(
      "SELECT s, said, time, key, sig FROM fresh_note WHERE author = ?1")
    row.bind(1, author)
    defer { row.reset() }
    return try row.step() ? Self.note(row, aid) : nil
  }

  private static func note(_ row: Statement, _ aid: AID) -> FreshNote? {
    guard let key = KeyText(row.text(3)) else { return nil }
    return FreshNote(
      author: aid, s: row.int(0), said: row.hash(1), time: row.int(2), key: key,
      signature: row.blob(4))
  }

  /// Puts a note in the place of the author's last one.
  ///
  /// - Parameters:
  ///   - source: the node that brought it; this node itself for its own.
  ///   - change: the next number of `MetaTable.Name.freshChanges`.
  package func set(
    author: Int64, _ note: FreshNote, source: AID, change: Int64
  ) throws(KianaError) {
    let row = try database.statement(
      """
      INSERT OR REPLACE INTO fresh_note (author, s, said, time, key, sig, source, change)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      """)
    row.bind(1, author)
    row.bind(2, note.s)
    row.bind(3, note.said)
    row.bind(4, note.time)
    row.bind(5, note.key.text)
    row.bind(6, note.signature)
    row.bind(7, source.digest)
    row.bind(8, change)
    try row.run()
  }

  package func delete(author: Int64) throws(KianaError) {
    let row = try database.statement("DELETE FROM fresh_note WHERE author = ?1")
    row.bind(1, author)
    try row.run()
  }

  /// Notes of authors who are not purged that came after a change, the oldest change first, beside
  /// those that the other node brought itself.
  package func news(
    after change: Int64, except source: AID, limit: Int
  ) throws(KianaError) -> [(note: FreshNote, change: Int64)] {
    let row = try database.statement(
      """
      SELECT n.s, n.said, n.time, n.key, n.sig, a.aid, n.change
      FROM fresh_note n JOIN author a ON a.no = n.author
      WHERE n.change > ?1 AND n.source <> ?2 AND a.aid <> ?2 AND a.purged = 0
      ORDER BY n.change LIMIT ?3
      """)
    row.bind(1, change)
    row.bind(2, source.digest)
    row.bind(3, Int64(limit))
    defer { row.reset() }
    var found = [(note: FreshNote, change: Int64)]()
    while try row.step() {
      guard let note = Self.note(row, AID(digest: row.hash(5))) else { continue }
      found.append((note, row.int(6)))
    }
    return found
  }

  /// Up to which change a node was told; 0 when nothing was, or it has another copy of its store.
  package func sent(to peer: AID, storeNonce: String) throws(KianaError) -> Int64 {
    let row = try database.statement(
      "SELECT change FROM fresh_sent WHERE aid = ?1 AND store_nonce = ?2")
    row.bind(1, peer.digest)
    row.bind(2, storeNonce)
    defer { row.reset() }
    return try row.step() ? row.int(0) : 0
  }

  package func setSent(
    to peer: AID, storeNonce: String, change: Int64
  ) throws(KianaError) {
    let row = try database.statement(
      "INSERT OR REPLACE INTO fresh_sent (aid, store_nonce, change) VALUES (?1, ?2, ?3)")
    row.bind(1, peer.digest)
    row.bind(2, storeNonce)
    row.bind(3, change)
    try row.run()
  }

  /// For each author who is not purged when their log was confirmed last, and whether they spoke of
  /// an event that is not here. Without a note: when the last event came.
  package func confirmations() throws(KianaError) -> [(aid: AID, at: Int64, isBehind: Bool)] {
    let row = try database.statement(
      """
      SELECT a.aid,
        coalesce(n.time, (SELECT first_seen FROM key_event k WHERE k.author = a.no
          ORDER BY s DESC LIMIT 1), a.since),
        n.said IS NOT NULL AND NOT EXISTS (SELECT 1 FROM key_event k
          WHERE k.author = a.no AND k.s = n.s AND k.said = n.said)
      FROM author a LEFT JOIN fresh_note n ON n.author = a.no WHERE a.purged = 0
      """)
    defer { row.reset() }
    var found = [(aid: AID, at: Int64, isBehind: Bool)]()
    while try row.step() {
      found.append((AID(digest: row.hash(0)), row.int(1), row.int(2) != 0))
    }
    return found
  }
}
