import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// What a dishonest author, or the order of arrival, must not do to an honest one.
@Suite struct IntakeRulesTests {
  private let author = TestAuthor(1)

  private func standing(_ node: TestNode, _ block: Block) throws -> Standing? {
    try node.node.blocks.find(id: block.id)?.standing
  }

  private func wish(_ author: TestAuthor, _ target: Block, after previous: Block? = nil) -> Block {
    author.block("{}", after: previous) {
      $0.kind = "redact/1"
      $0.refs = [target.id]
    }
  }

  // MARK: redactions

  @Test
  func `the wish of a stranger that came first harms neither the block nor its author's wish`()
    throws
  {
    let stranger = TestAuthor(2)
    let target = author.block("mine")
    let node = try TestNode()
    try node.take([author.line, stranger.line, wish(stranger, target).line, target.line])
    #expect(try BlockReader(node.node).read(target.id).contentState == "here")
    node.clock.now += 8 * 86_400_000
    try Housekeeping(node.node).run()
    #expect(try BlockReader(node.node).read(target.id).contentState == "here")
    try node.take([wish(author, target, after: target).line])
    #expect(try BlockReader(node.node).read(target.id).contentState == "redacted")
    node.clock.now += 8 * 86_400_000
    try Housekeeping(node.node).run()
    #expect(try node.node.blocks.content(no: 2) == nil)
    #expect(try node.findings() == [])
  }

  @Test func `a wish that is cut hides no more, and one that comes back hides again`() throws {
    let node = try TestNode()
    let target = author.block("the wolpertinger")
    let wish = wish(author, target, after: target)
    try node.take([author.line, target.line, wish.line])
    func hits() throws -> Int {
      try Search(node.node).find("wolpertinger", BlockQuery(), limit: 5).hits.count
    }
    #expect(try hits() == 0)
    let before = (s: author.s + 1, prior: author.end)
    author.anchor(.revoke(.block, author.key(10), .compromise, last: [target.position]))
    try node.take([author.line])
    #expect(try standing(node, wish) == .cut)
    #expect(try hits() == 1)
    #expect(try node.findings() == [])
    author.rotate(at: before)
    try node.take([author.line])
    #expect(try standing(node, wish) == .inFeed)
    #expect(try hits() == 0)
    #expect(try node.findings() == [])
  }

  @Test func `held contents are redacted and purged like others`() throws {
    let node = try TestNode()
    let soon = node.clock.now + 3_600_000
    let redacted = author.block("redacted words", feed: "side", time: soon)
    let purged = author.block("purged words", feed: "late", time: soon)
    try node.take([author.line, redacted.line, purged.line, wish(author, redacted).line])
    try Erasure(node.node).purge([purged.id])
    #expect(try node.node.held.contentBytes() == 0)
    try node.take([redacted.line, purged.line])
    #expect(try node.node.held.contentBytes() == 0)
    node.clock.now = soon
    try Housekeeping(node.node).run()
    #expect(try BlockReader(node.node).read(redacted.id).contentState == "redacted")
    #expect(try BlockReader(node.node).read(purged.id).contentState == "purged")
    #expect(try node.findings() == [])
  }

  @Test func `an admission counts when its content comes later`() throws {
    let other = TestAuthor(3)
    let list = author.block(#"{"admit":["\#(other.aid.text)"],"remove":[]}"#) {
      $0.kind = "admit/1"
    }
    let node = try TestNode()
    try node.take([author.line, list.withoutContent.line])
    #expect(try node.node.authors.find(other.aid) == nil)
    try node.take([list.line])
    let row = try #require(try node.node.authors.find(other.aid))
    #expect(try AdmissionRules(node.node).isAdmitted(row))
  }

  // MARK: epochs and revocations

