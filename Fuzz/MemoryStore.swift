internal import KianaCrypto
internal import KianaModel

/// A store without a disk for the sync machine: it takes a block that follows its feed's end and is
/// well signed, and nothing else.
struct MemoryStore: SyncStore {
  private(set) var feeds = [String: [Block]]()
  private let authors: [AID: [UInt8]]
  private let crypto = Sodium()
  private var lacking: [Hash32]
  let asksFirst: Bool

  /// - Parameters:
  ///   - keyLogs: of all authors.
  ///   - chains: of feeds.
  init(keyLogs: [AID: [UInt8]], chains: [[Block]], lacking: [Hash32], asksFirst: Bool) {
    authors = keyLogs
    self.lacking = lacking
    self.asksFirst = asksFirst
    for chain in chains {
      guard let header = chain.first?.header else { continue }
      feeds[Self.name(header.author, header.feed)] = chain
    }
  }

  private static func name(_ author: AID, _ feed: String) -> String { "\(author.text)/\(feed)" }

  func heads(for peer: AID) throws(KianaError) -> [SyncHead] {
    feeds.values.compactMap { chain in
      chain.last.map {
        SyncHead(
          author: $0.header.author, position: $0.position, keyDigest: .zero,
          isContested: $0.header.feed == "forked", changed: 1)
      }
    }
  }

  func keyLog(of author: AID) throws(KianaError) -> [[UInt8]] {
    authors[author].map { [$0] } ?? []
  }

  func blocks(
    author: AID, feed: String, epoch: Int64, from seq: Int64, bytesMax: Int
  ) throws(KianaError) -> [Block] {
    let chain = feeds[Self.name(author, feed)] ?? []
    return Array(chain.filter { ($0.header.epoch, $0.header.seq) >= (epoch, seq) }.prefix(3))
  }

  func memory(of peer: Hello) throws(KianaError) -> SyncMemory? {
    peer.storeNonce == "met" ? SyncMemory(mine: 0, theirs: 0) : nil
  }

  mutating func remember(_ memory: SyncMemory, of peer: Hello) throws(KianaError) {}

  func forkProof(author: AID, feed: String) throws(KianaError) -> [Block] {
    Array((feeds[Self.name(author, feed)] ?? []).suffix(2))
  }

  func badBlockProof(author: AID, feed: String) throws(KianaError) -> [Block] { [] }

  mutating func take(proof: [Block]) throws(KianaError) -> SyncOutcome { .known }

  mutating func lackingContents(limit: Int) throws(KianaError) -> [Hash32] {
    defer { lacking = Array(lacking.dropFirst(limit)) }
    return Array(lacking.prefix(limit))
  }

  func content(of id: Hash32) throws(KianaError) -> Block? {
    feeds.values.lazy.flatMap { $0 }.first { $0.id == id }
  }

  func vouches(for note: SyncNote) throws(KianaError) -> Bool { note.hasGoodSignature(crypto) }

  func freshNotes(for peer: Hello, limit: Int) throws(KianaError) -> [FreshNote] { [] }

  mutating func take(fresh notes: [FreshNote], from peer: Hello) throws(KianaError) {}

  func hasKeyEvents(of author: AID, beside known: Set<Hash32>) throws(KianaError) -> Bool {
    known.isEmpty
  }

  mutating func take(keys stream: [UInt8], of author: AID) throws(KianaError) -> SyncKeys {
    guard authors[author] == stream else {
      return SyncKeys(events: [], isNews: false, fault: BlockFault(.badKeyLog))
    }
    return SyncKeys(events: [author.digest], isNews: false)
  }

  mutating func take(_ frames: [[Block]]) throws(KianaError) -> [SyncOutcome] {
    frames.flatMap { $0 }.map { take($0) }
  }

  private mutating func take(_ block: Block) -> SyncOutcome {
    let name = Self.name(block.header.author, block.header.feed)
    let chain = feeds[name] ?? []
    if chain.contains(where: { $0.id == block.id }) { return .known }
    guard block.header.prev == chain.last?.id else { return .refused(BlockFault(.wrongPrev)) }
    guard authors[block.header.author] != nil, block.hasGoodSignature(crypto) else {
      return .refused(BlockFault(.badSignature))
    }
    feeds[name, default: []].append(block)
    return .stored
  }
}
