package import KianaModel

/// Who admits whom, by blocks of kind `admit/1`.
package struct AdmissionTable {
  private let database: Database

  package init(_ database: Database) {
    self.database = database
  }

  /// The authors who admit this one.
  package func admitters(of author: Int64) throws(KianaError) -> [Int64] {
    let row = try database.statement(
      "SELECT by_author FROM admission WHERE author = ?1 AND admitted = 1")
    row.bind(1, author)
    defer { row.reset() }
    var found = [Int64]()
    while try row.step() { found.append(row.int(0)) }
    return found
  }

  /// What the authors use of the store whom this one admits, directly or through one of those, and
  /// nobody else let in.
  package func bytes(admittedBy admitter: Int64) throws(KianaError) -> Int64 {
    let row = try database.statement(
      """
      WITH near AS (SELECT author FROM admission WHERE by_author = ?1 AND admitted = 1),
        all_of_them AS (SELECT author FROM near
          UNION SELECT admission.author FROM admission JOIN near ON by_author = near.author
            WHERE admitted = 1)
      SELECT coalesce(sum(bytes), 0) FROM author
      WHERE admitted = 0 AND no IN (SELECT author FROM all_of_them)
      """)
    row.bind(1, admitter)
    defer { row.reset() }
    return try row.step() ? row.int(0) : 0
  }

  /// Notes what a block at a place says, when no later one said something: so the order in which
  /// blocks and contents come makes no difference.
  package func set(
    admitter: Int64, author: Int64, _ isAdmitted: Bool, epoch: Int64, seq: Int64
  ) throws(KianaError) {
    let row = try database.statement(
      """
      INSERT INTO admission (by_author, author, admitted, epoch, seq) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT DO UPDATE SET admitted = ?3, epoch = ?4, seq = ?5
        WHERE (epoch, seq) <= (?4, ?5)
      """)
    row.bind(1, admitter)
    row.bind(2, author)
    row.bind(3, isAdmitted)
    row.bind(4, epoch)
    row.bind(5, seq)
    try row.run()
  }

  package func deleteAll(admitter: Int64) throws(KianaError) {
    let row = try database.statement("DELETE FROM admission WHERE by_author = ?1")
    row.bind(1, admitter)
    try row.run()
  }
}
