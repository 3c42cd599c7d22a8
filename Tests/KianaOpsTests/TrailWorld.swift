import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting

/// A node whose trail has something of everything, and a friend that witnesses it.
struct TrailWorld {
  let node: TestNode
  let friend: TestNode
  /// Proofs of entries, made at different times.
  private(set) var proofs = [Int64: [UInt8]]()
  /// The words of the payload that is redacted.
  static let secret = "heronblue"

  /// - Parameters:
  ///   - entries: how many the trail has in the end, at least.
  ///   - forked: whether a second epoch begins after 270 entries.
  init(entries: Int64 = 200, forked: Bool = false) throws {
    let clock = TestNode.Clock()
    node = try TestNode(clock: clock)
    friend = try TestNode(clock: clock)
    let ids = try node.put("one") + node.put("two", "three", "four")
    try friend.take(try node.export())
    try node.take([try friend.keyLine(of: friend.node.aid)])
    let author = TestAuthor(1)
    let chain = author.chain(5)
    var bad = chain[2].line
    bad[bad.count - 3] = bad[bad.count - 3] == 0x41 ? 0x42 : 0x41
    try node.take([author.line, chain[0].line, chain[1].line, bad, chain[4].line])
    try node.append(2, saying: Self.secret)
    let second = try node.sign()
    try node.cosign(second, by: friend)
    try node.takeStatement(of: friend, about: ids[1])
    clock.now += 86_400_000
    _ = try TrailErasure(node.node).redact([try node.lastEntry("door.open")], basis: "asked")
    try TrailErasure(node.node).hold(3...9, reason: "a case")
    try friend.append(3, saying: "x")
    try friend.cosign(try friend.sign(), by: node)
    if forked {
      try node.append(Int(270 - (try node.node.events.size())), saying: "before")
      try node.cosign(try node.sign(), by: friend)
      try node.node.meta.set(.auditRestored, "the node was restored")
      _ = try AuditResume(node.node).openEpoch([], reason: "a drill")
    }
    try node.append(Int(max(5, entries - 1 - (try node.node.events.size()))), saying: "more")
    try node.cosign(try node.sign(), by: friend)
    try node.append(1, saying: "the last, not signed")
  }
}

extension TestNode {
  /// Two nodes that know each other.
  static func pair() throws -> (log: TestNode, witness: TestNode) {
    let clock = TestNode.Clock()
    let (log, witness) = (try TestNode(clock: clock), try TestNode(clock: clock))
    try log.put("one")
    try witness.take(try log.export())
    try log.take([try witness.keyLine(of: witness.node.aid)])
    return (log, witness)
  }

  /// Appends entries as a script would, each with a payload.
  func append(_ count: Int, saying words: String) throws {
    var lines = (0..<max(0, count)).map { number in
      let actor = number % 3 == 0 ? "anna" : "ben"
      return Array(
        """
        {"type":"door.open","target":"door:\(number % 7)","actor":"\(actor)",\
        "result":"\(number % 5 == 0 ? "deny" : "ok")","payload":{"words":"\(words) \(number)"}}
        """.utf8)
    }[...]
    var refused = [String]()
    try Append(node).run(
      isPatient: true, next: { lines.popFirst().map { .line($0) } },
      done: { (_, outcome) in
        if case .refused(let words) = outcome { refused.append(words) }
      })
    precondition(refused.isEmpty, "\(refused)")
    try noteDurable()
  }

  @inline(never)
  func sign() throws(KianaError) -> Checkpoints.Signed {
    try LogSigning(node, unlockedBy: .credential(path: places.credential)).checkpoint()
  }

  @inline(never)
  func answer(_ request: [UInt8], policy: TlogPolicy? = nil) throws(KianaError)
    -> Witnessing.Response
  {
    try Witnessing(
      node, policy: policy, unlockedBy: .credential(path: places.credential)
    ).answer(request)
  }

  /// Has a checkpoint of this node signed by a witness.
  func cosign(_ signed: Checkpoints.Signed, by witness: TestNode) throws {
    let last = try witness.seenSize(of: AuditLog(node).origin(signed.epoch))
    let request = try WitnessAsking(node).request(signed, from: last)
    let answer = try witness.answer(request)
    precondition(answer.status == 200, "\(answer)")
    _ = try Checkpoints(node).take(
      cosignatures: Array(answer.body.utf8), for: signed, witnesses: nil)
  }

  func seenSize(of origin: String) throws -> Int64 {
    try Witnessed(node).note(origin).flatMap { SignedNote($0) }
      .flatMap { Checkpoint($0.text) }?.size ?? 0
  }

  @inline(never)
  func statement(_ id: Hash32) throws(KianaError) -> ValidationStatement {
    try StatementSigning(node, unlockedBy: .credential(path: places.credential)).statement(id)
  }

  func takeStatement(of other: TestNode, about id: Hash32) throws {
    let outcomes = try take(statements: [try other.statement(id).line])
    precondition(outcomes == [.stored], "\(outcomes)")
  }

  /// Takes statements of other validators, and what became of each.
  func take(statements lines: [[UInt8]]) throws -> [StatementIntake.Outcome] {
    var rest = lines[...]
    var outcomes = [StatementIntake.Outcome]()
    try StatementIntake(node).run(
      next: { rest.popFirst().map { .line($0) } },
      done: { (_, outcome) in outcomes.append(outcome) })
    return outcomes
  }

  /// The last entry of a type.
  func lastEntry(_ type: String) throws -> Int64 {
    try node.events.all(type: type).last ?? -1
  }

  /// What `kiana-audit verify --full` finds.
  func trailFindings(isFull: Bool = true) throws(KianaError) -> [AuditVerify.Finding] {
    var found = [AuditVerify.Finding]()
    _ = try AuditVerify(node).run(
      isFull: isFull, report: { (finding) throws(KianaError) in found.append(finding) },
      progress: { _ throws(KianaError) in })
    return found
  }

  func trailFaults() throws(KianaError) -> [AuditVerify.Finding] {
    try trailFindings().filter(\.isFault)
  }

  /// The proof of an entry as `kiana-audit prove` writes it.
  func proof(of seq: Int64, withPayload: Bool = false) throws(KianaError) -> [UInt8] {
    try Proving(node).proof(of: seq, withPayload: withPayload) { () throws(KianaError) in
      try sign()
    }.bytes
  }

  /// Whether a proof still shows its entry by this node's own key log.
  func isProved(_ proof: [UInt8]) -> Bool {
    (try? ProofChecking().check(proof) { (note) throws(KianaError) in
      try OwnLog(node).verify(note)
    }) != nil
  }
}
