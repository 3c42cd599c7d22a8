/// What a session knows of the differences between both sides.
struct SyncComparing {
  /// The feeds that are here and take part, by their tags.
  var own = [UInt64: SyncHead]()
  /// Tags of feeds that are here and that this session leaves out.
  var excluded = Set<UInt64>()
  /// Whether this side names its heads first.
  var isFirst = false
  /// Feeds that the other side named and of which this one need not speak.
  var settled = Set<UInt64>()
  var differing = Set<UInt64>()
  /// Whether both sides name only what changed since their last session.
  var isByChanges = false
  /// The change of this side up to which the other one saw all.
  var seenByPeer: Int64 = 0
  /// The comparison by ranges; nil when there is none.
  var ranges: Negentropy?
  var rangeMessages = 0
  /// Whether the second side has sent its heads.
  var hasNamed = false
  var claims = 0
  var hasAllHeads = false
  /// The tags of the feeds that the first side named, in order.
  var names = [UInt64]()
  /// Those of which the second side has more.
  var further = [FurtherList.Entry]()
}

extension SyncMachine {
  private static var rangeMessagesMax: Int { 64 }
  /// Up to so many feeds are named one by one.
  private static var plainHeadsMax: Int { 1000 }
  private static var tagsInFrame: Int { 100_000 }

  mutating func beginComparing(
    with peer: Hello, _ salt: SessionSalt
  ) throws(KianaError) {
    let heads = try store.heads(for: peer.node)
    comparing.own.reserveCapacity(heads.count)
    // Heads come author by author, and an author's name costs more to spell than to hash.
    var (author, name) = (AID?.none, [UInt8]())
    for head in heads {
      if head.author != author { (author, name) = (head.author, Array(head.author.text.utf8)) }
      let tag = salt.tag(name, head.position.feed)
      if isMeant(head.position.feed) {
        comparing.own[tag] = head
      } else {
        comparing.excluded.insert(tag)
      }
    }
    comparing.isFirst = SessionSalt.isFirst(hello, peer)
    // The other one names only what differs from this, which saves half of the bytes.
    guard comparing.isFirst else { return }
    guard remembers, peer.changes != nil, let memory = try store.memory(of: peer) else {
      return nameAll(salt)
    }
    let changed = comparing.own.filter { $0.value.changed > memory.mine }
    guard changed.count <= HeadsFrame.claimsMax else { return nameAll(salt) }
    comparing.isByChanges = true
    comparing.seenByPeer = memory.mine
    let claims = changed.map { HeadClaim($0.key, $0.value, salt) }
    comparing.names = claims.map(\.tag)
    send(HeadsFrame.delta(claims, DeltaRange(since: memory.mine, seen: memory.theirs)))
  }

  /// Whether all takes part, so that the next session need only look at changes.
  var remembers: Bool {
    direction == [.pull, .push] && feeds == nil && !isPlanOnly && hello.changes != nil
  }

  /// Whether feeds of this name take part.
  func isMeant(_ feed: String) -> Bool {
    feeds?.contains(feed) ?? true
  }

  /// The first side speaks of all its feeds: by name, or of very many by ranges.
  private mutating func nameAll(_ salt: SessionSalt) {
    guard comparing.own.count > Self.plainHeadsMax, usesRanges else { return sendHeads(salt) }
    let ranges = rangesOfOwn(salt)
    comparing.ranges = ranges
    send(Frame(.rangeReconciliation, [0] + ranges.initiate()))
  }

  // MARK: heads out

