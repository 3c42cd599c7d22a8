internal import KianaModel
internal import KianaStore

/// Answers, for blocks of one feed, whether a block is or is an ancestor of a block that its author
/// named (DESIGN section 5): order in the feed decides, never a clock.
///
/// It remembers what it read, so it is good until the standing of a block changes.
final class FeedLineage {
  private let node: Node
  private let feed: FeedRow
  private var lines = [Hash32: Line?]()

  /// The ancestors of a named block, and the block itself.
  private struct Line {
    /// Epoch by epoch, up to which `seq` the visible blocks are ancestors.
    var visible = [Int64: Int64]()
    /// Those that are not visible.
    var others = Set<Hash32>()
  }

  init(_ node: Node, _ feed: FeedRow) {
    self.node = node
    self.feed = feed
  }

  /// Whether a named block is stored, whatever its standing.
  func isHere(_ name: FeedPosition) throws(KianaError) -> Bool {
    try line(of: name) != nil
  }

  /// How a stored block stands to one that the author named.
  func relation(
    of position: FeedPosition, _ standing: Standing, to name: FeedPosition
  ) throws(KianaError) -> Ancestry {
    if position.id == name.id { return .isAncestorOrSame }
    guard position.stands(before: name) else { return .isNot }
    guard let line = try line(of: name) else { return .unknown }
    let leads =
      standing.isVisible
      ? position.seq <= line.visible[position.epoch] ?? -1 : line.others.contains(position.id)
    return leads ? .isAncestorOrSame : .isNot
  }

  /// How a block that is not stored yet stands to one that the author named. All ancestors of a
  /// stored block are stored.
  func relation(ofNew position: FeedPosition, to name: FeedPosition) throws(KianaError) -> Ancestry
  {
    if position.id == name.id { return .isAncestorOrSame }
    guard position.stands(before: name) else { return .isNot }
    return try row(of: name) == nil ? .unknown : .isNot
  }

  private func row(of name: FeedPosition) throws(KianaError) -> BlockRow? {
    if let row = try node.blocks.find(feed: feed.no, epoch: name.epoch, seq: name.seq),
      row.id == name.id
    {
      return row
    }
    return try node.blocks.proof(feed: feed.no, epoch: name.epoch, seq: name.seq, id: name.id)
  }

  private func line(of name: FeedPosition) throws(KianaError) -> Line? {
    if let known = lines[name.id] { return known }
    guard var row = try row(of: name) else {
      lines[name.id] = .some(nil)
      return nil
    }
    var line = Line()
    while true {
      var first = row
      if row.standing.isVisible {
        line.visible[row.epoch] = row.seq
        // What is visible before it in its epoch are its ancestors; on from the first of them.
        guard
          let opening = try node.blocks.find(feed: feed.no, epoch: row.epoch, seq: 0)
        else { break }
        first = opening
      } else {
        line.others.insert(row.id)
      }
      guard let prev = try BlockReader(node).read(first).header.prev,
        let next = try node.blocks.find(id: prev), next.feed == feed.no
      else { break }
      row = next
    }
    lines[name.id] = line
    return line
  }
}
