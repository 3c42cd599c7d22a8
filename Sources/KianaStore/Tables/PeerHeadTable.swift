package import KianaModel

/// How far another node is known to have a feed of ours.
package struct PeerHead: Sendable {
  package let peer: AID
  package let head: FeedPosition
  /// When the session ended that showed it, milliseconds since 1970.
  package let at: Int64
}

/// How far of this node's own feeds other nodes are known to have.
package struct PeerHeadTable {
  private let database: Database

  package init(_ database: Database) {
    self.database = database
  }

  package func set(_ peer: AID, _ head: FeedPosition, at now: Int64) throws(KianaError) {
    let row = try database.statement(
      "INSERT OR REPLACE INTO peer_head (aid, feed, epoch, seq, id, at)"
        + " VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
    row.bind(1, peer.digest)
    row.bind(2, head.feed)
    row.bind(3, head.epoch)
    row.bind(4, head.seq)
    row.bind(5, head.id)
    row.bind(6, now)
    try row.run()
  }

  /// By feed, then by node.
  package func all() throws(KianaError) -> [PeerHead] {
    let row = try database.statement(
      "SELECT aid, feed, epoch, seq, id, at FROM peer_head ORDER BY feed, aid")
    defer { row.reset() }
    var heads = [PeerHead]()
    while try row.step() {
      heads.append(
        PeerHead(
          peer: AID(digest: row.hash(0)),
          head: FeedPosition(
            epoch: row.int(2), feed: row.text(1), id: row.hash(4), seq: row.int(3)),
          at: row.int(5)))
    }
    return heads
  }
}