  private mutating func sendHeads(_ salt: SessionSalt) {
    sendFurther()
    var claims = [HeadClaim]()
    if direction.contains(.push), !isPlanOnly {
      claims = comparing.own.filter { isWorthNaming($0.key, $0.value) }.map {
        HeadClaim($0.key, $0.value, salt)
      }
    }
    if comparing.isFirst { comparing.names = claims.map(\.tag) }
    if comparing.isByChanges, claims.count <= HeadsFrame.claimsMax {
      return send(HeadsFrame.delta(claims, DeltaRange(since: comparing.seenByPeer, seen: 0)))
    }
    var start = 0
    repeat {
      let end = min(start + HeadsFrame.claimsMax, claims.count)
      send(HeadsFrame.frame(claims[start..<end], isLast: end == claims.count))
      start = end
    } while start < claims.count
  }

  /// What a side says of: all that the other one did not name, or of that which changed or differs
  /// by ranges; and what differs and the other one has not more of.
  private func isWorthNaming(_ tag: UInt64, _ head: SyncHead) -> Bool {
    if comparing.settled.contains(tag) { return false }
    if comparing.ranges != nil { return comparing.differing.contains(tag) }
    return !comparing.isByChanges || head.changed > comparing.seenByPeer
      || comparing.differing.contains(tag)
  }

  // MARK: heads in

  mutating func handleHeads(_ payload: [UInt8]) throws(KianaError) {
    if payload.first == FurtherList.kind { return try handleFurther(payload) }
    guard !comparing.hasAllHeads, let salt else {
      return end(SyncFault("order", "HEADS came again"))
    }
    let found: (claims: [HeadClaim], isLast: Bool)
    do throws(SyncFault) {
      found = try HeadsFrame.parse(payload)
    } catch {
      return end(error)
    }
    guard found.isLast || !found.claims.isEmpty else { return idle() }
    try compare(found.claims, isLast: found.isLast, salt)
  }

  /// HEADS_DELTA: only what changed since the last session that ended well.
  mutating func handleDelta(_ payload: [UInt8]) throws(KianaError) {
    guard let salt, let peer, !comparing.hasAllHeads else {
      return end(SyncFault("order", "HEADS_DELTA came again"))
    }
    let parsed: (claims: [HeadClaim], range: DeltaRange)?
    do throws(SyncFault) {
      parsed = try HeadsFrame.parseDelta(payload)
    } catch {
      return end(error)
    }
    guard let (found, range) = parsed else {
      guard comparing.isFirst, comparing.isByChanges else {
        return end(SyncFault("order", "it wants HEADS that nobody left out"))
      }
      comparing.isByChanges = false
      return nameAll(salt)
    }
    if comparing.isFirst {
      guard comparing.isByChanges else {
        return end(SyncFault("order", "HEADS_DELTA answers HEADS"))
      }
    } else {
      let memory = remembers ? try store.memory(of: peer) : nil
      guard let memory, range.since <= memory.theirs, range.seen <= hello.changes ?? -1 else {
        return send(HeadsFrame.delta([], nil))
      }
      comparing.seenByPeer = range.seen
      comparing.isByChanges = true
    }
    // The second side has heard all when the first one answered what it named.
    try compare(found, isLast: comparing.isFirst, salt)
    guard comparing.isFirst else { return }
    let behind = found.compactMap { claim -> HeadClaim? in
      guard let head = comparing.own[claim.tag], head.changed <= comparing.seenByPeer,
        !head.isSettled(by: claim, salt)
      else { return nil }
      return HeadClaim(claim.tag, head, salt)
    }
    send(HeadsFrame.frame(behind, isLast: true))
    try finishWhenDone()
  }

