package import KianaModel

/// What was signed of this node's log, what witnesses signed of it, and what this node signed of
/// other logs.
package struct CheckpointTable {
  private let database: Database

  package init(_ database: Database) {
    self.database = database
  }

  package struct Row: Sendable {
    package let epoch: Int64
    package let size: Int64
    /// The signed note, without cosignatures.
    package let note: [UInt8]

    package init(epoch: Int64, size: Int64, note: [UInt8]) {
      self.epoch = epoch
      self.size = size
      self.note = note
    }
  }

  /// The checkpoint of a size; nil when none was signed.
  package func find(epoch: Int64, size: Int64) throws(KianaError) -> Row? {
    let row = try database.statement(
      "SELECT note FROM checkpoint WHERE epoch = ?1 AND size = ?2")
    row.bind(1, epoch)
    row.bind(2, size)
    defer { row.reset() }
    return try row.step() ? Row(epoch: epoch, size: size, note: row.blob(0)) : nil
  }

  /// The smallest one of at least that size.
  package func first(epoch: Int64, from size: Int64) throws(KianaError) -> Row? {
    let row = try database.statement(
      "SELECT size, note FROM checkpoint WHERE epoch = ?1 AND size >= ?2 ORDER BY size LIMIT 1")
    row.bind(1, epoch)
    row.bind(2, size)
    defer { row.reset() }
    return try row.step() ? Row(epoch: epoch, size: row.int(0), note: row.blob(1)) : nil
  }

  /// The largest one.
  package func last(epoch: Int64) throws(KianaError) -> Row? {
    let row = try database.statement(
      "SELECT size, note FROM checkpoint WHERE epoch = ?1 ORDER BY size DESC LIMIT 1")
    row.bind(1, epoch)
    defer { row.reset() }
    return try row.step() ? Row(epoch: epoch, size: row.int(0), note: row.blob(1)) : nil
  }

  /// The largest size of the last epoch that was signed; nil before the first.
  package func lastSigned() throws(KianaError) -> (epoch: Int64, size: Int64)? {
    let row = try database.statement(
      "SELECT epoch, size FROM checkpoint ORDER BY epoch DESC, size DESC LIMIT 1")
    defer { row.reset() }
    return try row.step() ? (row.int(0), row.int(1)) : nil
  }

  /// All of them, in order.
  package func all() throws(KianaError) -> [Row] {
    let row = try database.statement(
      "SELECT epoch, size, note FROM checkpoint ORDER BY epoch, size")
    defer { row.reset() }
    var rows = [Row]()
    while try row.step() {
      rows.append(Row(epoch: row.int(0), size: row.int(1), note: row.blob(2)))
    }
    return rows
  }

  /// - Throws: when there is one of that size: two roots of one size cannot be signed.
  package func insert(_ made: Row) throws(KianaError) {
    let row = try database.statement(
      "INSERT INTO checkpoint (epoch, size, note) VALUES (?1, ?2, ?3)")
    row.bind(1, made.epoch)
    row.bind(2, made.size)
    row.bind(3, made.note)
    try row.run()
  }

  // MARK: cosignatures

  /// Signature lines of witnesses, each with its line feed.
  package func cosignatures(epoch: Int64, size: Int64) throws(KianaError) -> [String] {
    let row = try database.statement(
      "SELECT line FROM cosignature WHERE epoch = ?1 AND size = ?2 ORDER BY line")
    row.bind(1, epoch)
    row.bind(2, size)
    defer { row.reset() }
    var lines = [String]()
    while try row.step() { lines.append(row.text(0)) }
    return lines
  }

  /// Sizes that have cosignatures and no checkpoint.
  package func strayCosignatures() throws(KianaError) -> [(epoch: Int64, size: Int64)] {
    let row = try database.statement(
      """
      SELECT DISTINCT epoch, size FROM cosignature AS c WHERE NOT EXISTS
        (SELECT 1 FROM checkpoint AS k WHERE k.epoch = c.epoch AND k.size = c.size)
      """)
    defer { row.reset() }
    var found = [(epoch: Int64, size: Int64)]()
    while try row.step() { found.append((row.int(0), row.int(1))) }
    return found
  }

  /// The size of the largest checkpoint with a cosignature; 0 without one.
  package func lastCosigned(epoch: Int64) throws(KianaError) -> Int64 {
    let row = try database.statement("SELECT max(size) FROM cosignature WHERE epoch = ?1")
    row.bind(1, epoch)
    defer { row.reset() }
    return try row.step() ? row.int(0) : 0
  }

  /// - Returns: whether it is new.
  package func insert(
    cosignature line: String, epoch: Int64, size: Int64
  ) throws(KianaError) -> Bool {
    let row = try database.statement(
      "INSERT OR IGNORE INTO cosignature (epoch, size, line) VALUES (?1, ?2, ?3)")
    row.bind(1, epoch)
    row.bind(2, size)
    row.bind(3, line)
    try row.run()
    return database.changes > 0
  }

  /// Forgets a line, before a newer one of the same witness comes.
  package func deleteCosignature(
    epoch: Int64, size: Int64, line: String
  ) throws(KianaError) {
    let row = try database.statement(
      "DELETE FROM cosignature WHERE epoch = ?1 AND size = ?2 AND line = ?3")
    row.bind(1, epoch)
    row.bind(2, size)
    row.bind(3, line)
    try row.run()
  }

  // MARK: other logs

  /// The last checkpoint of a log that this node witnessed, its cosignature included.
  package func seen(_ origin: String) throws(KianaError) -> [UInt8]? {
    let row = try database.statement("SELECT note FROM seen WHERE origin = ?1")
    row.bind(1, origin)
    defer { row.reset() }
    return try row.step() ? row.blob(0) : nil
  }

  package func allSeen() throws(KianaError) -> [(origin: String, note: [UInt8])] {
    let row = try database.statement("SELECT origin, note FROM seen ORDER BY origin")
    defer { row.reset() }
    var rows = [(origin: String, note: [UInt8])]()
    while try row.step() { rows.append((row.text(0), row.blob(1))) }
    return rows
  }

  package func setSeen(_ origin: String, _ note: [UInt8]) throws(KianaError) {
    let row = try database.statement("INSERT OR REPLACE INTO seen (origin, note) VALUES (?1, ?2)")
    row.bind(1, origin)
    row.bind(2, note)
    try row.run()
  }
}
