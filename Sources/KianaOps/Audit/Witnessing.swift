internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// This node as a witness of other logs: it signs that a checkpoint goes on from the last one that
/// it signed, so that nobody can show two histories of a log to two people.
///
/// Source: C2SP tlog-witness, `add-checkpoint`, as a function; pipes and web servers bring the
/// requests.
package struct Witnessing: ~Copyable {
  private let node: Node
  private let policy: TlogPolicy?
  private let key: KeyText
  private let seed: Secret

  /// - Parameter policy: logs of others that are witnessed too, beside those of known nodes.
  /// - Throws: `key` when the secret cannot be opened; `refused` for a restored state.
  package init(
    _ node: Node, policy: TlogPolicy?, unlockedBy source: borrowing UnlockSource
  ) throws(KianaError) {
    try RestoredState.check(node)
    guard let key = try node.keyLog(of: node.aid)?.signingKey(.witness) else {
      throw KianaError(
        code: .key, what: "this node has no witness key",
        hint: "run 'kiana-keys rotate --use witness'")
    }
    guard try node.meta.text(.witnessRestored) != key.text else {
      throw KianaError(
        code: .refused, what: "this node must not sign as a witness",
        why: "it was restored, and may have signed newer states of other logs with this key",
        hint: "run 'kiana-keys rotate --use witness'; the new key has signed nothing yet")
    }
    let name = KeyFile.name(.witness, key)
    let vault = try Vault.open(node.directory, owner: node.aid, source: source, like: name)
    let opened = try vault.load(name: name, key: key)
    self.node = node
    self.policy = policy
    self.key = key
    seed = opened
  }

  /// A copy of the state does not know what its witness key signed since, and asked again it might
  /// sign another root for the same size: that key signs nothing any more.
  static func forbidKey(_ node: Node) throws(KianaError) {
    guard let key = try node.keyLog(of: node.aid)?.signingKey(.witness) else { return }
    try node.meta.set(.witnessRestored, key.text)
  }

  /// What a request gets, in the words of HTTP.
  package struct Response: Sendable, Equatable {
    package let status: Int
    package let reason: String
    package let contentType: String
    package let body: String
    /// The log; nil when the request could not be read.
    package let origin: String?
  }

  /// Answers one request. What was signed is on the disk before this returns.
  package borrowing func answer(_ body: [UInt8]) throws(KianaError) -> Response {
    guard let request = WitnessRequest(body) else { return Self.response(.malformed, nil) }
    let origin = request.checkpoint.origin
    let answer = try node.database.transaction {
      () throws(KianaError) -> (WitnessRequest.Answer, String) in
      let keys = try keys(of: origin)
      let seen = try seen(origin)
      let answer = request.answer(keys: keys, seen: seen, node.crypto)
      guard answer == .cosign else { return (answer, "") }
      let line = cosignature(request.note.text)
      try remember(request, keys, line)
      return (answer, line)
    }
    if answer.0 == .cosign {
      try Guard.update(node)
      return Response(
        status: 200, reason: "OK", contentType: "text/plain; charset=utf-8", body: answer.1,
        origin: origin)
    }
    return Self.response(answer.0, origin)
  }

  private static func response(_ answer: WitnessRequest.Answer, _ origin: String?) -> Response {
    let (reason, body, type): (String, String, String) =
      switch answer {
      case .cosign: ("OK", "", "text/plain; charset=utf-8")
      case .malformed: ("Bad Request", "the request is malformed\n", "text/plain; charset=utf-8")
      case .badSignature: ("Forbidden", "invalid signature\n", "text/plain; charset=utf-8")
      case .unknownLog: ("Not Found", "unknown log\n", "text/plain; charset=utf-8")
      case .conflict(let size): ("Conflict", "\(size)\n", "text/x.tlog.size")
      case .inconsistent:
        ("Unprocessable Entity", "invalid consistency proof\n", "text/plain; charset=utf-8")
      }
    return Response(
      status: answer.status, reason: reason, contentType: type, body: body, origin: origin)
  }

  /// The keys that may sign for a log: those of the node whose log it is, and those of the policy.
  private func keys(of origin: String) throws(KianaError) -> [NoteKey] {
    // An entry of the trail names the log.
    guard origin.utf8.count <= Self.originBytesMax else { return [] }
    let owner = OwnLog.owner(origin)
    guard owner != node.aid else { return [] }
    let named = (policy?.logs ?? []).map(\.key).filter { $0.name.isSpelled(like: origin) }
    guard let aid = owner,
      let log = try WitnessKeys(node).keyLog(of: aid), try isWelcome(aid), !log.isDuplicitous
    else { return named }
    let own = log.keys.filter { $0.use == .log && ($0.state == .active || $0.state == .grace) }
      .map { NoteKey(name: origin, .note, $0.key.raw) }
    // A log that is known and in the policy too: a key that stands twice could not be told apart.
    return named + own.filter { !named.contains($0) }
  }

  private static let originBytesMax = 1024

  /// Whoever this node admits or a person trusts is witnessed.
  private func isWelcome(_ aid: AID) throws(KianaError) -> Bool {
    if try node.trust.all().contains(where: { $0.aid == aid }) { return true }
    guard let author = try node.authors.find(aid), !author.isPurged else { return false }
    return try AdmissionRules(node).isAdmitted(author)
  }

  private func seen(_ origin: String) throws(KianaError) -> WitnessRequest.Seen? {
    guard let note = try CheckpointTable(node.database).seen(origin) else { return nil }
    guard let checkpoint = SignedNote(note).flatMap({ Checkpoint($0.text) }),
      let root = checkpoint.root
    else { throw .damagedRow("seen") }
    return WitnessRequest.Seen(size: checkpoint.size, root: root)
  }

  private borrowing func cosignature(_ text: String) -> String {
    let name = NoteKey(name: WitnessKeys.name(node.aid), .cosignature, key.raw)
    let seconds = node.now() / 1000
    let message = name.message(Array(text.utf8), time: seconds)
    return name.signature(
      node.crypto.sign(message, seed: seed), time: seconds, node.crypto
    ).line
  }

  /// Keeps the note with the signatures that were checked and no others: whoever sent it may have
  /// put anything beside them, also a wrong one in this witness's name.
  private func remember(
    _ request: WitnessRequest, _ keys: [NoteKey], _ line: String
  ) throws(KianaError) {
    let checkpoint = request.checkpoint
    let kept = SignedNote(
      text: request.note.text, signatures: request.note.signatures(among: keys, node.crypto))
    let seen = kept.bytes + Array(line.utf8)
    try CheckpointTable(node.database).setSeen(checkpoint.origin, seen)
    try node.recorder.record(
      "audit.witness", target: "log:\(checkpoint.origin)", verdict: .valid, key: key,
      payload: .object([
        JSONMember("note", .string(node.crypto.sha256(seen).hex)),
        JSONMember("root", .string(Base64.encode(checkpoint.rootBytes, .standard))),
        JSONMember("size", .integer(checkpoint.size)),
      ]), now: node.now())
  }
}

