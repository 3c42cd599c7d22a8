/// A short way to say "I have more of that one" of a feed that the other side named: its place in
/// the list of names, and how far it goes here (`docs/PROTOCOL.md` section 3).
package enum FurtherList {
  /// One feed: the place in the other side's names, counted from 0, and the last block here.
  package struct Entry: Equatable, Sendable {
    package let name: Int
    package let epoch: Int64
    package let seq: Int64

    package init(name: Int, epoch: Int64, seq: Int64) {
      self.name = name
      self.epoch = epoch
      self.seq = seq
    }
  }

  /// What tells the payload from the other kinds of HEADS.
  static let kind: UInt8 = 2

  /// - Parameter entries: in the order of names, each once.
  package static func frame(_ entries: some Collection<Entry>) -> Frame {
    var payload = [kind]
    var last = -1
    for entry in entries {
      Varint.append(Int64(entry.name - last - 1), to: &payload)
      Varint.append(entry.epoch, to: &payload)
      Varint.append(entry.seq, to: &payload)
      last = entry.name
    }
    return Frame(.heads, payload)
  }

  /// - Parameter names: how many names there were.
  package static func parse(_ payload: [UInt8], names: Int) throws(SyncFault) -> [Entry] {
    var entries = [Entry]()
    var offset = 1
    var last = -1
    while offset < payload.count {
      guard let gap = Varint.read(payload, &offset), let epoch = Varint.read(payload, &offset),
        let seq = Varint.read(payload, &offset), gap < Int64(names - last - 1)
      else { throw SyncFault("heads", "a HEADS frame is malformed") }
      last += Int(gap) + 1
      entries.append(Entry(name: last, epoch: epoch, seq: seq))
    }
    return entries
  }
}

extension SyncMachine {
  /// The second side notes which of the other's names it can answer in short.
  ///
  /// - Parameter first: the place of the first claim in the list of names.
  mutating func noteFurther(_ found: [HeadClaim], from first: Int, _ salt: SessionSalt) {
    guard peer?.has(.further) == true, direction.contains(.push), !isPlanOnly else { return }
    for (index, claim) in found.enumerated() {
      guard let head = comparing.own[claim.tag], comparing.differing.contains(claim.tag),
        claim.place < (head.position.epoch, head.position.seq)
      else { continue }
      comparing.further.append(
        FurtherList.Entry(
          name: first + index, epoch: head.position.epoch, seq: head.position.seq))
      comparing.differing.remove(claim.tag)
      comparing.settled.insert(claim.tag)
    }
  }

  mutating func sendFurther() {
    var entries = comparing.further[...]
    comparing.further = []
    while !entries.isEmpty {
      send(FurtherList.frame(entries.prefix(HeadsFrame.claimsMax)))
      entries = entries.dropFirst(HeadsFrame.claimsMax)
    }
  }

  /// The first side learns where the other one has more.
  mutating func handleFurther(_ payload: [UInt8]) throws(KianaError) {
    guard comparing.isFirst, !comparing.hasAllHeads, hello.has(.further), let salt else {
      return end(SyncFault("order", "a list of feeds came that nobody waits for"))
    }
    let entries: [FurtherList.Entry]
    do throws(SyncFault) {
      entries = try FurtherList.parse(payload, names: comparing.names.count)
    } catch {
      return end(error)
    }
    var claims = [HeadClaim]()
    for entry in entries {
      let tag = comparing.names[entry.name]
      guard let head = comparing.own[tag],
        (head.position.epoch, head.position.seq) < (entry.epoch, entry.seq)
      else { return end(SyncFault("heads", "it says to have more of a feed, and has not")) }
      // Another head than ours, whatever it is.
      claims.append(
        HeadClaim(tag: tag, epoch: entry.epoch, seq: entry.seq, salted: ~salt.head(head)))
    }
    comparing.claims += claims.count
    guard !claims.isEmpty, comparing.claims <= Self.claimsMax else {
      return end(SyncFault("heads", "it claims more than \(Self.claimsMax) feeds"))
    }
    progress += 1
    if isPlanOnly {
      for claim in claims { plan.add(claim, comparing.own[claim.tag], salt) }
    } else if direction.contains(.pull) {
      want(claims, salt)
    }
    if direction.contains(.push), !isPlanOnly { try sendProofs(claims, salt) }
  }
}
