/// What a session asked for and did not get to the end yet.
struct SyncTaking {
  /// Claims whose feeds are not asked for yet.
  var claims = [HeadClaim]()[...]
  /// Tags that were claimed and led to a question; each does so once.
  var claimed = Set<UInt64>()
  var wanted = [UInt64: Wanting]()
  /// How many proofs came of each feed.
  var proofs = [UInt64: Int]()
  /// Feeds whose fork was looked for; once a session.
  var probed = Set<UInt64>()
  /// Whether something was asked for and did not come, or was turned away.
  var isIncomplete = false
  /// The key events that came of an author and were not answered yet, and how many came in all.
  var receivedEvents = [AID: Set<Hash32>]()
  var receivedCount = 0
  /// How often key events of an author came that were all here.
  var knownKeys = [AID: Int]()
  /// Authors whose key logs the store did not take: their blocks need not be looked at.
  var rejected = Set<AID>()
  /// Frames of blocks that are not with the store yet.
  var arrived = [(tag: UInt64, blocks: [Block])]()
  var arrivedBlocks = 0
  /// Contents that were asked for and did not come yet.
  var contents = Set<Hash32>()
  var awaitsContents = false
  var contentsAsked = 0
  var freshNotes = 0
  /// Whether the last answer brought any.
  var contentsCame = true

  /// Whether nothing is on its way.
  var isIdle: Bool { claims.isEmpty && wanted.isEmpty && !awaitsContents }
}

extension SyncMachine {
  private static var blocksAtOnce: Int { 800 }
  /// So many feeds are on their way at once; the others wait, in less memory.
  private static var wantedMax: Int { 1000 }
  /// Of a feed: that it forked, and that its author signed over a bad block.
  private static var proofsMax: Int { 2 }
  /// So many key events are remembered until they are answered.
  private static var receivedMax: Int { 200_000 }
  /// A log of 10,000 events takes fewer frames.
  private static var knownKeysMax: Int { 64 }

  // MARK: asking

  /// Asks for what the other side has more of.
  mutating func want(_ found: [HeadClaim], _ salt: SessionSalt) {
    for claim in found where !comparing.excluded.contains(claim.tag) {
      if let head = comparing.own[claim.tag] {
        let place = (head.position.epoch, head.position.seq)
        guard salt.head(head) != claim.salted, place <= claim.place else { continue }
      }
      if taking.claimed.insert(claim.tag).inserted { taking.claims.append(claim) }
    }
    askNext()
  }

  private mutating func askNext() {
    while taking.wanted.count < Self.wantedMax, let claim = taking.claims.popFirst() {
      ask(claim)
    }
    if taking.claims.isEmpty { taking.claims = [] }
  }

  private mutating func ask(_ claim: HeadClaim) {
    guard let head = comparing.own[claim.tag] else {
      // Whose feed it is, and whether they are admitted here, shows with its first block.
      let range =
        store.asksFirst
        ? WantFrame.firstBlock(tag: claim.tag) : WantFrame(tag: claim.tag, epoch: 0, from: 0)
      return ask(Wanting(range: range, claim: claim))
    }
    let position = head.position
    if (position.epoch, position.seq) < claim.place {
      ask(
        Wanting(
          range: WantFrame(tag: claim.tag, epoch: position.epoch, from: position.seq + 1),
          claim: claim))
    } else {
      // The key logs differ, or the feed has forked: their head and its key log tell.
      ask(
        Wanting(
          range: WantFrame(
            tag: claim.tag, epoch: position.epoch, from: position.seq, last: position.seq),
          claim: claim))
    }
  }

  private mutating func ask(_ wanting: Wanting) {
    taking.wanted[wanting.range.tag] = wanting
    send(wanting.range.frame)
  }

