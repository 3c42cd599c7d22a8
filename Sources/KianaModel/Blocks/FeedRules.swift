/// Where a block belongs in its feed: the rules of DESIGN section 4, without a disk.
///
/// A feed is (author, name). Within an epoch `seq` counts from 0 without gaps and `prev` names the
/// block before. A later epoch begins where a key event of the author says: after a named block, or
/// from nothing.
package enum FeedRules {
  /// What becomes of a block that may be new.
  package enum Placement: Equatable, Sendable {
    /// It is the next one of the feed. When it opens an epoch, the blocks of earlier epochs beyond
    /// `after` are left behind.
    case next
    /// A block is held at its place already: the same one, or it is a fork.
    case taken
    case refused(BlockFault.Kind)
  }

  /// - Parameters:
  ///   - header: of the block in question.
  ///   - head: the last block of the feed here; nil while the feed is empty.
  ///   - openings: the epochs that the author's key log opens for this feed, in order.
  ///   - holds: whether the feed here has that block in its valid prefix.
  package static func place(
    _ header: BlockHeader, head: FeedPosition?, openings: [EpochOpening],
    holds: (FeedPosition) throws(KianaError) -> Bool
  ) throws(KianaError) -> Placement {
    if isLeftBehind(header, openings) { return .refused(.leftBehind) }
    let headEpoch = head?.epoch ?? 0
    if header.epoch < headEpoch { return .taken }
    if header.epoch == headEpoch, head != nil || header.epoch == 0 {
      return placeInEpoch(header, head: head)
    }
    guard let opening = openings.first(where: { $0.epoch == header.epoch }) else {
      return .refused(.unknownEpoch)
    }
    guard header.seq == 0 else { return .refused(.gap) }
    guard header.prev == opening.after?.id else { return .refused(.wrongPrev) }
    if let after = opening.after, !(try holds(after)) { return .refused(.gap) }
    return .next
  }

  /// Whether a later epoch goes on from a block before this one.
  private static func isLeftBehind(_ header: BlockHeader, _ openings: [EpochOpening]) -> Bool {
    openings.contains { opening in
      guard opening.epoch > header.epoch else { return false }
      guard let after = opening.after else { return true }
      return (after.epoch, after.seq) < (header.epoch, header.seq)
    }
  }

  private static func placeInEpoch(_ header: BlockHeader, head: FeedPosition?) -> Placement {
    guard let head else {
      if header.seq > 0 { return .refused(.gap) }
      return header.prev == nil ? .next : .refused(.wrongPrev)
    }
    if header.seq <= head.seq { return .taken }
    if header.seq > head.seq + 1 { return .refused(.gap) }
    return header.prev == head.id ? .next : .refused(.wrongPrev)
  }
}

/// What a `feed/1` epoch key event says: epoch `epoch` of a feed goes on after `after`.
package struct EpochOpening: Equatable, Sendable {
  package let epoch: Int64
  /// The last block of the feed that counts; nil when the new epoch starts from nothing.
  package let after: FeedPosition?

  package init(epoch: Int64, after: FeedPosition?) {
    self.epoch = epoch
    self.after = after
  }
}
