import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// Nobody uses up what others need: not a thief an author's quota, not an author the node's.
@Suite struct QuotaTests {
  private let author = TestAuthor(1)

  private func addKey(_ index: UInt8) {
    author.anchor(.add(.block, author.key(index), notBefore: 0, notAfter: 1))
  }

  /// Blocks that claim the first place of a feed, with contents of a size.
  private func flood(_ count: Int, bytes: Int, feed: String = "main") -> [Block] {
    (0..<count).map { author.block("\($0)" + String(repeating: "T", count: bytes), feed: feed) }
  }

  @Test(arguments: ["main", "side"])
  func `a thief with a revoked key cannot keep the author's blocks out`(feed: String) throws {
    let node = try TestNode(settings: "[limits]\nauthor_bytes_max = 100K")
    let mine = author.chain(5)
    let stolen = flood(12, bytes: 9000, feed: feed) + flood(40, bytes: 500, feed: feed)
    addKey(11)
    let last = [mine[4].position] + (feed == "side" ? [sidePin] : [])
    author.anchor(.revoke(.block, author.key(10), .compromise, last: last))
    author.blockKey = 11
    let rest = author.chain(3, from: mine[4])
    let (summary, _) = try node.take([author.line] + stolen.map(\.line))
    #expect(summary.refused > 0)
    addKey(12)
    let (_, remarks) = try node.take([author.line])
    #expect(remarks.isEmpty)
    // The next command makes room first.
    _ = try node.take((mine + rest).map(\.line))
    try Housekeeping(node.node).run()
    try node.take((mine + rest).map(\.line))
    #expect(try node.node.blocks.find(id: rest[2].id)?.standing == .inFeed)
    #expect(try node.export().count == 9)
    #expect(try node.findings() == [])
  }

  /// A block of feed `side` that nobody has.
  private var sidePin: FeedPosition {
    author.block("missing", after: author.chain(3, feed: "side")[2], feed: "side").position
  }

  @Test func `blocks that a revocation cut make room for the author's own`() throws {
    let node = try TestNode(settings: "[limits]\nauthor_bytes_max = 100K")
    let mine = author.chain(2)
    let start = author.line
    var stolen = [author.block(String(repeating: "T", count: 9000), after: mine[1])]
    for _ in 0..<8 {
      stolen.append(author.block(String(repeating: "T", count: 9000), after: stolen.last))
    }
    try node.take([start] + (mine + stolen).map(\.line))
    addKey(11)
    author.anchor(.revoke(.block, author.key(10), .compromise, last: [mine[1].position]))
    author.blockKey = 11
    let next = author.block(String(repeating: "m", count: 30_000), after: mine[1])
    let (_, remarks) = try node.take([author.line, next.line])
    #expect(remarks.map(\.fault.kind) == [.quota])
    _ = try Indexing(node.node).catchUpLabels()
    _ = try Indexing(node.node).catchUpWords()
    try Housekeeping(node.node).run()
    #expect(try node.take([next.line]).summary.stored == 1)
    #expect(try node.node.blocks.find(id: stolen[0].id) == nil)
    #expect(try node.findings() == [])
  }

  @Test func `an honest author whose quota is full loses nothing`() throws {
    let node = try TestNode(settings: "[limits]\nauthor_bytes_max = 20K")
    let mine = author.chain(60)
    let (summary, _) = try node.take([author.line] + mine.map(\.line))
    #expect(summary.refused > 0)
    let before = try node.export()
    try Housekeeping(node.node).run()
    #expect(try node.export() == before)
  }

  @Test func `beyond the quota one proof of a fork is kept`() throws {
    let node = try TestNode(settings: "[limits]\nauthor_bytes_max = 20K")
    let mine = author.chain(60)
    try node.take([author.line] + mine.map(\.line))
    var rivals = 0
    for block in mine.prefix(20) {
      for number in 0..<4 {
        let rival = author.block(
          "rival \(number) " + String(repeating: "r", count: 2000),
          after: mine.first { $0.id == block.header.prev })
        if try !node.take([rival.line]).remarks.contains(where: { $0.fault.kind == .quota }) {
          rivals += 1
        }
      }
    }
    #expect(rivals == 1)
    #expect(try node.node.feeds.all()[0].isContested)
  }

  @Test func `no author's blocks of the future keep those of others from being held`() throws {
    let node = try TestNode(settings: "[limits]\nheld_blocks_max = 80")
    let far = author.block("far", time: node.clock.now + 1_000_000_000)
    var blocks = [far]
    for _ in 0..<99 { blocks.append(author.block("far", after: blocks.last)) }
    let (summary, _) = try node.take([author.line] + blocks.map(\.line))
    #expect(summary.held == 10)
    let other = TestAuthor(2)
    let soon = other.block("soon", time: node.clock.now + 3_600_000)
    #expect(try node.take([other.line, soon.line]).summary.held == 1)
  }
}
