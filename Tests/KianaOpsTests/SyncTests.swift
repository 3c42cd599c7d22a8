import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// The real machine over the real store, with a wire that the test holds in its hands.
@Suite struct SyncTests {
  private struct Wire {
    /// What happens to bytes on their way.
    var random: SeededGenerator
    /// The session is cut after so many bytes; nil when it may end by itself.
    var bytesUntilCut: Int?

    mutating func piece(_ bytes: inout [UInt8]) -> [UInt8] {
      var count = Int.random(in: 1...max(1, min(bytes.count, 5000)), using: &random)
      if let left = bytesUntilCut {
        count = min(count, left)
        bytesUntilCut = left - count
      }
      let piece = Array(bytes.prefix(count))
      bytes.removeFirst(count)
      return piece
    }

    var isCut: Bool { bytesUntilCut == 0 }
  }

  private func machine(
    _ node: TestNode, admits: Bool = true,
    _ direction: SyncMachine<NodeSyncStore>.Direction = [.pull, .push]
  ) throws -> SyncMachine<NodeSyncStore> {
    try PendingSignatures(node.node).finish(workers: 1)
    let store = NodeSyncStore(node.node, admits: admits, withContent: true, workers: 1)
    var hello = Hello(
      node: node.node.aid, nonce: Sodium().randomBytes(16),
      storeNonce: try #require(try node.node.meta.text(.storeNonce)))
    hello.creditBytes = 70_000
    return SyncMachine(store, hello, direction: direction, Sodium())
  }

  /// Runs a session between two machines until nothing moves any more, or the wire is cut.
  private func run(
    _ left: inout SyncMachine<NodeSyncStore>, _ right: inout SyncMachine<NodeSyncStore>,
    _ wire: inout Wire
  ) throws {
    var toRight = [UInt8]()
    var toLeft = [UInt8]()
    while !wire.isCut {
      toRight += try left.output()
      toLeft += try right.output()
      guard !toRight.isEmpty || !toLeft.isEmpty else { break }
      let isLeftToRight = toLeft.isEmpty || (!toRight.isEmpty && Bool.random(using: &wire.random))
      if isLeftToRight {
        try right.receive(wire.piece(&toRight))
      } else {
        try left.receive(wire.piece(&toLeft))
      }
    }
  }

  @discardableResult
  private func sync(
    _ first: TestNode, _ second: TestNode, seed: UInt64 = 1, cutAfter: Int? = nil,
    admits: Bool = true
  ) throws -> (SyncMachine<NodeSyncStore>, SyncMachine<NodeSyncStore>) {
    var left = try machine(first)
    var right = try machine(second, admits: admits)
    var wire = Wire(random: SeededGenerator(seed: seed), bytesUntilCut: cutAfter)
    try run(&left, &right, &wire)
    left.store.close()
    right.store.close()
    return (left, right)
  }

  private func lines(_ node: TestNode) throws -> Set<[UInt8]> {
    Set(try node.export())
  }

  @Test func `after one session both nodes have everything`() throws {
    let first = try TestNode()
    let second = try TestNode()
    try first.put("a", "b", "c")
    try first.put("side", feed: "side")
    try second.put("d")
    let author = TestAuthor(1)
    try second.take([author.line] + author.chain(300).map(\.line))
    let (left, right) = try sync(first, second)
    #expect(left.isFinished && right.isFinished)
    #expect(left.fault == nil && right.fault == nil)
    #expect(try lines(first) == lines(second))
    #expect(left.summary.stored == 301)
    #expect(right.summary.stored == 4)
    #expect(try first.findings().isEmpty && second.findings().isEmpty)
    let (again, _) = try sync(first, second, seed: 2)
    #expect(again.summary.received == 0)
    #expect(again.summary.bytesIn + again.summary.bytesOut < 700)
  }

  @Test(arguments: 1...40)
  func `a session may be cut anywhere, and the next one goes on`(seed: UInt64) throws {
    let first = try TestNode()
    let second = try TestNode()
    let author = TestAuthor(UInt8(seed))
    try first.take([author.line] + author.chain(150).map(\.line))
    try second.put("own")
    var random = SeededGenerator(seed: seed)
    for _ in 0..<3 {
      try sync(first, second, seed: seed, cutAfter: Int.random(in: 1...90_000, using: &random))
      #expect(try first.findings().isEmpty && second.findings().isEmpty, "seed \(seed)")
    }
    let (left, right) = try sync(first, second, seed: seed)
    #expect(left.fault == nil && right.fault == nil, "seed \(seed)")
    #expect(try lines(first) == lines(second), "seed \(seed)")
  }

  @Test func `key events travel when the blocks are the same`() throws {
    let first = try TestNode()
    let second = try TestNode()
    let author = TestAuthor(1)
    let chain = author.chain(4)
    try first.take([author.line] + chain.map(\.line))
    try sync(first, second)
    author.anchor(.revoke(.block, author.key(10), .compromise, last: [chain[3].position]))
    try first.take([author.line])
    try sync(first, second)
    let log = try #require(try second.node.keyLog(of: author.aid))
    #expect(log.lastS == 2)
  }

  @Test func `a fork becomes known to both`() throws {
    let first = try TestNode()
    let second = try TestNode()
    let author = TestAuthor(1)
    let chain = author.chain(2)
    let other = author.block("other", after: chain[0])
    try first.take([author.line] + chain.map(\.line))
    try second.take([author.line, chain[0].line, other.line])
    try sync(first, second)
    #expect(try first.node.blocks.rivals() == 1)
    #expect(try second.node.blocks.rivals() == 1)
    #expect(try first.findings().isEmpty && second.findings().isEmpty)
  }

  // MARK: only what changed

  /// A session as the commands run it; what each side read.
  private func session(_ left: TestNode, _ right: TestNode) throws -> [Int] {
    let stores = [store(left), store(right)]
    defer { for store in stores { store.close() } }
    var first = try stores[0].session([.pull, .push], feeds: nil)
    var second = try stores[1].session([.pull, .push], feeds: nil)
    var wire = Wire(random: SeededGenerator(seed: 3), bytesUntilCut: nil)
    try run(&first, &second, &wire)
    #expect(first.fault == nil && second.fault == nil)
    #expect(first.isFinished && second.isFinished)
    return [first.summary.bytesIn, second.summary.bytesIn]
  }

  @Test func `two nodes that met name only what changed since, and miss nothing`() throws {
    let nodes = [try TestNode(), try TestNode()]
    let authors = (1...40).map { TestAuthor(UInt8($0)) }
    try nodes[0].take(authors.flatMap { [$0.line, $0.block().line] })
    let cold = try session(nodes[0], nodes[1])
    _ = try session(nodes[0], nodes[1])
    let warm = try session(nodes[1], nodes[0])
    #expect(warm.reduce(0, +) < 700)
    #expect(cold.reduce(0, +) > 10_000)
    // Something new on each side, a key event, and a feed that comes back.
    try nodes[0].take([authors[3].block("new", after: authors[3].block()).line])
    try nodes[1].put("mine")
    authors[5].anchor(.add(.block, authors[5].key(11), notBefore: 0, notAfter: 1))
    try nodes[1].take([authors[5].line])
    _ = try session(nodes[0], nodes[1])
    #expect(try Set(nodes[0].export()) == Set(nodes[1].export()))
    #expect(try nodes[0].node.keyLog(of: authors[5].aid)?.lastS == 2)
  }

  @Test func `an author who is admitted later comes with all that was turned away`() throws {
    let nodes = [try TestNode(), try TestNode()]
    let author = TestAuthor(1)
    try nodes[0].take([author.line, author.block().line])
    _ = try session(nodes[0], nodes[1])
    #expect(try AdmissionRules(nodes[1].node).setByOperator(author.aid, isAdmitted: false))
    try nodes[0].take([author.block("more", after: author.block()).line])
    for _ in 0..<2 { _ = try session(nodes[0], nodes[1]) }
    #expect(try AdmissionRules(nodes[1].node).setByOperator(author.aid, isAdmitted: true))
    _ = try session(nodes[0], nodes[1])
    #expect(try Set(nodes[0].export()) == Set(nodes[1].export()))
  }

  @Test func `a side that has lost its memory of the other one gets all heads`() throws {
    let nodes = [try TestNode(), try TestNode()]
    try nodes[0].take([TestAuthor(1).line, TestAuthor(1).block().line])
    for _ in 0..<2 { _ = try session(nodes[0], nodes[1]) }
    for index in 0..<2 {
      try nodes[index].node.peerMemory.forgetAll()
      try nodes[0].put("\(index)")
      try nodes[1].put("\(index)")
      _ = try session(nodes[0], nodes[1])
      #expect(try Set(nodes[0].export()) == Set(nodes[1].export()))
    }
  }

  // MARK: head-verified ranges

  private func store(_ node: TestNode) -> NodeSyncStore {
    NodeSyncStore(node.node, admits: true, withContent: true, workers: 1)
  }

  private func states(_ node: TestNode, _ blocks: [Block]) throws -> [SignatureState?] {
    try blocks.map { try node.node.blocks.find(id: $0.id)?.signatureState }
  }

  @Test func `blocks that a later one vouches for are pending, and leave the node once checked`()
    throws
  {
    let node = try TestNode()
    let author = TestAuthor(1)
    let chain = author.chain(5)
    try node.take([author.line])
    var store = store(node)
    #expect(try store.take([chain]) == [SyncOutcome](repeating: .stored, count: 5))
    #expect(try states(node, chain) == [.pending, .pending, .pending, .pending, .good])
    #expect(try store.heads(for: node.node.aid).isEmpty)
    #expect(
      try store.blocks(author: author.aid, feed: "main", epoch: 0, from: 0, bytesMax: 9999)
        .isEmpty)
    var lines = 0
    let export = Export(node.node)
    _ = try export.run(BlockQuery(), write: { _ in lines += 1 })
    #expect(lines == 0 && export.hasStopped)
    try PendingSignatures(node.node).finish(workers: 2)
    #expect(try states(node, chain) == [SignatureState?](repeating: .good, count: 5))
    #expect(try store.heads(for: node.node.aid).map(\.position) == [chain[4].position])
    #expect(try node.export().count == 6)
    #expect(try node.findings().isEmpty)
  }

