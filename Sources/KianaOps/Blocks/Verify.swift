internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// Proves what is stored, from the bytes up: `kiana-node verify`.
///
/// For each block the id, the signature, the content's hash, its place in the chain and what its
/// author's key log says of the key; for each feed its head and count. No clock is asked.
package struct Verify {
  /// Something that is not as it should be.
  package struct Finding: Equatable, Sendable {
    /// `blk:ID`, `feed:AID/NAME`, `aid:AID`, `state`.
    package let target: String
    /// A word for scripts: a `BlockFault.Kind`, a `KeyVerdict`, or `damaged`, `head`, `count`,
    /// `index`.
    package let kind: String
    package let words: String
  }

  package struct Summary: Equatable, Sendable {
    package var blocks = 0
    package var contents = 0
    package var feeds = 0
    package var findings = 0

    package init() {}
  }

  private let node: Node
  private let workers: Int
  static let rowsInChunk = 64
  static let chunksAhead = 8

  package init(_ node: Node, workers: Int) {
    self.node = node
    self.workers = workers
  }

  /// Verifies everything.
  ///
  /// - Parameters:
  ///   - isFull: also the structure of the database files, and the index against the blocks.
  ///   - report: called with each finding.
  package func all(
    isFull: Bool, report: @escaping (Finding) throws(KianaError) -> Void,
    progress: @escaping (Summary) throws(KianaError) -> Void
  ) throws(KianaError) -> Summary {
    let run = VerifyRun(node, workers: workers, report: report, progress: progress)
    defer { run.close() }
    if isFull { try run.structure(of: node.database) }
    for author in try node.authors.all() where !author.isPurged { try run.author(author) }
    try run.others()
    if isFull { try run.standings() }
    try run.counts()
    if isFull { try run.index() }
    return run.summary
  }

  /// Verifies single blocks, each with what its author's key log says of it now.
  package func blocks(
    _ ids: [Hash32], report: @escaping (Finding) throws(KianaError) -> Void
  ) throws(KianaError) -> Summary {
    let run = VerifyRun(node, workers: 1, report: report, progress: { _ throws(KianaError) in })
    defer { run.close() }
    for id in ids { try run.block(id) }
    return run.summary
  }
}

extension CheckedRow {
  /// Whether the signature of a stored block is by the key that its header names.
  static func hasGoodSignature(_ row: BlockRow, _ crypto: Sodium) -> Bool {
    guard let header = try? BlockHeader.parse(row.header.span) else { return false }
    return Block(
      headerBytes: row.header, header: header, signature: row.signature, id: row.id, content: nil
    ).hasGoodSignature(crypto)
  }
}

/// A stored block and what its own bytes prove.
struct CheckedRow: Sendable {
  let row: BlockRow
  let header: BlockHeader?
  let faults: [BlockFault]

  static func check(_ row: BlockRow, _ content: BlockContent?, _ crypto: Sodium) -> CheckedRow {
    var faults = [BlockFault]()
    if crypto.sha256(row.header, row.signature) != row.id {
      faults.append(BlockFault(.badSignature, "its bytes do not give its id"))
    }
    let header: BlockHeader
    do throws(BlockFault) {
      header = try BlockHeader.parse(row.header.span)
    } catch {
      return CheckedRow(row: row, header: nil, faults: faults + [error])
    }
    let block = Block(
      headerBytes: row.header, header: header, signature: row.signature, id: row.id,
      content: content)
    // A bad signature that was found when the block came is the proof against its author.
    if row.signatureState != .bad, !block.hasGoodSignature(crypto) {
      faults.append(BlockFault(.badSignature))
    }
    do throws(BlockFault) {
      try content?.check(against: header, crypto)
    } catch {
      faults.append(error)
    }
    return CheckedRow(row: row, header: header, faults: faults)
  }
}

/// One run of `Verify`.
private final class VerifyRun {
  private let node: Node
  private let pool: Workers<[(BlockRow, BlockContent?)], [CheckedRow]>
  private let report: (Verify.Finding) throws(KianaError) -> Void
  private let progress: (Verify.Summary) throws(KianaError) -> Void
  private(set) var summary = Verify.Summary()
  private var ticket = 0
  private var lineage: (feed: Int64, line: FeedLineage, rules: FeedRules)?

