import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// Five real nodes with clocks that differ, one liar, one author whose key is stolen, a wire that
/// cuts and changes bytes, crashes and restored copies: after the wires are whole again, everybody
/// has the same and nothing is lost.
@Suite struct SimulationTests {
  /// `SWIFT_DETERMINISTIC_HASHING=1 KIANA_SEED=N` runs one seed again; `KIANA_LONG=1` runs ten
  /// times as many.
  private static let seeds = TestRun.seeds(500, long: 5000)

  /// Many at a time, so that all of them together have met everything.
  @Test(arguments: stride(from: seeds.lowerBound, through: seeds.upperBound, by: 50).map { $0 })
  func `five nodes come in step whatever happens on the way`(first: UInt64) throws {
    var exercised = Set<SimulationWire.Fault>()
    for seed in first...min(first + 49, Self.seeds.upperBound) {
      exercised.formUnion(try SeededRandomness.run(seed) { try Self.live(seed) })
    }
    // A single seed need not have everything.
    let all = Set(SimulationWire.Fault.allCases)
    if Self.seeds.count > 1 { #expect(exercised == all) }
  }

  /// One history, and what is wrong after it.
  private static func live(_ seed: UInt64) throws -> Set<SimulationWire.Fault> {
    var world = try World(seed: seed)
    for _ in 0..<40 { try world.step() }
    try world.heal()
    let faults = try world.faults()
    #expect(
      faults.isEmpty,
      "SWIFT_DETERMINISTIC_HASHING=1 KIANA_SEED=\(seed): \(faults.joined(separator: "; "))")
    return world.exercised
  }
}

@Suite struct PowerTests {
  @Test func `a power cut takes what was not synced, and nothing else`() throws {
    var lost = 0
    for seed in UInt64(1)...30 {
      var random = SeededGenerator(seed: seed)
      let node = try TestNode()
      let author = TestAuthor(seed)
      try node.take([author.line])
      let chain = author.chain(40)
      var acknowledged = [Hash32]()
      for part in 0..<4 {
        var store = NodeSyncStore(node.node, admits: true, withContent: true, workers: 1)
        for block in chain[part * 10..<part * 10 + 10] { _ = try store.take([[block]]) }
        store.close()
        if part == 1 { acknowledged += try node.put("kept") + chain[..<20].map(\.id) }
        if part == 2 {
          let indexing = try Indexing(node.node)
          try indexing.catchUpLabels()
          try indexing.catchUpWords()
        }
      }
      try node.losePower(&random)
      for id in acknowledged { #expect(try node.node.blocks.find(id: id) != nil, "seed \(seed)") }
      lost += 41 - Int(try node.node.meta.integer(.blocks))
      // Others take the numbers of what was lost, and the index must not mistake them for it.
      let other = TestAuthor(100 + seed)
      try node.take([other.line] + other.chain(60, feed: "side").map(\.line))
      #expect(try node.findings().isEmpty, "seed \(seed)")
    }
    #expect(lost > 100 && lost < 600)
  }
}

/// The network of one seed.
private struct World {
  private var random: SeededGenerator
  private let clocks = (0..<5).map { _ in TestNode.Clock() }
  private var nodes = [TestNode]()
  /// Ids that were acknowledged to somebody.
  private var acknowledged = [Hash32]()
  private let liar: TestAuthor
  private var liarHead: Block?
  private var copies = [Int: String]()
  /// An author outside the nodes, and what they wrote; a thief has one of their keys.
  private let victim = TestAuthor(201)
  private var victimChain = [Block]()
  private var stolen = [Block]()
  private var stolenKey: UInt8?
  private var redacted = Set<Hash32>()
  private(set) var exercised = Set<SimulationWire.Fault>()

  init(seed: UInt64) throws {
    random = SeededGenerator(seed: seed)
    liar = TestAuthor(UInt8(seed % 200))
    for clock in clocks {
      clock.now += Int64.random(in: -1_200_000...1_200_000, using: &random)
      nodes.append(try TestNode(clock: clock))
    }
  }

  private mutating func pick<Element>(_ items: [Element]) -> Element {
    items[Int.random(in: items.indices, using: &random)]
  }

  mutating func step() throws {
    let passed = Int64.random(in: -60_000...300_000, using: &random)
    for clock in clocks { clock.now += passed }
    switch Int.random(in: 0..<26, using: &random) {
    case 0..<5: try put()
    case 5..<14: try sync(isFaulty: true)
    case 14: try lie()
    case 15: try rotateLiar()
    case 16: try crash()
    case 17: try copy()
    case 18: try restore()
    case 19, 20: try writeAsVictim()
    case 21: stolenKey = victim.blockKey
    case 22: try steal()
    case 23: try revokeStolen()
    case 24: try redact()
    default: try pick(nodes).reopen()
    }
  }

