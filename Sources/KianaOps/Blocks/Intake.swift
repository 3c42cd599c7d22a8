internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// Takes blocks into the store, one after the other: the rules of DESIGN section 4 against the
/// disk.
///
/// `import` uses it, and whatever else brings blocks will. It must run inside a transaction and
/// keeps what it learns about authors and feeds in memory; `flush` writes heads and counts, and
/// must come before the commit.
package final class Intake {
  /// What became of one block.
  package enum Outcome: Sendable, Equatable {
    /// It is the new head of its feed.
    case stored
    /// It was here already.
    case known
    /// It was here without its content, which came now.
    case contentAdded
    /// It is kept outside its feed: held until its time, or as proof of a fork.
    case aside(BlockFault)
    case refused(BlockFault)
  }

  private let node: Node
  private let now: Int64
  private let isOwnWork: Bool
  private var authors = [AID: AuthorState]()
  /// The one whose block came last: blocks come in runs.
  private var lastAuthor: AuthorState?
  private var hasHidden: Bool
  private var nextNo: Int64
  private var addedBlocks: Int64 = 0
  private var addedBytes: Int64 = 0

  /// A feed as it is after what this intake took.
  private final class FeedState {
    var row: FeedRow
    /// Whether `flush` has to write it.
    var isDirty = false

    init(_ row: FeedRow) {
      self.row = row
    }
  }

  private final class AuthorState {
    let row: AuthorRow
    let keyLog: KeyLog
    var isAdmitted: Bool
    var feeds = [String: FeedState]()
    /// What this intake added and `flush` has not written yet.
    var newBlocks: Int64 = 0
    var newBytes: Int64 = 0

    init(row: AuthorRow, keyLog: KeyLog, isAdmitted: Bool) {
      self.row = row
      self.keyLog = keyLog
      self.isAdmitted = isAdmitted
    }
  }

  /// - Parameters:
  ///   - node: with a transaction open.
  ///   - isOwnWork: whether the blocks are made here; a block of this node that comes from outside
  ///     and is news means that the state is an older copy, which must not sign any more.
  package init(_ node: Node, isOwnWork: Bool) throws(KianaError) {
    self.node = node
    self.isOwnWork = isOwnWork
    now = node.now()
    nextNo = try node.meta.integer(.lastBlock) + 1
    hasHidden = try node.redactions.hasAny()
  }

  /// Takes one block, or says why not.
  ///
  /// - Parameters:
  ///   - block: parsed, its content checked against its header.
  ///   - hasGoodSignature: whether the signature is by the key the header names; nil asks Intake to
  ///     check.
  package func take(
    _ block: Block, hasGoodSignature: Bool? = nil
  ) throws(KianaError) -> Outcome {
    guard let author = try authorState(block.header.author) else {
      return .refused(BlockFault(.unknownAuthor))
    }
    if author.row.isPurged { return .refused(BlockFault(.purged)) }
    guard author.isAdmitted else { return .refused(BlockFault(.notAdmitted)) }
    guard hasGoodSignature ?? block.hasGoodSignature(node.crypto) else {
      return .refused(BlockFault(.badSignature))
    }
    guard author.keyLog.has(block.header.key, for: .block) else {
      return .refused(BlockFault(.unknownKey))
    }
    guard let feed = try feedState(author, name: block.header.feed) else {
      return .refused(
        BlockFault(
          .quota, "the author has \(node.settings.authorFeedsMax) feeds already"))
    }
    let outcome = try place(block, in: &feed.row, of: author)
    if outcome == .stored { feed.isDirty = true }
    return outcome
  }

  private func place(
    _ block: Block, in feed: inout FeedRow, of author: AuthorState
  ) throws(KianaError) -> Outcome {
    let header = block.header
    let feedNo = feed.no
    let placement = try FeedRules.place(
      header, head: feed.head, openings: author.keyLog.openings(feed: header.feed)
    ) { (position) throws(KianaError) -> Bool in
      try self.holds(position, feed: feedNo)
    }
    switch placement {
    case .refused(let kind):
      return try refuse(block, kind, feed: feed)
    case .taken:
      return try meet(block, in: &feed, of: author)
    case .next:
      if feed.isContested { return .refused(BlockFault(.contested)) }
      let ancestry = FeedAncestry(node, feed)
      let verdict = try author.keyLog.verdict(on: block.position, key: header.key) {
        (pin) throws(KianaError) in try ancestry.relation(of: block.position, to: pin)
      }
      guard verdict.isAcceptable else { return .refused(BlockFault(.keyNotGood, verdict.words)) }
      guard !author.keyLog.pinsAnotherBlock(at: block.position) else {
        return .refused(
          BlockFault(.keyNotGood, "its author vouches for another block at this place"))
      }
      if header.time > now + BlockLimits.aheadMillisecondsMax {
        let due = header.time - BlockLimits.aheadMillisecondsMax
        return try hold(block, in: feed, due: due, BlockFault(.future))
      }
      return try store(block, in: &feed, of: author)
    }
  }

  /// A block that has no place: it may follow one that is held, and is held with it then.
  private func refuse(
    _ block: Block, _ kind: BlockFault.Kind, feed: FeedRow
  ) throws(KianaError) -> Outcome {
    if kind == .gap || kind == .wrongPrev, block.header.seq > 0,
      let before = try node.asides.holds(
        feed: feed.no, epoch: block.header.epoch, seq: block.header.seq - 1),
      before.id == block.header.prev
    {
      return try hold(block, in: feed, due: before.due, BlockFault(.heldBehind))
    }
    return .refused(BlockFault(kind))
  }

  private func hold(
    _ block: Block, in feed: FeedRow, due: Int64, _ fault: BlockFault
  ) throws(KianaError) -> Outcome {
    guard try node.asides.count(.held) < node.settings.heldBlocksMax else {
      return .refused(BlockFault(.quota, "\(node.settings.heldBlocksMax) blocks are held already"))
    }
    let bytes = Int64(block.content?.bytes.count ?? 0)
    guard try node.asides.heldBytes() + bytes <= Self.heldBytesMax else {
      return .refused(
        BlockFault(.quota, "held contents take \(Self.heldBytesMax >> 20) MiB already"))
    }
    try node.asides.insert(block, feed: feed.no, reason: .held, due: due)
    return .aside(fault)
  }

  private static let heldBytesMax: Int64 = 64 << 20

  /// The place is taken: by the same block, or the feed has forked.
  private func meet(
    _ block: Block, in feed: inout FeedRow, of author: AuthorState
  ) throws(KianaError) -> Outcome {
    let header = block.header
    guard let held = try node.blocks.find(feed: feed.no, epoch: header.epoch, seq: header.seq)
    else { return .refused(BlockFault(.leftBehind)) }
    if held.id == block.id { return try completeContent(of: held, with: block, author) }
    return try fork(block, against: held, in: &feed, of: author)
  }

  /// Two blocks at one place: the branch that leads to a pinned block stays and the other one is
  /// proof; without a pin the feed is contested.
  private func fork(
    _ block: Block, against held: BlockRow, in feed: inout FeedRow, of author: AuthorState
  ) throws(KianaError) -> Outcome {
    let ancestry = FeedAncestry(node, feed)
    let verdict = try author.keyLog.verdict(on: block.position, key: block.header.key) {
      (pin) throws(KianaError) in try ancestry.relation(of: block.position, to: pin)
    }
    guard verdict.isAcceptable else { return .refused(BlockFault(.keyNotGood, verdict.words)) }
    let proofs = try node.asides.all(feed: feed.no).count { $0.reason == .fork }
    guard proofs < Self.forkProofsMax else { return .refused(BlockFault(.fork)) }
    // Header and signature prove the fork; the content would only take space.
    guard try node.asides.insert(block.withoutContent, feed: feed.no, reason: .fork, due: 0)
    else {
      return .aside(BlockFault(.fork))
    }
    try node.recorder.record(
      "feed.fork", target: "feed:\(author.row.aid.text)/\(feed.name)", verdict: .invalid,
      payload: .object([
        JSONMember("blocks", .array([.string(held.id.hex), .string(block.id.hex)]))
      ]), now: now)
    let heldPosition = FeedPosition(
      epoch: held.epoch, feed: feed.name, id: held.id, seq: held.seq)
    var isSettled = false
    for pin in author.keyLog.namedPositions(feed: feed.name) {
      if try ancestry.relation(of: heldPosition, to: pin) == .isAncestorOrSame { isSettled = true }
    }
    if !isSettled {
      feed.isContested = true
      try node.feeds.update(feed)
    }
    return .aside(BlockFault(.fork))
  }

  /// How many proofs of one feed's forks are kept; one is enough to convince anybody.
  private static let forkProofsMax = 16

  /// Where a new block of this node's feed goes, and the epoch it belongs to.
  package func head(feed name: String) throws(KianaError) -> (position: FeedPosition?, epoch: Int64)
  {
    guard let author = try authorState(node.aid), let feed = try feedState(author, name: name)?.row
    else {
      throw KianaError(
        code: .refused, what: "cannot make the feed '\(name)'",
        why: "this node has \(node.settings.authorFeedsMax) feeds already")
    }
    guard !feed.isContested else {
      throw KianaError(
        code: .refused, what: "cannot add to the feed '\(name)'", why: "it has forked",
        hint: "run 'kiana-node resume', which names the branch that goes on")
    }
    guard let opening = author.keyLog.openings(feed: name).last,
      opening.epoch > feed.head?.epoch ?? 0
    else { return (feed.head, feed.head?.epoch ?? 0) }
    return (opening.after, opening.epoch)
  }

  /// A known block brings the content that was missing, unless it is hidden.
  private func completeContent(
    of held: BlockRow, with block: Block, _ author: AuthorState
  ) throws(KianaError) -> Outcome {
    guard let content = block.content, held.hiding == .none,
      try node.blocks.content(no: held.no) == nil
    else { return .known }
    try node.blocks.insert(content: content, no: held.no)
    author.newBytes += Int64(content.bytes.count)
    addedBytes += Int64(content.bytes.count)
    return .contentAdded
  }

  private func store(
    _ block: Block, in feed: inout FeedRow, of author: AuthorState
  ) throws(KianaError) -> Outcome {
    let size = Int64(block.headerBytes.count + (block.content?.bytes.count ?? 0))
    guard
      author.row.admission == .own
        || author.row.bytes + author.newBytes + size <= node.settings.authorBytesMax
    else { return .refused(BlockFault(.quota)) }
    let hiding = try hiding(of: block.id, author: author.row.no)
    try node.blocks.insert(
      no: nextNo, feed: feed.no, hiding == .none ? block : block.withoutContent,
      isSignatureChecked: true, hiding: hiding)
    nextNo += 1
    feed.head = block.position
    feed.headTime = block.header.time
    feed.blocks += 1

    author.newBlocks += 1
    author.newBytes += size
    addedBlocks += 1
    if hiding == .none { addedBytes += Int64(block.content?.bytes.count ?? 0) }
    if author.row.admission == .own, !isOwnWork {
      try node.meta.set(.restored, "block \(block.id.hex) of this node came back from outside")
    }
    try applyEffects(of: block, author: author)
    return .stored
  }

  private func hiding(of id: Hash32, author: Int64) throws(KianaError) -> Hiding {
    guard hasHidden else { return .none }
    if try node.redactions.isPurged(id) { return .purged }
    if let wish = try node.redactions.find(id), wish.author == author { return .redacted }
    return .none
  }

  /// What a block of feed `main` does by being there.
  private func applyEffects(of block: Block, author: AuthorState) throws(KianaError) {
    guard block.header.feed == "main", block.header.version == 1 else { return }
    switch block.header.kind {
    case "redact/1":
      hasHidden = true
      try Redaction(node).apply(block, author: author.row.no, now: now)
    case "admit/1":
      try AdmissionRules(node).apply(block, author: author.row.no, now: now)
      for state in authors.values {
        state.isAdmitted = try AdmissionRules(node).isAdmitted(state.row)
      }
    default: break
    }
  }

  /// Writes heads and counts; nothing is taken afterwards in this transaction.
  package func flush() throws(KianaError) {
    for author in authors.values {
      for feed in author.feeds.values where feed.isDirty {
        try node.feeds.update(feed.row)
        feed.isDirty = false
      }
      guard author.newBlocks > 0 || author.newBytes > 0 else { continue }
      try node.authors.charge(author.row.no, blocks: author.newBlocks, bytes: author.newBytes)
    }
    // The rows have other counts now.
    authors.removeAll()
    lastAuthor = nil
    guard addedBlocks > 0 || addedBytes > 0 else { return }
    try node.meta.set(.lastBlock, nextNo - 1)
    try node.meta.set(.blocks, try node.meta.integer(.blocks) + addedBlocks)
    try node.meta.set(.contentBytes, try node.meta.integer(.contentBytes) + addedBytes)
    addedBlocks = 0
    addedBytes = 0
  }

  private func holds(_ position: FeedPosition, feed: Int64) throws(KianaError) -> Bool {
    try node.blocks.find(feed: feed, epoch: position.epoch, seq: position.seq)?.id == position.id
  }

  private func authorState(_ aid: AID) throws(KianaError) -> AuthorState? {
    if let lastAuthor, lastAuthor.row.aid == aid { return lastAuthor }
    if let known = authors[aid] {
      lastAuthor = known
      return known
    }
    guard let row = try node.authors.find(aid), let keyLog = try node.keyLog(of: aid) else {
      return nil
    }
    let state = AuthorState(
      row: row, keyLog: keyLog, isAdmitted: try AdmissionRules(node).isAdmitted(row))
    authors[aid] = state
    return state
  }

  /// The feed, made when it is new and the author may have another one; nil when not.
  private func feedState(_ author: AuthorState, name: String) throws(KianaError) -> FeedState? {
    if let known = author.feeds[name] { return known }
    var row = try node.feeds.find(author: author.row.no, name: name)
    if row == nil {
      guard try node.feeds.all(author: author.row.no).count < node.settings.authorFeedsMax else {
        return nil
      }
      row = try node.feeds.insert(author: author.row.no, name: name)
    }
    let state = row.map { FeedState($0) }
    author.feeds[name] = state
    return state
  }
}