  @Test func `redactions and admissions are checked at once, whoever vouches for them`() throws {
    let node = try TestNode()
    let author = TestAuthor(1)
    let first = author.block("a")
    let wish = author.block("{}", after: first) {
      $0.kind = "redact/1"
      $0.refs = [first.id]
    }
    let last = author.block("b", after: wish)
    try node.take([author.line])
    var store = store(node)
    _ = try store.take([[first, wish, last]])
    #expect(try states(node, [first, wish, last]) == [.pending, .good, .good])
  }

  /// The same block with another signature, and so another id.
  private func forged(_ block: Block) -> Block {
    let signature = [UInt8](repeating: 7, count: 64)
    return Block(
      headerBytes: block.headerBytes, header: block.header, signature: signature,
      id: Sodium().sha256(block.headerBytes, signature), content: block.content)
  }

  @Test func `an author who signs a chain with a bad block in it is cut there on every node`()
    throws
  {
    let author = TestAuthor(1)
    let start = author.chain(2)
    let bad = forged(author.block("bad", after: start[1]))
    let rest = author.chain(3, from: bad)
    let pending = try TestNode()
    try pending.take([author.line])
    var store = store(pending)
    let outcomes = try store.take([start + [bad] + rest])
    #expect(outcomes.allSatisfy { $0 == .stored })
    try PendingSignatures(pending.node).finish(workers: 1)
    #expect(try states(pending, [bad]) == [.bad])
    let checked = try TestNode()
    try checked.take([author.line] + (start + [bad] + rest).map(\.line))
    #expect(try pending.export() == checked.export())
    #expect(try pending.export().count == 3)
    // Kept as proof: who signed what follows committed to the bad one.
    #expect(try pending.node.blocks.find(id: rest[2].id)?.standing == .cut)
    #expect(try pending.findings().isEmpty)
  }

