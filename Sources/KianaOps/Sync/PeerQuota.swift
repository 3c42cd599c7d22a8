internal import KianaModel
internal import KianaStore

/// What a peer may bring a day, when nobody stands by who typed the sync.
struct PeerQuota {
  private let node: Node
  private let peer: String

  /// - Parameter peer: a name that the operator gave, or the same one for all that have none: what
  ///   a peer says of itself does not count.
  init(_ node: Node, peer: String) {
    self.node = node
    self.peer = peer
  }

  private static let dayMilliseconds: Int64 = 86_400_000

  private var day: Int64 { node.now() / Self.dayMilliseconds }

  /// Charges what was taken, in the transaction that is open.
  func charge(_ more: PeerCharge) throws(KianaError) {
    guard more != PeerCharge() else { return }
    var charge = try node.peerCharges.find(peer, day: day)
    charge.bytes += more.bytes
    charge.feeds += more.feeds
    charge.keyEvents += more.keyEvents
    try node.peerCharges.set(peer, day: day, charge)
  }

  /// Why no more is taken today; nil when there is room.
  func fault(for more: PeerCharge) throws(KianaError) -> BlockFault? {
    let charge = try node.peerCharges.find(peer, day: day)
    let settings = node.settings
    let limits: [(Int64, Int64, Int64, String)] = [
      (charge.bytes, more.bytes, settings.peerDayBytesMax, "bytes"),
      (charge.feeds, more.feeds, settings.peerDayFeedsMax, "feeds"),
      (charge.keyEvents, more.keyEvents, settings.peerDayKeyEventsMax, "key events"),
    ]
    for (used, added, limit, what) in limits where used + added > limit {
      return BlockFault(.peerQuota, "'\(peer)' may bring \(limit) \(what) a day")
    }
    return nil
  }
}