  /// An answer has ended. When what came follows a block that is not here, the feed has forked
  /// further back: the other branch is asked for from before the fork.
  private mutating func conclude(_ tag: UInt64) {
    defer { askNext() }
    guard let done = taking.wanted.removeValue(forKey: tag) else { return }
    if done.range.isFirstBlock, comparing.own[tag] == nil {
      guard !done.isRefused, let first = done.firstPlace, first < done.claim.place else { return }
      return ask(
        Wanting(
          range: WantFrame(tag: tag, epoch: first.epoch, from: first.seq + 1), claim: done.claim))
    }
    guard let head = comparing.own[tag] else { return }
    let position = head.position
    if done.isLost {
      guard done.range.from > 0 || done.range.epoch > 0,
        done.stepBack > 0 || taking.probed.insert(tag).inserted
      else {
        taking.isIncomplete = true
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

  // MARK: keys

  mutating func handleKeys(_ payload: [UInt8]) throws(KianaError) {
    owe(payload.count)
    summary.keyBytes += payload.count
    guard payload.count > 44, let author = AID(payload.span.extracting(..<44)) else {
      return end(SyncFault("keys", "a KEYS frame names no identity"))
    }
    guard direction.contains(.pull) else { return }
    try takeArrived()
    let answer = try store.take(keys: Array(payload[44...]), of: author)
    guard let fault = answer.fault else {
      if answer.isNews {
        progress += 1
      } else {
        taking.knownKeys[author, default: 0] += 1
        if taking.knownKeys[author, default: 0] > Self.knownKeysMax { idle() }
      }
      taking.receivedCount += answer.events.count
      // Beyond that the next session goes on.
      guard taking.receivedCount <= Self.receivedMax else {
        taking.isIncomplete = true
        return
      }
      taking.receivedEvents[author, default: []].formUnion(answer.events)
      return
    }
    if fault.kind == .peerQuota { return end(SyncFault("quota", fault.reason)) }
    turnAway(fault)
    if taking.rejected.count < Self.claimsMax { taking.rejected.insert(author) }
    remark(SyncRemark(id: .zero, author: author, fault: fault))
  }

  /// Counts what was refused. A stranger's is named again when somebody admits them, all else in
  /// the next session.
  private mutating func turnAway(_ fault: BlockFault) {
    summary.refused += 1
    if fault.kind != .notAdmitted { taking.isIncomplete = true }
  }

  // MARK: blocks

  mutating func handleBlocks(_ payload: [UInt8]) throws(KianaError) {
    var offset = 0
    guard let tag = payload.big(&offset) else {
      return end(SyncFault("blocks", "a BLOCKS frame is malformed"))
    }
    guard let wanting = taking.wanted[tag] else {
      return end(SyncFault("unasked", "blocks came that nothing asked for"))
    }
    owe(payload.count)
    var blocks = [Block]()
    do throws(SyncFault) {
      blocks = try wireBlocks(payload, from: offset, tag)
    } catch {
      return end(error)
    }
    if !blocks.isEmpty { progress += 1 }
    if wanting.range.isFirstBlock, let first = blocks.first?.header {
      taking.wanted[tag]?.firstPlace = (first.epoch, first.seq)
    }
    let last = blocks.last?.header
    summary.received += blocks.count
    try arrive(blocks, tag)
    guard last.map({ wanting.range.isEnd($0, head: wanting.claim.place) }) ?? true else { return }
    // Whether the answer helped is known when all of it is with the store.
    if wanting.range.isFirstBlock || comparing.own[tag] != nil || taking.wanted.count == 1 {
      try takeArrived()
    }
    conclude(tag)
    try finishWhenDone()
  }

  /// The blocks of a frame, all of one feed.
  private func wireBlocks(
    _ payload: [UInt8], from start: Int, _ tag: UInt64
  ) throws(SyncFault) -> [Block] {
    guard let salt else { return [] }
    var blocks = [Block]()
    do throws(BlockFault) {
      var offset = start
      while offset < payload.count {
        blocks.append(try WireBlock.parse(payload, &offset, crypto))
      }
    } catch {
      throw SyncFault("blocks", "a block is malformed: \(error.reason)")
    }
    guard let first = blocks.first?.header else { return [] }
    guard salt.tag(first.author, first.feed) == tag,
      blocks.allSatisfy({ $0.header.author == first.author && $0.header.feed == first.feed })
    else { throw SyncFault("blocks", "a block came that belongs to another feed") }
    return blocks
  }

  private mutating func arrive(_ blocks: [Block], _ tag: UInt64) throws(KianaError) {
    guard direction.contains(.pull), let header = blocks.first?.header else { return }
    // A feed that is not here has no name before its first block comes.
    guard isMeant(header.feed) else { return }
    guard !taking.rejected.contains(header.author) else {
      summary.refused += blocks.count
      taking.wanted[tag]?.isRefused = true
      return
    }
    taking.arrived.append((tag, blocks))
    taking.arrivedBlocks += blocks.count
    if taking.arrivedBlocks >= Self.blocksAtOnce { try takeArrived() }
  }

  /// Hands what came to the store, several frames at once: a transaction writes each page once.
  mutating func takeArrived() throws(KianaError) {
    guard !taking.arrived.isEmpty else { return }
    let frames = taking.arrived
    taking.arrived.removeAll()
    taking.arrivedBlocks = 0
    var outcomes = try store.take(frames.map(\.blocks))[...]
    for (tag, blocks) in frames {
      for block in blocks {
        guard let outcome = outcomes.popFirst() else { return }
        count(outcome, of: block, tag)
      }
    }
  }

  mutating func count(_ outcome: SyncOutcome, of block: Block, _ tag: UInt64) {
    switch outcome {
    case .stored: summary.stored += 1
    case .known: break
    case .aside(let fault):
      summary.aside += 1
      remark(SyncRemark(id: block.id, author: block.header.author, fault: fault))
    case .refused(let fault) where isBeyondFork(fault, tag):
      // It is asked for again from further back.
      taking.wanted[tag]?.isLost = true
    case .refused(let fault):
      taking.wanted[tag]?.isRefused = true
      if fault.kind == .peerQuota { end(SyncFault("quota", fault.reason)) }
      turnAway(fault)
      remark(SyncRemark(id: block.id, author: block.header.author, fault: fault))
    }
  }

  /// Whether a block follows another branch of a feed that is here.
  private func isBeyondFork(_ fault: BlockFault, _ tag: UInt64) -> Bool {
    guard fault.kind == .wrongPrev || fault.kind == .gap, comparing.own[tag] != nil,
      let range = taking.wanted[tag]?.range
    else { return false }
    return range.from > 0 || range.epoch > 0
  }

  // MARK: proofs

  /// PROOF: two blocks of a fork, or a bad block and those that its author signed over it.
  mutating func handleProof(_ payload: [UInt8]) throws(KianaError) {
    owe(payload.count)
    var offset = 0
    guard let tag = payload.big(&offset), comparing.own[tag] != nil || taking.wanted[tag] != nil
    else { return end(SyncFault("unasked", "a proof came of a feed that is not here")) }
    let blocks: [Block]
    do throws(SyncFault) {
      blocks = try wireBlocks(payload, from: offset, tag)
    } catch {
      return end(error)
    }
    taking.proofs[tag, default: 0] += 1
    guard taking.proofs[tag, default: 0] <= Self.proofsMax else { return idle() }
    try takeArrived()
    guard blocks.count > 1, blocks[1].header.prev == blocks[0].id else {
      return try arrive(blocks, tag)
    }
    guard direction.contains(.pull), isMeant(blocks[0].header.feed) else { return }
    let outcome = try store.take(proof: blocks)
    if outcome != .known { count(outcome, of: blocks[0], tag) }
  }
}
