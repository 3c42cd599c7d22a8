import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// Words that are to disappear are in no file of the state directory afterwards.
@Suite struct ErasureTests {
  private let secret = "zebrafinch"

  private func traces(_ node: TestNode) throws -> [String] {
    try TemporaryFolder.files(in: node.places.state, holding: secret)
  }

  private func filled() throws -> (TestNode, [Hash32]) {
    let node = try TestNode()
    let ids = try node.put("the \(secret) sings", "another text", "more about the \(secret)")
    _ = try Search(node.node).find(secret, BlockQuery(), limit: 5)
    #expect(try !traces(node).isEmpty)
    return (node, ids)
  }

  @Test func `redaction at once leaves no trace, and the chain stays valid`() throws {
    let (node, ids) = try filled()
    let wishes = try Erasure(node.node).redact(
      [ids[0], ids[2]], reason: "mistake", isImmediate: true, with: try node.writer())
    #expect(wishes.count == 1)
    #expect(try traces(node) == [])
    #expect(try BlockReader(node.node).read(ids[0]).contentState == "redacted")
    #expect(try Search(node.node).find(secret, BlockQuery(), limit: 5).hits.isEmpty)
    #expect(try node.findings().isEmpty)
  }

  @Test func `a redaction hides at once and deletes after its days, here and elsewhere`() throws {
    let (node, ids) = try filled()
    let before = try node.export()
    _ = try Erasure(node.node).redact(
      ids, reason: "", isImmediate: false, with: try node.writer())
    #expect(try BlockReader(node.node).read(ids[0]).content == nil)
    #expect(try Search(node.node).find(secret, BlockQuery(), limit: 5).hits.isEmpty)
    #expect(try !traces(node).isEmpty)
    let other = try TestNode()
    try other.take(before)
    _ = try Search(other.node).find(secret, BlockQuery(), limit: 5)
    try other.take(try node.export())
    #expect(try BlockReader(other.node).read(ids[0]).content == nil)
    #expect(try Search(other.node).find(secret, BlockQuery(), limit: 5).hits.isEmpty)
    for one in [node, other] {
      one.clock.now += 7 * 86_400_000
      try Housekeeping(one.node).run()
      #expect(try traces(one) == [])
      #expect(try one.findings().isEmpty)
    }
    // A copy that still has the content cannot bring it back.
    #expect(try other.take(before).summary.contents == 0)
    #expect(try traces(other) == [])
  }

  @Test func `a wish for a block that comes later is kept`() throws {
    let author = TestAuthor(1)
    let block = author.block("the \(secret)", feed: "side")
    let wish = author.block("{}") {
      $0.kind = "redact/1"
      $0.refs = [block.id]
    }
    let node = try TestNode()
    try node.take([author.line, wish.line, block.line])
    #expect(try BlockReader(node.node).read(block.id).contentState == "redacted")
    #expect(try traces(node) == [])
    #expect(try node.findings().isEmpty)
  }

  @Test func `nobody redacts what somebody else wrote`() throws {
    let author = TestAuthor(1)
    let other = TestAuthor(2)
    let block = author.block("the \(secret)")
    let wish = other.block("{}") {
      $0.kind = "redact/1"
      $0.refs = [block.id]
    }
    let node = try TestNode()
    try node.take([author.line, other.line, block.line, wish.line])
    #expect(try BlockReader(node.node).read(block.id).content != nil)
    #expect(throws: KianaError.self) {
      try Erasure(node.node).redact(
        [block.id], reason: "", isImmediate: true, with: try node.writer())
    }
  }

  @Test func `a stranger's wish that comes before the block deletes nothing`() throws {
    let author = TestAuthor(1)
    let other = TestAuthor(2)
    let block = author.block("the \(secret)")
    let wish = other.block("{}") {
      $0.kind = "redact/1"
      $0.refs = [block.id]
    }
    let node = try TestNode()
    try node.take([other.line, wish.line, author.line, block.line])
    node.clock.now += 8 * 86_400_000
    try Housekeeping(node.node).run()
    #expect(try BlockReader(node.node).read(block.id).content != nil)
  }

  @Test func `a purged content is gone and never taken again`() throws {
    let (node, ids) = try filled()
    let lines = try node.export()
    try Erasure(node.node).purge([ids[0], ids[2]])
    #expect(try traces(node) == [])
    #expect(try node.take(lines).summary.known == 3)
    #expect(try traces(node) == [])
    #expect(try BlockReader(node.node).read(ids[0]).contentState == "purged")
    #expect(try node.findings().isEmpty)
  }

  @Test func `an author who was purged is gone and never taken again`() throws {
    let author = TestAuthor(1)
    let chain = [
      author.block("the \(secret)"), author.block("x", after: author.block("the \(secret)")),
    ]
    let fork = author.block("fork of the \(secret)")
    let node = try TestNode()
    try node.put("own")
    try node.take([author.line] + (chain + [fork]).map(\.line))
    _ = try Search(node.node).find(secret, BlockQuery(), limit: 5)
    #expect(try Erasure(node.node).purge(author: author.aid) == 3)
    #expect(try traces(node) == [])
    #expect(try node.findings().isEmpty)
    let remarks = try node.take([author.line, chain[0].line]).remarks
    #expect(remarks.map(\.fault.kind) == [.purged, .purged])
    #expect(try node.export().count == 2)
    #expect(throws: KianaError.self) { try Erasure(node.node).purge(author: node.node.aid) }
  }

  @Test func `a contested feed deletes nothing`() throws {
    let author = TestAuthor(1)
    let block = author.block("the \(secret)", feed: "side")
    let wish = author.block("{}") {
      $0.kind = "redact/1"
      $0.refs = [block.id]
    }
    let node = try TestNode()
    try node.take([author.line, block.line, wish.line, author.block("fork").line])
    node.clock.now += 8 * 86_400_000
    try Housekeeping(node.node).run()
    #expect(try node.node.redactions.waiting() == 1)
    #expect(try node.node.blocks.content(no: 1) != nil)
  }
}
