internal import KianaModel
internal import KianaStore

/// Answers, for blocks of one feed, whether a block is or is an ancestor of a position that its
/// author pinned (DESIGN section 5): order in the feed decides, never a clock.
struct FeedAncestry {
  private let node: Node
  private let feed: FeedRow

  init(_ node: Node, _ feed: FeedRow) {
    self.node = node
    self.feed = feed
  }

  /// Whether the block at `position` is the pinned one or an ancestor of it.
  func relation(of position: FeedPosition, to pin: FeedPosition) throws(KianaError) -> Ancestry {
    if position.id == pin.id { return .isAncestorOrSame }
    let isBeforePin = (position.epoch, position.seq) < (pin.epoch, pin.seq)
    guard let held = try node.blocks.find(feed: feed.no, epoch: pin.epoch, seq: pin.seq) else {
      // The pinned block is not here: what stands before its place may lead to it.
      return isBeforePin ? .unknown : .isNot
    }
    guard held.id == pin.id, isBeforePin else { return .isNot }
    // Everything between is here, so this block leads to the pin only when it is the one here.
    let here = try node.blocks.find(feed: feed.no, epoch: position.epoch, seq: position.seq)
    return here?.id == position.id ? .isAncestorOrSame : .isNot
  }
}
