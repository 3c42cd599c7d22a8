import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// What becomes of lines of others: the rules of DESIGN section 4 on a real store.
@Suite struct ImportTests {
  private let author = TestAuthor(1)

  private func reasons(_ remarks: [Import.Remark]) -> [BlockFault.Kind] {
    remarks.map(\.fault.kind)
  }

  @Test func `export and import give the same bytes on another node`() throws {
    let first = try TestNode()
    try first.put("one", "two")
    try first.put("three", feed: "side")
    let lines = try first.export()
    let second = try TestNode()
    let taken = try second.take(lines, workers: 2)
    #expect(taken.summary.stored == 3)
    #expect(taken.remarks.isEmpty)
    #expect(try second.export() == lines)
    #expect(try second.take(lines).summary.known == 3)
    #expect(try second.findings().isEmpty)
  }

  @Test func `workers do not change what is taken`() throws {
    let lines = [author.line] + author.chain(700).map(\.line)
    let one = try TestNode()
    let four = try TestNode()
    #expect(try one.take(lines).summary == (try four.take(lines, workers: 4)).summary)
    #expect(try one.export() == (try four.export()))
  }

  @Test func `bad lines are named with their numbers and the rest goes on`() throws {
    let node = try TestNode()
    let chain = author.chain(3)
    var forged = chain[1].line
    // Inside the 86 letters of the signature, which the line ends with.
    let offset = forged.count - 60
    forged[offset] = forged[offset] == 0x41 ? 0x42 : 0x41
    let stranger = TestAuthor(2)
    let thief = TestAuthor(1)
    thief.blockKey = 99
    let lines: [[UInt8]] = [
      author.line, Array("nonsense".utf8), chain[0].line, forged, chain[2].line,
      stranger.block().line, thief.block("x", after: chain[0]).line, chain[1].line, chain[2].line,
      author.block("x", after: author.block("elsewhere")) { $0.seq = 3 }.line,
    ]
    let (summary, remarks) = try node.take(lines)
    #expect(remarks.map(\.line) == [2, 4, 5, 6, 7, 10])
    #expect(
      reasons(remarks) == [.json, .badSignature, .gap, .unknownAuthor, .unknownKey, .wrongPrev])
    #expect(summary.stored == 3)
    #expect(summary.isPartial)
    #expect(try node.findings().isEmpty)
  }

  @Test func `a key log that was tampered with is refused`() throws {
    let node = try TestNode()
    var line = author.line
    let place = try #require(line.lastIndex(of: UInt8(ascii: "k")))
    line[place - 60] ^= 1
    #expect(
      reasons(try node.take([line, author.block().line]).remarks) == [.badKeyLog, .unknownAuthor])
  }

  @Test func `a block from the future is held with what follows, and enters when its time comes`()
    throws
  {
    let clock = TestNode.Clock()
    let node = try TestNode(clock: clock)
    let first = author.block("now")
    let early = author.block("soon", after: first, time: clock.now + 3_600_000)
    let follower = author.block("then", after: early)
    let (summary, remarks) = try node.take([author.line, first.line, early.line, follower.line])
    #expect(reasons(remarks) == [.future, .heldBehind])
    #expect(summary.held == 2)
    #expect(summary.stored == 1)
    clock.now += 3_000_000
    try Housekeeping(node.node).run()
    #expect(try node.node.blocks.find(id: follower.id) != nil)
    #expect(try node.node.held.count() == 0)
    #expect(try node.findings().isEmpty)
  }

  @Test func `a block of an unknown version is kept and not interpreted`() throws {
    let node = try TestNode()
    let first = author.block("a")
    let strange = author.block("{}", after: first) {
      $0.version = 2
      $0.kind = "redact/1"
      $0.refs = [first.id]
    }
    #expect(try node.take([author.line, first.line, strange.line]).summary.stored == 2)
    #expect(try BlockReader(node.node).read(first.id).content != nil)
    #expect(try node.export().count == 3)
  }

  @Test func `a fork is kept as proof, and the feed takes nothing until its author speaks`() throws
  {
    let node = try TestNode()
    let chain = author.chain(3)
    let other = author.block("other", after: chain[0])
    try node.take([author.line] + chain.map(\.line))
    #expect(reasons(try node.take([other.line]).remarks) == [.fork])
    #expect(try node.node.blocks.rivals() == 1)
    let fourth = author.block("fourth", after: chain[2])
    #expect(reasons(try node.take([fourth.line]).remarks) == [.contested])
    #expect(try node.findings().isEmpty)
    author.anchor(.epoch(feed: "main", EpochOpening(epoch: 1, after: chain[1].position)))
    let next = author.block("next", after: chain[1]) {
      $0.epoch = 1
      $0.seq = 0
    }
    let (summary, remarks) = try node.take([author.line, next.line])
    #expect(remarks.isEmpty)
    #expect(summary.stored == 1)
    #expect(try BlockReader(node.node).read(chain[2].id).row.standing == .leftBehind)
    #expect(try node.findings().isEmpty)
  }

  @Test func `a pinned branch stays, and the other one is only proof`() throws {
    let node = try TestNode()
    let chain = author.chain(3)
    author.anchor(.add(.block, author.key(11), notBefore: 0, notAfter: 1))
    author.anchor(.retire(.block, author.key(10), last: [chain[2].position]))
    try node.take([author.line] + chain.map(\.line))
    let other = author.block("other", after: chain[0])
    #expect(reasons(try node.take([other.line]).remarks) == [.keyNotGood])
    author.blockKey = 11
    let late = author.block("late", after: chain[0])
    #expect(reasons(try node.take([late.line]).remarks) == [.fork])
    let next = author.block("next", after: chain[2])
    #expect(try node.take([next.line]).summary.stored == 1)
  }

  @Test func `a block at a pinned place is taken only when it is the pinned one`() throws {
    let node = try TestNode()
    let chain = author.chain(3)
    author.anchor(.add(.block, author.key(11), notBefore: 0, notAfter: 1))
    author.anchor(.retire(.block, author.key(10), last: [chain[2].position]))
    author.blockKey = 11
    let other = author.block("other", after: chain[1])
    let lines = [author.line, chain[0].line, chain[1].line, other.line, chain[2].line]
    #expect(reasons(try node.take(lines).remarks) == [.keyNotGood])
    #expect(try BlockReader(node.node).read(chain[2].id).row.standing == .inFeed)
    #expect(try node.findings().isEmpty)
  }

  @Test func `a content that is too long is left out, and its feed goes on`() throws {
    let node = try TestNode(settings: "[limits]\ncontent_bytes_max = 10\n")
    let long = author.block("longer than ten bytes")
    let next = author.block("short", after: long)
    let (summary, remarks) = try node.take([author.line, long.line, next.line])
    #expect(summary.stored == 2)
    #expect(summary.leftOut == 1)
    #expect(summary.isPartial)
    #expect(reasons(remarks) == [.tooLong])
    #expect(try BlockReader(node.node).read(long.id).contentState == "absent")
    #expect(try node.findings().isEmpty)
  }

  @Test func `a revocation cuts the feed, and taking it back brings the blocks back`() throws {
    let node = try TestNode()
    let chain = author.chain(4)
    try node.take([author.line] + chain.map(\.line))
    let before = (s: author.s + 1, prior: author.end)
    author.anchor(.revoke(.block, author.key(10), .compromise, last: [chain[1].position]))
    try node.take([author.line])
    #expect(try BlockReader(node.node).read(chain[2].id).row.standing == .cut)
    #expect(try node.export().count == 3)
    #expect(try node.findings().isEmpty)
    author.rotate(at: before)
    try node.take([author.line])
    #expect(try BlockReader(node.node).read(chain[3].id).row.standing == .inFeed)
    #expect(try node.export().count == 5)
    #expect(try node.findings().isEmpty)
  }

  @Test func `a block of this node that comes from outside stops it from signing`() throws {
    let node = try TestNode()
    try node.put("one")
    let lines = try node.export()
    let other = try TestNode()
    try other.take(lines)
    #expect(throws: Never.self) { try other.put("still fine") }
    // The same identity, as a copy would have it, but without the block.
    try node.node.database.transaction { () throws(KianaError) in
      try node.node.blocks.delete(no: 1)
      var feed = try node.node.feeds.all()[0]
      feed.head = nil
      feed.blocks = 0
      try node.node.feeds.update(feed)
    }
    try node.take(lines)
    do throws(KianaError) {
      try node.put("two")
      Issue.record("signed")
    } catch {
      #expect(error.code == .refused)
      #expect(error.hint.contains("kiana-node resume"))
    }
  }

  @Test func `quotas hold`() throws {
    let bytes = 1000 + author.stream.count
    let small = try TestNode(
      settings: """
        [limits]
        author_bytes_max = \(bytes)
        author_feeds_max = 2
        held_blocks_max = 1

        """)
    let chain = author.chain(4)
    let (_, remarks) = try small.take([author.line] + chain.map(\.line))
    #expect(reasons(remarks).first == .quota)
    #expect(reasons(remarks).count == 2)
    let feeds = ["a", "b", "c"].map { author.block("x", feed: $0).line }
    #expect(reasons(try small.take(feeds).remarks).contains(.quota))
    let soon = small.clock.now + 3_600_000
    let held = (0..<2).map { TestAuthor(UInt8(10 + $0)) }.flatMap {
      [$0.line, $0.block("x", time: soon).line]
    }
    #expect(reasons(try small.take(held).remarks) == [.future, .quota])
  }

  @Test func `an author whose admission was taken back gets nothing more in, an admitted one does`()
    throws
  {
    let node = try TestNode()
    let chain = author.chain(2)
    try node.take([author.line, chain[0].line])
    #expect(try AdmissionRules(node.node).setByOperator(author.aid, isAdmitted: false))
    #expect(reasons(try node.take([chain[1].line]).remarks) == [.notAdmitted])
    #expect(try AdmissionRules(node.node).setByOperator(author.aid, isAdmitted: true))
    #expect(try node.take([chain[1].line]).summary.stored == 1)
  }

  @Test func `an admitted author admits others, two steps deep`() throws {
    let node = try TestNode()
    let authors = (1...4).map { TestAuthor(UInt8($0)) }
    var lines = authors.map(\.line)
    for (admitter, other) in zip(authors, authors.dropFirst()) {
      lines.append(
        admitter.block(#"{"admit":["\#(other.aid.text)"],"remove":[]}"#) { $0.kind = "admit/1" }
          .line)
    }
    try node.take(lines)
    for author in authors.dropFirst() {
      _ = try AdmissionRules(node.node).setByOperator(author.aid, isAdmitted: false)
    }
    let rows = try authors.map { author in
      try AdmissionRules(node.node).isAdmitted(try #require(try node.node.authors.find(author.aid)))
    }
    #expect(rows == [true, true, true, false])
  }

  @Test func `a content that was missing is completed, and nothing else`() throws {
    let node = try TestNode()
    let block = author.block("words")
    try node.take([author.line, block.withoutContent.line])
    #expect(try BlockReader(node.node).read(block.id).contentState == "absent")
    #expect(try node.take([block.line]).summary.contents == 1)
    #expect(try BlockReader(node.node).read(block.id).content == block.content)
  }
}
