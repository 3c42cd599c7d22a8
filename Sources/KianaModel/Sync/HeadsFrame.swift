/// What one side says of one feed.
package struct HeadClaim: Equatable, Sendable {
  package let tag: UInt64
  package let epoch: Int64
  package let seq: Int64
  package let salted: UInt64

  var place: (epoch: Int64, seq: Int64) { (epoch, seq) }

  package init(tag: UInt64, epoch: Int64, seq: Int64, salted: UInt64) {
    self.tag = tag
    self.epoch = epoch
    self.seq = seq
    self.salted = salted
  }

  /// What a session says of a head.
  init(_ tag: UInt64, _ head: SyncHead, _ salt: SessionSalt) {
    self.init(
      tag: tag, epoch: head.position.epoch, seq: head.position.seq, salted: salt.head(head))
  }
}

extension SyncHead {
  /// Whether nothing need be said of a feed that the other side named: it is the same here, or this
  /// side has less of it and asks.
  func isSettled(by claim: HeadClaim, _ salt: SessionSalt) -> Bool {
    salt.head(self) == claim.salted || (position.epoch, position.seq) < claim.place
  }
}

/// HEADS_DELTA: what comes before the claims.
package struct DeltaRange: Equatable, Sendable {
  /// The sender names the feeds that changed after this one of its changes.
  package let since: Int64
  /// The change of the other side up to which the sender saw all.
  package let seen: Int64
}

/// HEADS: the feeds of one side (`docs/PROTOCOL.md` section 3).
package enum HeadsFrame {
  /// Claims in one frame; more go into further ones.
  package static let claimsMax = 20_000

  /// - Parameters:
  ///   - isLast: whether no further HEADS frame follows.
  package static func frame(_ claims: some Collection<HeadClaim>, isLast: Bool) -> Frame {
    var payload: [UInt8] = [isLast ? 0 : 1]
    for claim in claims {
      payload.append(big: claim.tag)
      Varint.append(claim.epoch, to: &payload)
      Varint.append(claim.seq, to: &payload)
      payload.append(big: claim.salted)
    }
    return Frame(.heads, payload)
  }

  /// HEADS_DELTA with its range; without one, the wish for HEADS instead.
  package static func delta(_ claims: [HeadClaim], _ range: DeltaRange?) -> Frame {
    guard let range else { return Frame(.headsDelta, [2]) }
    var payload: [UInt8] = [0]
    Varint.append(range.since, to: &payload)
    Varint.append(range.seen, to: &payload)
    payload += frame(claims, isLast: true).payload.dropFirst()
    return Frame(.headsDelta, payload)
  }

  /// - Returns: nil for the wish for HEADS.
  package static func parseDelta(
    _ payload: [UInt8]
  ) throws(SyncFault) -> (claims: [HeadClaim], range: DeltaRange)? {
    if payload == [2] { return nil }
    var offset = 1
    guard payload.first == 0, let since = Varint.read(payload, &offset),
      let seen = Varint.read(payload, &offset)
    else { throw malformed }
    return (try claims(payload, &offset), DeltaRange(since: since, seen: seen))
  }

  package static func parse(
    _ payload: [UInt8]
  ) throws(SyncFault) -> (claims: [HeadClaim], isLast: Bool) {
    guard let first = payload.first, first < 2 else { throw malformed }
    var offset = 1
    return (try claims(payload, &offset), first == 0)
  }

  private static func claims(
    _ payload: [UInt8], _ offset: inout Int
  ) throws(SyncFault) -> [HeadClaim] {
    var claims = [HeadClaim]()
    while offset < payload.count {
      guard let tag = payload.big(&offset), let epoch = Varint.read(payload, &offset),
        let seq = Varint.read(payload, &offset), let salted = payload.big(&offset)
      else { throw malformed }
      claims.append(HeadClaim(tag: tag, epoch: epoch, seq: seq, salted: salted))
    }
    return claims
  }

  private static var malformed: SyncFault { SyncFault("heads", "a HEADS frame is malformed") }
}

extension [UInt8] {
  mutating func append(big number: UInt64) {
    for shift in stride(from: 56, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
    }
  }

  func big(_ offset: inout Int) -> UInt64? {
    guard count - offset >= 8 else { return nil }
    defer { offset += 8 }
    return self[offset..<offset + 8].reduce(0) { $0 << 8 | UInt64($1) }
  }
}

extension Hash32 {
  /// The first eight bytes.
  var prefix8: UInt64 { words.0 }
}
