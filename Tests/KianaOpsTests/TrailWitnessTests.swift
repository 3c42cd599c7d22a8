import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// A witness signs that a log goes on, and never two histories of it.
@Suite struct TrailWitnessTests {
  private let crypto = Sodium()

  @Test func `a log that goes on is signed, and every other request refused`() throws {
    let (log, witness) = try TestNode.pair()
    let asking = WitnessAsking(log.node)
    let first = try log.sign()
    #expect(try witness.answer(try asking.request(first, from: 0)).status == 200)
    #expect(try witness.answer(try asking.request(first, from: first.size)).status == 200)
    let conflict = try witness.answer(try asking.request(first, from: 0))
    #expect(conflict.status == 409 && conflict.body == "\(first.size)\n")
    #expect(conflict.contentType == "text/x.tlog.size")
    try log.append(5, saying: "more")
    let second = try log.sign()
    let good = try asking.request(second, from: first.size)
    let text = String(decoding: good, as: UTF8.self)
    let hash = try #require(text.split(separator: "\n").dropFirst().first)
    let statuses: [(String, Int)] = [
      (text.replacing(hash, with: Base64.encode([UInt8](repeating: 7, count: 32), .standard)), 422),
      (text.replacing("\(hash)\n", with: ""), 422),
      (text.replacing("old \(first.size)", with: "old \(first.size - 1)"), 409),
      (text.replacing("old \(first.size)", with: "old \(first.size + 1)"), 409),
      (text.replacing("old \(first.size)", with: "old 99"), 400),
      (text.replacing("old \(first.size)", with: "old 0\(first.size)"), 400),
      (text.replacing("old \(first.size)", with: "old -1"), 400),
      (text.replacing("old ", with: "Old "), 400),
      (text.replacing("\n\(second.size)\n", with: "\n\(second.size + 1)\n"), 403),
      (text.replacing("/audit/0\n", with: "/audit/00\n"), 404),
      (text.replacing("/audit/0\n", with: "/audit/-1\n"), 404),
      (String(text.dropLast()), 400), ("", 400), ("\n\n", 400),
    ]
    for (body, status) in statuses {
      #expect(try witness.answer(Array(body.utf8)).status == status, "\(body.prefix(60))")
    }
    #expect(try witness.seenSize(of: try log.node.auditOrigin()) == first.size)
    #expect(try witness.answer(good).status == 200)
    #expect(try witness.seenSize(of: try log.node.auditOrigin()) == second.size)
    #expect(try witness.trailFaults().isEmpty)
  }

  @Test func `a stranger's log is not known, nor the node's own`() throws {
    let (log, witness) = try TestNode.pair()
    let stranger = try TestNode()
    let request = try WitnessAsking(stranger.node).request(try stranger.sign(), from: 0)
    let answer = try witness.answer(request)
    #expect(answer.status == 404 && answer.body == "unknown log\n")
    let own = try WitnessAsking(log.node).request(try log.sign(), from: 0)
    #expect(try log.answer(own).status == 404)
    // A policy makes it known.
    let policy = try TlogPolicy(
      Array(try PolicyText(stranger.node).text(witnesses: []).utf8), crypto)
    #expect(try witness.answer(request, policy: policy).status == 200)
    #expect(try witness.trailFaults().isEmpty)
  }

  @Test func `two histories of one log do not both get a signature`() throws {
    let (log, witness) = try TestNode.pair()
    let copy = "\(log.folder.path)/copy"
    try log.cosign(try log.sign(), by: witness)
    let copied = Shell(in: log.folder).run("cp -a state copy && cp -a guard guard2").status
    #expect(copied == 0)
    try log.append(3, saying: "what everybody sees")
    try log.cosign(try log.sign(), by: witness)
    let honest = try witness.seenSize(of: try log.node.auditOrigin())
    // The operator signs with the copy what they like: the same keys, other entries.
    _ = Shell(in: log.folder).run("rm -rf state guard; mv copy state; rm -f state/lock")
    _ = copy
    try log.reopen()
    try Resume(log.node).finish()
    try log.node.meta.set(.auditRestored, "")
    for count in [1, 1, 5] {
      try log.append(count, saying: "what one person sees")
      let signed = try log.sign()
      for old in [Int64(0), honest, signed.size] where old <= signed.size {
        let answer = try witness.answer(try WitnessAsking(log.node).request(signed, from: old))
        #expect([409, 422].contains(answer.status), "\(old): \(answer)")
      }
    }
    #expect(try witness.seenSize(of: try log.node.auditOrigin()) == honest)
  }

