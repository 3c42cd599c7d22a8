internal import Glibc
internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// Writes the log as files that any web server gives out and stock tools check.
///
/// Source: C2SP tlog-tiles. Each file is there whole or not at all, and the checkpoint comes last:
/// whoever reads it finds everything that it covers. An export that was interrupted goes on where
/// the last checkpoint ends.
package struct TileExport {
  private let node: Node
  private let folder: String
  private let log: AuditLog
  private static let noteBytesMax = 1 << 20

  package struct Summary: Equatable, Sendable {
    package var size: Int64 = 0
    package var files = 0
    /// Partial tiles that were deleted.
    package var deleted = 0
    /// Entries that were pruned before they were exported.
    package var lacking: Int64 = 0

    package init() {}
  }

  /// - Parameter folder: made when it is not there.
  package init(_ node: Node, to folder: String) {
    self.node = node
    self.folder = folder
    log = AuditLog(node)
  }

  /// Exports the log up to a signed checkpoint of the present epoch.
  ///
  /// - Throws: `damaged` when the folder holds a log that this one does not go on from, `refused`
  ///   when it holds another one.
  package func run(
    _ signed: Checkpoints.Signed, collects: Bool,
    progress: (Int64) throws(KianaError) -> Void
  ) throws(KianaError) -> Summary {
    guard let epoch = try log.epochs().first(where: { $0.number == signed.epoch }) else {
      throw .damagedRow("log_epoch")
    }
    let before = try previous(epoch)
    var summary = Summary()
    summary.size = signed.size
    try entries(epoch, from: before, to: signed.size, &summary, progress)
    try tiles(epoch, from: before, to: signed.size, &summary)
    if try readIfPresent("checkpoint") != signed.note {
      try write("checkpoint", signed.note)
      summary.files += 1
    }
    if collects { summary.deleted = try collect(signed.size) }
    return summary
  }

  /// The size that the folder has already; 0 for a new one.
  private func previous(_ epoch: AuditLog.Epoch) throws(KianaError) -> Int64 {
    guard let bytes = try readIfPresent("checkpoint") else {
      try using { () throws(KianaError) in try DurableFile.makeFolder(folder, mode: 0o755) }
      return 0
    }
    guard let kept = SignedNote(bytes).flatMap({ Checkpoint($0.text) }),
      kept.origin == log.origin(epoch.number)
    else {
      throw KianaError(
        code: .refused, what: "cannot export into '\(folder)'", why: "it holds another log",
        hint: "name an empty folder; a log that began a new epoch is another one")
    }
    return try Proving(node).check(against: bytes).size
  }

  private func readIfPresent(_ name: String) throws(KianaError) -> [UInt8]? {
    try using { () throws(KianaError) in
      try DurableFile.readIfPresent("\(folder)/\(name)", sizeBytesMax: Self.noteBytesMax)
    }
  }

  private func write(_ name: String, _ bytes: [UInt8]) throws(KianaError) {
    let path = "\(folder)/\(name)"
    try using { () throws(KianaError) in
      try DurableFile.makeFolder(DurableFile.parent(of: path), mode: 0o755)
      try DurableFile.write(bytes, to: path, mode: 0o644)
    }
  }

  /// A folder that cannot be read or written is no fault of the state directory.
  private func using<Value>(_ body: () throws(KianaError) -> Value) throws(KianaError) -> Value {
    do throws(KianaError) {
      return try body()
    } catch  where error.code == .noState {
      throw KianaError(
        code: .inputOutput, what: error.what, why: error.why, hint: "name another folder")
    }
  }

  // MARK: entries and hashes

  private func entries(
    _ epoch: AuditLog.Epoch, from before: Int64, to size: Int64, _ summary: inout Summary,
    _ progress: (Int64) throws(KianaError) -> Void
  ) throws(KianaError) {
    let width = Int64(Tile.width)
    var index = before / width
    while index * width < size {
      let count = min(width, size - index * width)
      defer { index += 1 }
      // The same partial bundle as before.
      if index * width + count == before { continue }
      var bundle = [[UInt8]]()
      let first = epoch.first + index * width
      try node.events.forEach(first..<first + count) { (row, _) in
        bundle.append(row.entry.leaf())
        return true
      }
      guard bundle.count == count else {
        summary.lacking += count
        continue
      }
      try write(
        Tile.path(level: nil, index: index, count: Int(count)), EntryBundle.bytes(bundle))
      summary.files += 1
      try progress(index * width + count)
    }
  }

  private func tiles(
    _ epoch: AuditLog.Epoch, from before: Int64, to size: Int64, _ summary: inout Summary
  ) throws(KianaError) {
    let source = StoredTiles(TileTable(node.database), epoch)
    var level = 0
    while size >> Int64(level * Tile.height) > 0 {
      let hashes = size >> Int64(level * Tile.height)
      let known = before >> Int64(level * Tile.height)
      var index = known / Int64(Tile.width)
      while index * Int64(Tile.width) < hashes {
        let count = Int(min(Int64(Tile.width), hashes - index * Int64(Tile.width)))
        defer { index += 1 }
        if index * Int64(Tile.width) + Int64(count) == known { continue }
        let tile = try source.tile(level: level, index: index)
        guard tile.count >= count else { throw .damagedRow("tile") }
        try write(
          Tile.path(level: level, index: index, count: count), Tile.bytes(tile.prefix(count)))
        summary.files += 1
      }
      level += 1
    }
  }

  // MARK: partial tiles

  private static func isWidth(_ name: String) -> Bool {
    Int(name).map { (1..<Tile.width).contains($0) && String($0) == name } ?? false
  }

  /// Deletes partial tiles that a full one replaces.
  private func collect(_ size: Int64) throws(KianaError) -> Int {
    var deleted = 0
    var levels: [(name: String, hashes: Int64)] = [("entries", size)]
    var level = 0
    while size >> Int64(level * Tile.height) > 0 {
      levels.append((String(level), size >> Int64(level * Tile.height)))
      level += 1
    }
    for (name, hashes) in levels {
      deleted += try collect("tile/\(name)", digits: "", keeping: hashes)
    }
    return deleted
  }

  private func collect(
    _ path: String, digits: String, keeping hashes: Int64
  ) throws(KianaError) -> Int {
    var deleted = 0
    for name in DurableFile.names(in: "\(folder)/\(path)") {
      // Others may write into this folder: where a link leads is nothing of the log.
      guard !DurableFile.isLink("\(folder)/\(path)/\(name)") else { continue }
      if name.hasPrefix("x"), name.count == 4 {
        deleted += try collect(
          "\(path)/\(name)", digits: digits + name.dropFirst(), keeping: hashes)
      } else if name.hasSuffix(".p"), let index = Int64(digits + name.dropLast(2)) {
        // While there is no full one, readers of an older checkpoint still ask for it.
        guard index < hashes / Int64(Tile.width) else { continue }
        let partial = "\(folder)/\(path)/\(name)"
        for width in DurableFile.names(in: partial) where Self.isWidth(width) {
          try DurableFile.delete("\(partial)/\(width)")
          deleted += 1
        }
        unsafe rmdir(partial)
      }
    }
    return deleted
  }
}

