import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// The audit log of a real node: what leaves a trace, and what its key, its witnesses and its proofs
/// say.
@Suite struct AuditLogTests {
  private static let day: Int64 = 86_400_000

  private func rotate(_ node: TestNode) throws {
    _ = try KeyRotation(node.node).rotate(
      [.log], isImmediate: true, unlockedBy: .credential(path: node.places.credential))
  }

  private func types(_ node: TestNode) throws -> [String] {
    var types = [String]()
    try node.node.events.forEach(0..<(try node.node.events.size())) { (row, _) in
      types.append(row.entry.type)
      return true
    }
    return types
  }

  @Test func `while a log key is in grace both sign, and old proofs outlive it`() throws {
    let node = try TestNode()
    let before = try node.proof(of: 0, withPayload: true)
    try rotate(node)
    let both = try node.sign()
    #expect(SignedNote(both.note)?.signatures.count == 2)
    #expect(try PolicyText(node.node).text(witnesses: []).split(separator: "\n").count == 3)
    let during = try node.proof(of: 1, withPayload: true)
    // The grace days pass, and the old key's secret is destroyed.
    for _ in 0..<9 {
      node.clock.now += Self.day
      _ = try KeyRotation(node.node).tick(
        unlockedBy: .credential(path: node.places.credential), isClockRight: true)
    }
    let after = try node.sign()
    #expect(SignedNote(after.note)?.signatures.count == 1)
    for proof in [before, during, try node.proof(of: 2, withPayload: true)] {
      #expect(node.isProved(proof))
    }
    #expect(try node.trailFaults() == [])
  }

  @Test func `what a stolen log key signs after its revocation proves nothing`() throws {
    let node = try TestNode()
    let log = try #require(try node.node.keyLog(of: node.node.aid))
    let key = try #require(log.signingKey(.log))
    let name = KeyFile.name(.log, key)
    let vault = try Vault.open(
      node.node.directory, owner: node.node.aid,
      source: .credential(path: node.places.credential), like: name)
    let stolen = try vault.load(name: name, key: key)
    let honest = try node.proof(of: 0, withPayload: true)
    _ = try KeyRotation(node.node).revoke(
      key, .compromise, last: nil, unlockedBy: .credential(path: node.places.credential))
    #expect(node.isProved(honest))
    // The thief signs the log as it is now: the tree is true, and the key is not any more.
    let origin = try node.node.auditOrigin()
    let audit = AuditLog(node.node)
    let epoch = try audit.current()
    let text = Checkpoint(
      origin: origin, size: epoch.size, root: try audit.root(epoch, size: epoch.size)
    ).text
    let note = SignedNote(
      text: text,
      signatures: [
        NoteKey(name: origin, .note, key.raw).signature(
          node.node.crypto.sign(Array(text.utf8), seed: stolen), time: 0, node.node.crypto)
      ])
    #expect(throws: KianaError.self) { try OwnLog(node.node).verify(note.bytes) }
  }

  @Test func `a size is signed once, and the same note is given again`() throws {
    let node = try TestNode()
    let first = try node.sign()
    try rotate(node)
    let second = try node.sign()
    #expect(second.size > first.size)
    #expect(try node.sign() == second)
  }

  @Test func `a block that waited, and a content that came late, leave their trace`() throws {
    let node = try TestNode()
    let author = TestAuthor(3)
    let early = author.block("from tomorrow", after: nil, time: node.clock.now + Self.day)
    try node.take([author.line, early.line])
    #expect(try types(node).suffix(1) == ["block.hold"])
    node.clock.now += 2 * Self.day
    try Housekeeping(node.node).run()
    #expect(try types(node).suffix(1) == ["block.accept"])
    let next = author.block("comes later", after: early, time: node.clock.now)
    try node.take([next.withoutContent.line])
    try node.take([next.line])
    #expect(try types(node).suffix(2) == ["block.accept", "block.content"])
    #expect(try node.trailFaults() == [])
  }

