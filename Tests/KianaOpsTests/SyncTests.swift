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
    (Frame(.headsDelta, []), "unasked"), (Frame(.hello, []), "order"),
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
    #expect(try node.export().isEmpty)
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