  @Test func `who may not speak for the author vouches for nothing, and nothing of theirs stays`()
    throws
  {
    let author = TestAuthor(1)
    let start = author.chain(1)
    let thief = TestAuthor(1)
    thief.blockKey = 99
    var chain = [forged(author.block("x", after: start[0]))]
    for index in 0..<3 { chain.append(forged(author.block("\(index)", after: chain[index]))) }
    let last = thief.block("last", after: chain[3])
    let node = try TestNode()
    try node.take([author.line, start[0].line])
    var store = store(node)
    let outcomes = try store.take([chain + [last]])
    #expect(outcomes.count == 5 && outcomes.allSatisfy { $0 != .stored })
    #expect(try node.node.meta.integer(.blocks) == 1)
    // The same with a key that was revoked before.
    author.anchor(.add(.block, author.key(11), notBefore: 0, notAfter: 1))
    author.anchor(.revoke(.block, author.key(10), .compromise, last: [start[0].position]))
    author.blockKey = 11
    let more = [forged(author.block("y", after: start[0]))]
    author.blockKey = 10
    try node.take([author.line])
    _ = try store.take([more + [author.block("z", after: more[0])]])
    #expect(try node.node.meta.integer(.blocks) == 1)
    #expect(try node.findings().isEmpty)
  }

