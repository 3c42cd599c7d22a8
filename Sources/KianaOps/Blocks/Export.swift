package import KianaModel
internal import KianaStore

/// Writes blocks in the line form, in the order of their arrival, each author's key log before the
/// author's first block: what `Import` reads.
package final class Export {
  private let node: Node
  private var introduced = Set<AID>()
  /// Blocks that were written without their content, since the disk changed it.
  package private(set) var damaged = 0
  /// Whether the last run stopped at a block whose signature is not checked.
  package private(set) var hasStopped = false

  package init(_ node: Node) {
    self.node = node
  }

  /// Calls `write` with each line, its newline included.
  ///
  /// - Parameters:
  ///   - start: only blocks that arrived after this number; 0 for all.
  /// - Returns: the number of the last block that was looked at, to go on from.
  package func run(
    _ query: BlockQuery, after start: Int64 = 0, withContent: Bool = true,
    write: ([UInt8]) throws(KianaError) -> Void,
    progress: (Int64) throws(KianaError) -> Void = { _ in }
  ) throws(KianaError) -> Int64 {
    var last = start
    var count: Int64 = 0
    hasStopped = false
    try BlockLog(node).forEach(query, isNewestFirst: false, beyond: start) {
      (stored) throws(KianaError) in
      guard stored.row.standing == .inFeed else { return true }
      // What is not checked does not leave the node, nor what follows it.
      guard stored.row.signatureState == .good else {
        hasStopped = true
        return false
      }
      last = stored.no
      var line = try introduction(of: stored.header.author)
      var block = stored.block.withoutContent
      if withContent {
        let (checked, isDamaged) = try BlockReader(node).readChecked(stored.row)
        if isDamaged { damaged += 1 }
        block = checked.block
      }
      BlockLine.append(block, to: &line)
      line.append(0x0A)
      try write(line)
      count += 1
      try progress(count)
      return true
    }
    if query.isEmpty, start == 0, !hasStopped {
      for line in try warnings() { try write(line) }
    }
    return last
  }

  /// The key logs of authors who contradict themselves: none of their blocks is in a feed, and
  /// others must hear of it.
  private func warnings() throws(KianaError) -> [[UInt8]] {
    var lines = [[UInt8]]()
    for author in try node.authors.all() where !author.isPurged {
      guard !introduced.contains(author.aid), let log = try? node.keyLog(of: author.aid),
        log.isDuplicitous
      else { continue }
      lines.append(try introduction(of: author.aid))
    }
    return lines
  }

  /// A key log that does not fit into a line comes in several.
  static let keyLogBytesMax = 256 << 10

  /// The lines with the author's key log, the first time.
  private func introduction(of aid: AID) throws(KianaError) -> [UInt8] {
    guard introduced.insert(aid).inserted, let author = try node.authors.find(aid) else {
      return []
    }
    let pieces = try node.keyEvents.streams(author: author.no, bytesMax: Self.keyLogBytesMax)
    return pieces.flatMap { BlockLine.bytes(author: aid, kel: $0) + [0x0A] }
  }
}
