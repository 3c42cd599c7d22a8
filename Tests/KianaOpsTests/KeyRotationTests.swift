import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// Keys of a real node are replaced and taken back, and other nodes judge its blocks by that.
@Suite struct KeyRotationTests {
  private static let day: Int64 = 86_400_000

  private func tick(
    _ node: TestNode, isClockRight: Bool = false
  ) throws -> KeyRotation.Report {
    try KeyRotation(node.node).tick(
      unlockedBy: .credential(path: node.places.credential), isClockRight: isClockRight)
  }

  private func signingKey(_ node: TestNode, _ use: KeyUse = .block) throws -> KeyText {
    try #require(try node.node.keyLog(of: node.node.aid)?.signingKey(use))
  }

  /// The uses whose keys sign, each with a secret that opens.
  private func checkSecrets(_ node: TestNode) throws {
    let log = try #require(try node.node.keyLog(of: node.node.aid))
    for use in KeyUse.allCases {
      let key = try #require(log.signingKey(use))
      let vault = try Vault.open(
        node.node.directory, owner: node.node.aid,
        source: .credential(path: node.places.credential), like: KeyFile.name(use, key))
      _ = try vault.load(name: KeyFile.name(use, key), key: key)
    }
  }

  @Test func `a year of looks replaces the keys, and all blocks stay good everywhere`() throws {
    let node = try TestNode()
    let reader = try TestNode()
    var keys = Set<KeyText>()
    for _ in 0..<13 * 30 {
      node.clock.now += Self.day
      _ = try tick(node)
      try node.put("one", "two")
      keys.insert(try signingKey(node))
    }
    #expect(keys.count == 14)
    try checkSecrets(node)
    #expect(try node.findings() == [])
    reader.clock.now = node.clock.now
    try reader.take(try node.export())
    #expect(try reader.findings() == [])
    #expect(try reader.export() == node.export())
    // What is retired is destroyed: a key of each use, those in grace, and the control key are left,
    // and what opens old messages.
    let files = try node.node.directory.keyFileNames()
    #expect(files.count < 8 + 4 + 2)
    #expect(files.contains("control"))
  }

  @Test func `blocks of a retired key are good up to its pin, and a stolen copy makes no more`()
    throws
  {
    let node = try TestNode()
    let reader = try TestNode()
    try node.put("before")
    _ = try KeyRotation(node.node).rotate(
      [.block], isImmediate: true, unlockedBy: .credential(path: node.places.credential))
    try node.put("after")
    node.clock.now += 8 * Self.day
    #expect(try tick(node).steps.count == 1)
    let log = try #require(try node.node.keyLog(of: node.node.aid))
    guard case .retired(let pins) = log.keys[0].state else {
      Issue.record("the first key is not retired")
      return
    }
    #expect(pins.map(\.seq) == [1])
    try reader.take(try node.export())
    #expect(try reader.findings() == [])
  }

  @Test func `looking again does nothing, and a plan changes nothing`() throws {
    let node = try TestNode()
    #expect(try tick(node) == KeyRotation.Report())
    node.clock.now += 29 * Self.day
    let plan = try KeyRotation(node.node).plan()
    #expect(plan.steps.count == 3)
    #expect(try node.node.keyLog(of: node.node.aid)?.lastS == 1)
    #expect(try tick(node).steps == plan.steps)
    #expect(try tick(node) == KeyRotation.Report())
  }

  @Test func `a clock that is wrong changes no key, and ends none`() throws {
    for wrong in [-365 * Self.day, -1_800_000_000_000 - Self.day, 61 * Self.day] {
      let node = try TestNode()
      _ = try tick(node)
      let key = try signingKey(node)
      node.clock.now += wrong
      let error = #expect(throws: KianaError.self) { try tick(node) }
      #expect(error?.code == .needsPerson)
      #expect(try signingKey(node) == key)
      try node.put("signed all the same")
      if wrong > 0 {
        #expect(try tick(node, isClockRight: true).steps.count == 3)
      }
    }
  }

  @Test func `a key that is overdue is named, counted, and goes on signing`() throws {
    let node = try TestNode()
    _ = try tick(node)
    let key = try signingKey(node)
    let line = #"kiana_key_overdue{use="block"} "#
    #expect(try KeyMetrics(node.node).lines().contains(line + "0"))
    node.clock.now += 40 * Self.day
    #expect(try KeyMetrics(node.node).lines().contains(line + "1"))
    let report = try tick(node)
    #expect(report.overdue.contains { $0.key == key })
    try node.put("still")
    #expect(try signingKey(node) == key)
    node.clock.now += 2 * Self.day
    #expect(try tick(node).overdue.isEmpty)
    #expect(try KeyMetrics(node.node).lines().contains(line + "0"))
  }