  init(
    _ node: Node, workers: Int, report: @escaping (Verify.Finding) throws(KianaError) -> Void,
    progress: @escaping (Verify.Summary) throws(KianaError) -> Void
  ) {
    self.node = node
    self.report = report
    self.progress = progress
    let crypto = node.crypto
    pool = Workers(count: workers) { rows in
      rows.map { CheckedRow.check($0.0, $0.1, crypto) }
    }
  }

  func close() {
    pool.close()
  }

  private func find(_ target: String, _ kind: String, _ words: String) throws(KianaError) {
    summary.findings += 1
    try report(Verify.Finding(target: target, kind: kind, words: words))
  }

  // MARK: files

  func structure(of database: Database) throws(KianaError) {
    for line in try database.integrityFaults() { try find("state", "damaged", line) }
  }

  // MARK: authors and feeds

  func author(_ author: AuthorRow) throws(KianaError) {
    let feeds = try node.feeds.all(author: author.no)
    let keyLog: KeyLog?
    do throws(KianaError) {
      keyLog = try node.keyLog(of: author.aid)
    } catch  where error.code == .damaged {
      return try find("aid:\(author.aid.text)", "damaged", error.message)
    }
    guard let keyLog else {
      guard !feeds.isEmpty else { return }
      return try find(
        "aid:\(author.aid.text)", BlockFault.Kind.unknownAuthor.rawValue,
        "its key log is missing")
    }

    for feed in feeds { try verify(feed, of: author, keyLog) }
  }

  private func verify(
    _ feed: FeedRow, of author: AuthorRow, _ keyLog: KeyLog
  ) throws(KianaError) {
    summary.feeds += 1
    let target = "feed:\(author.aid.text)/\(feed.name)"
    var chain = ChainCheck(feed, author, openings: keyLog.openings(feed: feed.name))
    var count: Int64 = 0
    var present = feed
    var from: (epoch: Int64, seq: Int64) = (0, 0)
    for _ in 0..<Self.roundsMax {
      try eachChecked(feed, from: from) { (checked) throws(KianaError) in
        if checked.row.standing == .inFeed { count += 1 }
        try take(checked, &chain, feed, keyLog)
      }
      // Another command may have added blocks meanwhile: on to what the feed's row says now.
      guard let now = try node.feeds.find(no: feed.no) else { return }
      present = now
      if chain.head == present.head { break }
      from = chain.head.map { ($0.epoch, $0.seq + 1) } ?? (0, 0)
    }
    if chain.head != present.head {
      try find(target, "head", "its head is not the last block that is here")
    }
    if count != present.blocks {
      try find(target, "count", "it should have \(present.blocks) blocks, and has \(count)")
    }
  }

  /// How often a feed that others write to is followed to its new end.
  private static let roundsMax = 4

  private func take(
    _ checked: CheckedRow, _ chain: inout ChainCheck, _ feed: FeedRow, _ keyLog: KeyLog
  ) throws(KianaError) {
    summary.blocks += 1
    try progress(summary)
    for fault in checked.faults + chain.next(checked) {
      try find("blk:\(checked.row.id.hex)", fault.kind.rawValue, fault.reason)
    }
    if let header = checked.header { try verdict(header, checked.row, feed, keyLog) }
  }

  private func verdict(
    _ header: BlockHeader, _ row: BlockRow, _ feed: FeedRow, _ keyLog: KeyLog
  ) throws(KianaError) {
    let position = FeedPosition(epoch: row.epoch, feed: feed.name, id: row.id, seq: row.seq)
    if lineage?.feed != feed.no {
      lineage = (feed.no, FeedLineage(node, feed), FeedRules(keyLog, feed: feed.name))
    }
    let isLeft = lineage?.rules.isLeftBehind(epoch: row.epoch, seq: row.seq) ?? false
    let verdict = try keyLog.verdict(on: position, key: header.key, isLeftBehind: isLeft) {
      (pin) throws(KianaError) in
      try lineage?.line.relation(of: position, row.standing, to: pin) ?? .unknown
    }
    guard !verdict.isAcceptable else { return }
    try find("blk:\(row.id.hex)", verdict.rawValue, verdict.words)
  }

  /// Calls `body` with each block of the feed in order, its bytes checked by all workers.
  private func eachChecked(
    _ feed: FeedRow, from place: (epoch: Int64, seq: Int64),
    _ body: (CheckedRow) throws(KianaError) -> Void
  ) throws(KianaError) {
    var next: (epoch: Int64, seq: Int64)? = place
    var first = ticket
    while next != nil || first < ticket {
      while let from = next, ticket - first < Verify.chunksAhead {
        let chunk = try chunk(feed, from: from)
        next =
          chunk.count == Verify.rowsInChunk ? chunk.last.map { ($0.0.epoch, $0.0.seq + 1) } : nil
        guard !chunk.isEmpty else { break }
        pool.submit(chunk, ticket: ticket)
        ticket += 1
      }
      guard first < ticket else { break }
      for checked in pool.take(first) { try body(checked) }
      first += 1
    }
  }

