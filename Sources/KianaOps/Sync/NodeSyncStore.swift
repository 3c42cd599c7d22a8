internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// A node's store as the sync machine uses it: every rule of `import` applies.
package struct NodeSyncStore: SyncStore {
  private let node: Node
  private let admits: Bool
  private let withContent: Bool
  private let workers: Int
  private var peer: AID?
  private let quota: PeerQuota?
  /// The last content that was asked for, and where the first one was.
  private var contentCursor: (last: Int64, start: Int64, hasWrapped: Bool)?
  private let pool: Workers<[Block], [Bool]>
  /// How often this session recorded that blocks were refused.
  private var refusalEntries = 0

  private static let blocksInChunk = 16

  /// - Parameters:
  ///   - admits: whether authors that come are admitted, as in a sync that somebody typed.
  ///   - withContent: whether contents are sent and kept.
  ///   - workers: threads that check signatures.
  ///   - quotaName: whose daily quota counts; nil for none, as in a sync that somebody typed.
  package init(
    _ node: Node, admits: Bool, withContent: Bool, workers: Int, quotaName: String? = nil
  ) {
    quota = quotaName.map { PeerQuota(node, peer: $0) }
    self.node = node
    self.admits = admits
    self.withContent = withContent
    self.workers = workers
    let crypto = node.crypto
    pool = Workers(count: workers) { blocks in blocks.map { $0.hasGoodSignature(crypto) } }
  }

  /// A machine for one session, with a fresh nonce.
  package func session(
    _ direction: SyncMachine<NodeSyncStore>.Direction, feeds: Set<String>?,
    isPlanOnly: Bool = false, notes: [SyncNote] = []
  ) throws(KianaError) -> SyncMachine<NodeSyncStore> {
    // What is checked now may leave the node in this session.
    try PendingSignatures(node).finish(workers: workers)
    var hello = Hello(
      node: node.aid, nonce: node.crypto.randomBytes(Hello.nonceBytes),
      storeNonce: try node.meta.text(.storeNonce) ?? "")
    // Who takes or gives a part only must not be remembered as one who has all.
    if direction == [.pull, .push], feeds == nil, !isPlanOnly {
      hello.changes = try node.meta.integer(.feedChanges)
    }
    hello.offer(.notes)
    hello.offer(.further)
    if direction.contains(.pull), !isPlanOnly { hello.offer(.fresh) }
    if direction.contains(.push), withContent, feeds == nil { hello.offer(.contents) }
    if feeds == nil, !isPlanOnly { hello.offer(.ranges) }
    return SyncMachine(
      self, hello, direction: direction, feeds: feeds, isPlanOnly: isPlanOnly, notes: notes,
      node.crypto)
  }

  /// Ends the threads.
  package func close() {
    pool.close()
  }

  package mutating func heads(for peer: AID) throws(KianaError) -> [SyncHead] {
    self.peer = peer
    return try node.database.read { () throws(KianaError) in try heads() }
  }

  private func heads() throws(KianaError) -> [SyncHead] {
    let suspects = try node.blocks.feedsWithBadBlocks()
    var heads = [SyncHead]()
    heads.reserveCapacity(try node.feeds.count())
    for author in try node.authors.all() where !author.isPurged {
      let feeds = try node.feeds.all(author: author.no)
      guard !feeds.isEmpty else { continue }
      let digest = try node.keyEvents.digest(author: author.no, node.crypto)
      for feed in feeds {
        let held = try heldBlocks(of: author.aid, feed).last?.position
        var hasBadBlock = false
        if suspects.contains(feed.no) {
          hasBadBlock = try !BadBlockProof(node).blocks(of: author, feed).isEmpty
        }
        let verified = try verifiedHead(feed)
        guard let position = held ?? verified else { continue }
        heads.append(
          SyncHead(
            author: author.aid, position: position, keyDigest: digest,
            isContested: feed.isContested, hasBadBlock: hasBadBlock, changed: feed.changed))
      }
    }
    return heads
  }

  /// The last block of the feed whose signature, and all before it, were checked.
  private func verifiedHead(_ feed: FeedRow) throws(KianaError) -> FeedPosition? {
    guard let unchecked = feed.unchecked else { return feed.head }
    return try node.blocks.last(
      feed: feed.no, beforeEpoch: unchecked.epoch, seq: unchecked.seq
    ).map { FeedPosition(epoch: $0.epoch, feed: feed.name, id: $0.id, seq: $0.seq) }
  }

  package func keyLog(of author: AID) throws(KianaError) -> [[UInt8]] {
    guard let row = try node.authors.find(author) else { return [] }
    return try node.keyEvents.streams(author: row.no, bytesMax: Export.keyLogBytesMax)
  }

  package func blocks(
    author: AID, feed: String, epoch: Int64, from seq: Int64, bytesMax: Int
  ) throws(KianaError) -> [Block] {
    // One snapshot: SQLite locks the file once, not for each content.
    try node.database.read { () throws(KianaError) in
      try readBlocks(author, feed, epoch, seq, bytesMax)
    }
  }

  private func readBlocks(
    _ author: AID, _ feed: String, _ epoch: Int64, _ seq: Int64, _ bytesMax: Int
  ) throws(KianaError) -> [Block] {
    guard let row = try node.authors.find(author), !row.isPurged,
      let feed = try node.feeds.find(author: row.no, name: feed)
    else { return [] }
    var rows = [BlockRow]()
    var bytes = 0
    try node.blocks.forEach(feed: feed.no, fromEpoch: epoch, seq: seq) { row in
      guard row.standing == .inFeed else { return true }
      // What is not checked does not leave the node, nor what follows it.
      guard row.signatureState == .good else { return false }
      rows.append(row)
      // Contents are read below; until then a block counts as its header says at least.
      bytes += row.header.count + WireBlock.overheadBytes
      return bytes < bytesMax
    }
    var blocks = [Block]()
    bytes = 0
    for row in rows {
      let (stored, _) = try BlockReader(node).readChecked(row)
      var block = withContent ? stored.block : stored.block.withoutContent
      if (block.content?.bytes.count ?? 0) > Self.contentBytesInFrame {
        block = block.withoutContent
      }
      bytes += row.header.count + WireBlock.overheadBytes + (block.content?.bytes.count ?? 0)
      guard blocks.isEmpty || bytes <= bytesMax else { break }
      blocks.append(block)
    }
    if rows.isEmpty {
      blocks += try heldBlocks(of: author, feed).filter {
        ($0.header.epoch, $0.header.seq) >= (epoch, seq)
      }
    }
    return blocks
  }

  /// What is held of the other side's own feed and follows its end here.
  private func heldBlocks(of author: AID, _ feed: FeedRow) throws(KianaError) -> [Block] {
    guard author == peer, feed.unchecked == nil else { return [] }
    var chain = [Block]()
    for row in try node.held.all(feed: feed.no) {
      guard let header = try? BlockHeader.parse(row.header.span),
        header.prev == chain.last?.id ?? feed.head?.id
      else { continue }
      chain.append(
        Block(
          headerBytes: row.header, header: header, signature: row.signature, id: row.id,
          content: withContent ? row.content : nil))
    }
    return chain
  }

  /// What fits into a frame beside the largest header.
  private static let contentBytesInFrame = 1 << 20

  package func memory(of peer: Hello) throws(KianaError) -> SyncMemory? {
    try node.peerMemory.find(peer.node, storeNonce: peer.storeNonce)
  }

  package mutating func remember(_ memory: SyncMemory, of peer: Hello) throws(KianaError) {
    let heads = try ownHeads(upTo: memory.mine, of: peer)
    let known = try node.peerHeads.all().filter { $0.peer == peer.node }.map(\.head)
    let isNew = try self.memory(of: peer) != memory
    guard isNew || !heads.allSatisfy(known.contains) else { return }
    try node.database.transaction(.normal) { () throws(KianaError) in
      try node.peerMemory.set(peer.node, storeNonce: peer.storeNonce, memory)
      for head in heads { try node.peerHeads.set(peer.node, head, at: node.now()) }
    }
  }

  /// Where own feeds end that the other side has now, with their contents.
  private func ownHeads(
    upTo change: Int64, of peer: Hello
  ) throws(KianaError) -> [FeedPosition] {
    guard withContent, peer.has(.contents), let own = try node.authors.find(node.aid) else {
      return []
    }
    return try node.feeds.all(author: own.no).filter { $0.changed <= change }.compactMap(\.head)
  }

  package func forkProof(author: AID, feed: String) throws(KianaError) -> [Block] {
    guard let row = try node.authors.find(author),
      let feed = try node.feeds.find(author: row.no, name: feed),
      let rival = try node.blocks.lastRival(feed: feed.no),
      let held = try node.blocks.find(feed: feed.no, epoch: rival.epoch, seq: rival.seq)
    else { return [] }
    let reader = BlockReader(node)
    return [try reader.read(held).block, try reader.read(rival).block]
  }

  package func badBlockProof(author: AID, feed: String) throws(KianaError) -> [Block] {
    guard let row = try node.authors.find(author),
      let feed = try node.feeds.find(author: row.no, name: feed)
    else { return [] }
    return try BadBlockProof(node).blocks(of: row, feed)
  }

  package mutating func take(proof: [Block]) throws(KianaError) -> SyncOutcome {
    try node.database.transaction(.normal) { () throws(KianaError) in
      try BadBlockProof(node).take(proof)
    }
  }

  package var asksFirst: Bool { !admits }

  // MARK: contents

  package mutating func lackingContents(limit: Int) throws(KianaError) -> [Hash32] {
    guard withContent else { return [] }
    // From anywhere: what nobody has must not keep the rest from being asked for.
    if contentCursor == nil {
      let start = try randomBlockNo()
      contentCursor = (last: start, start: start, hasWrapped: false)
    }
    guard var cursor = contentCursor else { return [] }
    if cursor.hasWrapped, cursor.last >= cursor.start { return [] }
    var found = try node.lacking.next(after: cursor.last, limit: limit)
    if found.ids.isEmpty, !cursor.hasWrapped {
      cursor.hasWrapped = true
      found = try node.lacking.next(after: 0, limit: limit)
    }
    cursor.last = found.last
    contentCursor = cursor
    return found.ids
  }

  private func randomBlockNo() throws(KianaError) -> Int64 {
    let last = try node.meta.integer(.lastBlock)
    let random = node.crypto.randomBytes(4).reduce(Int64(0)) { $0 << 8 | Int64($1) }
    return last > 0 ? random % last : 0
  }

  package func content(of id: Hash32) throws(KianaError) -> Block? {
    guard let row = try node.blocks.find(id: id), row.standing == .inFeed,
      row.signatureState == .good
    else { return nil }
    let block = try BlockReader(node).readChecked(row).0.block
    guard block.content != nil, try node.authors.find(block.header.author)?.isPurged == false
    else { return nil }
    return block
  }

  // MARK: notes

  package func vouches(for note: SyncNote) throws(KianaError) -> Bool {
    let now = node.now()
    guard note.expires > now, note.expires <= now + SyncNote.lifeMillisecondsMax,
      let author = try node.authors.find(note.author), !author.isPurged,
      let record = try node.keyLog(of: note.author)?.record(of: note.key), record.use == .block,
      record.state == .active || record.state == .grace
    else { return false }
    return note.hasGoodSignature(node.crypto)
  }

  package func freshNotes(for peer: Hello, limit: Int) throws(KianaError) -> [FreshNote] {
    let sent = try node.freshNotes.sent(to: peer.node, storeNonce: peer.storeNonce)
    let news = try node.freshNotes.news(after: sent, except: peer.node, limit: limit)
    guard let last = news.last else { return [] }
    try node.database.transaction(.normal) { () throws(KianaError) in
      try node.freshNotes.setSent(
        to: peer.node, storeNonce: peer.storeNonce, change: last.change)
    }
    return news.map(\.note)
  }

  package mutating func take(
    fresh notes: [FreshNote], from peer: Hello
  ) throws(KianaError) {
    try Freshness(node).take(notes, from: peer.node)
  }

  package func hasKeyEvents(
    of author: AID, beside known: Set<Hash32>
  ) throws(KianaError) -> Bool {
    guard let row = try node.authors.find(author) else { return false }
    return try !known.isSuperset(of: node.keyEvents.saids(author: row.no))
  }

  package mutating func take(
    keys stream: [UInt8], of author: AID
  ) throws(KianaError) -> SyncKeys {
    let now = node.now()
    return try node.database.transaction(.normal) { () throws(KianaError) in
      if let fault = try quota?.fault(for: PeerCharge()) {
        return SyncKeys(events: [], isNews: false, fault: fault)
      }
      var charge = PeerCharge()
      let keyLogs = KeyLogIntake(node)
      let outcome = try keyLogs.take(author, stream, admits: admits, now: now)
      try keyLogs.judge()
      switch outcome {
      case .known: break
      case .extended(let events): charge.keyEvents = Int64(events)
      case .refused(let kind): return SyncKeys(events: [], isNews: false, fault: BlockFault(kind))
      case .faulty(let fault):
        return SyncKeys(events: [], isNews: false, fault: BlockFault(.badKeyLog, fault.reason))
      }
      try quota?.charge(charge)
      let events = try? KeyEvent.parse(stream: stream, eventsMax: KeyLog.eventsMax, node.crypto)
      return SyncKeys(events: events?.map(\.said) ?? [], isNews: charge.keyEvents > 0)
    }
  }

  package mutating func take(_ frames: [[Block]]) throws(KianaError) -> [SyncOutcome] {
    let blocks = frames.flatMap { $0 }
    if let quota, let fault = try quota.fault(for: Self.charge(for: blocks)) {
      return blocks.map { _ in .refused(fault) }
    }
    if let outcomes = try take(blocks, frames.flatMap { states(of: $0) }) { return outcomes }
    // Who vouched was not taken, so that nothing is known of the others.
    return try take(blocks, check(blocks).map { $0 ? .good : .bad }) ?? []
  }

  /// - Returns: nil, and nothing is stored, when a block that was to vouch was not taken.
  private mutating func take(
    _ blocks: [Block], _ known: [SignatureState]
  ) throws(KianaError) -> [SyncOutcome]? {
    var isVouched = true
    do throws(KianaError) {
      return try node.database.transaction(.normal) { () throws(KianaError) in
        let intake = try Intake(node, isOwnWork: false)
        var verdicts = RangeVerdicts(node)
        var refusals = Refusals(node)
        var contents = ContentArrivals(node)
        var outcomes = [SyncOutcome]()
        var arePending = false
        for (block, state) in zip(blocks, known) {
          let outcome = try intake.take(fitting(block), signature: state)
          switch outcome {
          case .stored: verdicts.add(block.id, no: intake.lastNo, intake.lastChecks)
          case .aside(let fault), .refused(let fault): refusals.add(block.id, fault)
          case .contentAdded: contents.add(block.id)
          case .known: break
          }
          if state == .pending {
            arePending = arePending || outcome == .stored
          } else {
            isVouched = !arePending || outcome == .stored
            arePending = false
          }
          guard isVouched else { throw KianaError(code: .failed, what: "nobody vouches") }
          outcomes.append(SyncOutcome(outcome))
        }
        try intake.flush()
        if let quota {
          let taken = zip(blocks, outcomes).filter { $0.1.isKept }.map(\.0)
          try quota.charge(Self.charge(for: taken))
        }
        try record(verdicts, refusals)
        try contents.record(source, now: node.now())
        return outcomes
      }
    } catch  where !isVouched {
      return nil
    }
  }

  private static func charge(for blocks: [Block]) -> PeerCharge {
    var charge = PeerCharge()
    for block in blocks {
      charge.bytes += Int64(block.headerBytes.count + (block.content?.bytes.count ?? 0))
      if block.header.prev == nil { charge.feeds += 1 }
    }
    return charge
  }

  /// One entry for what was taken, and one for what was refused: of a peer that sends nothing else
  /// only the first ones, so that nobody fills the trail.
  private mutating func record(
    _ taken: RangeVerdicts, _ refused: Refusals
  ) throws(KianaError) {
    let now = node.now()
    try taken.record("block.accept", target: "state", source, now: now)
    guard refusalEntries < Self.refusalEntriesMax, refused.hasJudgement else { return }
    refusalEntries += 1
    try refused.record(target: "state", source, now: now)
  }

  private static let refusalEntriesMax = 32

  /// Who brought it, as an entry's payload says it.
  private var source: [JSONMember] {
    peer.map { [JSONMember("peer", .string($0.text))] } ?? []
  }

  /// What is known of the signatures after a look at as few of them as possible.
  ///
  /// The id of a block covers its signature, and the next block names it: who signed the last block
  /// of a chain committed to all of it. So only that one is checked now; the others are pending.
  private func states(of blocks: [Block]) -> [SignatureState] {
    var states = [SignatureState](repeating: .pending, count: blocks.count)
    var first = 0
    for last in blocks.indices
    where last + 1 == blocks.count || blocks[last + 1].header.prev != blocks[last].id {
      if blocks[last].hasGoodSignature(node.crypto) {
        states[last] = .good
      } else {
        for (place, isGood) in zip(first...last, check(Array(blocks[first...last]))) {
          states[place] = isGood ? .good : .bad
        }
      }
      first = last + 1
    }
    return states
  }

  private func fitting(_ block: Block) -> Block {
    let isTooLong = (block.content?.bytes.count ?? 0) > node.settings.contentBytesMax
    return isTooLong || !withContent ? block.withoutContent : block
  }

  /// Whether each signature is good, checked by all workers.
  private func check(_ blocks: [Block]) -> [Bool] {
    var tickets = 0
    for start in stride(from: 0, to: blocks.count, by: Self.blocksInChunk) {
      let end = min(start + Self.blocksInChunk, blocks.count)
      pool.submit(Array(blocks[start..<end]), ticket: tickets)
      tickets += 1
    }
    return (0..<tickets).flatMap { pool.take($0) }
  }
}

extension SyncOutcome {
  /// Whether it takes room in the store since then.
  fileprivate var isKept: Bool {
    switch self {
    case .stored, .aside: true
    case .known, .refused: false
    }
  }

  fileprivate init(_ outcome: Intake.Outcome) {
    switch outcome {
    case .stored, .contentAdded: self = .stored
    case .known: self = .known
    case .aside(let fault): self = .aside(fault)
    case .refused(let fault): self = .refused(fault)
    }
  }
}
