import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// Whether the silence of an author shows, and nothing but the author's own word ends it.
@Suite struct FreshnessTests {
  private static let day: Int64 = 86_400_000
  private let crypto = Sodium()

  private func renew(_ node: TestNode) throws {
    try Freshness(node.node).renew(unlockedBy: .credential(path: node.places.credential))
  }

  private func confirmation(_ node: TestNode, of other: TestNode) throws -> Freshness.Confirmation {
    try #require(try Freshness(node.node).confirmation(of: other.node.aid))
  }

  private func note(_ node: TestNode) throws -> FreshNote? {
    let author = try #require(try node.node.authors.find(node.node.aid))
    return try node.node.freshNotes.find(author: author.no, node.node.aid)
  }

  @Test func `a node that puts a block says where its key log ends, once a day`() throws {
    let node = try TestNode()
    try node.put("a")
    let first = try #require(try note(node))
    #expect(first.hasGoodSignature(crypto) && first.time == node.clock.now)
    node.clock.now += Self.day / 2
    try node.put("b")
    #expect(try note(node) == first)
    node.clock.now += Self.day / 2
    try renew(node)
    #expect(try note(node)?.time == node.clock.now)
  }

  @Test func `a note goes from node to node, and never back to who brought it`() throws {
    let clock = TestNode.Clock()
    let nodes = try (0..<3).map { _ in try TestNode(clock: clock) }
    for node in nodes { try node.put("hello") }
    for _ in 0..<2 {
      _ = try TestSession(nodes[0], nodes[1])
      _ = try TestSession(nodes[1], nodes[2])
    }
    #expect(!(try TestSession(nodes[0], nodes[1]).frames.contains { $0.kind == .fresh }))
    clock.now += Self.day
    try renew(nodes[0])
    let told = try TestSession(nodes[0], nodes[1])
    #expect(told.isWhole && told.frames.count { $0.kind == .fresh } == 1)
    #expect(try TestSession(nodes[1], nodes[2]).isWhole)
    #expect(try confirmation(nodes[2], of: nodes[0]).at == clock.now)
    #expect(!(try TestSession(nodes[0], nodes[1]).frames.contains { $0.kind == .fresh }))
  }

  @Test func `silence warns after a week and is stale after thirty days`() throws {
    let clock = TestNode.Clock()
    let (first, second) = (try TestNode(clock: clock), try TestNode(clock: clock))
    let id = try first.put("a")[0]
    _ = try TestSession(first, second)
    for (days, isOld, isStale) in [(6, false, false), (7, true, false), (30, true, true)] {
      clock.now = 1_800_000_000_000 + Int64(days) * Self.day
      let found = try confirmation(second, of: first)
      #expect(found.isOld == isOld && found.isStale == isStale && (found.words != nil) == isOld)
      #expect(try Freshness(second.node).counts() == (isOld ? 1 : 0, isStale ? 1 : 0))
    }
    #expect(try BlockVerdict(second.node, id).word == "valid")
    #expect(try BlockVerdict(second.node, id).confirmation?.isStale == true)
    try renew(first)
    _ = try TestSession(first, second)
    #expect(try confirmation(second, of: first).words == nil)
    #expect(try !confirmation(first, of: first).isOld)
  }

  @Test func `an author's word about an event that is not here makes the log stale at once`()
    throws
  {
    let author = TestAuthor(1)
    let node = try TestNode()
    try node.take([author.line, author.block("a", after: nil).line])
    author.anchor(.add(.block, author.key(11), notBefore: 0, notAfter: 1))
    let word = author.freshNote(time: node.clock.now)
    try Freshness(node.node).take([word], from: node.node.aid)
    #expect(try Freshness(node.node).confirmation(of: author.aid)?.isBehind == true)
    try node.take([author.line])
    #expect(try Freshness(node.node).confirmation(of: author.aid)?.words == nil)
  }

