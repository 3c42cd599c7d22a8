import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// What leaves the trail leaves every file, and what stays is still proved.
@Suite struct TrailKeepingTests {
  private func traces(_ node: TestNode, _ words: String) throws -> [String] {
    try TemporaryFolder.files(in: node.places.state, holding: words)
  }

  private static let day: Int64 = 86_400_000

  @Test func `a redacted payload is in no file, and proves as before and after`() throws {
    let node = try TestNode()
    try node.append(3, saying: "about the heronblue")
    let seq = try node.lastEntry("door.open")
    let salt = try #require(try node.node.events.payload(seq)).salt
    let before = try node.proof(of: seq)
    let withPayload = try node.proof(of: seq, withPayload: true)
    #expect(try !traces(node, "heronblue 2").isEmpty)
    #expect(try TrailErasure(node.node).redact([seq], basis: "she asked") == 1)
    #expect(try traces(node, "heronblue 2") == [])
    for file in node.folder.files() {
      #expect(try !DurableFile.read(file, sizeBytesMax: 1 << 30).contains(salt.bytes), "\(file)")
    }
    #expect(try TrailErasure(node.node).redact([seq], basis: "again") == 0)
    for proof in [before, withPayload, try node.proof(of: seq)] { #expect(node.isProved(proof)) }
    #expect(try node.trailFaults().isEmpty)
    // Who kept the proof still has the words; the proof that is made now has not.
    #expect(withPayload.count > before.count)
    #expect(try node.proof(of: seq, withPayload: true).count <= before.count + 200)
    #expect(throws: KianaError.self) { try TrailErasure(node.node).redact([99], basis: "x") }
    #expect(throws: KianaError.self) { try TrailErasure(node.node).redact([1], basis: "x\ny") }
  }

  @Test func `payloads alone are pruned at once and leave no trace`() throws {
    let node = try TestNode()
    try node.append(20, saying: "heronblue")
    node.clock.now += 40 * Self.day
    try node.append(2, saying: "later")
    let proof = try node.proof(of: 5)
    let erasure = TrailErasure(node.node)
    try erasure.hold(10...10, reason: "a case")
    let held = try erasure.plan(before: node.clock.now - Self.day, onlyPayloads: true)
    #expect(held.end == 10 && held.hold?.reason == "a case")
    try erasure.prune(held)
    #expect(try traces(node, "heronblue 3") == [])
    #expect(try !traces(node, "heronblue 15").isEmpty)
    try erasure.release(10...10, reason: "closed")
    #expect(try erasure.holds().isEmpty)
    try erasure.prune(try erasure.plan(before: node.clock.now - Self.day, onlyPayloads: true))
    #expect(try traces(node, "heronblue") == [])
    #expect(try !traces(node, "later").isEmpty)
    #expect(node.isProved(proof))
    #expect(node.isProved(try node.proof(of: 5)))
    #expect(try node.trailFaults().isEmpty)
  }

  /// A log whose first 600 entries are old.
  private func old() throws -> TestNode {
    let node = try TestNode()
    for _ in 0..<3 {
      try node.append(200, saying: "heronblue")
      node.clock.now += Self.day
    }
    node.clock.now += 100 * Self.day
    try node.append(10, saying: "new")
    return node
  }

  @Test func `only whole bundles are pruned, signed ones, and none on hold`() throws {
    let node = try old()
    let erasure = TrailErasure(node.node)
    let moment = node.clock.now - 50 * Self.day
    func end() throws -> Int64 { try erasure.plan(before: moment, onlyPayloads: false).end }
    #expect(try end() == 0, "nothing is signed yet")
    _ = try node.sign()
    #expect(try end() == 512)
    #expect(try erasure.plan(before: .max, onlyPayloads: false).end == 512)
    #expect(try erasure.plan(before: 0, onlyPayloads: false).end == 0)
    try erasure.hold(300...600, reason: "a case")
    #expect(throws: KianaError.self) { try erasure.hold(300...7000, reason: "beyond") }
    try erasure.hold(300...400, reason: "another")
    #expect(try end() == 256)
    try erasure.release(300...400, reason: "closed")
    #expect(try end() == 256)
    #expect(throws: KianaError.self) { try erasure.release(300...400, reason: "again") }
    try erasure.release(300...600, reason: "closed too")
    #expect(try end() == 512)
  }

  @Test func `what a prune leaves is proved, counted, exported and verified`() throws {
    let node = try old()
    let erasure = TrailErasure(node.node)
    let folder = "\(node.folder.path)/tiles"
    let first = try node.sign()
    _ = try TileExport(node.node, to: folder).run(first, collects: false) { _ in }
    let older = try node.proof(of: 10)
    let counts = try DailyTable(node.node.database).rows().map(\.count.count).reduce(0, +)
    let plan = try erasure.plan(before: node.clock.now - 50 * Self.day, onlyPayloads: false)
    try erasure.prune(plan)
    #expect(plan.end == 512)
    #expect(try traces(node, "heronblue 30") == [])
    #expect(try node.trailFaults().isEmpty)
    #expect(try DailyTable(node.node.database).rows().map(\.count.count).reduce(0, +) == counts + 1)
    #expect(node.isProved(older))
    #expect(node.isProved(try node.proof(of: 512)))
    #expect(node.isProved(try node.proof(of: 600)))
    #expect(throws: KianaError.self) { try node.proof(of: 10) }
    #expect(
      try Proving(node.node).check(against: first.note)
        == Checkpoint(
          SignedNote(first.note)?.text ?? ""))
    // What was exported stays; what is new is added.
    let second = try node.sign()
    let summary = try TileExport(node.node, to: folder).run(second, collects: true) { _ in }
    #expect(summary.lacking == 0 && summary.files > 0)
    #expect(try TileReading(folder).bundle(0, of: second.size).count == 256)
    let late = try TileExport(node.node, to: "\(node.folder.path)/late").run(
      second, collects: false
    ) { _ in }
    #expect(late.lacking == 512)
    // The counts of days that are gone are committed to.
    let found = try node.tampered(["UPDATE daily SET n = n + 1 WHERE first = 0"])
    #expect(found.contains { $0.isFault && $0.target.hasPrefix("day:") }, "\(found)")
    // And again.
    node.clock.now += 200 * Self.day
    try node.append(300, saying: "third")
    node.clock.now += Self.day
    try node.append(1, saying: "fourth")
    _ = try node.sign()
    try erasure.prune(try erasure.plan(before: node.clock.now, onlyPayloads: false))
    #expect(try node.node.meta.integer(.auditFirst) > 512)
    #expect(try node.trailFaults().isEmpty)
    for first in [0, 256, 512] {
      #expect(
        try !node.tampered(["UPDATE meta SET value = \(first) WHERE name = 'audit_first'"])
          .filter(\.isFault).isEmpty)
    }
  }

  @Test func `a prune that stopped half-way is finished by the next, and is no fault`() throws {
    let node = try old()
    _ = try node.sign()
    let erasure = TrailErasure(node.node)
    let before = node.clock.now - 50 * Self.day
    let plan = try erasure.plan(before: before, onlyPayloads: false)
    // All of it happens, and then some of the rows are back: as if it had died before they went.
    let kept = try node.node.events.find(100)
    let payload = try node.node.events.payload(100)
    try erasure.prune(plan)
    try node.node.database.transaction { () throws(KianaError) -> Void in
      if let kept { try node.node.events.insert(100, kept.entry, payload: payload) }
    }
    #expect(try node.trailFaults().isEmpty)
    let again = try erasure.plan(before: before, onlyPayloads: false)
    #expect(again.count == 0)
    try erasure.prune(again)
    #expect(try node.node.events.find(100) == nil)
    #expect(try traces(node, "heronblue 60") == [])
  }
}
