package import KianaModel

/// The hashes of the audit log's trees: full tiles as rows, the rest hash by hash; and where each
/// epoch of the log begins.
package struct TileTable {
  private let database: Database

  package init(_ database: Database) {
    self.database = database
  }

  // MARK: epochs

  /// Each epoch of the log with the place of its first entry, in order.
  package func epochs() throws(KianaError) -> [(epoch: Int64, first: Int64)] {
    let row = try database.statement("SELECT epoch, first FROM log_epoch ORDER BY epoch")
    defer { row.reset() }
    var found = [(epoch: Int64, first: Int64)]()
    while try row.step() { found.append((row.int(0), row.int(1))) }
    return found.isEmpty ? [(0, 0)] : found
  }

  /// Begins an epoch.
  package func insert(epoch: Int64, first: Int64) throws(KianaError) {
    // Epoch 0 is there without a row; with another one it gets its own.
    let row = try database.statement(
      "INSERT OR IGNORE INTO log_epoch (epoch, first) VALUES (?1, ?2)")
    for (epoch, first) in [(0, 0), (epoch, first)] {
      row.bind(1, epoch)
      row.bind(2, first)
      try row.run()
    }
  }

  // MARK: tiles

  private static func number(_ epoch: Int64, _ level: Int, _ index: Int64) -> Int64 {
    epoch << 56 | Int64(level) << 48 | index
  }

  /// A full tile; nil when it is not full yet.
  package func tile(epoch: Int64, level: Int, index: Int64) throws(KianaError) -> [Hash32]? {
    let row = try database.statement("SELECT hashes FROM tile WHERE no = ?1")
    row.bind(1, Self.number(epoch, level, index))
    defer { row.reset() }
    guard try row.step() else { return nil }
    guard let hashes = Tile.hashes(row.blob(0)), hashes.count == Tile.width else {
      throw .damagedRow("tile")
    }
    return hashes
  }

  /// The times between which the entries of full tiles of level 0 lie, by index.
  package func times(
    epoch: Int64
  ) throws(KianaError) -> [(index: Int64, earliest: Int64, latest: Int64)] {
    let row = try database.statement(
      "SELECT no, t_min, t_max FROM tile WHERE no >= ?1 AND no < ?2 ORDER BY no")
    row.bind(1, Self.number(epoch, 0, 0))
    row.bind(2, Self.number(epoch, 1, 0))
    defer { row.reset() }
    var found = [(index: Int64, earliest: Int64, latest: Int64)]()
    while try row.step() {
      found.append((row.int(0) & (1 << 48 - 1), row.int(1), row.int(2)))
    }
    return found
  }

  /// Indexes of the full tiles of level 0 that may have entries of a time, in order.
  ///
  /// All are looked at, since clocks may be set back; the index has no hashes, so that a million
  /// entries are 3,906 short rows.
  package func indexes(epoch: Int64, times: ClosedRange<Int64>) throws(KianaError) -> [Int64] {
    let row = try database.statement(
      """
      SELECT no FROM tile INDEXED BY tile_times
      WHERE no >= ?1 AND no < ?2 AND t_min IS NOT NULL AND t_min <= ?4 AND t_max >= ?3
      ORDER BY no
      """)
    row.bind(1, Self.number(epoch, 0, 0))
    row.bind(2, Self.number(epoch, 1, 0))
    row.bind(3, times.lowerBound)
    row.bind(4, times.upperBound)
    defer { row.reset() }
    var found = [Int64]()
    while try row.step() { found.append(row.int(0) & (1 << 48 - 1)) }
    return found
  }

  /// How many full tiles there are in all, and how many hashes in the edges.
  package func counts() throws(KianaError) -> (tiles: Int64, edge: Int64) {
    let row = try database.statement(
      "SELECT (SELECT count(*) FROM tile), (SELECT count(*) FROM edge)")
    defer { row.reset() }
    return try row.step() ? (row.int(0), row.int(1)) : (0, 0)
  }

  /// How many hashes a level of an epoch has, in full tiles and in the edge.
  package func size(epoch: Int64, level: Int) throws(KianaError) -> Int64 {
    let row = try database.statement(
      """
      SELECT (SELECT count(*) FROM tile WHERE no >= ?1 AND no < ?2) * 256
        + (SELECT count(*) FROM edge WHERE epoch = ?3 AND level = ?4)
      """)
    row.bind(1, Self.number(epoch, level, 0))
    row.bind(2, Self.number(epoch, level + 1, 0))
    row.bind(3, epoch)
    row.bind(4, level)
    defer { row.reset() }
    return try row.step() ? row.int(0) : 0
  }

  /// The times of one full tile of level 0.
  package func times(
    epoch: Int64, index: Int64
  ) throws(KianaError) -> (earliest: Int64, latest: Int64)? {
    let row = try database.statement("SELECT t_min, t_max FROM tile WHERE no = ?1")
    row.bind(1, Self.number(epoch, 0, index))
    defer { row.reset() }
    return try row.step() ? (row.int(0), row.int(1)) : nil
  }

  /// - Parameter times: of its entries, for level 0.
  package func insert(
    epoch: Int64, level: Int, index: Int64, _ hashes: [Hash32], times: ClosedRange<Int64>?
  ) throws(KianaError) {
    let row = try database.statement(
      "INSERT INTO tile (no, hashes, t_min, t_max) VALUES (?1, ?2, ?3, ?4)")
    row.bind(1, Self.number(epoch, level, index))
    row.bind(2, Tile.bytes(hashes))
    if let times {
      row.bind(3, times.lowerBound)
      row.bind(4, times.upperBound)
    }
    try row.run()
  }

  // MARK: the edge

  /// The hashes of the level that are in no full tile yet, in order.
  package func edge(epoch: Int64, level: Int) throws(KianaError) -> [Hash32] {
    let row = try database.statement(
      "SELECT place, hash FROM edge WHERE epoch = ?1 AND level = ?2 ORDER BY place")
    row.bind(1, epoch)
    row.bind(2, level)
    defer { row.reset() }
    var hashes = [Hash32]()
    while try row.step() {
      guard row.int(0) == hashes.count, let hash = Hash32(row.blob(1)) else {
        throw .damagedRow("edge")
      }
      hashes.append(hash)
    }
    return hashes
  }

  package func insertEdge(
    epoch: Int64, level: Int, place: Int, _ hash: Hash32
  ) throws(KianaError) {
    let row = try database.statement(
      "INSERT INTO edge (epoch, level, place, hash) VALUES (?1, ?2, ?3, ?4)")
    row.bind(1, epoch)
    row.bind(2, level)
    row.bind(3, place)
    row.bind(4, hash)
    try row.run()
  }

  package func deleteEdge(epoch: Int64, level: Int) throws(KianaError) {
    let row = try database.statement("DELETE FROM edge WHERE epoch = ?1 AND level = ?2")
    row.bind(1, epoch)
    row.bind(2, level)
    try row.run()
  }
}