  @Test func `an epoch and a later revocation leave the new epoch alone`() throws {
    let chain = author.chain(5)
    let first = author.line
    author.anchor(.add(.block, author.key(11), notBefore: 0, notAfter: 1))
    author.anchor(.epoch(feed: "main", EpochOpening(epoch: 1, after: chain[2].position)))
    author.blockKey = 11
    let next = author.block("new", after: chain[2]) {
      $0.epoch = 1
      $0.seq = 0
    }
    let opened = author.line
    author.anchor(.revoke(.block, author.key(10), .superseded, last: [chain[2].position]))
    let node = try TestNode()
    try node.take([first] + chain.map(\.line) + [opened, next.line, author.line])
    #expect(try standing(node, next) == .inFeed)
    #expect(try node.export().count == 5)
    #expect(try node.findings() == [])
    let again = try node.take([first, author.line] + (chain + [next]).map(\.line))
    #expect(again.summary.stored == 0)
    #expect(again.summary.known == 4)
  }

  @Test func `epochs that a contradiction suspends are undone, and come back with its end`() throws
  {
    let chain = author.chain(4)
    let node = try TestNode()
    try node.take([author.line] + chain.map(\.line))
    let place = (s: author.s + 1, prior: author.end)
    let opening = KeyAnchor.epoch(
      feed: "main", EpochOpening(epoch: 1, after: chain[1].position))
    author.anchor(opening, at: place)
    let next = author.block("new", after: chain[1]) {
      $0.epoch = 1
      $0.seq = 0
    }
    try node.take([author.line, next.line])
    #expect(try standing(node, next) == .inFeed)
    author.anchor(.epoch(feed: "other", EpochOpening(epoch: 1, after: nil)), at: place)
    try node.take([author.line])
    #expect(try standing(node, next) == .cut)
    #expect(try standing(node, chain[3]) == .inFeed)
    #expect(try node.findings() == [])
    try node.take((chain + [next]).map(\.line))
    author.rotate(opening, at: place)
    try node.take([author.line])
    #expect(try standing(node, next) == .inFeed)
    #expect(try standing(node, chain[3]) == .leftBehind)
    #expect(try node.findings() == [])
  }

  // MARK: forks

  @Test(arguments: [true, false])
  func `a fork settles on the branch that the author names, whichever came first`(
    isProofFirst: Bool
  ) throws {
    let chain = author.chain(2)
    let mine = author.chain(4, from: chain[1])
    let theirs = author.block("theirs", after: chain[1])
    let start = author.line
    author.anchor(.add(.block, author.key(11), notBefore: 0, notAfter: 1))
    author.anchor(.retire(.block, author.key(10), last: [mine[2].position]))
    let node = try TestNode()
    try node.take([start] + (chain + [theirs]).map(\.line))
    if isProofFirst {
      #expect(try node.take([mine[0].line]).remarks.map(\.fault.kind) == [.fork])
      #expect(try node.node.feeds.all()[0].isContested)
    }
    try node.take([author.line])
    #expect(try !node.node.feeds.all()[0].isContested)
    try node.take(mine.map(\.line))
    #expect(try standing(node, mine[2]) == .inFeed)
    #expect(try standing(node, mine[3]) == nil)
    #expect(try standing(node, theirs) == .cut)
    #expect(try node.export().count == 6)
    #expect(try BlockReader(node.node).read(mine[0].id).contentState == "here")
    #expect(try node.findings() == [])
  }

  @Test func `blocks by a stolen key that come before the pinned one do not stop the feed`() throws
  {
    let chain = author.chain(6)
    author.anchor(.add(.block, author.key(11), notBefore: 0, notAfter: 1))
    author.anchor(.revoke(.block, author.key(10), .compromise, last: [chain[4].position]))
    let stolen = author.chain(9, from: author.block("stolen", after: chain[1]))
    let forged = [author.block("stolen", after: chain[1])] + stolen
    let node = try TestNode()
    try node.take([author.line] + (chain.prefix(2) + forged).map(\.line))
    #expect(try !node.node.feeds.all()[0].isContested)
    try node.take(chain.map(\.line))
    #expect(try standing(node, chain[4]) == .inFeed)
    #expect(try standing(node, chain[5]) == nil)
    #expect(try standing(node, forged[0]) == .cut)
    #expect(try node.findings() == [])
  }

  @Test func `a fork that came before the key log of its end is contested, and only that feed`()
    throws
  {
    let node = try TestNode()
    let chain = author.chain(2)
    let side = author.chain(2, feed: "side")
    let fork = author.block("fork", after: chain[0])
    try node.take([author.line] + (chain + [fork] + side).map(\.line))
    #expect(try node.node.feeds.all().map(\.isContested) == [true, false])
    #expect(try standing(node, fork) == .rival)
  }

