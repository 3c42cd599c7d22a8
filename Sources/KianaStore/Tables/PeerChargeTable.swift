package import KianaModel

/// What a peer brought on one day.
package struct PeerCharge: Equatable, Sendable {
  package var bytes: Int64 = 0
  package var feeds: Int64 = 0
  package var keyEvents: Int64 = 0

  package init() {}
}

/// What peers that nobody vouches for by hand brought today.
package struct PeerChargeTable {
  private let database: Database

  package init(_ database: Database) {
    self.database = database
  }

  /// - Parameter day: days since 1970-01-01 UTC.
  package func find(_ peer: String, day: Int64) throws(KianaError) -> PeerCharge {
    let row = try database.statement(
      "SELECT bytes, feeds, key_events FROM peer_charge WHERE peer = ?1 AND day = ?2")
    row.bind(1, peer)
    row.bind(2, day)
    defer { row.reset() }
    var charge = PeerCharge()
    if try row.step() {
      (charge.bytes, charge.feeds, charge.keyEvents) = (row.int(0), row.int(1), row.int(2))
    }
    return charge
  }

  package func set(_ peer: String, day: Int64, _ charge: PeerCharge) throws(KianaError) {
    let row = try database.statement(
      """
      INSERT OR REPLACE INTO peer_charge (peer, day, bytes, feeds, key_events)
      VALUES (?1, ?2, ?3, ?4, ?5)
      """)
    row.bind(1, peer)
    row.bind(2, day)
    row.bind(3, charge.bytes)
    row.bind(4, charge.feeds)
    row.bind(5, charge.keyEvents)
    try row.run()
  }
}