/// What this node witnessed last.
package struct Witnessed {
  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  /// - Returns: the signed note with this node's cosignature; nil when nothing of the log was.
  package func note(_ origin: String) throws(KianaError) -> [UInt8]? {
    try CheckpointTable(node.database).seen(origin)
  }

  package func all() throws(KianaError) -> [(origin: String, note: [UInt8])] {
    try CheckpointTable(node.database).allSeen()
  }
}

/// Brings this log's checkpoint to a witness that a command reaches, and its cosignature back.
package struct WitnessAsking {
  private let node: Node
  private static let answerBytesMax = 1 << 16
  private static let triesMax = 3

  package init(_ node: Node) {
    self.node = node
  }

  /// The request for a checkpoint, for a witness that signed `oldSize` last.
  package func request(
    _ signed: Checkpoints.Signed, from oldSize: Int64
  ) throws(KianaError) -> [UInt8] {
    let proof = try Proving(node).consistency(from: oldSize, to: signed.size).proof
    let own = SignedNote(signed.note).map { note in
      SignedNote(text: note.text, signatures: note.signatures.filter { $0.bytes.count == 64 })
    }
    return WitnessRequest.body(
      oldSize: oldSize, proof: proof, note: own?.bytes ?? signed.note)
  }

  /// What one request over a command came to: the status of its first line and the body.
  ///
  /// - Parameter line: for `/bin/sh -c`; it gets the request and answers as CGI does.
  package static func ask(
    _ line: String, _ request: [UInt8]
  ) throws(KianaError) -> (status: Int, body: [UInt8]) {
    var command = try PipeCommand(line)
    var answer = [UInt8]()
    var failure: KianaError?
    do throws(KianaError) {
      try command.write(request)
      answer = try command.answer(bytesMax: answerBytesMax)
    } catch {
      failure = error
    }
    let status = command.finish(isAsked: failure != nil)
    if let failure { throw failure }
    guard let parsed = parse(answer) else {
      throw KianaError(
        code: .failed, what: "the witness gave no answer",
        why: status == 0
          ? "what '\(line)' wrote is none" : "'\(line)' ended with status \(status)",
        hint: "it should run 'kiana-audit witness' on the other side")
    }
    return parsed
  }

  /// A signed checkpoint that a command prints.
  package static func note(from line: String) throws(KianaError) -> [UInt8] {
    var command = try PipeCommand(line)
    var answer = [UInt8]()
    var failure: KianaError?
    do throws(KianaError) {
      try command.write([])
      answer = try command.answer(bytesMax: answerBytesMax)
    } catch {
      failure = error
    }
    let status = command.finish(isAsked: failure != nil)
    if let failure { throw failure }
    guard SignedNote(answer) != nil else {
      throw KianaError(
        code: .failed, what: "no checkpoint came",
        why: status == 0
          ? "what '\(line)' wrote is none" : "'\(line)' ended with status \(status)",
        hint: "it should run 'kiana-audit witness --show ORIGIN' on the other side")
    }
    return answer
  }

  /// `Status: N ...`, other header lines, an empty line, the body.
  static func parse(_ answer: [UInt8]) -> (status: Int, body: [UInt8])? {
    let bytes = answer.filter { $0 != 0x0D }
    guard
      let end = bytes.indices.first(where: { $0 > 0 && bytes[$0] == 0x0A && bytes[$0 - 1] == 0x0A })
    else { return nil }
    let head = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\n")
    guard let line = head.first(where: { $0.hasPrefix("Status: ") }),
      let status = Int(line.dropFirst(8).prefix(3))
    else { return nil }
    return (status, Array(bytes[(end + 1)...]))
  }

  /// Gets a cosignature: the witness says itself what it signed last.
  ///
  /// - Returns: names of the witnesses whose signatures are new.
  /// - Throws: `damaged` when the witness has signed more than this log has, or another root.
  package func cosign(
    _ signed: Checkpoints.Signed, via line: String
  ) throws(KianaError) -> [String] {
    // What it signed last, if it signs as often as this node asks; else it says so itself.
    var old = min(
      try CheckpointTable(node.database).lastCosigned(epoch: signed.epoch), signed.size)
    for _ in 0..<Self.triesMax {
      let (status, body) = try Self.ask(line, try request(signed, from: old))
      switch status {
      case 200: return try taken(body, signed)
      case 409:
        let said = String(decoding: body, as: UTF8.self).split(separator: "\n").first
        guard let size = said.flatMap({ Int64($0) }), size >= 0 else {
          throw Self.refused("it says no size")
        }
        guard size <= signed.size, size != old else { throw ahead(size, signed) }
        old = size
      case 404: throw Self.refused("it does not know this node", code: .notFound)
      case 422:
        throw KianaError(
          code: .damaged, what: "the witness refused",
          why: "this log does not go on from what it signed before",
          hint: "after a restore: kiana-audit resume")
      default: throw Self.refused("it answered \(status)")
      }
    }
    throw Self.refused("it changes its mind about what it signed last")
  }

  private func taken(
    _ body: [UInt8], _ signed: Checkpoints.Signed
  ) throws(KianaError) -> [String] {
    let names = try Checkpoints(node).take(cosignatures: body, for: signed, witnesses: nil)
    guard names.isEmpty else { return names }
    let lines = SignedNote(signed.note + body)?.signatures ?? []
    let known = SignedNote(signed.note)?.signatures ?? []
    // Asked twice in a second it gives the same signature, which is here already.
    if let last = lines.last, known.contains(last) { return [last.name] }
    let name = lines.last?.name ?? ""
    throw KianaError(
      code: .notFound, what: "the witness signed, and nobody here knows its key",
      why: "it signs as '\(Printable.line(name))'",
      hint: "bring its key log: ssh HOST kiana-keys show --log | kiana-keys trust add NAME -")
  }

  private func ahead(_ size: Int64, _ signed: Checkpoints.Signed) -> KianaError {
    KianaError(
      code: .damaged, what: "the witness refused",
      why: size > signed.size
        ? "it signed \(size) entries of this log before, which has \(signed.size)"
        : "it signed another root for the same size",
      hint: "after a restore: kiana-audit resume")
  }

  private static func refused(_ why: String, code: KianaError.Code = .failed) -> KianaError {
    KianaError(
      code: code, what: "the witness refused", why: why,
      hint: "it must know this node: a sync brings the key log, or 'kiana-keys trust add'")
  }
}
