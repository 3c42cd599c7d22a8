package import KianaModel

/// Somebody whose signatures over files count here.
package struct TrustRow: Sendable {
  package let name: String
  package let aid: AID
  /// The key log as it was brought.
  package let stream: [UInt8]
  /// Milliseconds since 1970.
  package let since: Int64

  package init(name: String, aid: AID, stream: [UInt8], since: Int64) {
    self.name = name
    self.aid = aid
    self.stream = stream
    self.since = since
  }
}

/// Identities whose signatures over files count here, by the names that a person gave them.
package struct TrustTable {
  private let database: Database

  package init(_ database: Database) {
    self.database = database
  }

  /// By name.
  package func all() throws(KianaError) -> [TrustRow] {
    let row = try database.statement("SELECT name, aid, kel, since FROM trust ORDER BY name")
    defer { row.reset() }
    var rows = [TrustRow]()
    while try row.step() {
      rows.append(
        TrustRow(
          name: row.text(0), aid: AID(digest: row.hash(1)), stream: row.blob(2), since: row.int(3)))
    }
    return rows
  }

  package func set(_ trusted: TrustRow) throws(KianaError) {
    let row = try database.statement(
      "INSERT OR REPLACE INTO trust (name, aid, kel, since) VALUES (?1, ?2, ?3, ?4)")
    row.bind(1, trusted.name)
    row.bind(2, trusted.aid.digest)
    row.bind(3, trusted.stream)
    row.bind(4, trusted.since)
    try row.run()
  }

  /// - Returns: whether there was one of that name.
  package func remove(_ name: String) throws(KianaError) -> Bool {
    let row = try database.statement("DELETE FROM trust WHERE name = ?1")
    row.bind(1, name)
    try row.run()
    return database.changes > 0
  }
}
