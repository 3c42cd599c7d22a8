internal import KianaCrypto
internal import KianaModel
internal import KianaStore

/// The proof that an author signed over a bad block: the block, and those that follow it up to one
/// that is well signed (DESIGN section 4).
struct BadBlockProof {
  private let node: Node
  static let blocksMax = 64

  init(_ node: Node) {
    self.node = node
  }

  /// The blocks of the proof, without their contents; empty when there is none.
  func blocks(of author: AuthorRow, _ feed: FeedRow) throws(KianaError) -> [Block] {
    guard let keyLog = try node.keyLog(of: author.aid) else { return [] }
    for bad in try node.blocks.bad(feed: feed.no, limit: Self.blocksMax) {
      var chain = [bad]
      while chain.count < Self.blocksMax, let last = chain.last,
        let next = try follower(of: last)
      {
        chain.append(next)
        guard next.signatureState == .good else { continue }
        let blocks = try chain.map { (row) throws(KianaError) in
          try BlockReader(node).read(row).block.withoutContent
        }
        if Self.speaks(blocks.last?.header.key, keyLog) { return blocks }
      }
    }
    return []
  }

  private func follower(of row: BlockRow) throws(KianaError) -> BlockRow? {
    var found: BlockRow?
    try node.blocks.forEachProof(feed: row.feed, epoch: row.epoch, seq: row.seq + 1) {
      (next) throws(KianaError) in
      if try BlockReader(node).header(of: next).prev == row.id { found = next }
    }
    return found
  }

  /// Whether what this key signed tells something about the author: a thief's does not.
  private static func speaks(_ key: KeyText?, _ keyLog: KeyLog) -> Bool {
    guard let key, let record = keyLog.record(of: key), record.use == .block else { return false }
    if case .revoked(.compromise, _) = record.state { return false }
    return !keyLog.isDuplicitous
  }

  /// Takes a proof of somebody else, in the transaction that is open.
  ///
  /// - Returns: `known` also when it says nothing here, for a part of the feed that is missing.
  func take(_ blocks: [Block]) throws(KianaError) -> SyncOutcome {
    guard let first = blocks.first, let last = blocks.last,
      (2...Self.blocksMax).contains(blocks.count),
      let author = try node.authors.find(first.header.author),
      try AdmissionRules(node).isAdmitted(author),
      let keyLog = try node.keyLog(of: author.aid),
      let feed = try node.feeds.find(author: author.no, name: first.header.feed)
    else { return .known }
    guard try self.blocks(of: author, feed).isEmpty, try hasParent(of: first, feed) else {
      return .known
    }
    guard Self.isChain(blocks), !first.hasGoodSignature(node.crypto),
      last.hasGoodSignature(node.crypto), Self.speaks(last.header.key, keyLog)
    else { return .refused(BlockFault(.badSignature, "the proof of a bad block proves nothing")) }
    try store(blocks, author, feed)
    _ = try FeedSettlement(node, author, keyLog).settle(
      try node.feeds.find(no: feed.no) ?? feed, from: (first.header.epoch, first.header.seq))
    try node.feeds.touch(author: author.no)
    try node.recorder.record(
      "feed.proof", target: "feed:\(author.aid.text)/\(feed.name)", verdict: .invalid,
      payload: .object([JSONMember("block", .string(first.id.hex))]), now: node.now())
    return .aside(BlockFault(.badSignature, "its author signed over it; both are kept as proof"))
  }

  private static func isChain(_ blocks: [Block]) -> Bool {
    zip(blocks, blocks.dropFirst()).allSatisfy { block, next in
      next.header.prev == block.id && next.header.epoch == block.header.epoch
        && next.header.seq == block.header.seq + 1 && next.header.author == block.header.author
        && next.header.feed == block.header.feed
    }
  }

  private func hasParent(of block: Block, _ feed: FeedRow) throws(KianaError) -> Bool {
    guard let prev = block.header.prev else { return block.header.seq == 0 }
    guard let row = try node.blocks.find(id: prev), row.feed == feed.no else { return false }
    return row.standing == .inFeed && row.epoch == block.header.epoch
      && row.seq + 1 == block.header.seq
  }

  private func store(
    _ blocks: [Block], _ author: AuthorRow, _ feed: FeedRow
  ) throws(KianaError) {
    var no = try node.meta.integer(.lastBlock)
    var bytes: Int64 = 0
    var added: Int64 = 0
    for block in blocks {
      let state: SignatureState = block.hasGoodSignature(node.crypto) ? .good : .bad
      if let row = try node.blocks.find(id: block.id) {
        try node.blocks.setSignatureState(no: row.no, state)
        continue
      }
      no += 1
      added += 1
      bytes += Int64(block.headerBytes.count)
      try node.blocks.insert(
        no: no, feed: feed.no, block.withoutContent, standing: .cut, signatureState: state,
        hiding: .none)
    }
    try node.authors.charge(author.no, blocks: added, bytes: bytes)
    try node.meta.set(.lastBlock, no)
    try node.meta.set(.blocks, try node.meta.integer(.blocks) + added)
  }
}
