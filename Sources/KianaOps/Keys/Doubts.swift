internal import KianaModel
package import KianaStore

/// Blocks in this node's own feeds that a thief may have written: those after the last one that
/// other nodes are known to have, and those by a key whose secret is not here.
package struct Doubts: Sendable {
  package struct Feed: Sendable {
    package let name: String
    /// The first ones of those in doubt, in order.
    package let blocks: [StoredBlock]
    /// How many there are.
    package let count: Int
    /// Whether a key signed one of them that this machine never had.
    package let hasForeignKey: Bool
  }

  package let feeds: [Feed]
  /// What other nodes are known to have.
  package let peers: [PeerHead]

  private static let blocksShownMax = 50

  init(_ node: Node, _ log: KeyLog) throws(KianaError) {
    let peers = try node.peerHeads.all()
    self.peers = peers
    guard let author = try node.authors.find(node.aid) else {
      feeds = []
      return
    }
    let foreign = Self.foreignKeys(node, log)
    var feeds = [Feed]()
    for feed in try node.feeds.all(author: author.no) {
      let known = peers.filter { $0.head.feed == feed.name }.map(\.head)
      let last = known.max { $0.stands(before: $1) }
      if let found = try Self.look(node, feed, after: last, foreign) { feeds.append(found) }
    }
    self.feeds = feeds
  }

  /// Keys that should sign here and cannot: somebody else added them, or they are on another
  /// machine.
  static func foreignKeys(_ node: Node, _ log: KeyLog) -> Set<KeyText> {
    Set(
      log.keys.filter { record in
        switch record.state {
        case .active, .grace: !node.directory.hasKeyFile(KeyFile.name(record.use, record.key))
        case .retired, .revoked: false
        }
      }.map(\.key))
  }

  private static func look(
    _ node: Node, _ feed: FeedRow, after last: FeedPosition?, _ foreign: Set<KeyText>
  ) throws(KianaError) -> Feed? {
    // Without any other node that has something of the feed, only the keys tell.
    var isInDoubt = false
    var hasForeignKey = false
    var blocks = [StoredBlock]()
    var count = 0
    let reader = BlockReader(node)
    try node.blocks.forEach(feed: feed.no, fromEpoch: 0, seq: 0) { (row) throws(KianaError) in
      guard row.standing == .inFeed else { return true }
      let header = try reader.header(of: row)
      if let last, (row.epoch, row.seq) > (last.epoch, last.seq) { isInDoubt = true }
      if foreign.contains(header.key) {
        isInDoubt = true
        hasForeignKey = true
      }
      guard isInDoubt else { return true }
      count += 1
      if blocks.count < blocksShownMax { blocks.append(try reader.read(row)) }
      return true
    }
    guard count > 0 else { return nil }
    return Feed(name: feed.name, blocks: blocks, count: count, hasForeignKey: hasForeignKey)
  }
}
