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
  private var authors = [AID: IntakeAuthor]()
  /// The one whose block came last: blocks come in runs.
  private var lastAuthor: IntakeAuthor?
  private var sponsors = [Int64: IntakeSponsor]()
  private var hasHidden: Bool
  private var nextNo: Int64
  private var addedBlocks: Int64 = 0
  private var addedBytes: Int64 = 0
  /// What the key log said of the last block that was stored.
  private var lastVerdict = KeyVerdict.valid
  private var lastState = SignatureState.good

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

  /// The number of the last block that was stored.
  package var lastNo: Int64 { nextNo - 1 }

  /// What was found of it.
  package var lastChecks: BlockChecks {
    var checks = lastState == .good ? BlockChecks.allGood : .pending
    if lastVerdict == .unproven { checks.key = .open }
    return checks
  }

  /// Takes one block, or says why not.
  ///
  /// - Parameters:
  ///   - block: parsed, its content checked against its header.
  ///   - signature: what is known of it; nil asks Intake to check. A pending one is checked by the
  ///     caller's care: a later block of the same transaction, which this one leads to, is good.
  package func take(
    _ block: Block, signature: SignatureState? = nil
  ) throws(KianaError) -> Outcome {
    let author: IntakeAuthor
    switch try authorState(block.header.author) {
    case .failure(let fault): return .refused(fault)
    case .success(let state): author = state
    }
    guard author.isAdmitted else { return .refused(BlockFault(.notAdmitted)) }
    let known = signature ?? check(block)
    guard known != .bad else { return .refused(BlockFault(.badSignature)) }
    guard author.keyLog.has(block.header.key, for: .block) else {
      return .refused(BlockFault(.unknownKey))
    }
    let feed = try feedState(author, name: block.header.feed)
    let isNext = isNext(block.header, feed)
    // Without a look at the id index, which is what a large import waits for.
    if isNext, !feed.hasProofs { return try append(block, known, to: feed, of: author) }
    if let row = try node.blocks.find(id: block.id) {
      return try meet(row, block, in: feed, of: author)
    }
    if isNext { return try append(block, known, to: feed, of: author) }
    guard known == .good || check(block) == .good else {
      return .refused(BlockFault(.badSignature))
    }
    return try branch(block, in: feed, of: author)
  }

  private func check(_ block: Block) -> SignatureState {
    block.hasGoodSignature(node.crypto) ? .good : .bad
  }

  // MARK: the end of the feed

  private func isNext(_ header: BlockHeader, _ feed: IntakeFeed) -> Bool {
    let rules = feed.rules
    guard !rules.isLeftBehind(epoch: header.epoch, seq: header.seq) else { return false }
    guard let head = feed.head else {
      return header.prev == nil && rules.begins(header.epoch, seq: header.seq, prev: nil)
    }
    if head.epoch == header.epoch { return header.seq == head.seq + 1 && header.prev == head.id }
    guard header.epoch > head.epoch else { return false }
    // The head is the block after which the epoch goes on, or the epoch goes on from nothing.
    return rules.begins(header.epoch, seq: header.seq, prev: header.prev)
      && (header.prev == nil || header.prev == head.id)
  }

  private func append(
    _ block: Block, _ known: SignatureState, to feed: IntakeFeed, of author: IntakeAuthor
  ) throws(KianaError) -> Outcome {
    var known = known
    // What does something, or waits elsewhere, is checked at once.
    if known == .pending, BlockEffects.has(block.header) || isEarly(block) { known = check(block) }
    guard known != .bad else { return .refused(BlockFault(.badSignature)) }
    if feed.isContested { return .refused(BlockFault(.contested)) }
    if let fault = try keyFault(block, feed, author) { return .refused(fault) }
    if let early = try holdWhenEarly(block, feed, author) { return early }
    guard try hasRoom(for: Self.size(block), author) else { return .refused(BlockFault(.quota)) }
    guard let row = try ensureRow(feed, author, isFirst: feed.head == nil) else {
      return .refused(tooManyFeeds)
    }
    let kept = try insert(block, into: row, of: author, .inFeed, known)
    if known == .pending, feed.row?.unchecked == nil {
      feed.row?.unchecked = (block.header.epoch, block.header.seq)
    }
    feed.row?.head = block.position
    feed.row?.headTime = block.header.time
    feed.row?.blocks += 1
    feed.isDirty = true
    // The count of an author's feeds looks at rows that are written.
    if row.head == nil, let row = feed.row { try node.feeds.update(row) }
    if BlockEffects.has(block.header) {
      // What is hidden here does nothing here.
      try BlockEffects(node).append(kept, author: author.row.no, now: now)
      try refresh()
    }
    // What stood beside it, or was left behind, while it was missing can be judged now; what is in
    // the feed stays.
    if feed.hasProofs || feed.rules.firstLeftBehind != nil, feed.rules.names(block.id) {
      feed.needsSettling = true
    }
    return .stored
  }

  /// What the author's key log has against the block.
  private func keyFault(
    _ block: Block, _ feed: IntakeFeed, _ author: IntakeAuthor
  ) throws(KianaError) -> BlockFault? {
    let position = block.position
    guard !feed.rules.namesAnother(than: block.id, epoch: position.epoch, seq: position.seq) else {
      return BlockFault(.keyNotGood, "its author vouches for another block at this place")
    }
    let isLeft = feed.rules.isLeftBehind(epoch: position.epoch, seq: position.seq)
    let verdict = try author.keyLog.verdict(
      on: position, key: block.header.key, isLeftBehind: isLeft
    ) {
      (pin) throws(KianaError) in
      guard let row = feed.row else {
        return position.id == pin.id
          ? .isAncestorOrSame : position.stands(before: pin) ? .unknown : .isNot
      }
      return try FeedLineage(node, row).relation(ofNew: position, to: pin)
    }
    lastVerdict = verdict
    return verdict.isAcceptable ? nil : BlockFault(.keyNotGood, verdict.words)
  }

  private func holdWhenEarly(
    _ block: Block, _ feed: IntakeFeed, _ author: IntakeAuthor
  ) throws(KianaError) -> Outcome? {
    guard isEarly(block) else { return nil }
    let due = block.header.time - BlockLimits.aheadMillisecondsMax
    return try hold(block, feed, author, due: due, BlockFault(.future))
  }

  private func isEarly(_ block: Block) -> Bool {
    block.header.time - BlockLimits.aheadMillisecondsMax > now
  }

  private func hold(
    _ block: Block, _ feed: IntakeFeed, _ author: IntakeAuthor, due: Int64, _ fault: BlockFault
  ) throws(KianaError) -> Outcome {
    guard try node.held.count() < node.settings.heldBlocksMax else {
      return .refused(BlockFault(.quota, "\(node.settings.heldBlocksMax) blocks are held already"))
    }
    let share = max(1, node.settings.heldBlocksMax / Self.heldShares)
    guard try node.held.count(author: author.row.no) < share else {
      return .refused(BlockFault(.quota, "\(share) blocks of its author are held already"))
    }
    let kept = try hiding(of: block.id, author.row.no) == .none ? block : block.withoutContent
    let bytes = Int64(kept.content?.bytes.count ?? 0)
    guard try node.held.contentBytes() + bytes <= Self.heldBytesMax else {
      return .refused(
        BlockFault(.quota, "held contents take \(Self.heldBytesMax >> 20) MiB already"))
    }
    guard let row = try ensureRow(feed, author, isFirst: feed.head == nil) else {
      return .refused(tooManyFeeds)
    }
    try node.held.insert(kept, feed: row.no, due: due)
    // A peer whose own block it is hears of it.
    try node.feeds.touch(author: author.row.no)
    return .aside(fault)
  }

  private static let heldBytesMax: Int64 = 64 << 20
  /// No author may keep the others from having blocks held.
  private static let heldShares: Int64 = 8

  // MARK: blocks that are here

  /// A known block brings the content that was missing, and mends one that the disk changed.
  private func meet(
    _ row: BlockRow, _ block: Block, in feed: IntakeFeed, of author: IntakeAuthor
  ) throws(KianaError) -> Outcome {
    if row.header != block.headerBytes || row.signature != block.signature {
      try node.blocks.rewrite(no: row.no, block)
    }
    if let content = block.content, row.hiding == .none {
      let held = try node.blocks.content(no: row.no)
      if held != content {
        let bytes = Int64(content.bytes.count) - Int64(held?.bytes.count ?? 0)
        guard try hasRoom(for: bytes, author) else { return .refused(BlockFault(.quota)) }
        try node.blocks.insert(content: content, no: row.no)
        try node.lacking.delete(no: row.no)
        try node.blocks.noteChange(no: row.no)
        author.charge(blocks: 0, bytes: bytes)
        addedBytes += bytes
        if row.standing == .inFeed, BlockEffects.admits(block.header) {
          try AdmissionRules(node).apply(block, author: author.row.no, now: now)
          try refresh()
        }
        return .contentAdded
      }
    }
    switch row.standing {
    case .inFeed: return .known
    case .leftBehind: return .refused(BlockFault(.leftBehind))
    case .rival: return .aside(BlockFault(.fork))
    case .cut: return .refused(BlockFault(.keyNotGood))
    }
  }

  // MARK: blocks elsewhere

  /// A block that is not the next one: it leads nowhere, or to another branch than the feed's.
  ///
  /// Before a place whose block the author named and that is not here yet, nobody can say which
  /// branch is the author's: all are kept, until the named block comes. Elsewhere the feed has
  /// forked, and the block is kept as proof.
  private func branch(
    _ block: Block, in feed: IntakeFeed, of author: IntakeAuthor
  ) throws(KianaError) -> Outcome {
    let place = block.position
    let parent: BlockRow?
    switch try findParent(of: block, feed) {
    case .success(let row): parent = row
    case .failure(let fault): return try holdBehind(block, feed, author) ?? .refused(fault)
    }
    if let fault = try keyFault(block, feed, author) { return .refused(fault) }
    if parent?.standing == .cut {
      return .refused(
        BlockFault(.keyNotGood, "it follows a block that its author does not vouch for"))
    }
    guard let row = feed.row else { return .refused(BlockFault(.gap)) }
    let word = try authorsWord(on: block, feed, row)
    if word == .decided || word == .none {
      guard parent?.standing != .rival else {
        return .refused(BlockFault(feed.isContested ? .contested : .fork))
      }
      let rivals = try node.blocks.rivals(
        feed: row.no, epoch: place.epoch, seq: place.seq, limit: Self.rivalsMax)
      if rivals >= Self.rivalsMax { return .refused(BlockFault(.fork)) }
    }
    if let early = try holdWhenEarly(block, feed, author) { return early }
    let hasRoom = try hasRoom(for: Self.size(block), author)
    switch word {
    case .named, .pending:
      guard hasRoom else { return .refused(BlockFault(.quota)) }
      try insert(block, into: row, of: author, .rival)
      feed.hasProofs = true
      guard word == .named else { return .aside(BlockFault(.fork)) }
      try settle(feed, author)
      let isIn = try node.blocks.find(id: block.id)?.standing == .inFeed
      return isIn ? .stored : .aside(BlockFault(.fork))
    case .decided, .none:
      // The proof itself must not be turned away because its author sent much. One is enough then.
      guard hasRoom || !feed.hasProofs else { return .refused(BlockFault(.quota)) }
      try insert(hasRoom ? block : block.withoutContent, into: row, of: author, .rival)
      feed.hasProofs = true
      if word == .none {
        feed.row?.isContested = true
        feed.isDirty = true
      }
      try recordFork(block, feed, author)
      return .aside(BlockFault(.fork))
    }
  }

  /// What an author said about the branches at and after a place.
  private enum Word {
    /// This is the block.
    case named
    /// A block that is here, on the feed's branch.
    case decided
    /// A block that is not here.
    case pending
    case none
  }

  private func authorsWord(
    on block: Block, _ feed: IntakeFeed, _ row: FeedRow
  ) throws(KianaError) -> Word {
    if feed.rules.names(block.id) { return .named }
    let lineage = FeedLineage(node, row)
    var word = Word.none
    for name in feed.rules.names where !name.stands(before: block.position) {
      if try lineage.isHere(name) { return .decided }
      word = .pending
    }
    return word
  }

  /// How many proofs of a fork are kept; one is enough to convince anybody.
  private static let rivalsMax = 4

  /// The block that a block follows; nil at the beginning of a feed.
  private func findParent(
    of block: Block, _ feed: IntakeFeed
  ) throws(KianaError) -> Result<BlockRow?, BlockFault> {
    let header = block.header
    let rules = feed.rules
    if rules.isLeftBehind(epoch: header.epoch, seq: header.seq) {
      return .failure(BlockFault(.leftBehind))
    }
    if header.epoch > 0, rules.opening(header.epoch) == nil {
      return .failure(BlockFault(.unknownEpoch))
    }
    guard let row = feed.row else {
      return .failure(BlockFault(header.seq > 0 || header.epoch > 0 ? .gap : .wrongPrev))
    }
    if header.seq == 0 {
      guard rules.begins(header.epoch, seq: 0, prev: header.prev) else {
        return .failure(BlockFault(.wrongPrev))
      }
      guard let prev = header.prev else { return .success(nil) }
      guard let before = try node.blocks.find(id: prev), before.feed == row.no else {
        return .failure(BlockFault(.gap))
      }
      return .success(before)
    }
    if let prev = header.prev, let before = try node.blocks.find(id: prev), before.feed == row.no,
      before.epoch == header.epoch, before.seq == header.seq - 1
    {
      return .success(before)
    }
    let other = try node.blocks.find(feed: row.no, epoch: header.epoch, seq: header.seq - 1)
    return .failure(BlockFault(other == nil ? .gap : .wrongPrev))
  }

  /// A block that follows one that is held is held with it.
  private func holdBehind(
    _ block: Block, _ feed: IntakeFeed, _ author: IntakeAuthor
  ) throws(KianaError) -> Outcome? {
    guard let prev = block.header.prev, let before = try node.held.find(prev),
      before.feed == feed.row?.no, before.epoch == block.header.epoch,
      before.seq + 1 == block.header.seq
    else { return nil }
    if let fault = try keyFault(block, feed, author) { return .refused(fault) }
    return try hold(block, feed, author, due: before.due, BlockFault(.heldBehind))
  }

  /// A named block came, and with it the author's word which branch is the feed.
  private func settle(_ feed: IntakeFeed, _ author: IntakeAuthor) throws(KianaError) {
    try flushAuthor(author)
    feed.needsSettling = false
    guard let row = feed.row else { return }
    let places = [try node.blocks.firstProof(feed: row.no), feed.rules.firstLeftBehind]
    guard let place = places.compactMap({ $0 }).min(by: { $0 < $1 }) else { return }
    feed.row = try FeedSettlement(node, author.row, author.keyLog).settle(row, from: place)
    try refresh()
  }

  private func recordFork(
    _ block: Block, _ feed: IntakeFeed, _ author: IntakeAuthor
  ) throws(KianaError) {
    try node.recorder.record(
      "feed.fork", target: "feed:\(author.row.aid.text)/\(block.header.feed)", verdict: .invalid,
      payload: .object([JSONMember("block", .string(block.id.hex))]), now: now)
  }

  // MARK: storing

  private static func size(_ block: Block) -> Int64 {
    Int64(block.headerBytes.count + (block.content?.bytes.count ?? 0))
  }

  /// Whether the author's quota allows more. If not, the next command makes room, when it can.
  private func hasRoom(for bytes: Int64, _ author: IntakeAuthor) throws(KianaError) -> Bool {
    if author.hasRoom(for: bytes, node.settings) { return true }
    if !author.isCrowded {
      author.isCrowded = true
      try node.authors.setCrowded(author.row.no, true)
    }
    return false
  }

  private var tooManyFeeds: BlockFault {
    BlockFault(.quota, "the author has \(node.settings.authorFeedsMax) feeds already")
  }

  /// The feed's row, made when it is new; nil when the author may have no other feed. A feed that
  /// nothing is in any more does not count.
  private func ensureRow(
    _ feed: IntakeFeed, _ author: IntakeAuthor, isFirst: Bool
  ) throws(KianaError) -> FeedRow? {
    if isFirst {
      let used = try node.feeds.all(author: author.row.no).count {
        $0.name != feed.rules.feed && $0.head != nil
      }
      guard used < node.settings.authorFeedsMax else { return nil }
    }
    if let row = feed.row { return row }
    let row = try node.feeds.insert(author: author.row.no, name: feed.rules.feed)
    feed.row = row
    return row
  }

  /// - Returns: the block as it was stored: without its content when that is hidden.
  @discardableResult
  private func insert(
    _ block: Block, into feed: FeedRow, of author: IntakeAuthor, _ standing: Standing,
    _ known: SignatureState = .good
  ) throws(KianaError) -> Block {
    let hiding = try hiding(of: block.id, author.row.no)
    let kept = hiding == .none ? block : block.withoutContent
    try node.blocks.insert(
      no: nextNo, feed: feed.no, kept, standing: standing, signatureState: known, hiding: hiding)
    if kept.content == nil, hiding == .none, standing == .inFeed,
      block.header.contentSize <= Int64(node.settings.contentBytesMax)
    {
      try node.lacking.insert(no: nextNo)
    }
    nextNo += 1
    lastState = known
    author.charge(blocks: 1, bytes: Self.size(kept))
    addedBlocks += 1
    addedBytes += Int64(kept.content?.bytes.count ?? 0)
    if author.isOwn, !isOwnWork {
      try node.meta.set(.restored, "block \(block.id.hex) of this node came back from outside")
    }
    return kept
  }

  private func hiding(of id: Hash32, _ author: Int64) throws(KianaError) -> Hiding {
    guard hasHidden else { return .none }
    if try node.redactions.isPurged(id) { return .purged }
    return try node.redactions.isWished(id, by: author) ? .redacted : .none
  }

  /// What effects of blocks changed for those that follow.
  private func refresh() throws(KianaError) {
    hasHidden = try node.redactions.hasAny()
    for state in authors.values {
      state.isAdmitted = try AdmissionRules(node).isAdmitted(state.row)
    }
  }

  /// Where a new block of this node's feed goes, and the epoch it belongs to.
  package func head(feed name: String) throws(KianaError) -> (position: FeedPosition?, epoch: Int64)
  {
    guard case .success(let author) = try authorState(node.aid) else {
      throw KianaError(code: .damaged, what: "this node's own key log is not here")
    }
    let feed = try feedState(author, name: name)
    guard !feed.isContested else {
      throw KianaError(
        code: .refused, what: "cannot add to the feed '\(name)'", why: "it has forked",
        hint: "run 'kiana-node resume --without-peers', which names the branch that goes on")
    }
    guard let opening = author.keyLog.openings(feed: name).last,
      opening.epoch > feed.head?.epoch ?? 0
    else { return (feed.head, feed.head?.epoch ?? 0) }
    return (opening.after, opening.epoch)
  }

  /// Writes heads and counts; nothing is taken afterwards in this transaction.
  package func flush() throws(KianaError) {
    try AdmissionRules(node).replayStale()
    for author in authors.values {
      for feed in author.feeds.values where feed.needsSettling { try settle(feed, author) }
    }
    for author in authors.values { try flushAuthor(author) }
    // The rows have other counts now.
    authors.removeAll()
    sponsors.removeAll()
    lastAuthor = nil
    guard addedBlocks > 0 || addedBytes != 0 else { return }
    try node.meta.set(.lastBlock, nextNo - 1)
    try node.meta.set(.blocks, try node.meta.integer(.blocks) + addedBlocks)
    try node.meta.set(.contentBytes, try node.meta.integer(.contentBytes) + addedBytes)
    addedBlocks = 0
    addedBytes = 0
  }

  private func flushAuthor(_ author: IntakeAuthor) throws(KianaError) {
    for feed in author.feeds.values where feed.isDirty {
      if let row = feed.row { try node.feeds.update(row) }
      feed.isDirty = false
    }
    guard author.newBlocks != 0 || author.newBytes != 0 else { return }
    try node.authors.charge(author.row.no, blocks: author.newBlocks, bytes: author.newBytes)
    author.newBlocks = 0
    author.newBytes = 0
  }

  private func authorState(_ aid: AID) throws(KianaError) -> Result<IntakeAuthor, BlockFault> {
    if let lastAuthor, lastAuthor.row.aid == aid { return .success(lastAuthor) }
    if let known = authors[aid] {
      lastAuthor = known
      return .success(known)
    }
    guard let row = try node.authors.find(aid) else { return .failure(BlockFault(.unknownAuthor)) }
    if row.isPurged { return .failure(BlockFault(.purged)) }
    let keyLog: KeyLog
    do throws(KianaError) {
      guard let known = try node.keyLog(of: aid) else {
        return .failure(BlockFault(.unknownAuthor))
      }
      keyLog = known
    } catch  where error.code == .damaged && aid != node.aid {
      // One author's damage is no reason to turn others away.
      return .failure(BlockFault(.badKeyLog, "the key log of its author is damaged here"))
    }
    let state = IntakeAuthor(
      row: row, keyLog: keyLog, isAdmitted: try AdmissionRules(node).isAdmitted(row))
    if row.admission == .none, state.isAdmitted { state.sponsors = try sponsors(of: row.no) }
    authors[aid] = state
    lastAuthor = state
    return .success(state)
  }

  private func sponsors(of author: Int64) throws(KianaError) -> [IntakeSponsor] {
    try AdmissionRules(node).sponsors(of: author).map { (row) throws(KianaError) in
      if let known = sponsors[row.no] { return known }
      let sponsor = IntakeSponsor(bytes: try node.admissions.bytes(admittedBy: row.no))
      sponsors[row.no] = sponsor
      return sponsor
    }
  }

  private func feedState(_ author: IntakeAuthor, name: String) throws(KianaError) -> IntakeFeed {
    if let known = author.feeds[name] { return known }
    let row = try node.feeds.find(author: author.row.no, name: name)
    let state = IntakeFeed(row, FeedRules(author.keyLog, feed: name))
    if let row { state.hasProofs = try node.blocks.firstProof(feed: row.no) != nil }
    author.feeds[name] = state
    return state
  }
}