  // MARK: one author's trouble is not another's

  @Test func `a damaged key log turns away its author's blocks only`() throws {
    let node = try TestNode()
    let other = TestAuthor(2)
    try node.take([author.line, other.line])
    let row = try #require(try node.node.authors.find(author.aid))
    try node.node.keyEvents.deleteAll(author: row.no)
    try node.node.keyEvents.insert(
      author: row.no, s: 0, said: .zero, event: Array("junk".utf8), now: 0)
    try node.reopen()
    let (summary, remarks) = try node.take([author.block().line, other.block().line])
    #expect(remarks.map(\.fault.kind) == [.badKeyLog])
    #expect(summary.stored == 1)
  }

  @Test func `blocks that are refused use up no feeds`() throws {
    let chain = author.chain(1)
    author.anchor(.add(.block, author.key(11), notBefore: 0, notAfter: 1))
    author.anchor(.revoke(.block, author.key(10), .compromise, last: [chain[0].position]))
    let node = try TestNode()
    let stolen = (0..<40).map { author.block("x", feed: "stolen-\($0)") }
    author.blockKey = 11
    let mine = author.block("mine", feed: "mine")
    let (summary, _) = try node.take([author.line] + (stolen + [mine]).map(\.line))
    #expect(summary.stored == 1)
    #expect(try standing(node, mine) == .inFeed)
    #expect(try node.node.feeds.all().count == 1)
  }

  // MARK: key events

  @Test func `a thief of the control key cannot shut the owner out by the number of events`() throws
  {
    let node = try TestNode()
    try node.take([author.line])
    let start = author.stream
    for _ in 0..<(KeyLog.eventsMax - 2) { author.anchor() }
    try node.take([author.line])
    let full = author.events.count
    #expect(full == KeyLog.eventsMax)
    author.anchor()
    let more = start + author.events.dropFirst(2).flatMap { $0 }
    #expect(
      try node.take([BlockLine.bytes(author: author.aid, kel: more)]).remarks.map(\.fault.kind)
        == [.badKeyLog])
    // The owner's copy of the log has none of it.
    let owner = TestAuthor(1)
    owner.anchor(.add(.block, owner.key(12), notBefore: 0, notAfter: 1))
    owner.rotate(.add(.block, owner.key(11), notBefore: 0, notAfter: 1))
    #expect(try node.take([owner.line]).summary.keyLogs == 1)
    let log = try #require(try node.node.keyLog(of: owner.aid))
    #expect(log.has(owner.key(11), for: .block))
    #expect(log.has(owner.key(12), for: .block))
    // What the rotation made void is not kept, and not taken again.
    #expect(log.events.count == 4)
    #expect(try node.take([author.line]).summary.keyLogs == 0)
    let row = try #require(try node.node.authors.find(owner.aid))
    #expect(row.bytes == Int64(try node.node.keyEvents.stream(author: row.no).count))
  }

  @Test func `a long key log travels in several lines`() throws {
    for _ in 0..<2000 { author.anchor() }
    let block = author.block("words")
    let first = try TestNode()
    try first.take([author.line, block.line])
    let lines = try first.export()
    #expect(lines.count > 2)
    let second = try TestNode()
    #expect(try second.take(lines).remarks.isEmpty)
    #expect(try second.export() == lines)
  }

  // MARK: mending

  @Test func `a block that the disk changed is mended when it comes again`() throws {
    let node = try TestNode()
    let block = author.block("words")
    try node.take([author.line, block.line])
    try node.node.blocks.insert(
      content: BlockContent(salt: .zero, bytes: Array("wurds".utf8)), no: 1)
    var header = block.headerBytes
    header[header.count - 3] ^= 1
    try node.node.blocks.rewrite(
      no: 1,
      Block(
        headerBytes: header, header: block.header, signature: block.signature, id: block.id,
        content: nil))
    #expect(try !node.findings().isEmpty)
    try node.take([block.line])
    #expect(try node.findings() == [])
  }
}