  private func chunk(
    _ feed: FeedRow, from place: (epoch: Int64, seq: Int64)
  ) throws(KianaError) -> [(BlockRow, BlockContent?)] {
    var rows = [BlockRow]()
    try node.blocks.forEach(feed: feed.no, fromEpoch: place.epoch, seq: place.seq) { row in
      rows.append(row)
      return rows.count < Verify.rowsInChunk
    }
    var chunk = [(BlockRow, BlockContent?)]()
    for row in rows {
      let content = try node.blocks.content(no: row.no)
      if content != nil { summary.contents += 1 }
      chunk.append((row, content))
    }
    return chunk
  }

  // MARK: the rest

  /// What is in no feed, held blocks and proofs: their bytes must be what their ids say.
  func others() throws(KianaError) {
    for feed in try node.feeds.all() {
      for held in try node.held.all(feed: feed.no) {
        let row = BlockRow(
          no: 0, id: held.id, feed: held.feed, epoch: held.epoch, seq: held.seq,
          standing: .rival, signatureState: .good, hiding: .none, header: held.header,
          signature: held.signature)
        try bytes(of: row, held.content)
      }
      try node.blocks.forEachProof(feed: feed.no) { (row) throws(KianaError) in
        try bytes(of: row, try node.blocks.content(no: row.no))
      }
    }
  }

  private func bytes(of row: BlockRow, _ content: BlockContent?) throws(KianaError) {
    for fault in CheckedRow.check(row, content, node.crypto).faults {
      try find("blk:\(row.id.hex)", fault.kind.rawValue, fault.reason)
    }
  }

  /// Every block stands towards its feed as blocks and key logs say.
  func standings() throws(KianaError) {
    for author in try node.authors.all() where !author.isPurged {
      guard let keyLog = try? node.keyLog(of: author.aid) else { continue }
      for feed in try node.feeds.all(author: author.no) {
        do throws(KianaError) {
          try standings(of: feed, author, keyLog)
        } catch  where error.code == .damaged {
          // Its block was named already.
        }
      }
    }
  }

  private func standings(
    of feed: FeedRow, _ author: AuthorRow, _ keyLog: KeyLog
  ) throws(KianaError) {
    let (present, result) = try node.database.read { () throws(KianaError) in
      let present = try node.feeds.find(no: feed.no) ?? feed
      return (present, try FeedSettlement(node, author, keyLog).walk(present, from: (0, 0)))
    }
    for change in result.changes.prefix(Self.standingsMax) {
      guard let row = try node.blocks.find(no: change.no) else { continue }
      try find(
        "blk:\(row.id.hex)", "standing",
        "it stands as \(change.before.word) and should be \(change.after.word)")
    }
    if result.isContested != present.isContested {
      try find(
        "feed:\(author.aid.text)/\(feed.name)", "contested",
        result.isContested ? "it has forked unnoticed" : "it counts as forked and is not")
    }
  }

  private static let standingsMax = 1000

  /// The counts that `status` shows.
  func counts() throws(KianaError) {
    // One moment for both, since another command may write.
    let (blocks, bytes, saidBlocks, saidBytes) = try node.database.read {
      () throws(KianaError) in
      let (blocks, bytes) = try node.blocks.totals()
      return (
        blocks, bytes, try node.meta.integer(.blocks), try node.meta.integer(.contentBytes)
      )
    }
    if saidBlocks != blocks {
      try find("state", "count", "\(blocks) blocks are here, the count says \(saidBlocks)")
    }
    if saidBytes != bytes {
      try find("state", "count", "the contents have \(bytes) bytes, the count says \(saidBytes)")
    }
  }

  /// Every block is found by its labels and words, and nothing is found that is not here.
  func index() throws(KianaError) {
    do throws(KianaError) {
      try compareIndex()
    } catch  where error.code == .damaged {
      try find("state", "index", "it cannot be compared: \(error.message)")
    }
  }