  @Test func `a block's proof convinces whoever has nothing else, and only of that block`() throws {
    let node = try TestNode()
    let author = TestAuthor(4)
    let blocks = author.chain(30)
    try node.take([author.line] + blocks.map(\.line))
    let own = try node.put("by this node")
    for id in [blocks[0].id, blocks[17].id, blocks[29].id, own[0]] {
      let proof = try BlockProving(node.node).proof(of: id) { () throws(KianaError) in
        try node.sign()
      }
      let read = try #require(BlockProof(proof.bytes))
      let finding = try BlockProofChecking().check(read, policy: nil)
      #expect(finding.id == id && finding.node == node.node.aid && finding.checks == .allGood)
      // The place of another block of the range.
      guard let range = proof.range else { continue }
      let moved = BlockProof.Range(
        index: (range.index + 1) % range.size, size: range.size, hashes: range.hashes,
        verdict: range.verdict, payload: range.payload, salt: range.salt)
      let wrong = BlockProof(
        block: proof.block, keyLogs: proof.keyLogs, proof: proof.proof, range: moved)
      #expect(throws: KianaError.self) { try BlockProofChecking().check(wrong, policy: nil) }
    }
  }

  @Test func `a validator is known by what it says, and by how often it is right`() throws {
    let node = try TestNode()
    let other = try TestNode()
    let ids = try node.put("one", "two", "three")
    try other.take(try node.export())
    try other.put("so that its key log travels")
    try node.take(try other.export())
    let signing = try StatementSigning(
      other.node, unlockedBy: .credential(path: other.places.credential))
    var lines = try ids.map { try signing.statement($0).line }
    lines.append(lines[0])
    lines.append(Array("nonsense".utf8))
    // Somebody else cannot speak for it.
    let forged = try StatementSigning(
      node.node, unlockedBy: .credential(path: node.places.credential)
    ).statement(ids[0])
    lines.append(
      ValidationStatement(
        validator: other.node.aid, id: forged.id, checks: forged.checks, rules: forged.rules,
        time: forged.time, key: forged.key, signature: forged.signature
      ).line)
    let outcomes = try node.take(statements: lines)
    #expect(outcomes.prefix(4) == [.stored, .stored, .stored, .known])
    #expect(
      outcomes.suffix(2).allSatisfy { if case .refused = $0 { true } else { false } })
    let validators = try Validations(node.node).validators()
    #expect(validators.map(\.aid) == [node.node.aid, other.node.aid])
    #expect(validators[1].agreementPerMille == 1000)
    #expect(try Validations(node.node).of(ids[1]).map(\.validator) == validators.map(\.aid))
    // Time and rules are what the entry of the verdict says, not what this version would say now.
    let entry = try #require(try Validations(other.node).of(ids[1]).first?.entry)
    #expect(try Validations(other.node).of(ids[1]).first?.rules == 1)
    _ = try TrailErasure(other.node).redact([entry], basis: "asked")
    #expect(try Validations(other.node).of(ids[1]).first?.rules == nil)
    #expect(throws: KianaError.self) { try other.statement(ids[1]) }
    #expect(try node.trailFaults() == [])
  }

  @Test func `entries that went through a pipe are those of the tree, or are named`() throws {
    let node = try TestNode()
    try node.put("one", "two")
    let lines = EntryLines(node.node)
    let seq = try #require(try node.node.events.all(type: "block.accept").last)
    let row = try #require(try node.node.events.find(seq))
    let payload = try #require(try node.node.events.payload(seq))
    let leaf = try JSONValue.parse(row.entry.leaf())
    func line(_ edit: (inout [JSONMember]) -> Void) -> [UInt8] {
      var members =
        (leaf.members ?? []) + [
          JSONMember("seq", .integer(seq)),
          JSONMember("payload_b64", .string(Base64.encode(payload.bytes, .standard))),
          JSONMember("salt", .string(payload.salt.hex)),
        ]
      edit(&members)
      return JSONValue.object(members).canonical()
    }
    #expect(try lines.fault(line { _ in }) == nil)
    for name in ["seq", "t", "salt", "payload_b64"] {
      let fault = try lines.fault(
        line { members in
          guard let place = members.firstIndex(where: { $0.name == name }) else { return }
          members[place] = JSONMember(
            name,
            name == "seq" || name == "t"
              ? .integer(seq - 1)
              : .string(name == "salt" ? Hash32.zero.hex : "AAAA"))
        })
      #expect(fault != nil, "\(name)")
    }
  }
}