  @Test func `a restored node changes no key`() throws {
    let node = try TestNode()
    try node.put("a")
    try node.node.meta.set(.restored, "it was restored")
    node.clock.now += 29 * Self.day
    #expect(throws: KianaError.self) { try tick(node) }
    #expect(try node.node.keyLog(of: node.node.aid)?.lastS == 1)
  }

  @Test func `a secret that a dead command left is destroyed, and one in use never`() throws {
    let node = try TestNode()
    // The second one was not even renamed when its command was killed.
    let strays = ["block-DDDDDDDDDDDD.key", "control-DDDDDDDDDDDD.key.new.4711"]
    for name in strays { try node.folder.write("state/keys/\(name)", Array("left".utf8)) }
    _ = try KeyRotation(node.node).rotate(
      [.log], isImmediate: true, unlockedBy: .credential(path: node.places.credential))
    #expect(Set(DurableFile.names(in: "\(node.places.state)/keys")).isDisjoint(with: strays))
    try checkSecrets(node)
  }

  @Test func `a key that is revoked is replaced at once, and revoked for good`() throws {
    let node = try TestNode()
    let source = node.places.credential
    try node.put("mine")
    let key = try signingKey(node)
    _ = try KeyRotation(node.node).revoke(
      key, .lost, last: nil, unlockedBy: .credential(path: source))
    #expect(try signingKey(node) != key)
    try checkSecrets(node)
    try node.put("mine too")
    #expect(try node.findings() == [])
    #expect(try node.export().count == 3)
    let error = #expect(throws: KianaError.self) {
      try KeyRotation(node.node).revoke(
        key, .compromise, last: nil, unlockedBy: .credential(path: source))
    }
    #expect(error?.code == .refused)
    #expect(
      !(try node.node.directory.keyFileNames()).contains(KeyFile.name(.block, key)))
  }

  @Test func `what a thief put into the feed is left behind by naming the last own block`() throws {
    let node = try TestNode()
    let reader = try TestNode()
    let ids = try node.put("mine", "mine too", "the thief's", "the thief's")
    try reader.take(try node.export())
    _ = try KeyRotation(node.node).revoke(
      try signingKey(node), .compromise, last: ids[1],
      unlockedBy: .credential(path: node.places.credential))
    try node.put("mine again")
    #expect(try node.export().count == 4)
    #expect(try node.findings() == [])
    try reader.take(try node.export())
    #expect(try reader.export() == node.export())
    #expect(try reader.node.blocks.find(id: ids[2])?.standing == .cut)
    #expect(try reader.findings() == [])
    // An earlier event vouches for what comes later.
    let error = #expect(throws: KianaError.self) {
      try KeyRotation(node.node).revoke(
        try signingKey(node), .compromise, last: ids[0],
        unlockedBy: .credential(path: node.places.credential))
    }
    #expect(error?.code == .refused)
  }

  @Test func `a staged key takes over when most other nodes know of it`() throws {
    let node = try TestNode()
    let other = try TestNode()
    try node.put("a")
    _ = try TestSession(node, other)
    node.clock.now += 29 * Self.day
    _ = try tick(node)
    let key = try signingKey(node)
    node.clock.now += Self.day
    #expect(try tick(node).steps.isEmpty)
    other.clock.now = node.clock.now
    _ = try TestSession(node, other)
    #expect(try tick(node).steps.count == 3)
    #expect(try signingKey(node) != key)
  }

  @Test func `a recovery code is told from a mistyped one and from another node's`() throws {
    let node = try TestNode()
    let other = try TestNode()
    func code(_ node: TestNode) throws -> String {
      try #require(RecoveryCheck(node.node).unconfirmed)
    }
    let path = try code(node)
    try RecoveryCheck(node.node).check(try SecretFile.recoveryCode(descriptor: nil, files: [path]))
    let foreign = #expect(throws: KianaError.self) {
      try RecoveryCheck(node.node).check(
        try SecretFile.recoveryCode(descriptor: nil, files: [try code(other)]))
    }
    #expect(foreign?.what == "this is not the recovery code of this node")
    var bytes = try DurableFile.read(path, sizeBytesMax: 4096)
    bytes[7] = bytes[7] == UInt8(ascii: "q") ? UInt8(ascii: "p") : UInt8(ascii: "q")
    try node.folder.write("mistyped", bytes)
    let mistyped = #expect(throws: KianaError.self) {
      try RecoveryCheck(node.node).confirm(
        try SecretFile.recoveryCode(descriptor: nil, files: ["\(node.folder.path)/mistyped"]))
    }
    #expect(mistyped?.why == "its checksum says that it is mistyped")
    #expect(DurableFile.exists(path))
    try RecoveryCheck(node.node).confirm(
      try SecretFile.recoveryCode(descriptor: nil, files: [path]))
    #expect(!DurableFile.exists(path))
    #expect(RecoveryCheck(node.node).unconfirmed == nil)
  }
}
