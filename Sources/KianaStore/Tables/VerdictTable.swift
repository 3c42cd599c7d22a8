package import KianaModel

/// What this node found of blocks: of each that it stored, and of those that it refused.
package struct VerdictTable {
  private let database: Database

  package init(_ database: Database) {
    self.database = database
  }

  /// A verdict with the entry of the audit trail that commits to it.
  package struct Row: Sendable, Equatable {
    package let entry: Int64
    package let checks: BlockChecks
    /// Why the block was refused; empty for one that was stored.
    package let reason: String
  }

  /// - Parameter no: of the block.
  package func insert(no: Int64, entry: Int64, _ checks: BlockChecks) throws(KianaError) {
    let row = try database.statement(
      "INSERT INTO verdict (no, entry, checks) VALUES (?1, ?2, ?3)")
    row.bind(1, no)
    row.bind(2, entry)
    row.bind(3, checks.packed)
    try row.run()
  }

  /// The verdicts on a stored block, the oldest first.
  package func all(no: Int64) throws(KianaError) -> [Row] {
    let row = try database.statement(
      "SELECT entry, checks FROM verdict WHERE no = ?1 ORDER BY entry")
    row.bind(1, no)
    defer { row.reset() }
    var found = [Row]()
    while try row.step() {
      guard let checks = BlockChecks(packed: row.int(1)) else { throw .damagedRow("verdict") }
      found.append(Row(entry: row.int(0), checks: checks, reason: ""))
    }
    return found
  }

  /// The verdicts of an entry with the ids of their blocks, in order; of blocks that are gone the
  /// id is nil.
  ///
  /// - Parameters:
  ///   - first: the lowest number of a block that the entry may be about.
  package func of(
    entry: Int64, from first: Int64, limit: Int
  ) throws(KianaError) -> [(no: Int64, id: Hash32?, checks: BlockChecks)] {
    let row = try database.statement(
      """
      SELECT verdict.no, block.id, checks FROM verdict LEFT JOIN block ON block.no = verdict.no
      WHERE verdict.no >= ?2 AND entry = ?1 ORDER BY verdict.no LIMIT ?3
      """)
    row.bind(1, entry)
    row.bind(2, first)
    row.bind(3, limit)
    defer { row.reset() }
    var found = [(no: Int64, id: Hash32?, checks: BlockChecks)]()
    while try row.step() {
      guard let checks = BlockChecks(packed: row.int(2)) else { throw .damagedRow("verdict") }
      found.append((row.int(0), row.isNull(1) ? nil : row.hash(1), checks))
    }
    return found
  }

  /// Numbers of blocks that an entry has found something else than good of, in order.
  package func odd(
    entry: Int64
  ) throws(KianaError) -> [(no: Int64, checks: BlockChecks)] {
    let row = try database.statement(
      "SELECT no, checks FROM verdict WHERE entry = ?1 AND checks > 0 ORDER BY no")
    row.bind(1, entry)
    defer { row.reset() }
    var found = [(no: Int64, checks: BlockChecks)]()
    while try row.step() {
      guard let checks = BlockChecks(packed: row.int(1)) else { throw .damagedRow("verdict") }
      found.append((row.int(0), checks))
    }
    return found
  }

  /// All verdicts on stored blocks, by entry and number of the block.
  ///
  /// - Returns: a function that gives the next one; nil at the end. It keeps a statement open.
  package func cursor() throws(KianaError) -> () throws(KianaError) -> StoredVerdict? {
    let row = try database.statement(
      """
      SELECT verdict.no, block.id, entry, checks
      FROM verdict LEFT JOIN block ON block.no = verdict.no ORDER BY entry, verdict.no
      """)
    return { () throws(KianaError) in
      guard try row.step() else {
        row.reset()
        return nil
      }
      return StoredVerdict(
        no: row.int(0), id: row.isNull(1) ? nil : row.hash(1), entry: row.int(2),
        packed: row.int(3))
    }
  }

  // MARK: refused blocks

  package func insert(
    refusal id: Hash32, entry: Int64, place: Int, _ checks: BlockChecks, reason: String
  ) throws(KianaError) {
    let row = try database.statement(
      """
      INSERT INTO refusal (id, entry, place, checks, reason) VALUES (?1, ?2, ?3, ?4, ?5)
      """)
    row.bind(1, id)
    row.bind(2, entry)
    row.bind(3, place)
    row.bind(4, checks.packed)
    row.bind(5, reason)
    try row.run()
  }

  /// The refusals of a block, the oldest first.
  package func refusals(of id: Hash32) throws(KianaError) -> [Row] {
    let row = try database.statement(
      "SELECT entry, checks, reason FROM refusal WHERE id = ?1 ORDER BY entry")
    row.bind(1, id)
    defer { row.reset() }
    var found = [Row]()
    while try row.step() {
      guard let checks = BlockChecks(packed: row.int(1)) else { throw .damagedRow("refusal") }
      found.append(Row(entry: row.int(0), checks: checks, reason: row.text(2)))
    }
    return found
  }

  /// A block that an entry refused.
  package struct Refusal: Sendable {
    package let id: Hash32
    /// From 0.
    package let place: Int64
    package let checks: BlockChecks
    package let reason: String
  }

  /// The refusals of an entry, in order.
  package func refusals(entry: Int64) throws(KianaError) -> [Refusal] {
    let row = try database.statement(
      "SELECT id, place, checks, reason FROM refusal WHERE entry = ?1 ORDER BY place")
    row.bind(1, entry)
    defer { row.reset() }
    var found = [Refusal]()
    while try row.step() {
      guard let checks = BlockChecks(packed: row.int(2)) else { throw .damagedRow("refusal") }
      found.append(
        Refusal(id: row.hash(0), place: row.int(1), checks: checks, reason: row.text(3)))
    }
    return found
  }

  /// Every entry that has refusals, in order.
  package func refusingEntries() throws(KianaError) -> [Int64] {
    let row = try database.statement("SELECT DISTINCT entry FROM refusal ORDER BY entry")
    defer { row.reset() }
    var found = [Int64]()
    while try row.step() { found.append(row.int(0)) }
    return found
  }

  /// How many refusals are kept, and of which entry the oldest is.
  package func refusalCount() throws(KianaError) -> (count: Int64, first: Int64) {
    let row = try database.statement("SELECT count(*), coalesce(min(entry), 0) FROM refusal")
    defer { row.reset() }
    return try row.step() ? (row.int(0), row.int(1)) : (0, 0)
  }

  /// Forgets the refusals of the oldest entry.
  package func deleteRefusals(entry: Int64) throws(KianaError) {
    let row = try database.statement("DELETE FROM refusal WHERE entry = ?1")
    row.bind(1, entry)
    try row.run()
  }
}

