/// A tree whose hashes are kept as tiles: 256 hashes of one level side by side, every eighth level
/// kept, the others computed.
///
/// Source: C2SP tlog-tiles.
package struct TileTree<Source: TileSource>: MerkleSource {
  package private(set) var source: Source
  private let crypto: any Cryptography
  /// The tiles that were used last: a proof looks at one of each level.
  private var cache = [(level: Int, index: Int64, hashes: [Hash32])]()
  private static var cacheMax: Int { 8 }

  package init(_ source: Source, _ crypto: any Cryptography) {
    self.source = source
    self.crypto = crypto
  }

  package mutating func subtree(level: Int, index: Int64) throws(KianaError) -> Hash32 {
    let shift = level % Tile.height
    let first = index << Int64(shift)
    let tile = try tile(level: level / Tile.height, index: first / Int64(Tile.width))
    let offset = Int(first % Int64(Tile.width))
    guard offset + 1 << shift <= tile.count else {
      throw KianaError(
        code: .damaged, what: "a tile of the audit log is not whole",
        why: "level \(level / Tile.height) has \(tile.count) hashes where \(first) was looked up",
        hint: "run 'kiana-audit verify --full'")
    }
    return Tile.root(tile[offset..<offset + 1 << shift], crypto)
  }

  private mutating func tile(level: Int, index: Int64) throws(KianaError) -> [Hash32] {
    if let known = cache.first(where: { $0.level == level && $0.index == index }) {
      return known.hashes
    }
    let hashes = try source.tile(level: level, index: index)
    if cache.count == Self.cacheMax { cache.removeFirst() }
    cache.append((level, index, hashes))
    return hashes
  }
}

/// Where tiles are kept.
package protocol TileSource {
  /// The hashes of a tile that are known; up to 256.
  mutating func tile(level: Int, index: Int64) throws(KianaError) -> [Hash32]
}

package enum Tile {
  /// Hashes of a full tile.
  package static let width = 256
  /// Levels of the tree that a tile spans.
  package static let height = 8

  /// The root over a power of two of hashes of one level.
  package static func root(
    _ hashes: some Collection<Hash32>, _ crypto: any Cryptography
  ) -> Hash32 {
    var row = Array(hashes)
    precondition(row.count & (row.count - 1) == 0 && !row.isEmpty, "a complete subtree")
    while row.count > 1 {
      for index in 0..<row.count / 2 {
        row[index] = crypto.treeNode(row[2 * index], row[2 * index + 1])
      }
      row.removeLast(row.count / 2)
    }
    return row[0]
  }

  /// The tile as bytes.
  package static func bytes(_ hashes: some Collection<Hash32>) -> [UInt8] {
    var out = [UInt8]()
    out.reserveCapacity(hashes.count * Hash32.byteCount)
    for hash in hashes { hash.append(to: &out) }
    return out
  }

  /// - Returns: nil unless the bytes are whole hashes, at most 256.
  package static func hashes(_ bytes: [UInt8]) -> [Hash32]? {
    guard bytes.count % Hash32.byteCount == 0, bytes.count <= width * Hash32.byteCount else {
      return nil
    }
    let span = bytes.span
    return (0..<bytes.count / Hash32.byteCount).map {
      Hash32(span.extracting($0 * Hash32.byteCount..<($0 + 1) * Hash32.byteCount))!
    }
  }

  /// The path of a tile below the log's directory.
  ///
  /// - Parameters:
  ///   - level: nil for bundles of entries.
  ///   - count: of its hashes or entries; 256 for a full one.
  package static func path(level: Int?, index: Int64, count: Int) -> String {
    var groups = [String]()
    var rest = index
    repeat {
      let digits = String(rest % 1000)
      groups.append(String(repeating: "0", count: 3 - digits.count) + digits)
      rest /= 1000
    } while rest > 0
    let names = groups.reversed().enumerated().map { place, group in
      place < groups.count - 1 ? "x\(group)" : group
    }
    let partial = count < width ? ".p/\(count)" : ""
    return "tile/\(level.map(String.init) ?? "entries")/\(names.joined(separator: "/"))\(partial)"
  }
}

/// Up to 256 entries side by side, each after its length in two big-endian bytes.
package enum EntryBundle {
  package static func bytes(_ entries: some Collection<[UInt8]>) -> [UInt8] {
    var out = [UInt8]()
    for entry in entries {
      precondition(entry.count <= UInt16.max, "an entry has a length of two bytes")
      out.append(UInt8(entry.count >> 8))
      out.append(UInt8(entry.count & 0xFF))
      out += entry
    }
    return out
  }

  /// - Returns: nil when the bytes are no such bundle.
  package static func entries(_ bytes: [UInt8]) -> [[UInt8]]? {
    var entries = [[UInt8]]()
    var offset = 0
    while offset < bytes.count {
      guard offset + 2 <= bytes.count, entries.count < Tile.width else { return nil }
      let end = offset + 2 + Int(bytes[offset]) << 8 + Int(bytes[offset + 1])
      guard end <= bytes.count else { return nil }
      entries.append(Array(bytes[offset + 2..<end]))
      offset = end
    }
    return entries
  }
}