  @Test(arguments: [(3, 3), (9, 3), (3, 9), (90, 200), (200, 90)])
  func `a fork far back becomes known to both, however long the branches are`(
    left: Int, right: Int
  ) throws {
    let author = TestAuthor(1)
    let trunk = author.chain(4)
    let ours = author.chain(left, from: trunk[3])
    let theirs = author.chain(right, from: author.block("theirs", after: trunk[3]))
    let first = try TestNode()
    let second = try TestNode()
    try first.take([author.line] + (trunk + ours).map(\.line))
    try second.take(
      [author.line] + (trunk + [author.block("theirs", after: trunk[3])] + theirs).map(\.line))
    for _ in 0..<2 { try sync(first, second) }
    #expect(try first.node.feeds.all()[0].isContested)
    #expect(try second.node.feeds.all()[0].isContested)
    // Who has no branch of it hears of the fork, too.
    let third = try TestNode()
    try third.take([author.line] + (trunk + ours).map(\.line))
    try sync(first, third)
    #expect(try third.node.feeds.all()[0].isContested)
    // The author names a branch: all take it.
    author.anchor(.add(.block, author.key(11), notBefore: 0, notAfter: 1))
    author.anchor(.retire(.block, author.key(10), last: [theirs[right - 1].position]))
    try third.take([author.line])
    for _ in 0..<2 {
      for pair in [(third, first), (first, second), (third, second)] { try sync(pair.0, pair.1) }
    }
    let expected = try second.export()
    #expect(expected.count == 6 + right)
    #expect(try Set(first.export()) == Set(expected))
    #expect(try Set(third.export()) == Set(expected))
    for node in [first, second, third] { #expect(try node.findings() == []) }
  }

  @Test func `a revocation reaches a node that is ahead with the revoked blocks`() throws {
    let author = TestAuthor(1)
    let chain = author.chain(6)
    let ahead = try TestNode()
    try ahead.take([author.line] + chain.map(\.line))
    let behind = try TestNode()
    try behind.take([author.line] + chain.prefix(3).map(\.line))
    author.anchor(.revoke(.block, author.key(10), .compromise, last: [chain[2].position]))
    try behind.take([author.line])
    try sync(behind, ahead)
    #expect(try ahead.node.blocks.find(id: chain[3].id)?.standing == .cut)
    #expect(try Set(ahead.export()) == Set(behind.export()))
  }

  @Test func `a node that serves admits nobody`() throws {
    let first = try TestNode()
    let second = try TestNode()
    try first.put("a")
    let (left, right) = try sync(first, second, admits: false)
    #expect(left.fault == nil && right.fault == nil)
    #expect(try second.node.meta.integer(.blocks) == 0)
    #expect(right.summary.refused > 0)
  }

  @Test func `pull only sends nothing, push only takes nothing`() throws {
    let first = try TestNode()
    let second = try TestNode()
    try first.put("a")
    try second.put("b")
    var left = try machine(first, .pull)
    var right = try machine(second)
    var wire = Wire(random: SeededGenerator(seed: 1), bytesUntilCut: nil)
    try run(&left, &right, &wire)
    #expect(left.isFinished && right.isFinished)
    #expect(left.summary.stored == 1)
    #expect(right.summary.stored == 0)
    left = try machine(first, .push)
    right = try machine(second)
    try run(&left, &right, &wire)
    #expect(right.summary.stored == 1)
  }

  /// What the other side says after HELLO, and the word for it.
  @Test(arguments: [
    (Frame(.want, [1, 2, 3]), "want"), (Frame(.want, [UInt8](repeating: 0, count: 10)), "want"),
    (Frame(.blocks, [UInt8](repeating: 0, count: 8)), "unasked"),
    (Frame(.blocks, [1]), "blocks"), (Frame(.heads, [7]), "heads"),
    (Frame(.heads, [0, 1]), "heads"),
    (Frame(.keys, [1]), "keys"), (Frame(.credit, [0x80]), "credit"),
    (Frame(.headsDelta, []), "heads"), (Frame(.hello, []), "order"),
  ])
  func `a peer that says something wrong is told so and left`(frame: Frame, code: String) throws {
    let node = try TestNode()
    try node.put("a")
    var machine = try machine(node)
    defer { machine.store.close() }
    var bytes = [UInt8]()
    Hello(node: TestAuthor(1).aid, nonce: [UInt8](repeating: 1, count: 16), storeNonce: "x").frame
      .append(to: &bytes)
    frame.append(to: &bytes)
    try machine.receive(bytes)
    #expect(machine.fault?.code == code)
    _ = try machine.output()
    #expect(machine.isFinished)
  }

  @Test func `a head that is claimed a thousand times is answered once`() throws {
    let node = try TestNode()
    let author = TestAuthor(1)
    try node.take([author.line, author.block().line])
    var machine = try machine(node)
    defer { machine.store.close() }
    let theirs = Hello(
      node: TestAuthor(2).aid, nonce: [UInt8](repeating: 1, count: 16), storeNonce: "x")
    var bytes = [UInt8]()
    theirs.frame.append(to: &bytes)
    let reader = try machine.output()
    let mine = try Hello.parse(Array(reader[5...]))
    let tag = SessionSalt(mine, theirs, Sodium()).tag(author.aid, "main")
    var heads: [UInt8] = [0]
    for _ in 0..<1000 {
      for shift in stride(from: 56, through: 0, by: -8) {
        heads.append(UInt8(truncatingIfNeeded: tag >> UInt64(shift)))
      }
      heads += [0, 0] + [UInt8](repeating: 9, count: 8)
    }
    Frame(.heads, heads).append(to: &bytes)
    try machine.receive(bytes)
    #expect(machine.fault == nil)
    #expect(try machine.output().count < 3000)
  }

  @Test func `an author who contradicts himself is cut off, and nothing counts as damaged`() throws
  {
    let node = try TestNode()
    let author = TestAuthor(1)
    let twin = TestAuthor(1)
    try node.take([author.line] + author.chain(2).map(\.line))
    author.rotate(commitTo: 3)
    twin.rotate(commitTo: 4)
    try node.take([author.line])
    try node.take([twin.line])
    #expect(try node.node.keyLog(of: author.aid)?.isDuplicitous == true)
    // Only the key log leaves the node, so that others hear of it.
    #expect(try node.export() == [node.keyLine(of: author.aid)])
    #expect(try node.findings().isEmpty)
  }

  @Test func `garbage, long frames and frames before HELLO end a session`() throws {
    let node = try TestNode()
    let cases: [[UInt8]] = [
      [0xFF, 0xFF, 0xFF, 0xFF, 1], [0, 0, 0, 0], [0, 0, 0, 1, 99], [0, 0, 0, 1, 3],
      Array("\u{0}\u{0}\u{0}\u{5}\u{1}{}{}".utf8),
    ]
    for bytes in cases {
      var machine = try machine(node)
      try machine.receive(bytes)
      #expect(machine.fault != nil, "\(bytes)")
      machine.store.close()
    }
    var cut = try machine(node)
    try cut.receive([0, 0])
    cut.receiveEnd()
    #expect(cut.fault?.code == "cut")
    cut.store.close()
  }

  /// One bit of the whole conversation changed: nothing unverifiable is taken, nothing breaks.
  @Test(arguments: 1...60)
  func `a changed bit on the wire harms nothing`(seed: UInt64) throws {
    let first = try TestNode()
    let second = try TestNode()
    let author = TestAuthor(1)
    try first.take([author.line] + author.chain(20).map(\.line))
    var left = try machine(first)
    var right = try machine(second)
    var random = SeededGenerator(seed: seed)
    var place = Int.random(in: 0..<14_000, using: &random)
    for _ in 0..<50 {
      var bytes = try left.output()
      if bytes.indices.contains(place) {
        bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      }
      place -= bytes.count
      try right.receive(bytes)
      try left.receive(try right.output())
    }
    left.store.close()
    right.store.close()
    #expect(try second.findings().isEmpty, "seed \(seed)")
    try sync(first, second)
    #expect(try lines(first) == lines(second), "seed \(seed)")
  }
}
