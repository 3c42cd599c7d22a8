/// What an author's key log says about the places of one feed (DESIGN sections 4 and 5), without a
/// disk and without the blocks.
///
/// A feed is (author, name). Within an epoch `seq` counts from 0 without gaps and `prev` names the
/// block before. A later epoch begins where a key event of the author says: after a named block, or
/// from nothing.
package struct FeedRules: Sendable {
  package let feed: String
  private let openings: [Int64: EpochOpening]
  /// For each epoch that has a later one, the last `seq` that stays; -1 when none does.
  private let lastStaying: [Int64: Int64]
  /// The blocks that the author names (pins, and the blocks after which epochs go on) and whose
  /// places stay in the feed; the one that decides comes first. At most 1,000.
  package let names: [FeedPosition]
  private let named: [Place: Hash32]

  private struct Place: Hashable {
    let epoch: Int64
    let seq: Int64
  }

  private static let namesMax = 1000

  package init(_ log: KeyLog, feed: String) {
    self.feed = feed
    let opened = log.openings(feed: feed)
    openings = Dictionary(uniqueKeysWithValues: opened.map { ($0.epoch, $0) })
    lastStaying = Self.lastStaying(opened)
    let staying = lastStaying
    let said =
      log.pins(feed: feed) + opened.filter { staying[$0.epoch] != -1 }.compactMap(\.after)
    let fitting = said.filter { Self.stays($0.epoch, $0.seq, staying) }
    names = Array(fitting.reversed().prefix(Self.namesMax))
    named = Dictionary(
      fitting.map { (Place(epoch: $0.epoch, seq: $0.seq), $0.id) }, uniquingKeysWith: { $1 })
  }

  /// Follows the feed back from its newest epoch: what an epoch went on from stays, and nothing
  /// beyond it. An epoch that no later one goes on from is left behind as a whole.
  private static func lastStaying(_ openings: [EpochOpening]) -> [Int64: Int64] {
    var last = [Int64: Int64]()
    // Epochs are numbered without gaps, the first opening makes epoch 1.
    var epoch = openings.count
    while epoch > 0 {
      let after = openings[epoch - 1].after
      let from = Int(after?.epoch ?? -1)
      for left in from + 1..<epoch { last[Int64(left)] = -1 }
      if let after { last[after.epoch] = after.seq }
      epoch = from
    }
    return last
  }

  private static func stays(_ epoch: Int64, _ seq: Int64, _ last: [Int64: Int64]) -> Bool {
    last[epoch].map { seq <= $0 } ?? true
  }

  /// What the log says about the beginning of an epoch; nil when it does not open it.
  package func opening(_ epoch: Int64) -> EpochOpening? { openings[epoch] }

  /// Whether a later epoch goes on from before this place.
  package func isLeftBehind(epoch: Int64, seq: Int64) -> Bool {
    !Self.stays(epoch, seq, lastStaying)
  }

  /// The first place that is left behind, if a block stands there; nil when there is none.
  package var firstLeftBehind: (epoch: Int64, seq: Int64)? {
    lastStaying.min { $0.key < $1.key }.map { ($0.key, $0.value + 1) }
  }

  /// Whether the author names another block at this place: then this one is on no branch that the
  /// author vouches for, whatever key signed it.
  package func namesAnother(than id: Hash32, epoch: Int64, seq: Int64) -> Bool {
    named[Place(epoch: epoch, seq: seq)].map { $0 != id } ?? false
  }

  /// The first place at which one of two sets of rules names a block, and the other none or another
  /// one; nil when they name the same.
  package static func firstDifference(
    _ left: FeedRules, _ right: FeedRules
  ) -> (epoch: Int64, seq: Int64)? {
    let places = Set(left.named.keys).union(right.named.keys)
    return places.filter { left.named[$0] != right.named[$0] }.map { ($0.epoch, $0.seq) }
      .min { $0 < $1 }
  }

  package func names(_ id: Hash32) -> Bool {
    names.contains { $0.id == id }
  }

  /// Whether a block may begin its epoch: it is the first one, and follows what the log says.
  package func begins(_ epoch: Int64, seq: Int64, prev: Hash32?) -> Bool {
    guard seq == 0 else { return false }
    if epoch == 0 { return prev == nil }
    return openings[epoch].map { $0.after?.id == prev } ?? false
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