/// A verdict as it lies in the table.
package struct StoredVerdict: Sendable {
  /// Of the block.
  package let no: Int64
  /// Nil when the block is gone.
  package let id: Hash32?
  package let entry: Int64
  package let packed: Int64
}

/// What other nodes say over their signatures about blocks, and how often which validator said
/// what.
package struct ValidationTable {
  private let database: Database

  package init(_ database: Database) {
    self.database = database
  }

  /// A statement with what this node had found itself then.
  package struct Row: Sendable {
    package let line: [UInt8]
    package let own: AuditEntry.Verdict
    package let entry: Int64
  }

  /// - Returns: whether it is new.
  package func insert(
    _ statement: ValidationStatement, own: AuditEntry.Verdict, entry: Int64
  ) throws(KianaError) -> Bool {
    let row = try database.statement(
      """
      INSERT OR IGNORE INTO statement (id, validator, t, line, own, entry)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      """)
    row.bind(1, statement.id)
    row.bind(2, statement.validator.digest)
    row.bind(3, statement.time)
    row.bind(4, statement.line)
    row.bind(5, own.number)
    row.bind(6, entry)
    try row.run()
    return database.changes > 0
  }

  package func has(_ statement: ValidationStatement) throws(KianaError) -> Bool {
    let row = try database.statement(
      "SELECT 1 FROM statement WHERE id = ?1 AND validator = ?2 AND t = ?3")
    row.bind(1, statement.id)
    row.bind(2, statement.validator.digest)
    row.bind(3, statement.time)
    defer { row.reset() }
    return try row.step()
  }

  /// The statements that an entry commits to, by block, validator and time.
  package func statements(entry: Int64) throws(KianaError) -> [Row] {
    let row = try database.statement(
      """
      SELECT line, own, entry FROM statement WHERE entry = ?1 ORDER BY id, validator, t
      """)
    row.bind(1, entry)
    return try rows(row)
  }

  /// A statement as it lies in the table; nothing of it is believed.
  package struct RawRow: Sendable {
    package let id: Hash32
    package let validator: Hash32
    package let time: Int64
    package let line: [UInt8]
    package let own: Int64
    package let entry: Int64
  }

  /// All statements, whatever is in them.
  package func raw() throws(KianaError) -> [RawRow] {
    let row = try database.statement(
      "SELECT id, validator, t, line, own, entry FROM statement ORDER BY entry, id, validator, t")
    defer { row.reset() }
    var rows = [RawRow]()
    while try row.step() {
      rows.append(
        RawRow(
          id: row.hash(0), validator: row.hash(1), time: row.int(2), line: row.blob(3),
          own: row.int(4), entry: row.int(5)))
    }
    return rows
  }

  /// The statements about a block, or all of them for nil.
  package func statements(about id: Hash32?) throws(KianaError) -> [Row] {
    let row = try database.statement(
      """
      SELECT line, own, entry FROM statement WHERE ?1 IS NULL OR id = ?1
      ORDER BY id, validator, t
      """)
    if let id { row.bind(1, id) } else { row.bindNull(1) }
    return try rows(row)
  }

  private func rows(_ row: Statement) throws(KianaError) -> [Row] {
    defer { row.reset() }
    var rows = [Row]()
    while try row.step() {
      guard let own = AuditEntry.Verdict(number: row.int(1)) else { throw .damagedRow("statement") }
      rows.append(Row(line: row.blob(0), own: own, entry: row.int(2)))
    }
    return rows
  }

  /// What a validator said on a day.
  package struct Day: Sendable, Equatable {
    package let validator: AID
    /// Days since 1970-01-01 UTC.
    package let day: Int64
    package var valid: Int64
    package var invalid: Int64
    package var unknown: Int64
    /// Of those on which this node had a verdict too.
    package var agreed: Int64
    package var disagreed: Int64

    package init(
      validator: AID, day: Int64, valid: Int64 = 0, invalid: Int64 = 0, unknown: Int64 = 0,
      agreed: Int64 = 0, disagreed: Int64 = 0
    ) {
      self.validator = validator
      self.day = day
      self.valid = valid
      self.invalid = invalid
      self.unknown = unknown
      self.agreed = agreed
      self.disagreed = disagreed
    }

    package mutating func count(_ verdict: AuditEntry.Verdict) {
      switch verdict {
      case .valid: valid += 1
      case .invalid: invalid += 1
      case .unknown: unknown += 1
      }
    }
  }

  package func add(_ day: Day) throws(KianaError) {
    let row = try database.statement(
      """
      INSERT INTO validator_day (validator, day, valid, invalid, unknown, agreed, disagreed)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      ON CONFLICT DO UPDATE SET valid = valid + excluded.valid,
        invalid = invalid + excluded.invalid, unknown = unknown + excluded.unknown,
        agreed = agreed + excluded.agreed, disagreed = disagreed + excluded.disagreed
      """)
    row.bind(1, day.validator.digest)
    row.bind(2, day.day)
    row.bind(3, day.valid)
    row.bind(4, day.invalid)
    row.bind(5, day.unknown)
    row.bind(6, day.agreed)
    row.bind(7, day.disagreed)
    try row.run()
  }

  /// By validator and day.
  package func days(
    from first: Int64 = .min, to last: Int64 = .max
  ) throws(KianaError) -> [Day] {
    let row = try database.statement(
      """
      SELECT validator, day, valid, invalid, unknown, agreed, disagreed FROM validator_day
      WHERE day >= ?1 AND day <= ?2 ORDER BY validator, day
      """)
    row.bind(1, first)
    row.bind(2, last)
    defer { row.reset() }
    var days = [Day]()
    while try row.step() {
      days.append(
        Day(
          validator: AID(digest: row.hash(0)), day: row.int(1), valid: row.int(2),
          invalid: row.int(3), unknown: row.int(4), agreed: row.int(5), disagreed: row.int(6)))
    }
    return days
  }
}