  /// The answer is on the disk before anybody reads it: a witness that dies in between gives the
  /// same answer or a refusal.
  @Test func `what was remembered and not answered is not forgotten`() throws {
    let (log, witness) = try TestNode.pair()
    let signed = try log.sign()
    let request = try WitnessAsking(log.node).request(signed, from: 0)
    _ = try witness.answer(request)
    try witness.reopen()
    #expect(try witness.answer(request).status == 409)
    let again = try witness.answer(
      try WitnessAsking(log.node).request(signed, from: signed.size))
    #expect(again.status == 200)
  }

  @Test func `an older note in the place of the last one is noticed`() throws {
    let (log, witness) = try TestNode.pair()
    try log.cosign(try log.sign(), by: witness)
    let origin = try log.node.auditOrigin()
    let older = try #require(try Witnessed(witness.node).note(origin))
    try log.append(3, saying: "more")
    try log.cosign(try log.sign(), by: witness)
    let found = try witness.tampered(["UPDATE seen SET note = X'\(Hex.encode(older))'"])
    #expect(found.filter(\.isFault).map(\.target) == ["log:\(origin)"])
    #expect(
      try witness.tampered(["DELETE FROM seen"]).filter(\.isFault).map(\.target)
        == ["log:\(origin)"])
  }
}

/// Requests that torchwood's litewitness was tested with.
@Suite(.enabled(if: Vectors.isHere, "the folder of published vectors is not here"))
struct LitewitnessTests {
  private let crypto = Sodium()
  private static let logKey = "ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f"

  private struct Exchange {
    let body: [UInt8]
    let status: Int
    let exact: String?
  }

  private func exchanges() throws -> [Exchange] {
    let script = String(decoding: try Vectors.read("witness/litewitness.txt"), as: UTF8.self)
    var found = [Exchange]()
    for part in script.components("POST http://localhost:7380/add-checkpoint\n").dropFirst() {
      let pieces = part.components("```\n")
      let after = pieces[2].split(separator: "\n")
      let status = try #require(after.first.flatMap { Int($0.dropFirst(5)) })
      let exact = after.first { $0.hasPrefix("body == ") }?.dropFirst(9).dropLast()
      found.append(
        Exchange(
          body: Array(pieces[1].utf8), status: status,
          exact: exact.map { String($0).replacing("\\n", with: "\n") }))
    }
    return found
  }

  @Test func `the published requests get the published answers`() throws {
    let exchanges = try exchanges()
    #expect(exchanges.count == 9)
    let origin =
      "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
    let key = try #require(Hex.decode(Self.logKey.utf8).flatMap { Hash32($0) })
    let policy = TlogPolicy(logs: [NoteKey(name: origin, .note, key)])
    let witness = try TestNode()
    for (number, exchange) in exchanges.enumerated() {
      let answer = try witness.answer(exchange.body, policy: policy)
      // C2SP tlog-witness has 404 for a log that is not known, where litewitness says 403.
      let isUnknown = answer.body == "unknown log\n"
      // The wrong signature ends in bits that base64 has no use for; Go's reader passes over them.
      let isMalformed = number == 1 && answer.status == 400
      let status = isUnknown || isMalformed ? 403 : answer.status
      #expect(status == exchange.status, "request \(number): \(answer)")
      #expect(!isUnknown || answer.status == 404)
      if let exact = exchange.exact { #expect(answer.body == exact) }
      if answer.status == 200 { #expect(answer.body.hasPrefix("\u{2014} kiana/")) }
    }
    #expect(try witness.seenSize(of: origin) == 5)
    #expect(try witness.trailFaults().isEmpty)
    print("litewitness: \(exchanges.count) requests run, 0 skipped")
  }

  @Test func `published proofs that are wrong are refused`() throws {
    let json = try JSONValue.parse(try Vectors.read("tlog-proof/proof_errors.json"), .foreign)
    let cases = json["cases"]?.array ?? []
    #expect(cases.count == 6)
    for one in cases {
      let proof = Array(try #require(one["proof"]?.string).utf8)
      #expect(TlogProof(proof) == nil, "\(one["name"] ?? .null)")
    }
    print("tlog-proof errors: \(cases.count) run, 0 skipped")
  }
}

extension String {
  /// The parts between a text.
  fileprivate func components(_ separator: String) -> [String] {
    var parts = [String]()
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }
}
