package import KianaModel

/// What other nodes saw of our changes, and we of theirs, when the last session with them ended.
package struct PeerMemoryTable {
  private let database: Database

  package init(_ database: Database) {
    self.database = database
  }

  /// - Returns: nil when no session ended well with that copy of the node's store.
  package func find(_ peer: AID, storeNonce: String) throws(KianaError) -> SyncMemory? {
    let row = try database.statement(
      "SELECT mine, theirs FROM peer_memory WHERE aid = ?1 AND store_nonce = ?2")
    row.bind(1, peer.digest)
    row.bind(2, storeNonce)
    defer { row.reset() }
    return try row.step() ? SyncMemory(mine: row.int(0), theirs: row.int(1)) : nil
  }

  package func set(
    _ peer: AID, storeNonce: String, _ memory: SyncMemory
  ) throws(KianaError) {
    let row = try database.statement(
      """
      INSERT OR REPLACE INTO peer_memory (aid, store_nonce, mine, theirs) VALUES (?1, ?2, ?3, ?4)
      """)
    row.bind(1, peer.digest)
    row.bind(2, storeNonce)
    row.bind(3, memory.mine)
    row.bind(4, memory.theirs)
    try row.run()
  }

  /// How many nodes there are, and how many of them saw a change of ours.
  package func seen(change: Int64) throws(KianaError) -> (by: Int64, of: Int64) {
    let row = try database.statement(
      "SELECT count(*), coalesce(sum(seen >= ?1), 0) FROM"
        + " (SELECT max(mine) AS seen FROM peer_memory GROUP BY aid)")
    row.bind(1, change)
    defer { row.reset() }
    return try row.step() ? (row.int(1), row.int(0)) : (0, 0)
  }

  /// Who is admitted changed: what was turned away may be wanted now, so that all heads are
  /// compared again.
  package func forgetAll() throws(KianaError) {
    try database.execute("DELETE FROM peer_memory")
  }
}