/// Reads entries back from an exported log.
package struct TileReading {
  private let folder: String
  private static let bundleBytesMax = 256 * (AuditEntry.bytesMax + 2)

  package init(_ folder: String) {
    self.folder = folder
  }

  package func checkpoint() throws(KianaError) -> [UInt8] {
    let path = "\(folder)/checkpoint"
    guard let bytes = try DurableFile.readIfPresent(path, sizeBytesMax: 1 << 20) else {
      throw KianaError(
        code: .notFound, what: "there is no exported log in '\(folder)'",
        why: "it has no file 'checkpoint'")
    }
    return bytes
  }

  /// The entries of a bundle.
  ///
  /// - Parameter size: of the log, which says how wide the last bundle is.
  /// - Throws: `damaged` when it is missing or malformed.
  package func bundle(_ index: Int64, of size: Int64) throws(KianaError) -> [[UInt8]] {
    let count = min(Int64(Tile.width), size - index * Int64(Tile.width))
    let path = "\(folder)/" + Tile.path(level: nil, index: index, count: Int(count))
    guard
      let bytes = try DurableFile.readIfPresent(path, sizeBytesMax: Self.bundleBytesMax),
      let entries = EntryBundle.entries(bytes), entries.count == count
    else {
      throw KianaError(
        code: .damaged, what: "the exported log is not whole", why: "'\(path)' is missing or wrong")
    }
    return entries
  }
}
