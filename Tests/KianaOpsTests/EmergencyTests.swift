import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// An identity is taken back with its recovery code, whatever a thief of the whole machine did.
@Suite struct EmergencyTests {
  /// A copy of a node's folder in the hands of somebody else.
  private struct Thief {
    let folder = TemporaryFolder()
    let node: Node
    let places: Places

    init(of victim: TestNode) throws {
      _ = Shell(home: folder.path).run("cp -a '\(victim.folder.path)'/* .")
      places = Places(
        state: "\(folder.path)/state", guardDirectory: "\(folder.path)/guard",
        credential: "\(folder.path)/config/credential")
      let clock = victim.clock
      node = try Node.open(try StateDirectory.existing(places), now: { clock.now })
      // Whoever copies a state can make it sign.
      try Resume(node).finish()
    }

    func addsKey() throws {
      _ = try KeyRotation(node).rotate(
        [.block], isImmediate: true, unlockedBy: .credential(path: places.credential))
    }

    func puts(_ texts: String...) throws -> [Hash32] {
      try BlockWriter(node, unlockedBy: .credential(path: places.credential)).put(
        texts.map { Draft(content: Array($0.utf8)) })
    }

    func export() throws -> [[UInt8]] {
      var lines = [[UInt8]]()
      _ = try Export(node).run(BlockQuery(), write: { lines.append(Array($0)) })
      return lines.flatMap { $0.split(separator: 0x0A).map(Array.init) }
    }
  }

  private func takeBack(
    _ node: TestNode, code: TestNode? = nil, from: Int64? = nil, last: [Hash32] = []
  ) throws {
    let emergency = Emergency(node.node)
    let path = try #require(RecoveryCheck((code ?? node).node).unconfirmed)
    try emergency.carryOut(
      try emergency.plan(from: from, last: last),
      code: try SecretFile.recoveryCode(descriptor: nil, files: [path]),
      unlockedBy: .credential(path: node.places.credential))
  }

  private func log(_ node: TestNode, of other: TestNode) throws -> KeyLog {
    try #require(try node.node.keyLog(of: other.node.aid))
  }

  /// Both hold the same, and nothing is wrong with it.
  private func agree(_ one: TestNode, _ other: TestNode) throws {
    try other.take(try one.export())
    #expect(try other.export() == one.export())
    #expect(try one.findings() == [])
    #expect(try other.findings() == [])
  }

