/// What the sync machine asks of a node; the machine itself touches no disk.
package protocol SyncStore {
  /// The heads of the feeds that may leave this node, verified.
  func heads() throws(KianaError) -> [SyncHead]

  /// The key events of an author, in streams that each fit into a frame; none when none are here.
  func keyLog(of author: AID) throws(KianaError) -> [[UInt8]]

  /// Blocks of a feed in order from a place on, about `bytesMax` bytes of them in wire form; at
  /// least one when there is any.
  func blocks(
    author: AID, feed: String, epoch: Int64, from seq: Int64, bytesMax: Int
  ) throws(KianaError) -> [Block]

  /// Merges key events of an author.
  /// - Returns: why they were not taken; nil when they were.
  mutating func take(keys stream: [UInt8], of author: AID) throws(KianaError) -> String?

  /// Takes blocks of one feed in order, by the rules of the store.
  /// - Returns: what became of each.
  mutating func take(_ blocks: [Block]) throws(KianaError) -> [SyncOutcome]
}

/// The head of one feed, as the protocol compares it.
package struct SyncHead: Equatable, Sendable {
  package let author: AID
  package let position: FeedPosition
  /// Digest of the author's newest key event.
  package let keyDigest: Hash32

  package init(author: AID, position: FeedPosition, keyDigest: Hash32) {
    self.author = author
    self.position = position
    self.keyDigest = keyDigest
  }
}

/// What became of one block that came.
package enum SyncOutcome: Equatable, Sendable {
  /// It is new here, or brought a content that was missing.
  case stored
  case known
  /// Held until its time, or kept as proof of a fork.
  case aside(BlockFault)
  case refused(BlockFault)
}