  private mutating func put() throws {
    let node = pick(nodes)
    guard try RestoredState.reason(node.node) == nil else { return }
    let feed = pick(["main", "main", "side"])
    let text = "words \(Int.random(in: 0..<1_000_000, using: &random))"
    acknowledged += try node.put(text, feed: feed)
  }

  /// A session between two nodes; half of those with faults have one.
  private mutating func sync(isFaulty: Bool) throws {
    let left = Int.random(in: 0..<5, using: &random)
    let right = (left + Int.random(in: 1..<5, using: &random)) % 5
    let fault =
      isFaulty && Bool.random(using: &random) ? pick(SimulationWire.Fault.allCases) : .none
    exercised.insert(fault)
    try Self.session(nodes[left], nodes[right], &random, fault)
  }

  private static func session(
    _ left: TestNode, _ right: TestNode, _ random: inout SeededGenerator,
    _ fault: SimulationWire.Fault = .none
  ) throws {
    let stores = [left, right].map {
      NodeSyncStore($0.node, admits: true, withContent: true, workers: 1)
    }
    defer { for store in stores { store.close() } }
    var machines = try stores.map { try $0.session([.pull, .push], feeds: nil) }
    var wire = SimulationWire(fault, &random)
    try wire.run(&machines, &random)
    guard wire.isHonest else { return }
    for machine in machines {
      #expect(machine.fault == nil)
      #expect(machine.isFinished)
    }
  }

  /// The liar gives one node a block, and sometimes another one of the same place to another node.
  private mutating func lie() throws {
    let block = liar.block(
      "lie \(Int.random(in: 0..<1_000_000, using: &random))", after: liarHead,
      time: clocks[0].now - 3_000_000)
    try pick(nodes).take([liar.line, block.line])
    switch Int.random(in: 0..<5, using: &random) {
    case 4: try signOverBadBlock()
    case 0:
      let other = liar.block("other", after: liarHead, time: clocks[0].now - 3_000_000)
      try pick(nodes).take([liar.line, other.line])
    case 1:
      var line = block.line
      line[line.count - 40] ^= 1
      try pick(nodes).take([liar.line, line])
    case 2:
      let stranger = TestAuthor(200)
      try pick(nodes).take([stranger.block("from nobody").line])
    default: break
    }
    if Bool.random(using: &random) { liarHead = block }
  }

  /// A node hears of it as of blocks that a later one vouches for.
  private mutating func signOverBadBlock() throws {
    let draft = liar.block("bad", after: liarHead, time: clocks[0].now - 3_000_000)
    let signature = [UInt8](repeating: 7, count: Block.signatureBytes)
    let bad = Block(
      headerBytes: draft.headerBytes, header: draft.header, signature: signature,
      id: Sodium().sha256(draft.headerBytes, signature), content: draft.content)
    let over = liar.block("over", after: bad, time: clocks[0].now - 3_000_000)
    let node = pick(nodes)
    try node.take([liar.line])
    var store = NodeSyncStore(node.node, admits: true, withContent: true, workers: 1)
    defer { store.close() }
    _ = try store.take([[bad, over]])
  }

  // MARK: the author whose key is stolen

  private mutating func writeAsVictim() throws {
    let block = victim.block("victim \(victimChain.count)", after: victimChain.last)
    victimChain.append(block)
    try pick(nodes).take([victim.line] + victimChain.suffix(3).map(\.line))
  }

  private mutating func steal() throws {
    guard let stolenKey, let parent = (victimChain + stolen).randomElement(using: &random) else {
      return
    }
    let key = victim.blockKey
    victim.blockKey = stolenKey
    let block = victim.block("stolen \(stolen.count)", after: parent)
    victim.blockKey = key
    stolen.append(block)
    try pick(nodes).take([block.line])
  }

  private mutating func revokeStolen() throws {
    guard let key = stolenKey, key < 40 else { return }
    stolenKey = nil
    try renewVictimKey { .revoke(.block, $0, .compromise, last: $1) }
  }

  /// A new key; what became of the old one goes to one node.
  private mutating func renewVictimKey(
    _ anchor: (KeyText, [FeedPosition]) -> KeyAnchor
  ) throws {
    let old = victim.key(victim.blockKey)
    let last = victimChain.last { $0.header.key == old }.map { [$0.position] } ?? []
    victim.blockKey += 1
    victim.anchor(
      .add(.block, victim.key(victim.blockKey), notBefore: 0, notAfter: 1), anchor(old, last))
    try pick(nodes).take([victim.line])
  }

  /// A node takes the content of an own block back.
  private mutating func redact() throws {
    let node = pick(nodes)
    guard try RestoredState.reason(node.node) == nil,
      let own = try node.node.authors.find(node.node.aid)
    else { return }
    var mine = [Hash32]()
    for feed in try node.node.feeds.all(author: own.no) {
      try node.node.blocks.forEach(feed: feed.no, fromEpoch: 0, seq: 0) { row in
        if row.standing == .inFeed, row.hiding == .none { mine.append(row.id) }
        return true
      }
    }
    for id in mine.shuffled(using: &random)
    where try BlockReader(node.node).read(id).header.kind == "note" {
      acknowledged += try Erasure(node.node).redact(
        [id], reason: "", isImmediate: false, with: node.writer())
      try node.noteDurable()
      redacted.insert(id)
      return
    }
  }

