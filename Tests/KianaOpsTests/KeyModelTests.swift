import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// Random lives of an identity, against a small reference of what must hold: real nodes with real
/// stores, keys replaced and taken back, machines stolen, copies put back, wires cut.
@Suite struct KeyModelTests {
  private static let day: Int64 = 86_400_000
  private static let steps = TestRun.isLong ? 400 : 60

  /// One owner, one friend who hears of everything sooner or later, and thieves.
  private struct Life {
    let owner: TestNode
    let friend: TestNode
    var random: SeededGenerator
    let code: String
    /// The reference: keys that were ever revoked, in the log that the owner has.
    var revoked = Set<KeyText>()
    /// Blocks that the owner put and that no thief's theft has made doubtful.
    var mine = [Hash32]()
    var thief: Thief?
    /// What the thief wrote.
    var stolen = [Hash32]()
    var copy: TemporaryFolder?

    init(seed: UInt64) throws {
      owner = try TestNode()
      friend = try TestNode()
      friend.clock.now = owner.clock.now
      random = SeededGenerator(seed: seed)
      code = try #require(RecoveryCheck(owner.node).unconfirmed)
      try owner.put("the first")
      try friend.take(try owner.export())
    }
  }

  /// A whole copy of the owner's machine in other hands.
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
      try Resume(node).finish()
    }

    func export() throws -> [[UInt8]] {
      var lines = [[UInt8]]()
      _ = try Export(node).run(BlockQuery(), write: { lines.append(Array($0)) })
      return lines.flatMap { $0.split(separator: 0x0A).map(Array.init) }
    }
  }

  @Test(arguments: TestRun.seeds(40, long: 400))
  func `an owner with the code wins the node back, whatever happened`(seed: UInt64) throws {
    var life = try Life(seed: seed)
    for _ in 0..<Self.steps { try step(&life) }
    if life.thief != nil { try recover(&life) }
    try meet(&life)
    try meet(&life)
    try check(life)
    #expect(try life.friend.export() == life.owner.export(), "seed \(seed)")
    #expect(try life.owner.findings() == [])
    #expect(try life.friend.findings() == [])
  }

  private func source(_ life: Life) -> UnlockSource {
    .credential(path: life.owner.places.credential)
  }

  private func step(_ life: inout Life) throws {
    let hours = Int64(life.random.next() % 72)
    life.owner.clock.now += hours * 3_600_000
    life.friend.clock.now = life.owner.clock.now
    // A node that sees what it did not write signs nothing more, and its owner takes the code.
    if try RestoredState.reason(life.owner.node) != nil {
      #expect(life.thief != nil)
      try recover(&life)
      return try check(life)
    }
    switch life.random.next() % 12 {
    case 0...2: life.mine += try life.owner.put("mine \(life.mine.count)")
    case 3: _ = try KeyRotation(life.owner.node).tick(unlockedBy: source(life), isClockRight: true)
    case 4:
      let uses: [KeyUse] = [.block, .log, .peer, .enc, .file, .witness]
      let use = uses[Int(life.random.next() % UInt64(uses.count))]
      _ = try KeyRotation(life.owner.node).rotate(
        [use], isImmediate: life.random.next() % 2 == 0, unlockedBy: source(life))
    case 5: try revoke(&life)
    case 6, 7: try meet(&life)
    case 8: if life.thief == nil { life.thief = try Thief(of: life.owner) }
    case 9: try steal(&life)
    case 10: try recover(&life)
    default: try restore(&life)
    }
    try check(life)
  }

  private func log(_ life: Life) throws -> KeyLog {
    try #require(try life.owner.node.keyLog(of: life.owner.node.aid))
  }

  private func revoke(_ life: inout Life) throws {
    // With a thief about, only the code settles who speaks.
    guard life.thief == nil else { return }
    let keys = try log(life).keys.filter {
      if case .revoked = $0.state { false } else { $0.use != .backup }
    }
    let record = keys[Int(life.random.next() % UInt64(keys.count))]
    let reasons = RevocationReason.allCases
    _ = try KeyRotation(life.owner.node).revoke(
      record.key, reasons[Int(life.random.next() % UInt64(reasons.count))], last: nil,
      unlockedBy: source(life))
    life.revoked.insert(record.key)
  }

  /// Owner and friend hear of each other.
  private func meet(_ life: inout Life) throws {
    try life.friend.take(try life.owner.export())
    try life.owner.take(try life.friend.export())
  }

  /// The thief signs, and tells the friend.
  private func steal(_ life: inout Life) throws {
    guard let thief = life.thief else { return }
    let credential = thief.places.credential
    if life.random.next() % 2 == 0 {
      _ = try KeyRotation(thief.node).rotate(
        [.block], isImmediate: true, unlockedBy: .credential(path: credential))
    }
    life.stolen += try BlockWriter(thief.node, unlockedBy: .credential(path: credential)).put(
      [Draft(content: Array("the thief's \(life.stolen.count)".utf8))])
    if life.random.next() % 2 == 0 { try life.friend.take(try thief.export()) }
  }

  /// The owner hears what the thief did, and takes it all back.
  private func recover(_ life: inout Life) throws {
    if life.thief != nil { try meet(&life) }
    let emergency = Emergency(life.owner.node)
    // What the owner did not put is not named as the last one.
    var last = [Hash32]()
    let own = try #require(try life.owner.node.authors.find(life.owner.node.aid))
    for feed in try life.owner.node.feeds.all(author: own.no) {
      var end: Hash32?
      try life.owner.node.blocks.forEach(feed: feed.no, fromEpoch: 0, seq: 0) { row in
        if row.standing == .inFeed, !life.stolen.contains(row.id) { end = row.id }
        return row.standing != .inFeed || !life.stolen.contains(row.id)
      }
      if let end { last.append(end) }
    }
    let before = try log(life).keys.filter {
      if case .revoked = $0.state { false } else { $0.use != .backup }
    }.map(\.key)
    try emergency.carryOut(
      try emergency.plan(from: nil, last: last),
      code: try SecretFile.recoveryCode(descriptor: nil, files: [life.code]),
      unlockedBy: source(life))
    let now = try log(life)
    // Voided keys are gone altogether; all others that were good are revoked.
    for key in before {
      guard let record = now.record(of: key) else { continue }
      switch record.state {
      case .active, .grace: Issue.record("\(key.text) outlived the emergency")
      case .retired, .revoked: break
      }
    }
    life.revoked = Set(
      now.keys.filter { if case .revoked = $0.state { true } else { false } }.map(\.key))
    life.thief = nil
    life.stolen = []
    life.copy = nil
  }

  /// The machine's disk dies, and a copy of some time ago is put back.
  private func restore(_ life: inout Life) throws {
    guard life.thief == nil else { return }
    guard let copy = life.copy else {
      let folder = TemporaryFolder()
      _ = Shell(home: folder.path).run("cp -a '\(life.owner.places.state)' state")
      life.copy = folder
      return
    }
    try meet(&life)
    _ = Shell(home: copy.path).run(
      "rm -rf '\(life.owner.places.state)'; cp -a state '\(life.owner.places.state)'")
    life.copy = nil
    try life.owner.reopen()
    #expect(try RestoredState.reason(life.owner.node) != nil)
    // The friend gives back what the copy lacks; secrets of newer keys are gone with the disk.
    try life.owner.take(try life.friend.export())
    try Resume(life.owner.node).finish()
    try recover(&life)
  }

  /// What always holds.
  private func check(_ life: Life) throws {
    let log = try log(life)
    #expect(!log.isDuplicitous)
    for key in life.revoked where log.contestedFrom == nil && life.thief == nil {
      guard case .revoked = log.record(of: key)?.state else {
        Issue.record("\(key.text) is not revoked any more")
        return
      }
    }
    guard life.thief == nil else { return }
    #expect(log.contestedFrom == nil)
    let files = Set(try life.owner.node.directory.keyFileNames())
    for use in KeyUse.allCases {
      let key = try #require(log.signingKey(use), "no \(use) key")
      #expect(files.contains(KeyFile.name(use, key)), "the secret of the \(use) key is gone")
      let active = log.keys.filter { $0.use == use && $0.state == .active }
      // One that signs, and at most one that waits.
      #expect((1...2).contains(active.count))
    }
  }
}
