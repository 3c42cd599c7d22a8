/// One place in one feed of an author, and the block that stands there.
package struct FeedPosition: Hashable, Sendable {
  package let epoch: Int64
  package let feed: String
  package let id: Hash32
  package let seq: Int64

  package init(epoch: Int64, feed: String, id: Hash32, seq: Int64) {
    self.epoch = epoch
    self.feed = feed
    self.id = id
    self.seq = seq
  }

  /// Reads `{"epoch":N,"feed":FEED,"id":HEX64,"seq":N}`; more members may follow.
  package init?(_ value: JSONValue) {
    guard let epoch = value["epoch"]?.integer, epoch >= 0, let feed = value["feed"]?.string,
      BlockLimits.isFeedName(feed), let id = value["id"]?.string.flatMap({ Hash32(hex: $0) }),
      let seq = value["seq"]?.integer, seq >= 0
    else { return nil }
    self.init(epoch: epoch, feed: feed, id: id, seq: seq)
  }

  package var json: JSONValue {
    .object([
      JSONMember("epoch", .integer(epoch)), JSONMember("feed", .string(feed)),
      JSONMember("id", .string(id.hex)), JSONMember("seq", .integer(seq)),
    ])
  }

  /// How many blocks of its feed come after this place, up to the last one.
  ///
  /// - Parameter openings: of the epochs of the feed.
  package func blocks(upTo head: FeedPosition, _ openings: [EpochOpening]) -> Int64 {
    var count: Int64 = 0
    var last = head
    while last.epoch > epoch {
      count += last.seq + 1
      guard let after = openings.first(where: { $0.epoch == last.epoch })?.after,
        after.epoch < last.epoch
      else { return count }
      last = after
    }
    return last.epoch == epoch ? count + max(0, last.seq - seq) : count
  }

  /// Whether this place comes before the other one; of the same feed.
  package func stands(before other: FeedPosition) -> Bool {
    (epoch, seq) < (other.epoch, other.seq)
  }
}