  @Test func `a thief's key and blocks are void everywhere, and the owner goes on`() throws {
    let node = try TestNode()
    let other = try TestNode()
    let ids = try node.put("mine", "mine too")
    _ = try TestSession(node, other)
    let thief = try Thief(of: node)
    try thief.addsKey()
    let stolen = try thief.puts("the thief's")
    try other.take(try thief.export())
    _ = try TestSession(node, other)
    #expect(try log(node, of: node).lastS == 2)
    let before = try log(node, of: node).keys
    let doubts = try Emergency(node.node).doubts()
    #expect(doubts.feeds.map { $0.blocks.map(\.id) } == [stolen])
    #expect(doubts.feeds[0].hasForeignKey)
    #expect(doubts.peers.map(\.head.seq) == [1])
    try takeBack(node, last: [ids[1]])
    let after = try log(node, of: node)
    #expect(after.events.map(\.kind) == [.icp, .ixn, .rot])
    #expect(after.void.count == 1)
    for record in before where record.use != .backup && record.addedAt == 1 {
      guard case .revoked(.compromise, _) = after.record(of: record.key)?.state else {
        Issue.record("\(record.use) is not revoked")
        continue
      }
    }
    for use in KeyUse.allCases { #expect(after.signingKey(use) != nil) }
    try node.put("mine again")
    #expect(try node.node.blocks.find(id: stolen[0])?.standing == .cut)
    try agree(node, other)
    #expect(try other.node.blocks.find(id: stolen[0])?.standing == .cut)
    // What the thief signs from now on is nobody's.
    _ = try thief.puts("the thief's again")
    try thief.addsKey()
    let count = try other.export().count
    try other.take(try thief.export())
    #expect(try log(other, of: node).events == log(node, of: node).events)
    #expect(try other.export().count == count)
    try agree(node, other)
  }

  @Test func `a contested log is settled, and other nodes follow`() throws {
    let node = try TestNode()
    let other = try TestNode()
    try node.put("mine")
    let thief = try Thief(of: node)
    try thief.addsKey()
    _ = try thief.puts("the thief's")
    // The owner replaces a key at the same place of the log.
    _ = try KeyRotation(node.node).rotate(
      [.log], isImmediate: true, unlockedBy: .credential(path: node.places.credential))
    try other.take(try node.export())
    try other.take(try thief.export())
    try node.take(try other.export())
    #expect(try log(node, of: node).contestedFrom == 2)
    #expect(try log(other, of: node).contestedFrom == 2)
    let history = try KeyOverview(node.node).history()
    #expect(history.map(\.event.s) == [0, 1, 2, 2])
    #expect(history.map(\.counts) == [true, true, false, false])
    try takeBack(node)
    #expect(try KeyOverview(node.node).history().allSatisfy { $0.counts })
    #expect(try log(node, of: node).contestedFrom == nil)
    try node.put("mine again")
    try agree(node, other)
    #expect(try log(other, of: node).contestedFrom == nil)
  }

  @Test func `blocks that a void key of the owner signed stay good`() throws {
    let node = try TestNode()
    let other = try TestNode()
    try node.put("one")
    _ = try KeyRotation(node.node).rotate(
      [.block], isImmediate: true, unlockedBy: .credential(path: node.places.credential))
    let ids = try node.put("two", "three")
    try other.take(try node.export())
    try takeBack(node, from: 2)
    #expect(try log(node, of: node).void.count == 1)
    #expect(try node.node.blocks.find(id: ids[1])?.standing == .inFeed)
    try node.put("four")
    try agree(node, other)
    #expect(try other.node.blocks.find(id: ids[1])?.standing == .inFeed)
  }

  @Test func `blocks that no other node is known to have are in doubt`() throws {
    let node = try TestNode()
    let other = try TestNode()
    try node.put("one", "two")
    #expect(try Emergency(node.node).doubts().feeds.isEmpty)
    _ = try TestSession(node, other)
    let ids = try node.put("three")
    let doubts = try Emergency(node.node).doubts()
    #expect(doubts.feeds.map { $0.blocks.map(\.id) } == [ids])
    #expect(doubts.feeds.map(\.hasForeignKey) == [false])
    #expect(doubts.peers.map(\.peer) == [other.node.aid])
  }

  @Test func `a node that took a part only is not known to have all`() throws {
    let node = try TestNode()
    let other = try TestNode()
    let ids = try node.put("one")
    _ = try TestSession(node, other) { $1.direction = .push }
    _ = try TestSession(node, other) { $1.feeds = ["side"] }
    _ = try TestSession(node, other) { $1.withContent = false }
    #expect(try Overview(node.node).ownBlocksOnlyHere == nil)
    _ = try TestSession(node, other)
    #expect(try Emergency(node.node).doubts().peers.map(\.head.id) == ids)
    #expect(try Overview(node.node).ownBlocksOnlyHere == 0)
  }

  @Test func `a wrong code changes nothing`() throws {
    let node = try TestNode()
    let other = try TestNode()
    try node.put("mine")
    let files = try node.node.directory.keyFileNames().sorted()
    let error = #expect(throws: KianaError.self) { try takeBack(node, code: other) }
    #expect(error?.code == .key)
    #expect(try log(node, of: node).events.count == 2)
    #expect(try node.node.directory.keyFileNames().sorted() == files)
    try node.put("mine still")
    #expect(try node.findings() == [])
  }

  @Test func `what another command did since the plan was made is never made void unseen`() throws {
    let changes: [(TestNode) throws -> Void] = [
      { try $0.put("mine too") },
      {
        _ = try KeyRotation($0.node).rotate(
          [.block], isImmediate: true, unlockedBy: .credential(path: $0.places.credential))
      },
    ]
    for change in changes {
      let node = try TestNode()
      try node.put("mine")
      let emergency = Emergency(node.node)
      let plan = try emergency.plan(from: nil, last: [])
      try change(node)
      let files = try node.node.directory.keyFileNames().sorted()
      let path = try #require(RecoveryCheck(node.node).unconfirmed)
      let error = #expect(throws: KianaError.self) {
        try emergency.carryOut(
          plan, code: try SecretFile.recoveryCode(descriptor: nil, files: [path]),
          unlockedBy: .credential(path: node.places.credential))
      }
      #expect(error?.code == .stateLocked)
      #expect(try node.node.directory.keyFileNames().sorted() == files)
      #expect(try node.findings() == [])
      try takeBack(node)
      #expect(try node.findings() == [])
    }
  }

  @Test func `the code takes the identity back again and again`() throws {
    let node = try TestNode()
    let other = try TestNode()
    for round in 1...3 {
      try node.put("block of round \(round)")
      let thief = try Thief(of: node)
      try thief.addsKey()
      _ = try thief.puts("the thief's")
      try other.take(try thief.export())
      try node.take(try other.export())
      try takeBack(node, from: try log(node, of: node).lastS)
      try node.put("mine after round \(round)")
      try agree(node, other)
    }
    #expect(try log(node, of: node).events.filter { $0.kind == .rot }.count == 3)
    // Keys go on being replaced by the new control key.
    node.clock.now += 31 * 86_400_000
    _ = try KeyRotation(node.node).tick(
      unlockedBy: .credential(path: node.places.credential), isClockRight: true)
    try node.put("after a month")
    other.clock.now = node.clock.now
    try agree(node, other)
  }

  @Test func `what a rotation settled cannot be taken back`() throws {
    let node = try TestNode()
    try takeBack(node)
    for place in [Int64(0), 1, 2, 4] {
      let error = #expect(throws: KianaError.self) {
        try Emergency(node.node).plan(from: place, last: [])
      }
      #expect(error?.code == .usage)
    }
  }

  @Test func `a state that came back from an old copy takes the identity back`() throws {
    let node = try TestNode()
    try node.put("mine")
    try node.node.meta.set(.restored, "it was restored")
    try takeBack(node)
    try node.put("mine again")
    #expect(try node.findings() == [])
  }
}