  private mutating func compare(
    _ found: [HeadClaim], isLast: Bool, _ salt: SessionSalt
  ) throws(KianaError) {
    progress += 1
    comparing.claims += found.count
    guard comparing.claims <= Self.claimsMax else {
      return end(SyncFault("heads", "it claims more than \(Self.claimsMax) feeds"))
    }
    comparing.hasAllHeads = isLast
    if !comparing.isFirst {
      for claim in found {
        let isSettled = comparing.own[claim.tag]?.isSettled(by: claim, salt) == true
        if isSettled {
          comparing.settled.insert(claim.tag)
        } else if comparing.own[claim.tag] != nil {
          comparing.differing.insert(claim.tag)
        }
      }
      noteFurther(found, from: comparing.claims - found.count, salt)
    }
    if isPlanOnly {
      for claim in found where !comparing.excluded.contains(claim.tag) {
        plan.add(claim, comparing.own[claim.tag], salt)
      }
    } else if direction.contains(.pull) {
      want(found, salt)
    }
    if direction.contains(.push), !isPlanOnly { try sendProofs(found, salt) }
    if isPlanOnly, comparing.hasAllHeads { plan.addUnclaimed(comparing.own) }
    if !comparing.isFirst, !comparing.hasNamed, comparing.hasAllHeads || comparing.isByChanges {
      comparing.hasNamed = true
      sendHeads(salt)
    }
    try finishWhenDone()
  }

  // MARK: ranges

  private var usesRanges: Bool { hello.has(.ranges) && peer?.has(.ranges) == true }

  private func rangesOfOwn(_ salt: SessionSalt) -> Negentropy {
    Negentropy(
      comparing.own.map { salt.rangeId($0.key, $0.value) }.sorted(),
      isInitiator: comparing.isFirst,
      // One byte of the payload is ours, one is the type.
      messageBytesMax: Int(peer?.frameBytesMax ?? Hello.creditBytesMin) - 2, crypto)
  }

  /// RBSR: 0 and a message of the comparison, or 1 and the tags of feeds that the first side
  /// lacks or has otherwise.
  mutating func handleRanges(_ payload: [UInt8]) throws(KianaError) {
    guard let salt, usesRanges, !comparing.hasAllHeads, let kind = payload.first, kind < 2,
      kind == 0 || !comparing.isFirst, comparing.isFirst == false || comparing.ranges != nil
    else { return end(SyncFault("ranges", "a range came that nobody compares")) }
    comparing.rangeMessages += 1
    guard comparing.rangeMessages <= Self.rangeMessagesMax else {
      return end(SyncFault("ranges", "the comparison does not end"))
    }
    if kind == 1 { return handleTags(payload) }
    let ranges = comparing.ranges ?? rangesOfOwn(salt)
    comparing.ranges = ranges
    comparing.isByChanges = false
    progress += 1
    let finding: Negentropy.Finding
    do throws(SyncFault) {
      finding = try ranges.reconcile(Array(payload.dropFirst()))
    } catch {
      return end(error)
    }
    // An id begins with the tag of its feed.
    for id in finding.have { comparing.differing.insert(id.prefix8) }
    for id in finding.need { comparing.settled.insert(id.prefix8) }
    if let answer = finding.answer {
      return send(Frame(.rangeReconciliation, [0] + answer))
    }
    nameDifferences(salt)
  }

  /// The first side knows what differs: it names what it has of it, and asks for the rest.
  private mutating func nameDifferences(_ salt: SessionSalt) {
    // What it names itself, the other side compares without being asked.
    let isNaming = direction.contains(.push)
    let lacking = comparing.settled.filter { !isNaming || !comparing.differing.contains($0) }
    comparing.settled.removeAll()
    var tags = lacking[...]
    while !tags.isEmpty {
      var payload: [UInt8] = [1]
      for tag in tags.prefix(Self.tagsInFrame) { payload.append(big: tag) }
      send(Frame(.rangeReconciliation, payload))
      tags = tags.dropFirst(Self.tagsInFrame)
    }
    sendHeads(salt)
  }

  private mutating func handleTags(_ payload: [UInt8]) {
    var offset = 1
    while let tag = payload.big(&offset) {
      if comparing.own[tag] != nil { comparing.differing.insert(tag) }
    }
    guard comparing.ranges != nil, offset == payload.count, payload.count > 1 else {
      return end(SyncFault("ranges", "a list of feeds is malformed"))
    }
    progress += 1
  }
}
