internal import KianaCrypto
internal import KianaModel
internal import KianaStore

/// Writes entries with their hashes and counts: table by table what one append changes.
struct TrailWriter {
  private let events: EventTable
  private let tiles: TileTable
  private let daily: DailyTable
  private let crypto: Sodium

  init(_ database: Database, _ crypto: Sodium) {
    events = EventTable(database)
    tiles = TileTable(database)
    daily = DailyTable(database)
    self.crypto = crypto
  }

  /// Entries of one transaction, before hashes and counts are written.
  struct Batch {
    fileprivate let epoch: Int64
    /// Where the epoch begins.
    fileprivate let first: Int64
    fileprivate var next: Int64
    /// Time of the last entry; nil for the first one.
    private(set) var lastTime: Int64?
    fileprivate var hashes = [Hash32]()
    fileprivate var counts = [DailyKey: DailyCount]()

    /// Whether the next entry opens an epoch.
    var isFirstOfEpoch: Bool { next == first }

    fileprivate init(epoch: Int64, first: Int64, next: Int64, lastTime: Int64?) {
      self.epoch = epoch
      self.first = first
      self.next = next
      self.lastTime = lastTime
    }

    fileprivate mutating func add(_ hash: Hash32, _ key: DailyKey, time: Int64) {
      hashes.append(hash)
      counts[key, default: DailyCount(count: 0, first: next, last: next)].count += 1
      counts[key]?.last = next
      lastTime = time
      next += 1
    }
  }

  func begin() throws(KianaError) -> Batch {
    let last = try events.last()
    let (epoch, first) = try tiles.epochs().last ?? (0, 0)
    return Batch(epoch: epoch, first: first, next: (last?.seq ?? -1) + 1, lastTime: last?.time)
  }

  func append(
    _ entry: AuditEntry, payload: BlockContent?, to batch: inout Batch
  ) throws(KianaError) {
    try events.insert(batch.next, entry, payload: payload)
    batch.add(
      crypto.treeLeaf(entry.leaf()), try dailyKey(entry, events.names), time: entry.time)
  }

  /// Writes hashes and counts.
  /// - Returns: the place of the last entry.
  func finish(_ batch: Batch) throws(KianaError) -> Int64 {
    for (key, count) in batch.counts { try daily.add(key, count) }
    let start = batch.next - batch.first - Int64(batch.hashes.count)
    try extend(batch, level: 0, from: start, batch.hashes[...])
    return batch.next - 1
  }

  /// Adds hashes to a level; each tile that becomes full gives one to the level above.
  private func extend(
    _ batch: Batch, level: Int, from start: Int64, _ hashes: ArraySlice<Hash32>
  ) throws(KianaError) {
    let (epoch, held) = (batch.epoch, Int(start % Int64(Tile.width)))
    guard held + hashes.count >= Tile.width else {
      for (offset, hash) in hashes.enumerated() {
        try tiles.insertEdge(epoch: epoch, level: level, place: held + offset, hash)
      }
      return
    }
    var row = try tiles.edge(epoch: epoch, level: level)
    guard row.count == held else { throw Self.damagedEdge }
    try tiles.deleteEdge(epoch: epoch, level: level)
    row += hashes
    var above = [Hash32]()
    let firstAbove = start / Int64(Tile.width)
    var rest = row[...]
    while rest.count >= Tile.width {
      let full = Array(rest.prefix(Tile.width))
      let index = firstAbove + Int64(above.count)
      try tiles.insert(
        epoch: epoch, level: level, index: index, full,
        times: level == 0 ? try times(batch, index) : nil)
      above.append(Tile.root(full, crypto))
      rest = rest.dropFirst(Tile.width)
    }
    for (place, hash) in rest.enumerated() {
      try tiles.insertEdge(epoch: epoch, level: level, place: place, hash)
    }
    try extend(batch, level: level + 1, from: firstAbove, above[...])
  }

  /// Between which times the entries of a tile lie.
  private func times(_ batch: Batch, _ index: Int64) throws(KianaError) -> ClosedRange<Int64> {
    let start = batch.first + index * Int64(Tile.width)
    guard let times = try events.times(start..<start + Int64(Tile.width)) else {
      throw Self.damagedEdge
    }
    return times
  }

  private static var damagedEdge: KianaError {
    KianaError(
      code: .damaged, what: "cannot add to the audit trail",
      why: "its last entries and their hashes do not belong together",
      hint: "'kiana-audit verify --full' names what was changed; restore from a backup")
  }
}

/// Under which kind and day an entry is counted.
func dailyKey(_ entry: AuditEntry, _ names: NameTable) throws(KianaError) -> DailyKey {
  DailyKey(
    day: Moment.day(entry.time), type: try names.number(entry.type),
    actor: try names.number(entry.actor), result: entry.result.number,
    verdict: entry.verdict?.number ?? -1)
}