  @Test func `nobody but the author's key in use is heard`() throws {
    let author = TestAuthor(1)
    let node = try TestNode()
    try node.take([author.line, author.block("a", after: nil).line])
    let now = node.clock.now + Self.day
    node.clock.now = now
    var forged = author.freshNote(time: now).signature
    forged[3] ^= 1
    let good = author.freshNote(time: now)
    let wrong = [
      FreshNote(
        author: author.aid, s: good.s, said: good.said, time: now, key: good.key,
        signature: forged),
      FreshNote(
        author: author.aid, s: good.s, said: good.said, time: now - 1, key: good.key,
        signature: good.signature),
      author.freshNote(time: now, signedBy: 99), author.freshNote(time: now + 600_001),
      TestAuthor(2).freshNote(time: now),
    ]
    try Freshness(node.node).take(wrong, from: node.node.aid)
    let before = try #require(try Freshness(node.node).confirmation(of: author.aid))
    #expect(before.at < now)
    try Freshness(node.node).take([good], from: node.node.aid)
    #expect(try Freshness(node.node).confirmation(of: author.aid)?.at == now)
    // Not more often than hourly, and never backwards.
    try Freshness(node.node).take(
      [author.freshNote(time: now + 500_000), author.freshNote(time: now - Self.day)],
      from: node.node.aid)
    #expect(try Freshness(node.node).confirmation(of: author.aid)?.at == now)
  }

  @Test func `a revocation takes back what the thief said in the author's name`() throws {
    let author = TestAuthor(1)
    let node = try TestNode()
    let block = author.block("a", after: nil)
    try node.take([author.line, block.line])
    node.clock.now += 20 * Self.day
    try Freshness(node.node).take(
      [author.freshNote(time: node.clock.now)], from: node.node.aid)
    author.anchor(.add(.block, author.key(11), notBefore: 0, notAfter: 1))
    author.anchor(.revoke(.block, author.key(10), .compromise, last: [block.position]))
    try node.take([author.line])
    let row = try #require(try node.node.authors.find(author.aid))
    #expect(try node.node.freshNotes.find(author: row.no, author.aid) == nil)
    try Freshness(node.node).take(
      [author.freshNote(time: node.clock.now + Self.day / 24)], from: node.node.aid)
    #expect(try node.node.freshNotes.find(author: row.no, author.aid) == nil)
  }

  @Test func `a frame is read as it is written, and in no other way`() throws {
    let author = TestAuthor(1)
    let notes = (0..<3).map { author.freshNote(time: $0) }
    let payload = FreshNote.frame(notes).payload
    #expect(FreshNote.parse(payload) == notes)
    #expect(FreshNote.parse(Array("[]".utf8)) == nil)
    #expect(FreshNote.parse(payload + [0x20]) == nil)
    #expect(FreshNote.parse(FreshNote.frame((0..<101).map { _ in notes[0] }).payload) == nil)
    for cut in stride(from: 0, to: payload.count, by: 7) {
      #expect(FreshNote.parse(Array(payload[..<cut])) == nil)
    }
  }

  @Test func `a peer who floods with notes is left`() throws {
    let (first, second) = (try TestNode(), try TestNode())
    var hello = Hello(
      node: first.node.aid, nonce: [UInt8](repeating: 1, count: 16), storeNonce: "x")
    hello.offer(.fresh)
    let store = NodeSyncStore(second.node, admits: true, withContent: true, workers: 1)
    var machine = try store.session([.pull, .push], feeds: nil)
    defer { store.close() }
    _ = try machine.output()
    var bytes = [UInt8]()
    hello.frame.append(to: &bytes)
    let author = TestAuthor(1)
    let notes = (0..<100).map { author.freshNote(time: $0) }
    for _ in 0..<11 { FreshNote.frame(notes).append(to: &bytes) }
    try machine.receive(bytes)
    #expect(machine.fault?.code == "fresh")
  }
}
