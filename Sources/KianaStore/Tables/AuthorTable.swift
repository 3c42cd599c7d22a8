package import KianaModel

/// Why blocks of an author are stored here.
package enum Admission: Int64, Sendable, Comparable {
  case none = 0
  /// An `import` that somebody typed brought the author.
  case imported = 1
  /// The operator said so with `admit`.
  case operatorSaid = 2
  /// This node itself.
  case own = 3

  package static func < (left: Admission, right: Admission) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// One author, as the store knows them.
package struct AuthorRow: Sendable {
  /// The short name inside the store.
  package let no: Int64
  package let aid: AID
  package let admission: Admission
  /// Whether the operator purged the author: nothing of theirs is taken again.
  package let isPurged: Bool
  /// When the author first came, milliseconds since 1970.
  package let since: Int64
  package let blocks: Int64
  /// Bytes of headers and contents that count against the author's quota.
  package let bytes: Int64
}

/// Authors and what they use of the store.
package struct AuthorTable {
  private let database: Database
  private static let columns = "no, aid, admitted, purged, since, blocks, bytes"

  package init(_ database: Database) {
    self.database = database
  }

  package func find(_ aid: AID) throws(KianaError) -> AuthorRow? {
    let row = try database.statement("SELECT \(Self.columns) FROM author WHERE aid = ?1")
    row.bind(1, aid.digest)
    return try first(row)
  }

  package func find(no: Int64) throws(KianaError) -> AuthorRow? {
    let row = try database.statement("SELECT \(Self.columns) FROM author WHERE no = ?1")
    row.bind(1, no)
    return try first(row)
  }

  /// All authors, in order of arrival.
  package func all() throws(KianaError) -> [AuthorRow] {
    let row = try database.statement("SELECT \(Self.columns) FROM author ORDER BY no")
    defer { row.reset() }
    var found = [AuthorRow]()
    while try row.step() { found.append(try read(row)) }
    return found
  }

  /// The author's row, made when there was none.
  package func ensure(
    _ aid: AID, admission: Admission, now: Int64
  ) throws(KianaError) -> AuthorRow {
    if let known = try find(aid) { return known }
    let row = try database.statement(
      "INSERT INTO author (aid, admitted, since) VALUES (?1, ?2, ?3)")
    row.bind(1, aid.digest)
    row.bind(2, admission.rawValue)
    row.bind(3, now)
    try row.run()
    return AuthorRow(
      no: database.lastInsertedRow, aid: aid, admission: admission, isPurged: false, since: now,
      blocks: 0, bytes: 0)
  }

  package func setAdmission(_ no: Int64, _ admission: Admission) throws(KianaError) {
    let row = try database.statement("UPDATE author SET admitted = ?2 WHERE no = ?1")
    row.bind(1, no)
    row.bind(2, admission.rawValue)
    try row.run()
  }

  package func setPurged(_ no: Int64) throws(KianaError) {
    let row = try database.statement(
      "UPDATE author SET purged = 1, admitted = 0, blocks = 0, bytes = 0 WHERE no = ?1")
    row.bind(1, no)
    try row.run()
  }

  /// Adds to what the author uses; the numbers may be negative.
  package func charge(_ no: Int64, blocks: Int64, bytes: Int64) throws(KianaError) {
    let row = try database.statement(
      "UPDATE author SET blocks = blocks + ?2, bytes = bytes + ?3 WHERE no = ?1")
    row.bind(1, no)
    row.bind(2, blocks)
    row.bind(3, bytes)
    try row.run()
  }

  /// Notes that blocks of an author were refused for want of room, or that room was made.
  package func setCrowded(_ no: Int64, _ isCrowded: Bool) throws(KianaError) {
    let row = try database.statement("UPDATE author SET crowded = ?2 WHERE no = ?1")
    row.bind(1, no)
    row.bind(2, isCrowded)
    try row.run()
  }

  /// Authors whose blocks were refused for want of room.
  package func crowded() throws(KianaError) -> [AuthorRow] {
    let row = try database.statement("SELECT \(Self.columns) FROM author WHERE crowded = 1")
    defer { row.reset() }
    var found = [AuthorRow]()
    while try row.step() { found.append(try read(row)) }
    return found
  }

  private func first(_ row: Statement) throws(KianaError) -> AuthorRow? {
    defer { row.reset() }
    return try row.step() ? try read(row) : nil
  }

  private func read(_ row: Statement) throws(KianaError) -> AuthorRow {
    guard let digest = Hash32(row.blob(1)) else { throw .damagedRow("author") }
    return AuthorRow(
      no: row.int(0), aid: AID(digest: digest), admission: Admission(rawValue: row.int(2)) ?? .none,
      isPurged: row.int(3) != 0, since: row.int(4), blocks: row.int(5), bytes: row.int(6))
  }
}

extension KianaError {
  /// A row of the store that no version of kiana would have written.
  package static func damagedRow(_ table: String) -> KianaError {
    KianaError(
      code: .damaged, what: "the store is damaged", why: "a row of table '\(table)' is malformed",
      hint: "run 'kiana-node verify', and restore from a backup if it says so too")
  }
}
