/// What a session did.
package struct SyncSummary: Equatable, Sendable {
  package var sent = 0
  package var received = 0
  package var stored = 0
  /// Contents of blocks that were here without.
  package var contents = 0
  package var aside = 0
  package var refused = 0
  /// Of the bytes both ways, key events.
  package var keyBytes = 0
  package var bytesIn = 0
  package var bytesOut = 0
}

/// Which ways blocks may go.
package struct SyncDirection: OptionSet, Sendable {
  package let rawValue: Int
  package static var pull: SyncDirection { SyncDirection(rawValue: 1) }
  package static var push: SyncDirection { SyncDirection(rawValue: 2) }

  package init(rawValue: Int) {
    self.rawValue = rawValue
  }
}

/// What a session would move, from a look at the heads alone.
package struct SyncPlan: Equatable, Sendable {
  /// Feeds of which the other side has more, and how many blocks at least.
  package var feedsToTake = 0
  package var blocksToTake: Int64 = 0
  package var feedsToSend = 0
  package var blocksToSend: Int64 = 0
  /// Feeds that stand at the same place and differ: by key events, or by a fork.
  package var feedsThatDiffer = 0
  private var claimed = Set<UInt64>()

  package init() {}

  /// Counts one feed that the other side named.
  mutating func add(_ claim: HeadClaim, _ head: SyncHead?, _ salt: SessionSalt) {
    guard claimed.insert(claim.tag).inserted else { return }
    guard let head else {
      feedsToTake += 1
      blocksToTake += claim.seq + 1
      return
    }
    guard salt.head(head) != claim.salted else { return }
    let position = head.position
    let isSameEpoch = position.epoch == claim.epoch
    if (position.epoch, position.seq) == (claim.epoch, claim.seq) {
      feedsThatDiffer += 1
    } else if (position.epoch, position.seq) < (claim.epoch, claim.seq) {
      feedsToTake += 1
      blocksToTake += isSameEpoch ? claim.seq - position.seq : claim.seq + 1
    } else {
      feedsToSend += 1
      blocksToSend += isSameEpoch ? position.seq - claim.seq : position.seq + 1
    }
  }

  /// Feeds that the other side did not name are not there.
  mutating func addUnclaimed(_ own: [UInt64: SyncHead]) {
    for (tag, head) in own where !claimed.contains(tag) {
      feedsToSend += 1
      blocksToSend += head.position.seq + 1
    }
  }
}

/// A block that was not simply taken.
package struct SyncRemark: Equatable, Sendable {
  package let id: Hash32
  package let author: AID
  package let fault: BlockFault
}
