import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// Random lives of a trail: whatever a node does with it, it verifies, and goes on from everything
/// that was ever signed.
@Suite struct TrailModelTests {
  /// `KIANA_SEED=N` runs one seed again.
  @Test(arguments: TestRun.seeds(6, long: 60))
  func `a trail verifies and goes on from all that was signed`(seed: UInt64) throws {
    var life = try TrailLife(seed: seed)
    for step in 0..<40 {
      let did = try life.step()
      let faults = try life.node.trailFaults()
      #expect(faults.isEmpty, "KIANA_SEED=\(seed), step \(step), \(did): \(faults)")
      guard faults.isEmpty else { return }
    }
    try life.check()
    #expect(life.done.count >= 6, "\(life.done)")
  }
}

private struct TrailLife {
  let node: TestNode
  let friend: TestNode
  private var random: SeededGenerator
  /// Every checkpoint that was signed, and proofs that were made.
  private var notes = [[UInt8]]()
  private var proofs = [(seq: Int64, bytes: [UInt8])]()
  private var redacted = Set<Int64>()
  private var held = [ClosedRange<Int64>]()
  private(set) var done = [String: Int]()

  init(seed: UInt64) throws {
    random = SeededGenerator(seed: seed)
    let clock = TestNode.Clock()
    node = try TestNode(clock: clock)
    friend = try TestNode(clock: clock)
    try node.put("one")
    try friend.take(try node.export())
    try node.take([try friend.keyLine(of: friend.node.aid)])
  }

  private mutating func chance(_ range: Range<Int64>) -> Int64 {
    range.isEmpty ? range.lowerBound : Int64.random(in: range, using: &random)
  }

  mutating func step() throws -> String {
    node.clock.now += Int64.random(in: -120_000...40 * 3_600_000, using: &random)
    let word: String
    switch Int.random(in: 0..<13, using: &random) {
    case 0..<3:
      word = "append"
      try node.append(Int.random(in: 1...150, using: &random), saying: "about")
    case 3:
      word = "put"
      try node.put("a block \(node.clock.now)")
    case 4, 5:
      word = "checkpoint"
      notes.append(try node.sign().note)
    case 6:
      word = "witness"
      let signed = try node.sign()
      notes.append(signed.note)
      try node.cosign(signed, by: friend)
    case 7:
      word = "prove"
      let first = try node.node.meta.integer(.auditFirst)
      let seq = chance(first..<(try node.node.events.size()))
      // An entry of an epoch that ended unsigned cannot be proved.
      if let proof = try? node.proof(of: seq) { proofs.append((seq, proof)) }
    case 8:
      word = "redact"
      let first = try node.node.meta.integer(.auditFirst)
      let seq = chance(first..<(try node.node.events.size()))
      let isHeld = try TrailErasure(node.node).holds().contains { $0.range.contains(seq) }
      do throws(KianaError) {
        let gone = try TrailErasure(node.node).redact([seq], basis: "asked")
        #expect(!isHeld)
        if gone > 0 { redacted.insert(seq) }
      } catch {
        #expect(isHeld && error.code == .refused)
      }
    case 9:
      word = try holdOrRelease()
    case 10:
      word = "prune"
      try prune(onlyPayloads: false)
    case 11:
      word = "forget"
      try prune(onlyPayloads: true)
    default:
      word = "resume"
      try resume()
    }
    done[word, default: 0] += 1
    return word
  }

  private mutating func holdOrRelease() throws -> String {
    let erasure = TrailErasure(node.node)
    if let range = held.popLast() {
      try erasure.release(range, reason: "closed")
      return "release"
    }
    let first = try node.node.meta.integer(.auditFirst)
    let low = chance(first..<(try node.node.events.size()))
    let range = low...chance(low..<(try node.node.events.size()))
    try erasure.hold(range, reason: "a case")
    held.append(range)
    return "hold"
  }

  private mutating func prune(onlyPayloads: Bool) throws {
    let erasure = TrailErasure(node.node)
    let moment = node.clock.now - Int64.random(in: 0...10 * 86_400_000, using: &random)
    let plan = try erasure.plan(before: moment, onlyPayloads: onlyPayloads)
    for range in held { #expect(!range.overlaps(plan.first..<plan.end), "a hold was passed over") }
    try erasure.prune(plan)
  }

  /// The node counts as restored; a witness knows how far it had come, or a new epoch begins.
  private mutating func resume() throws {
    try node.node.meta.set(.restored, "said by hand")
    try Resume(node.node).finish()
    #expect(throws: KianaError.self) { try node.sign() }
    let log = AuditLog(node.node)
    let origin = log.origin(try log.current().number)
    let resume = AuditResume(node.node)
    if Bool.random(using: &random), let note = try Witnessed(friend.node).note(origin) {
      _ = try resume.run(against: [note], copy: nil)
    } else {
      _ = try resume.openEpoch([], reason: "a drill")
    }
  }

  func check() throws {
    for note in notes { try Proving(node.node).check(against: note) }
    for proof in proofs { #expect(node.isProved(proof.bytes), "the proof of \(proof.seq)") }
    for seq in redacted { #expect(try node.node.events.payload(seq) == nil) }
    let roots = Set(
      notes.compactMap { SignedNote($0).flatMap { Checkpoint($0.text) } }.map {
        "\($0.origin) \($0.size) \(Base64.encode($0.rootBytes, .standard))"
      })
    let sizes = Set(roots.map { $0.split(separator: " ").dropLast().joined(separator: " ") })
    #expect(roots.count == sizes.count, "two roots of one size")
    #expect(try friend.trailFaults().isEmpty)
  }
}
