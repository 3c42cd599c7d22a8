package import KianaModel

/// Blocks of feeds that came without their content, which may come later.
package struct LackingTable {
  private let database: Database

  package init(_ database: Database) {
    self.database = database
  }

  package func insert(no: Int64) throws(KianaError) {
    let row = try database.statement("INSERT OR IGNORE INTO lacking (no) VALUES (?1)")
    row.bind(1, no)
    try row.run()
  }

  package func delete(no: Int64) throws(KianaError) {
    let row = try database.statement("DELETE FROM lacking WHERE no = ?1")
    row.bind(1, no)
    try row.run()
  }

  /// The next ones whose content is still wanted, and the number of the last.
  ///
  /// - Parameters:
  ///   - no: those with greater numbers.
  package func next(
    after no: Int64, limit: Int
  ) throws(KianaError) -> (ids: [Hash32], last: Int64) {
    let row = try database.statement(
      """
      SELECT lacking.no, block.id FROM lacking JOIN block ON block.no = lacking.no
      WHERE lacking.no > ?1 AND standing = 0 AND hidden = 0 AND sig_state = 1
        AND NOT EXISTS (SELECT 1 FROM purge WHERE purge.id = block.id)
      ORDER BY lacking.no LIMIT ?2
      """)
    row.bind(1, no)
    row.bind(2, limit)
    defer { row.reset() }
    var ids = [Hash32]()
    var last = no
    while try row.step() {
      last = row.int(0)
      ids.append(row.hash(1))
    }
    return (ids, last)
  }
}
