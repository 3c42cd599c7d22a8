import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// What others hand in spoils neither a log nor its witness.
@Suite struct TrailHostileTests {
  private let crypto = Sodium()

  /// A signature line of the same name and key, which is wrong.
  private func wrong(_ line: String) throws -> String {
    let good = try #require(SignedNote.Signature(line: line.dropLast()))
    var bytes = good.bytes
    bytes[20] ^= 1
    return SignedNote.Signature(name: good.name, keyHash: good.keyHash, bytes: bytes).line
  }

  // MARK: witnesses

  @Test func `a witness that adds a wrong line in its own name spoils no checkpoint`() throws {
    let (log, witness) = try TestNode.pair()
    let policy = try TlogPolicy(
      Array(try PolicyText(log.node).text(witnesses: [witness.node.aid]).utf8), crypto)
    let signed = try log.sign()
    let answer = try witness.answer(try WitnessAsking(log.node).request(signed, from: 0)).body
    for body in [answer + (try wrong(answer)), try wrong(answer) + answer, try wrong(answer)] {
      let error = #expect(throws: KianaError.self) {
        try Checkpoints(log.node).take(
          cosignatures: Array(body.utf8), for: signed, witnesses: nil)
      }
      #expect(error?.code == .damaged)
    }
    _ = try Checkpoints(log.node).take(
      cosignatures: Array((answer + answer).utf8), for: signed, witnesses: nil)
    let newest = try #require(try Checkpoints(log.node).newest())
    #expect(newest.witnesses == 1)
    #expect(try policy.verify(newest.note, crypto).witnesses.count == 1)
    #expect(try log.trailFaults().isEmpty)
  }

  @Test func `what a log sends beside its signature is not kept`() throws {
    let (log, witness) = try TestNode.pair()
    let signed = try log.sign()
    let asking = WitnessAsking(log.node)
    let first = try witness.answer(try asking.request(signed, from: 0)).body
    let stray = SignedNote.Signature(name: "x", keyHash: 1, bytes: [UInt8](repeating: 1, count: 64))
    for lines in [[try wrong(first)], [String](repeating: stray.line, count: 99)] {
      let request = String(decoding: try asking.request(signed, from: signed.size), as: UTF8.self)
      let place = try #require(request.firstIndex(of: "\u{2014}"))
      let body = request[..<place] + lines.joined() + request[place...]
      #expect(try witness.answer(Array(body.utf8)).status == 200)
      let kept = try #require(try Witnessed(witness.node).note(try log.node.auditOrigin()))
      #expect(SignedNote(kept)?.signatures.count == 2)
      #expect(try witness.trailFaults().isEmpty)
    }
    #expect(try witness.answer(try asking.request(signed, from: signed.size)).status == 200)
  }

  @Test func `a log that is known twice is signed, and the own one never`() throws {
    let (log, witness) = try TestNode.pair()
    let text = try PolicyText(log.node).text(witnesses: [])
    let policy = try TlogPolicy(Array(text.utf8), crypto)
    let request = try WitnessAsking(log.node).request(try log.sign(), from: 0)
    #expect(try witness.answer(request, policy: policy).status == 200)
    #expect(try log.answer(request, policy: policy).status == 404)
  }

  /// Unicode holds the sign of kelvin for K; a log has one history for each.
  @Test func `a name that looks like another is another name`() throws {
    let (log, witness) = try TestNode.pair()
    let (key, _) = try log.signature([], by: .log)
    let names = ["log.example/K", "log.example/\u{212A}"]
    let policies = try names.map {
      try TlogPolicy(
        Array("log \(NoteKey(name: $0, .note, key.raw).text(crypto))\nquorum none\n".utf8), crypto)
    }
    #expect(names[0] == names[1])
    for (place, name) in names.enumerated() {
      let text = Checkpoint(origin: name, size: 1, root: crypto.randomHash()).text
      // The hash is that of the key in the policy, whatever name stands before it.
      let signature = NoteKey(name: names[0], .note, key.raw).signature(
        try log.signature(Array(text.utf8), by: .log).bytes, time: 0, crypto)
      let note = SignedNote(
        text: text,
        signatures: names.map {
          SignedNote.Signature(
            name: $0, keyHash: signature.keyHash, bytes: signature.bytes)
        })
      let proved = try? policies[0].verify(note.bytes, crypto)
      #expect((proved != nil) == (place == 0))
      let body = WitnessRequest.body(oldSize: 0, proof: [], note: note.bytes)
      #expect(try witness.answer(body, policy: policies[0]).status == (place == 0 ? 200 : 404))
    }
    #expect(try Witnessed(witness.node).all().count == 1)
  }

  @Test func `a witness remembers only as many logs of a node as it can have epochs`() throws {
    let (log, witness) = try TestNode.pair()
    let first = try log.node.auditOrigin().dropLast()
    for (epoch, status) in [("127", 200), ("128", 404), ("9223372036854775807", 404)] {
      let text = Checkpoint(origin: first + epoch, size: 1, root: crypto.randomHash()).text
      let (key, raw) = try log.signature(Array(text.utf8), by: .log)
      let note = SignedNote(
        text: text,
        signatures: [
          NoteKey(name: String(first + epoch), .note, key.raw).signature(raw, time: 0, crypto)
        ])
      let body = WitnessRequest.body(oldSize: 0, proof: [], note: note.bytes)
      #expect(try witness.answer(body).status == status, "\(epoch)")
      guard status == 200 else { continue }
      // A thief signed for the last epoch there is: the owner takes one that nobody showed.
      try log.node.meta.set(.auditRestored, "the node was restored")
      #expect(try AuditResume(log.node).openEpoch([note.bytes], reason: "x") == .newEpoch(1))
    }
    #expect(try log.trailFaults().isEmpty)
  }

  // MARK: validators

  @Test func `two statements of one moment are one`() throws {
    let (node, other) = try TestNode.pair()
    let id = crypto.randomHash()
    let key = try other.signature([], by: .block).key
    let lines = try ["+++++", "-????"].map { letters in
      let checks = try #require(BlockChecks(letters))
      let message = ValidationStatement.signedMessage(
        other.node.aid, id, checks, rules: 1, time: 5, key)
      return ValidationStatement(
        validator: other.node.aid, id: id, checks: checks, rules: 1, time: 5, key: key,
        signature: try other.signature(message, by: .block).bytes
      ).line
    }
    let outcomes = try node.take(statements: lines)
    #expect(outcomes == [.stored, .known])
    #expect(try node.trailFaults().isEmpty)
  }

  @Test func `a verdict that contradicts its checks proves no block`() throws {
    let node = try TestNode()
    let id = try node.put("one")[0]
    let good = try BlockProving(node.node).proof(of: id) { () throws(KianaError) in
      try node.sign()
    }
    for (checks, verdict) in [("+++++", "valid"), ("-++++", "valid"), ("+++++", "invalid")] {
      let line = Array(#"{"checks":"\#(checks)","id":"\#(id.hex)","verdict":"\#(verdict)"}"#.utf8)
      let seq = try node.node.database.transaction { () throws(KianaError) in
        try node.node.recorder.record(
          "block.accept", target: "state", verdict: .valid,
          payload: .object([JSONMember("root", .string(crypto.treeLeaf(line).hex))]),
          now: node.clock.now)
      }
      let payload = try #require(try node.node.events.payload(seq))
      let proof = BlockProof(
        block: good.block, keyLogs: good.keyLogs, proof: try node.proof(of: seq),
        range: BlockProof.Range(
          index: 0, size: 1, hashes: [], verdict: line, payload: payload.bytes,
          salt: payload.salt))
      let finding = try? BlockProofChecking().check(proof, policy: nil)
      #expect((finding != nil) == (checks == "+++++" && verdict == "valid"), "\(checks)")
    }
  }

  @Test func `what a script says it judged is no validator's verdict`() {
    #expect(AuditReport.Template.validator.takes("block.accept", .valid))
    #expect(!AuditReport.Template.validator.takes("block.accept", nil))
    #expect(!AuditReport.Template.validator.takes("blocks.accept", .valid))
  }

  // MARK: folders and other processes

  @Test func `the export deletes what it wrote, and follows no link`() throws {
    let node = try TestNode()
    let tiles = "\(node.folder.path)/tiles"
    func export() throws {
      _ = try TileExport(node.node, to: tiles).run(try node.sign(), collects: true) { _ in }
    }
    try export()
    let shell = Shell(in: node.folder)
    let script = """
      mkdir -p other tiles/tile/entries; touch other/1 other/mine tiles/tile/0/000.p/mine
      ln -s ../../../other tiles/tile/entries/000.q; mv tiles/tile/entries/000.p elsewhere
      mv -T tiles/tile/entries/000.q tiles/tile/entries/000.p
      """
    #expect(shell.run(script).status == 0)
    try node.append(300, saying: "more")
    try export()
    let left = shell.run("ls other tiles/tile/0/000.p").output
    #expect(left == "other:\n1\nmine\n\ntiles/tile/0/000.p:\nmine\n")
  }

  /// Who writes the store cannot sign, and the node is not to do it for them.
  @Test func `without its checkpoints a log is not signed again`() throws {
    let node = try TestNode()
    try node.append(9, saying: "x")
    _ = try node.sign()
    try node.reopen()
    #expect(try node.trailFaults().isEmpty)
    let size = try node.node.events.size()
    try node.node.database.execute("DELETE FROM checkpoint")
    #expect(try node.trailFaults().map(\.target) == ["checkpoint:\(size)"])
    #expect(throws: KianaError.self) { try node.sign() }
    // Nor when more entries have come.
    try node.append(9, saying: "y")
    #expect(throws: KianaError.self) { try node.sign() }
    #expect(try node.trailFaults().map(\.target) == ["checkpoint:\(size)"])
  }

  @Test func `a hold that comes between the plan and the prune keeps its entries`() throws {
    let node = try TestNode()
    try node.append(600, saying: "old")
    _ = try node.sign()
    let erasure = TrailErasure(node.node)
    for onlyPayloads in [false, true] {
      let plan = try erasure.plan(before: .max, onlyPayloads: onlyPayloads)
      #expect(plan.count > 500)
      try erasure.hold(100...101, reason: "a case")
      let error = #expect(throws: KianaError.self) { try erasure.prune(plan) }
      #expect(error?.code == .stateLocked)
      #expect(try node.node.events.payload(100) != nil)
      try erasure.release(100...101, reason: "closed")
    }
    // The entry that says what was pruned is the store's word alone until it is signed.
    try erasure.prune(try erasure.plan(before: .max, onlyPayloads: false))
    #expect(try node.trailFindings(isFull: false).map(\.kind) == ["cut"])
    _ = try node.sign()
    #expect(try node.trailFindings(isFull: false).isEmpty)
  }
}

extension TestNode {
  /// A signature by a key of this node over any bytes, as a thief or a hostile owner makes it.
  @inline(never)
  func signature(
    _ message: [UInt8], by use: KeyUse
  ) throws(KianaError) -> (key: KeyText, bytes: [UInt8]) {
    guard let key = try node.keyLog(of: node.aid)?.signingKey(use) else {
      throw KianaError(code: .key, what: "there is no such key")
    }
    let name = KeyFile.name(use, key)
    let vault = try Vault.open(
      node.directory, owner: node.aid, source: .credential(path: places.credential), like: name)
    return (key, node.crypto.sign(message, seed: try vault.load(name: name, key: key)))
  }
}
