/// What the other side asked for and did not get to the end yet.
struct SyncServing {
  var feeds = [Serving]()
  /// Contents by the ids of their blocks, in the order in which they were asked for.
  var contents = [Hash32]()[...]
  /// Whether a request for contents waits for the end of its answer.
  var owesContents = false
  /// Authors whose key logs went out.
  var introduced = Set<AID>()
  /// Tags for which a proof went out; each goes once, however often it is claimed.
  var proved = Set<UInt64>()
  /// How often each feed was asked for.
  var asked = [UInt64: Int]()
  var contentsAsked = 0

  var isEmpty: Bool { feeds.isEmpty && !owesContents }
}

extension SyncMachine {
  private static var blocksFrameBytes: Int64 { 256 << 10 }
  /// More than a search for a fork in the longest feed takes.
  private static var asksOfFeedMax: Int { 64 }

  mutating func handleWant(_ payload: [UInt8]) throws(KianaError) {
    guard let want = WantFrame(payload) else {
      return end(SyncFault("want", "a WANT frame is malformed"))
    }
    guard direction.contains(.push), let head = comparing.own[want.tag] else {
      return end(SyncFault("want", "it wants a feed that was not offered"))
    }
    // A feed is sent once at a time, so the queue is never longer than the list of feeds.
    guard !serving.feeds.contains(where: { $0.range.tag == want.tag }) else {
      return end(SyncFault("want", "it wants a feed twice at once"))
    }
    serving.asked[want.tag, default: 0] += 1
    guard serving.asked[want.tag, default: 0] <= Self.asksOfFeedMax else {
      return end(SyncFault("want", "it wants a feed again and again"))
    }
    // Who has nothing of the feed yet hears of it in the next session.
    if head.isProved, want.from > 0 || want.epoch > 0, let salt {
      let claim = HeadClaim(tag: want.tag, epoch: 0, seq: 0, salted: ~salt.head(head))
      try sendProofs([claim], salt)
    }
    serving.feeds.append(Serving(head: head, range: want, epoch: want.epoch, seq: want.from))
  }

  /// What the other side cannot ask for, since it does not know of it: that a feed has forked, or
  /// that its author signed over a bad block.
  mutating func sendProofs(_ found: [HeadClaim], _ salt: SessionSalt) throws(KianaError) {
    for claim in found {
      guard let head = comparing.own[claim.tag], head.isProved, salt.head(head) != claim.salted,
        serving.proved.insert(claim.tag).inserted
      else { continue }
      try introduce(head.author)
      let feed = head.position.feed
      if head.isContested {
        sendProof(claim.tag, try store.forkProof(author: head.author, feed: feed))
      }
      if head.hasBadBlock {
        sendProof(claim.tag, try store.badBlockProof(author: head.author, feed: feed))
      }
    }
  }

  private mutating func sendProof(_ tag: UInt64, _ blocks: [Block]) {
    spend(
      Frame(.proof, WireBlock.proof(tag, blocks, bytesMax: Int(peer?.frameBytesMax ?? 0))))
  }

  /// Sends the key log of an author whose events the other side does not all have.
  mutating func sendMissingKeys() throws(KianaError) {
    guard direction.contains(.push), !taking.receivedEvents.isEmpty else { return }
    let received = taking.receivedEvents
    taking.receivedEvents.removeAll()
    for (author, events) in received where !serving.introduced.contains(author) {
      if try store.hasKeyEvents(of: author, beside: events) { try introduce(author) }
    }
  }

  /// Sends an author's key log, once a session.
  private mutating func introduce(_ author: AID) throws(KianaError) {
    guard serving.introduced.insert(author).inserted else { return }
    for stream in try store.keyLog(of: author) {
      let frame = Frame(.keys, Array(author.text.utf8) + stream)
      summary.keyBytes += frame.payload.count
      spend(frame)
    }
  }

  /// Sends the next part of what the other side wants, within its credit.
  /// - Returns: whether anything was sent.
  mutating func serveNext() throws(KianaError) -> Bool {
    guard var next = serving.feeds.first else { return try serveContent() }
    try introduce(next.head.author)
    let frameBytes = max(1, min(Self.blocksFrameBytes, frameBytesMax))
    let found = try store.blocks(
      author: next.head.author, feed: next.head.position.feed, epoch: next.epoch,
      from: next.seq, bytesMax: Int(frameBytes))
    let place = (next.head.position.epoch, next.head.position.seq)
    let blocks =
      next.range.isFirstBlock
      ? found.prefix(1)
      : found.prefix {
        next.range.contains($0.header) && ($0.header.epoch, $0.header.seq) <= place
      }
    var payload = [UInt8]()
    payload.append(big: next.range.tag)
    for block in blocks { WireBlock.append(block, to: &payload) }
    spend(Frame(.blocks, payload))
    summary.sent += blocks.count
    guard let last = blocks.last else {
      serving.feeds.removeFirst()
      return true
    }
    progress += 1
    (next.epoch, next.seq) = (last.header.epoch, last.header.seq + 1)
    serving.feeds[0] = next
    if next.range.isEnd(last.header, head: place) { serving.feeds.removeFirst() }
    return true
  }
}
