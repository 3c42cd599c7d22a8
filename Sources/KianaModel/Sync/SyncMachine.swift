/// One side of a sync session, without I/O: bytes in, bytes out; the nonce and the store are handed
/// in (`docs/PROTOCOL.md`).
///
/// Both sides run the same machine. It may stop anywhere: what the store took stays, and the next
/// session goes on from there.
package struct SyncMachine<Store: SyncStore> {
  package typealias Summary = SyncSummary
  package typealias Direction = SyncDirection

  package private(set) var store: Store
  package private(set) var summary = Summary()
  /// The first ones of this session; `summary` counts all.
  package private(set) var remarks = [SyncRemark]()
  /// Why the session ended early; nil while it goes on or when it ended well.
  package private(set) var fault: SyncFault?
  package private(set) var peer: Hello?
  /// Of a machine that only plans.
  package private(set) var plan = SyncPlan()

  private let hello: Hello
  private let direction: Direction
  private let feeds: Set<String>?
  private let isPlanOnly: Bool
  private let crypto: any Cryptography
  private var reader = FrameReader()
  private var ready = [UInt8]()
  private var salt: SessionSalt?
  private var own = [UInt64: SyncHead]()
  /// Tags of feeds that are here and that this session leaves out.
  private var excluded = Set<UInt64>()
  private var wanted = [UInt64: Wanting]()
  /// Whether this side names its heads first.
  private var isFirst = false
  /// Feeds that the other side named and of which this one need not speak.
  private var settled = Set<UInt64>()
  private var differing = Set<UInt64>()
  /// Whether both sides name only what changed since their last session.
  private var isComparingChanges = false
  /// Whether the second side has sent its heads.
  private var hasNamed = false
  /// The change of this side up to which the other one saw all.
  private var seenByPeer: Int64 = 0
  /// Feeds whose fork was looked for; once a session.
  private var probed = Set<UInt64>()
  /// Whether something was asked for and did not come.
  private var isIncomplete = false
  /// How many key events came of an author in this session.
  private var receivedEvents = [AID: Int]()
  /// Tags for which a proof went out; each goes once, however often it is claimed.
  private var compared = Set<UInt64>()
  /// Authors whose key logs the store did not take: their blocks need not be looked at.
  private var rejected = Set<AID>()
  private var servings = [Serving]()
  private var introduced = Set<AID>()
  private var claims = 0
  private var wants = 0
  private var hasAllHeads = false
  /// Frames of blocks that are not with the store yet.
  private var arrived = [(tag: UInt64, blocks: [Block])]()
  private var arrivedBlocks = 0
  private var credit: Int64 = 0
  private var owedCredit: Int64 = 0
  private var isDone = false
  private var isPeerDone = false

  private static var remarksMax: Int { 100 }
  private static var claimsMax: Int { 1_000_000 }
  private static var blocksFrameBytes: Int { 256 << 10 }
  private static var blocksAtOnce: Int { 800 }
  private static var readyBytesMax: Int { 1 << 20 }

  /// - Parameters:
  ///   - feeds: only feeds of these names; nil for all.
  ///   - isPlanOnly: compares the heads and moves nothing.
  package init(
    _ store: Store, _ hello: Hello, direction: Direction = [.pull, .push],
    feeds: Set<String>? = nil, isPlanOnly: Bool = false, _ crypto: any Cryptography
  ) {
    self.isPlanOnly = isPlanOnly
    self.store = store
    self.hello = hello
    self.direction = direction
    self.feeds = feeds
    self.crypto = crypto
    send(hello.frame)
  }

  /// Whether nothing more will come or go.
  package var isFinished: Bool {
    (fault != nil || (isDone && isPeerDone && servings.isEmpty)) && ready.isEmpty
  }

  // MARK: bytes out

  /// The bytes to write next; nothing when the machine waits for the other side.
  package mutating func output() throws(KianaError) -> [UInt8] {
    while fault == nil, ready.count < Self.readyBytesMax, try serveNext() {}
    defer { ready.removeAll(keepingCapacity: true) }
    summary.bytesOut += ready.count
    return ready
  }

  private mutating func send(_ frame: Frame) {
    frame.append(to: &ready)
  }

  private mutating func end(_ fault: SyncFault) {
    guard self.fault == nil else { return }
    send(fault.frame)
    servings.removeAll()
    self.fault = fault
  }

  // MARK: bytes in

  /// Takes what came.
  /// - Throws: what the store throws; a fault of the other side ends the session and is in `fault`.
  package mutating func receive(_ bytes: [UInt8]) throws(KianaError) {
    summary.bytesIn += bytes.count
    guard fault == nil else { return }
    reader.append(bytes)
    while fault == nil {
      let frame: Frame?
      do throws(SyncFault) {
        frame = try reader.next()
      } catch {
        return end(error)
      }
      guard let frame else { break }
      try handle(frame)
    }
    try takeArrived()
  }

  /// The other side ended its stream.
  package mutating func receiveEnd() {
    guard !(isDone && isPeerDone) else { return }
    fault =
      fault
      ?? SyncFault(
        "cut", reader.isInside ? "the stream ended inside a frame" : "the other side ended early")
  }

  private mutating func handle(_ frame: Frame) throws(KianaError) {
    guard peer != nil || frame.kind == .hello || frame.kind == .error else {
      return end(SyncFault("order", "a frame came before HELLO"))
    }
    if frame.kind != .keys { try sendMissingKeys() }
    switch frame.kind {
    case .hello: try handleHello(frame.payload)
    case .heads: try handleHeads(frame.payload)
    case .keys: try handleKeys(frame.payload)
    case .want: try handleWant(frame.payload)
    case .blocks, .proof: try handleBlocks(frame)
    case .credit: handleCredit(frame.payload)
    case .bye:
      isPeerDone = true
      try remember()
    case .error:
      fault = SyncFault(error: frame.payload)
    case .headsDelta: try handleDelta(frame.payload)
    case .rangeReconciliation, .content:
      end(SyncFault("unasked", "a frame came that nothing asked for"))
    }
  }

  private mutating func handleHello(_ payload: [UInt8]) throws(KianaError) {
    guard peer == nil else { return end(SyncFault("order", "HELLO came twice")) }
    let theirs: Hello
    do throws(SyncFault) {
      theirs = try Hello.parse(payload)
    } catch {
      return end(error)
    }
    guard theirs.network == hello.network else {
      return end(SyncFault("net", "it belongs to the network '\(Printable.line(theirs.network))'"))
    }
    peer = theirs
    credit = theirs.creditBytes
    let salt = SessionSalt(hello, theirs, crypto)
    self.salt = salt
    for head in try store.heads(for: theirs.node) {
      let tag = salt.tag(head.author, head.position.feed)
      if isMeant(head.position.feed) { own[tag] = head } else { excluded.insert(tag) }
    }
    isFirst = SessionSalt.isFirst(hello, theirs)
    // The other one names only what differs from this, which saves half of the bytes.
    guard isFirst else { return }
    guard remembers, theirs.changes != nil, let memory = try store.memory(of: theirs) else {
      return sendHeads(salt)
    }
    let changed = own.filter { $0.value.changed > memory.mine }
    guard changed.count <= HeadsFrame.claimsMax else { return sendHeads(salt) }
    isComparingChanges = true
    seenByPeer = memory.mine
    send(
      HeadsFrame.delta(
        changed.map { HeadClaim($0.key, $0.value, salt) },
        DeltaRange(since: memory.mine, seen: memory.theirs)))
  }

  /// Whether all takes part, so that the next session need only look at changes.
  private var remembers: Bool {
    direction == [.pull, .push] && feeds == nil && !isPlanOnly && hello.changes != nil
  }

  /// HEADS_DELTA: only what changed since the last session that ended well.
  private mutating func handleDelta(_ payload: [UInt8]) throws(KianaError) {
    guard let salt, let peer, !hasAllHeads else {
      return end(SyncFault("order", "HEADS_DELTA came again"))
    }
    let parsed: (claims: [HeadClaim], range: DeltaRange)?
    do throws(SyncFault) {
      parsed = try HeadsFrame.parseDelta(payload)
    } catch {
      return end(error)
    }
    guard let (found, range) = parsed else {
      guard isFirst, isComparingChanges else {
        return end(SyncFault("order", "it wants HEADS that nobody left out"))
      }
      isComparingChanges = false
      return sendHeads(salt)
    }
    if isFirst {
      guard isComparingChanges else {
        return end(SyncFault("order", "HEADS_DELTA answers HEADS"))
      }
    } else {
      let memory = remembers ? try store.memory(of: peer) : nil
      guard let memory, range.since <= memory.theirs, range.seen <= hello.changes ?? -1 else {
        return send(HeadsFrame.delta([], nil))
      }
      seenByPeer = range.seen
      isComparingChanges = true
    }
    // The second side has heard all when the first one answered what it named.
    try compare(found, isLast: isFirst, salt)
    guard isFirst else { return }
    let behind = found.compactMap { claim -> HeadClaim? in
      guard let head = own[claim.tag], head.changed <= seenByPeer,
        !head.isSettled(by: claim, salt)
      else { return nil }
      return HeadClaim(claim.tag, head, salt)
    }
    send(HeadsFrame.frame(behind, isLast: true))
    try finishWhenDone()
  }

  /// Whether feeds of this name take part.
  private func isMeant(_ feed: String) -> Bool {
    feeds?.contains(feed) ?? true
  }

  private mutating func sendHeads(_ salt: SessionSalt) {
    var claims = [HeadClaim]()
    if direction.contains(.push), !isPlanOnly {
      claims = own.filter { isWorthNaming($0.key, $0.value) }.map {
        HeadClaim($0.key, $0.value, salt)
      }
    }
    if isComparingChanges, claims.count <= HeadsFrame.claimsMax {
      return send(HeadsFrame.delta(claims, DeltaRange(since: seenByPeer, seen: 0)))
    }
    var start = 0
    repeat {
      let end = min(start + HeadsFrame.claimsMax, claims.count)
      send(HeadsFrame.frame(claims[start..<end], isLast: end == claims.count))
      start = end
    } while start < claims.count
  }

  /// What the second side says of: all that the first one did not name, or of that which changed;
  /// and what differs and the first one has not more of.
  private func isWorthNaming(_ tag: UInt64, _ head: SyncHead) -> Bool {
    if settled.contains(tag) { return false }
    return !isComparingChanges || head.changed > seenByPeer || differing.contains(tag)
  }

  private mutating func handleHeads(_ payload: [UInt8]) throws(KianaError) {
    guard !hasAllHeads, let salt else { return end(SyncFault("order", "HEADS came again")) }
    let found: (claims: [HeadClaim], isLast: Bool)
    do throws(SyncFault) {
      found = try HeadsFrame.parse(payload)
    } catch {
      return end(error)
    }
    claims += found.claims.count
    guard claims <= Self.claimsMax else {
      return end(SyncFault("heads", "it claims more than \(Self.claimsMax) feeds"))
    }
    try compare(found.claims, isLast: found.isLast, salt)
  }

  private mutating func compare(
    _ found: [HeadClaim], isLast: Bool, _ salt: SessionSalt
  ) throws(KianaError) {
    hasAllHeads = isLast
    if !isFirst {
      for claim in found {
        let isSettled = own[claim.tag]?.isSettled(by: claim, salt) == true
        if isSettled { settled.insert(claim.tag) } else { differing.insert(claim.tag) }
      }
    }
    if isPlanOnly {
      for claim in found where !excluded.contains(claim.tag) {
        plan.add(claim, own[claim.tag], salt)
      }
    } else if direction.contains(.pull) {
      for claim in found { want(claim, salt) }
    }
    if direction.contains(.push), !isPlanOnly { try sendProofs(found, salt) }
    if isPlanOnly, hasAllHeads { plan.addUnclaimed(own) }
    if !isFirst, !hasNamed, hasAllHeads || isComparingChanges {
      hasNamed = true
      sendHeads(salt)
    }
    try finishWhenDone()
  }

  /// Asks for what the other side has more of.
  private mutating func want(_ claim: HeadClaim, _ salt: SessionSalt) {
    guard !excluded.contains(claim.tag), wanted[claim.tag] == nil else { return }
    guard let head = own[claim.tag] else {
      return ask(Wanting(range: WantFrame(tag: claim.tag, epoch: 0, from: 0), claim: claim))
    }
    guard salt.head(head) != claim.salted else { return }
    let position = head.position
    let (ours, theirs) = ((position.epoch, position.seq), (claim.epoch, claim.seq))
    if ours < theirs {
      ask(
        Wanting(
          range: WantFrame(tag: claim.tag, epoch: position.epoch, from: position.seq + 1),
          claim: claim))
    } else if ours == theirs {
      // The key logs differ, or the feed has forked: their head and its key log tell.
      ask(
        Wanting(
          range: WantFrame(
            tag: claim.tag, epoch: position.epoch, from: position.seq, last: position.seq),
          claim: claim))
    }
  }

  private mutating func ask(_ wanting: Wanting) {
    wanted[wanting.range.tag] = wanting
    send(wanting.range.frame)
  }

  /// An answer has ended. When what came follows a block that is not here, the feed has forked
  /// further back: the other branch is asked for from before the fork.
  private mutating func conclude(_ tag: UInt64) {
    guard let done = wanted.removeValue(forKey: tag), let head = own[tag] else { return }
    let position = head.position
    if done.isLost {
      guard done.range.from > 0 || done.range.epoch > 0,
        done.stepBack > 0 || probed.insert(tag).inserted
      else {
        isIncomplete = true
        return
      }
      ask(done.furtherBack(from: position))
    } else if done.stepBack > 0, !done.isRefused, done.range.last != WantFrame.end {
      guard (position.epoch, position.seq) < (done.claim.epoch, done.claim.seq) else { return }
      ask(
        Wanting(
          range: WantFrame(tag: tag, epoch: position.epoch, from: position.seq + 1),
          claim: done.claim))
    }
  }

  /// What the other side cannot ask for, since it does not know of it: that a feed has forked.
  private mutating func sendProofs(_ found: [HeadClaim], _ salt: SessionSalt) throws(KianaError) {
    for claim in found {
      guard let head = own[claim.tag], head.isContested, salt.head(head) != claim.salted,
        compared.insert(claim.tag).inserted
      else { continue }
      try introduce(head.author)
      let blocks = try store.forkProof(author: head.author, feed: head.position.feed)
      let proof = WireBlock.proof(
        claim.tag, blocks, bytesMax: Int(peer?.frameBytesMax ?? 0))
      credit -= Int64(proof.count)
      send(Frame(.proof, proof))
    }
  }

  private mutating func handleKeys(_ payload: [UInt8]) throws(KianaError) {
    owe(payload.count)
    guard payload.count > 44, let author = AID(payload.span.extracting(..<44)) else {
      return end(SyncFault("keys", "a KEYS frame names no identity"))
    }
    guard direction.contains(.pull) else { return }
    try takeArrived()
    let answer = try store.take(keys: Array(payload[44...]), of: author)
    if let words = answer.fault {
      summary.refused += 1
      if rejected.count < Self.claimsMax { rejected.insert(author) }
      remark(SyncRemark(id: .zero, author: author, fault: BlockFault(.badKeyLog, words)))
      return
    }
    receivedEvents[author, default: 0] += answer.events
  }

  /// Sends the key log of an author whose events the other side does not all have.
  private mutating func sendMissingKeys() throws(KianaError) {
    guard direction.contains(.push) else { return }
    let received = receivedEvents
    receivedEvents.removeAll()
    for (author, count) in received where !introduced.contains(author) {
      if try store.keyEvents(of: author) > count { try introduce(author) }
    }
  }

  private mutating func handleWant(_ payload: [UInt8]) throws(KianaError) {
    guard let want = WantFrame(payload) else {
      return end(SyncFault("want", "a WANT frame is malformed"))
    }
    guard direction.contains(.push), let head = own[want.tag] else {
      return end(SyncFault("want", "it wants a feed that was not offered"))
    }
    // A feed is sent once at a time, so the queue is never longer than the list of feeds.
    guard !servings.contains(where: { $0.range.tag == want.tag }) else {
      return end(SyncFault("want", "it wants a feed twice at once"))
    }
    wants += 1
    guard wants <= Self.claimsMax * 16 else {
      return end(SyncFault("want", "it wants without end"))
    }
    // Who has nothing of the feed yet hears of it in the next session.
    if head.isContested, want.from > 0 || want.epoch > 0, let salt {
      let claim = HeadClaim(tag: want.tag, epoch: 0, seq: 0, salted: ~salt.head(head))
      try sendProofs([claim], salt)
    }
    servings.append(Serving(head: head, range: want, epoch: want.epoch, seq: want.from))
  }

  private mutating func handleCredit(_ payload: [UInt8]) {
    var offset = 0
    guard let bytes = Varint.read(payload, &offset), offset == payload.count, bytes <= 1 << 40,
      credit <= 1 << 40
    else { return end(SyncFault("credit", "a CREDIT frame is malformed")) }
    credit += bytes
  }

  private mutating func handleBlocks(_ frame: Frame) throws(KianaError) {
    owe(frame.payload.count)
    var offset = 0
    guard let tag = frame.payload.big(&offset), let salt else {
      return end(SyncFault("blocks", "a BLOCKS frame is malformed"))
    }
    guard wanted[tag] != nil || (frame.kind == .proof && own[tag] != nil) else {
      return end(SyncFault("unasked", "blocks came that nothing asked for"))
    }
    var blocks = [Block]()
    var last: BlockHeader?
    do throws(BlockFault) {
      while offset < frame.payload.count {
        let block = try WireBlock.parse(frame.payload, &offset, crypto)
        last = block.header
        guard salt.tag(block.header.author, block.header.feed) == tag else {
          return end(SyncFault("blocks", "a block came that belongs to another feed"))
        }
        // A feed that is not here has no name before its first block comes.
        guard isMeant(block.header.feed) else { continue }
        guard !rejected.contains(block.header.author) else {
          summary.refused += 1
          continue
        }
        blocks.append(block)
      }
    } catch {
      return end(SyncFault("blocks", "a block is malformed: \(error.reason)"))
    }
    summary.received += blocks.count
    if direction.contains(.pull), !blocks.isEmpty {
      arrived.append((tag, blocks))
      arrivedBlocks += blocks.count
    }
    if arrivedBlocks >= Self.blocksAtOnce { try takeArrived() }
    guard frame.kind == .blocks, let wanting = wanted[tag],
      last.map({ wanting.range.isEnd($0, head: wanting.claim.place) }) ?? true
    else { return }
    // Whether the answer helped is known when all of it is with the store.
    if own[tag] != nil || wanted.count == 1 { try takeArrived() }
    conclude(tag)
    try finishWhenDone()
  }

  /// Hands what came to the store, several frames at once: a transaction writes each page once.
  private mutating func takeArrived() throws(KianaError) {
    guard !arrived.isEmpty else { return }
    let frames = arrived
    arrived.removeAll()
    arrivedBlocks = 0
    var outcomes = try store.take(frames.map(\.blocks))[...]
    for (tag, blocks) in frames {
      for block in blocks {
        guard let outcome = outcomes.popFirst() else { return }
        count(outcome, of: block, tag)
      }
    }
  }

  private mutating func count(_ outcome: SyncOutcome, of block: Block, _ tag: UInt64) {
    switch outcome {
    case .stored: summary.stored += 1
    case .known: break
    case .aside(let fault):
      summary.aside += 1
      remark(SyncRemark(id: block.id, author: block.header.author, fault: fault))
    case .refused(let fault) where isBeyondFork(fault, tag):
      // It is asked for again from further back.
      wanted[tag]?.isLost = true
    case .refused(let fault):
      wanted[tag]?.isRefused = true
      summary.refused += 1
      remark(SyncRemark(id: block.id, author: block.header.author, fault: fault))
    }
  }

  /// Whether a block follows another branch of a feed that is here.
  private func isBeyondFork(_ fault: BlockFault, _ tag: UInt64) -> Bool {
    guard fault.kind == .wrongPrev || fault.kind == .gap, own[tag] != nil,
      let range = wanted[tag]?.range
    else { return false }
    return range.from > 0 || range.epoch > 0
  }

  private mutating func remark(_ remark: SyncRemark) {
    if remarks.count < Self.remarksMax { remarks.append(remark) }
  }

  /// Gives credit back in halves of the window, so that the other side never waits for long.
  private mutating func owe(_ bytes: Int) {
    owedCredit += Int64(bytes)
    guard owedCredit >= hello.creditBytes / 2 else { return }
    var payload = [UInt8]()
    Varint.append(owedCredit, to: &payload)
    owedCredit = 0
    send(Frame(.credit, payload))
  }

  /// Both sides took what they wanted: the next session need only look at what changes from now on.
  private mutating func remember() throws(KianaError) {
    guard isDone, isPeerDone, fault == nil, remembers, summary.refused == 0, !isIncomplete,
      let peer,
      let theirs = peer.changes, let mine = hello.changes
    else { return }
    try store.remember(SyncMemory(mine: mine, theirs: theirs), of: peer)
  }

  private mutating func finishWhenDone() throws(KianaError) {
    guard fault == nil, hasAllHeads, wanted.isEmpty, !isDone else { return }
    isDone = true
    try remember()
    send(Frame(.bye, JSONValue.object([JSONMember("reason", .string("done"))]).canonical()))
  }

  // MARK: serving

  /// Sends the next part of what the other side wants, within its credit.
  /// - Returns: whether anything was sent.
  private mutating func serveNext() throws(KianaError) -> Bool {
    guard credit > 0, var serving = servings.first else { return false }
    try introduce(serving.head.author)
    let frameBytes = min(Int64(Self.blocksFrameBytes), peer?.frameBytesMax ?? 0, credit)
    let found = try store.blocks(
      author: serving.head.author, feed: serving.head.position.feed, epoch: serving.epoch,
      from: serving.seq, bytesMax: Int(frameBytes))
    let place = (serving.head.position.epoch, serving.head.position.seq)
    let blocks = found.prefix {
      serving.range.contains($0.header) && ($0.header.epoch, $0.header.seq) <= place
    }
    var payload = [UInt8]()
    payload.append(big: serving.range.tag)
    for block in blocks { WireBlock.append(block, to: &payload) }
    credit -= Int64(payload.count)
    send(Frame(.blocks, payload))
    summary.sent += blocks.count
    if let last = blocks.last {
      (serving.epoch, serving.seq) = (last.header.epoch, last.header.seq + 1)
      servings[0] = serving
      if serving.range.isEnd(last.header, head: place) { servings.removeFirst() }
    } else {
      servings.removeFirst()
    }
    return true
  }

  /// Sends an author's key log, once a session.
  private mutating func introduce(_ author: AID) throws(KianaError) {
    guard introduced.insert(author).inserted else { return }
    for stream in try store.keyLog(of: author) {
      let payload = Array(author.text.utf8) + stream
      credit -= Int64(payload.count)
      send(Frame(.keys, payload))
    }
  }
}
