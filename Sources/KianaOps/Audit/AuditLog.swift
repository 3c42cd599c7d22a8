internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// This node's audit log as a tree: its epochs, sizes, roots and proofs.
///
/// An epoch begins at the first entry, and again after a restore that cut off what was signed
/// before (`AuditResume`). Places count through all epochs, indexes from the start of one.
package struct AuditLog {
  private let node: Node
  private let tiles: TileTable

  package init(_ node: Node) {
    self.node = node
    tiles = TileTable(node.database)
  }

  /// Tiles are kept by epoch in so many bits; and nobody has a witness remember more logs.
  package static let epochMax: Int64 = 127

  /// One epoch of the log.
  package struct Epoch: Equatable, Sendable {
    package let number: Int64
    /// Place of its first entry.
    package let first: Int64
    /// How many entries it has.
    package let size: Int64
  }

  package func epochs() throws(KianaError) -> [Epoch] {
    let all = try tiles.epochs()
    let end = try node.events.size()
    return all.indices.map { index in
      let last = index + 1 < all.count ? all[index + 1].first : end
      return Epoch(
        number: all[index].epoch, first: all[index].first, size: last - all[index].first)
    }
  }

  package func current() throws(KianaError) -> Epoch {
    // There is always one.
    try epochs().last!
  }

  /// The epoch of an entry; nil when there is no such entry.
  package func epoch(of seq: Int64) throws(KianaError) -> Epoch? {
    try epochs().last { $0.first <= seq && seq < $0.first + $0.size }
  }

  /// The name of the log in an epoch; checkpoints begin with it.
  package func origin(_ epoch: Int64) -> String { "kiana/\(node.aid.text)/audit/\(epoch)" }

  package func tree(_ epoch: Epoch) -> TileTree<StoredTiles> {
    TileTree(StoredTiles(tiles, epoch), node.crypto)
  }

  /// The root over the first entries of an epoch.
  package func root(_ epoch: Epoch, size: Int64) throws(KianaError) -> Hash32 {
    precondition(size >= 0 && size <= epoch.size, "a tree has only what was appended")
    var tree = tree(epoch)
    return try tree.root(of: 0..<size, node.crypto)
  }
}

/// Tiles as the store has them.
package struct StoredTiles: TileSource {
  private let tiles: TileTable
  private let epoch: AuditLog.Epoch

  init(_ tiles: TileTable, _ epoch: AuditLog.Epoch) {
    self.tiles = tiles
    self.epoch = epoch
  }

  package func tile(level: Int, index: Int64) throws(KianaError) -> [Hash32] {
    if let full = try tiles.tile(epoch: epoch.number, level: level, index: index) { return full }
    let hashes = epoch.size >> Int64(level * Tile.height)
    guard index == hashes / Int64(Tile.width) else { return [] }
    return try tiles.edge(epoch: epoch.number, level: level)
  }
}

extension Node {
  /// The name of this node's audit log now.
  package func auditOrigin() throws(KianaError) -> String {
    let log = AuditLog(self)
    return log.origin(try log.current().number)
  }

  /// Where in the log an entry stands.
  func logPosition(of seq: Int64) throws(KianaError) -> LogPosition? {
    let log = AuditLog(self)
    guard let epoch = try log.epoch(of: seq) else { return nil }
    return LogPosition(origin: log.origin(epoch.number), size: seq - epoch.first)
  }

  /// Up to where signatures by a key are vouched for, when they are placed by the audit log: all
  /// that stands in it when the key goes.
  func logPlace(_ use: KeyUse) throws(KianaError) -> LogPosition? {
    guard use.isSigning, use != .block else { return nil }
    let log = AuditLog(self)
    let epoch = try log.current()
    return LogPosition(origin: log.origin(epoch.number), size: epoch.size)
  }
}
