/// What the sync machine asks of a node; the machine itself touches no disk.
package protocol SyncStore {
  /// Whether of a feed that is not here the first block is asked for, before the others: its author
  /// may not be admitted.
  var asksFirst: Bool { get }

  /// The heads of the feeds that may leave this node, verified.
  ///
  /// - Parameter peer: who says to be on the other side. An author gets also what is held of their
  ///   own: a node that came back from a copy must know of every block that it ever signed.
  mutating func heads(for peer: AID) throws(KianaError) -> [SyncHead]

  /// The key events of an author, in streams that each fit into a frame; none when none are here.
  func keyLog(of author: AID) throws(KianaError) -> [[UInt8]]

  /// Blocks of a feed in order from a place on, about `bytesMax` bytes of them in wire form; at
  /// least one when there is any.
  func blocks(
    author: AID, feed: String, epoch: Int64, from seq: Int64, bytesMax: Int
  ) throws(KianaError) -> [Block]

  /// What this node and a peer saw of each other's changes; nil when no session ended well with
  /// that copy of the peer's store.
  func memory(of peer: Hello) throws(KianaError) -> SyncMemory?

  /// A session ended well.
  mutating func remember(_ memory: SyncMemory, of peer: Hello) throws(KianaError)

  /// Two blocks of a contested feed that follow one block.
  func forkProof(author: AID, feed: String) throws(KianaError) -> [Block]

  /// A block with a bad signature that the author's later blocks follow, up to one that is well
  /// signed; empty when there is none.
  func badBlockProof(author: AID, feed: String) throws(KianaError) -> [Block]

  /// Takes what `badBlockProof` gave on the other side.
  mutating func take(proof: [Block]) throws(KianaError) -> SyncOutcome

  /// Blocks that are here without their content, each once a session.
  mutating func lackingContents(limit: Int) throws(KianaError) -> [Hash32]

  /// A block that may leave this node, with its content; nil when it is not here.
  func content(of id: Hash32) throws(KianaError) -> Block?

  /// Whether a note is signed by a key that its author has in use, and not too old.
  func vouches(for note: SyncNote) throws(KianaError) -> Bool

  /// Freshness notes that the other side has not heard from this one; those that it gets count as
  /// heard.
  func freshNotes(for peer: Hello, limit: Int) throws(KianaError) -> [FreshNote]

  /// Takes those of the notes that are signed by keys in use and say something new.
  mutating func take(fresh notes: [FreshNote], from peer: Hello) throws(KianaError)

  /// Whether key events of an author are here beside these.
  func hasKeyEvents(of author: AID, beside known: Set<Hash32>) throws(KianaError) -> Bool

  /// Merges key events of an author.
  mutating func take(keys stream: [UInt8], of author: AID) throws(KianaError) -> SyncKeys

  /// Takes the blocks of some frames in order, by the rules of the store; a frame has one feed.
  /// - Returns: what became of each.
  mutating func take(_ frames: [[Block]]) throws(KianaError) -> [SyncOutcome]
}

/// What became of key events that came.
package struct SyncKeys: Equatable, Sendable {
  /// The digests of those that came.
  package let events: [Hash32]
  /// Whether one of them was not here.
  package let isNews: Bool
  /// Why they were not taken; nil when they were.
  package let fault: BlockFault?

  package init(events: [Hash32], isNews: Bool, fault: BlockFault? = nil) {
    self.events = events
    self.isNews = isNews
    self.fault = fault
  }
}

/// How far two nodes saw each other's changes, each by the other's own count.
package struct SyncMemory: Equatable, Sendable {
  /// Our changes that the other one saw.
  package let mine: Int64
  /// Their changes that we saw.
  package let theirs: Int64

  package init(mine: Int64, theirs: Int64) {
    self.mine = mine
    self.theirs = theirs
  }
}

/// The head of one feed, as the protocol compares it.
package struct SyncHead: Equatable, Sendable {
  package let author: AID
  package let position: FeedPosition
  /// Digest of the author's key events.
  package let keyDigest: Hash32
  /// Whether the feed has forked and its author has not said which branch counts.
  package let isContested: Bool
  /// Whether its author signed blocks that follow a bad one.
  package let hasBadBlock: Bool
  /// The number of the change that made it so.
  package let changed: Int64

  package init(
    author: AID, position: FeedPosition, keyDigest: Hash32, isContested: Bool,
    hasBadBlock: Bool = false, changed: Int64
  ) {
    self.author = author
    self.position = position
    self.keyDigest = keyDigest
    self.isContested = isContested
    self.hasBadBlock = hasBadBlock
    self.changed = changed
  }
}

extension SyncHead {
  /// Whether there is something against the author that the other side may not know.
  var isProved: Bool { isContested || hasBadBlock }
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