  private func compareIndex() throws(KianaError) {
    let indexing = try Indexing(node)
    try structure(of: indexing.index.database)
    try indexing.catchUpChanges()
    let labelled = try indexing.index.upto(.labels)
    let worded = try indexing.index.upto(.words)
    var entries: Int64 = 0
    try BlockLog(node).forEach(BlockQuery(), isNewestFirst: false) {
      (block) throws(KianaError) in
      let feed = try node.feeds.find(no: block.row.feed)
      if block.no <= labelled {
        let labels = try indexing.labels(
          of: block.header, author: feed?.author ?? 0, mayMake: false)
        for label in labels {
          guard try !indexing.index.has(label.role, label.value, no: block.no) else { continue }
          try find("blk:\(block.id.hex)", "index", "the index does not know one of its labels")
        }
      }
      if block.no <= worded {
        let isFound = try indexing.words.has(no: block.no)
        if isFound { entries += 1 }
        if isFound != (block.row.hiding == .none && block.row.standing.isVisible) {
          try find(
            "blk:\(block.id.hex)", "index",
            isFound ? "the index still has its words" : "the index does not have its words")
        }
      }
      return true
    }
    let surplus = try indexing.words.total() - entries
    if surplus > 0 {
      try find("state", "index", "the index has words of \(surplus) unknown blocks")
    }
  }

  // MARK: one block

  func block(_ id: Hash32) throws(KianaError) {
    guard let row = try node.blocks.find(id: id), let feed = try node.feeds.find(no: row.feed),
      let author = try node.authors.find(no: feed.author)
    else { throw KianaError(code: .notFound, what: "there is no block '\(id.hex)'") }
    summary.blocks += 1
    let content = try node.blocks.content(no: row.no)
    if content != nil { summary.contents += 1 }
    let checked = CheckedRow.check(row, content, node.crypto)
    var faults = checked.faults
    if let header = checked.header {
      let openings = try node.keyLog(of: author.aid)?.openings(feed: feed.name) ?? []
      let before =
        header.seq > 0
        ? try node.blocks.find(feed: feed.no, epoch: row.epoch, seq: row.seq - 1) : nil
      var chain = ChainCheck(
        feed, author, openings: openings,
        tip: before.map {
          FeedPosition(epoch: $0.epoch, feed: feed.name, id: $0.id, seq: $0.seq)
        })
      faults += chain.next(checked)
      guard let keyLog = try node.keyLog(of: author.aid) else {
        return try find("blk:\(id.hex)", "unknown-author", "its author's key log is missing")
      }
      try verdict(header, row, feed, keyLog)
    }
    for fault in faults { try find("blk:\(id.hex)", fault.kind.rawValue, fault.reason) }
    if !row.standing.isVisible {
      try find(
        "blk:\(id.hex)", row.standing.word,
        row.standing == .cut
          ? "it is not part of its feed any more" : "it is on another branch than its feed")
    }
  }
}

/// Whether blocks that come in order make a chain.
private struct ChainCheck {
  /// The last block that is in the feed.
  private(set) var head: FeedPosition?
  /// The last block of the epoch, in the feed or left behind.
  private var tip: FeedPosition?
  private let feed: FeedRow
  private let author: AID
  private let openings: [EpochOpening]

  /// - Parameter tip: the block before the first one.
  init(
    _ feed: FeedRow, _ author: AuthorRow, openings: [EpochOpening], tip: FeedPosition? = nil
  ) {
    self.feed = feed
    self.author = author.aid
    self.openings = openings
    self.tip = tip
  }

  mutating func next(_ checked: CheckedRow) -> [BlockFault] {
    guard let header = checked.header else { return [] }
    let row = checked.row
    var faults = [BlockFault]()
    if header.author != author || header.feed != feed.name || header.epoch != row.epoch
      || header.seq != row.seq
    {
      faults.append(BlockFault(.badMember, "it is stored at a place that its header does not name"))
    }
    if tip?.epoch != header.epoch { tip = nil }
    if header.seq != (tip?.seq ?? -1) + 1 { faults.append(BlockFault(.gap)) }
    let opening = openings.first { $0.epoch == header.epoch }
    let before = header.seq == 0 ? opening?.after?.id : tip?.id
    if header.prev != before { faults.append(BlockFault(.wrongPrev)) }
    if header.epoch > 0, opening == nil { faults.append(BlockFault(.unknownEpoch)) }
    let position = FeedPosition(epoch: row.epoch, feed: feed.name, id: row.id, seq: row.seq)
    tip = position
    if row.standing == .inFeed { head = position }
    return faults
  }
}