  /// A new key, and the old one retired at the head.
  private mutating func rotateLiar() throws {
    guard let head = liarHead, liar.blockKey < 20 else { return }
    let old = liar.key(liar.blockKey)
    let next = liar.blockKey + 1
    liar.anchor(
      .add(.block, liar.key(next), notBefore: 0, notAfter: 1),
      .retire(.block, old, last: [head.position]))
    liar.blockKey = next
    try pick(nodes).take([liar.line])
  }

  /// The power fails: what was not synced is gone or garbage, and nothing else.
  private mutating func crash() throws {
    let node = pick(nodes)
    let reason = try RestoredState.reason(node.node)
    try node.losePower(&random)
    #expect(try RestoredState.reason(node.node) == reason)
  }

  private mutating func copy() throws {
    let index = Int.random(in: 0..<5, using: &random)
    let folder = nodes[index].folder.path
    try nodes[index].node.database.checkpointAndTruncate()
    copies[index] = "\(folder)/copy"
    _ = Shell(home: folder).run("rm -rf copy; cp -a state copy")
  }

  /// A node comes back from its copy, asks another one, and goes on; or it cannot ask and opens
  /// new epochs.
  private mutating func restore() throws {
    guard let index = copies.keys.sorted().first else { return }
    copies[index] = nil
    let node = nodes[index]
    // What only this node had and nobody else is lost with its disk.
    try Self.session(node, nodes[(index + 1) % 5], &random)
    _ = Shell(home: node.folder.path).run("rm -rf state; cp -a copy state")
    try node.reopen()
    let peer = nodes[(index + 1) % 5]
    try Self.session(node, peer, &random)
    try Resume(node.node).finish()
    try node.noteDurable()
  }

  /// Whole wires: everybody talks to everybody until nothing moves.
  mutating func heal() throws {
    for clock in clocks { clock.now += 7_200_000 }
    for node in nodes {
      try node.take([liar.line])
      try Housekeeping(node.node).run()
    }
    // The author says what counts, and one node has it all.
    try writeAsVictim()
    try renewVictimKey { .retire(.block, $0, last: $1) }
    try nodes[0].take([victim.line] + victimChain.map(\.line))
    for _ in 0..<4 {
      for left in 0..<5 {
        for right in left + 1..<5 {
          try Self.session(nodes[left], nodes[right], &random)
        }
      }
    }
  }

  /// What should not be; empty when all is well.
  func faults() throws -> [String] {
    var faults = [String]()
    for (index, node) in nodes.enumerated() {
      for finding in try node.findings() {
        faults.append("node \(index): \(finding.target) \(finding.kind)")
      }
      for id in redacted where try BlockReader(node.node).read(id).contentState == "here" {
        faults.append("node \(index) shows the redacted block \(id.hex.prefix(8))")
      }
      for id in acknowledged where try node.node.blocks.find(id: id)?.standing != .inFeed {
        faults.append("node \(index) has not block \(id.hex.prefix(8))")
      }
      for feed in try node.node.feeds.all() where feed.isContested {
        let author = try node.node.authors.find(no: feed.author)
        if author?.aid != liar.aid {
          faults.append("node \(index): feed \(feed.name) is contested")
        }
      }
    }
    // What speaks against the liar is known everywhere, or nowhere; a feed that is contested takes
    // nothing more, so that each node may miss what another branch led to.
    let proofs = try nodes.compactMap { node -> String? in
      guard let author = try node.node.authors.find(liar.aid),
        let feed = try node.node.feeds.find(author: author.no, name: "main"), feed.head != nil
      else { return nil }
      let fork = try node.node.blocks.lastRival(feed: feed.no) != nil
      let bad = try node.node.blocks.feedsWithBadBlocks().contains(feed.no)
      if feed.isContested, !fork { return "a fork without a proof" }
      return feed.isContested ? "contested" : "bad block \(bad)"
    }
    if Set(proofs).count > 1 { faults.append("the liar's proofs differ: \(proofs)") }
    let honest = try nodes.map { node in
      try node.node.feeds.all().compactMap { feed -> String? in
        guard let author = try node.node.authors.find(no: feed.author), author.aid != liar.aid
        else {
          return nil
        }
        return "\(author.aid.text)/\(feed.name)/\(feed.head?.id.hex ?? "-")"
      }.sorted()
    }
    if Set(honest).count != 1 { faults.append("the heads differ") }
    let head = "\(victim.aid.text)/main/\(victimChain.last?.id.hex ?? "-")"
    if honest.first?.contains(head) != true { faults.append("the author's own branch lost") }
    return faults
  }
}
