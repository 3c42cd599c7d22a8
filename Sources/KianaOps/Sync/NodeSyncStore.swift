internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// A node's store as the sync machine uses it: every rule of `import` applies.
package struct NodeSyncStore: SyncStore {
  private let node: Node
  private let admits: Bool
  private let withContent: Bool
  private let pool: Workers<[Block], [Bool]>

  private static let blocksInChunk = 16

  /// - Parameters:
  ///   - admits: whether authors that come are admitted, as in a sync that somebody typed.
  ///   - withContent: whether contents are sent and kept.
  ///   - workers: threads that check signatures.
  package init(_ node: Node, admits: Bool, withContent: Bool, workers: Int) {
    self.node = node
    self.admits = admits
    self.withContent = withContent
    let crypto = node.crypto
    pool = Workers(count: workers) { blocks in blocks.map { $0.hasGoodSignature(crypto) } }
  }

  /// A machine for one session, with a fresh nonce.
  package func session(
    _ direction: SyncMachine<NodeSyncStore>.Direction, feeds: Set<String>?
  ) throws(KianaError) -> SyncMachine<NodeSyncStore> {
    let hello = Hello(
      node: node.aid, nonce: node.crypto.randomBytes(Hello.nonceBytes),
      storeNonce: try node.meta.text(.storeNonce) ?? "")
    return SyncMachine(self, hello, direction: direction, feeds: feeds, node.crypto)
  }

  /// Ends the threads.
  package func close() {
    pool.close()
  }

  package func heads() throws(KianaError) -> [SyncHead] {
    var heads = [SyncHead]()
    for author in try node.authors.all() where !author.isPurged {
      let feeds = try node.feeds.all(author: author.no)
      guard !feeds.isEmpty else { continue }
      let digest = try node.keyEvents.digest(author: author.no, node.crypto)
      for feed in feeds {
        guard let position = feed.head else { continue }
        heads.append(SyncHead(author: author.aid, position: position, keyDigest: digest))
      }
    }
    return heads
  }

  package func keyLog(of author: AID) throws(KianaError) -> [[UInt8]] {
    guard let row = try node.authors.find(author) else { return [] }
    return try node.keyEvents.streams(author: row.no, bytesMax: Export.keyLogBytesMax)
  }

  package func blocks(
    author: AID, feed: String, epoch: Int64, from seq: Int64, bytesMax: Int
  ) throws(KianaError) -> [Block] {
    guard let row = try node.authors.find(author), !row.isPurged,
      let feed = try node.feeds.find(author: row.no, name: feed)
    else { return [] }
    var rows = [BlockRow]()
    var bytes = 0
    try node.blocks.forEach(feed: feed.no, fromEpoch: epoch, seq: seq) { row in
      guard row.standing == .inFeed, row.isSignatureChecked else { return true }
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
    return blocks
  }

  /// What fits into a frame beside the largest header.
  private static let contentBytesInFrame = 1 << 20

  package mutating func take(keys stream: [UInt8], of author: AID) throws(KianaError) -> String? {
    let now = node.now()
    let outcome = try node.database.transaction(.normal) { () throws(KianaError) in
      try KeyLogIntake(node).take(author, stream, admits: admits, now: now)
    }
    switch outcome {
    case .known, .extended: return nil
    case .refused(let kind): return kind.words
    case .faulty(let fault): return fault.reason
    }
  }

  package mutating func take(_ blocks: [Block]) throws(KianaError) -> [SyncOutcome] {
    let checked = check(blocks)
    return try node.database.transaction(.normal) { () throws(KianaError) in
      let intake = try Intake(node, isOwnWork: false)
      var tree = MerkleRoot(node.crypto)
      var outcomes = [SyncOutcome]()
      for (block, isGood) in zip(blocks, checked) {
        let outcome = try intake.take(fitting(block), hasGoodSignature: isGood)
        if outcome == .stored { tree.add(block.verdictLine) }
        outcomes.append(SyncOutcome(outcome))
      }
      try intake.flush()
      if tree.count > 0 {
        try node.recorder.record(
          "block.accept", target: "state", verdict: .valid,
          payload: .object([
            JSONMember("blocks", .integer(Int64(tree.count))),
            JSONMember("root", .string(tree.root.hex)),
          ]), now: node.now())
      }
      return outcomes
    }
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
  fileprivate init(_ outcome: Intake.Outcome) {
    switch outcome {
    case .stored, .contentAdded: self = .stored
    case .known: self = .known
    case .aside(let fault): self = .aside(fault)
    case .refused(let fault): self = .refused(fault)
    }
  }
}

extension Block {
  /// A block's line in the digest of a range: the JCS form of id and verdict.
  var verdictLine: [UInt8] {
    var line = Array(#"{"id":""#.utf8)
    line += id.hex.utf8
    line += #"","verdict":"valid"}"#.utf8
    return line
  }
}
