internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct CheckpointCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint",
    abstract: "Sign the log as it is now, and have witnesses sign that it goes on.",
    discussion: """
      Prints the checkpoint, a signed note (C2SP tlog-checkpoint). --via brings it to a
      witness and its signature back: --via 'ssh friend kiana-audit witness'. --request
      and --take do the same in two steps, for a witness that a person reaches.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions

  @Option(
    help: ArgumentHelp("A command that is a witness; may be repeated.", valueName: "command"))
  var via: [String] = []

  @Option(
    help: ArgumentHelp(
      "Print the request for a witness that signed this size last.", valueName: "size"))
  var request: Int64?

  @Option(help: ArgumentHelp("Take the signature that a witness gave.", valueName: "file"))
  var take: String?

  @Option(help: ArgumentHelp("Take only from the witnesses of this policy.", valueName: "file"))
  var policy: String?

  func validate() throws {
    guard [request != nil, take != nil, !via.isEmpty].count(where: { $0 }) <= 1 else {
      throw ValidationError("--via, --request and --take exclude each other")
    }
    guard request ?? 0 >= 0 else { throw ValidationError("--request is a size, from 0") }
  }

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    if let take { return try takeSignature(take, node, console) }
    let signed = try LogSigning(node, unlockedBy: try passphrase.unlock(node)).checkpoint()
    if let request {
      return try console.output.write(try WitnessAsking(node).request(signed, from: request))
    }
    var failures = [KianaError]()
    for line in via {
      do throws(KianaError) {
        for name in try WitnessAsking(node).cosign(signed, via: line) {
          console.note("'\(name)' signed")
        }
      } catch {
        if via.count > 1 { console.warn("'\(line)': \(error.message)") }
        failures.append(error)
      }
    }
    try print(signed, node, console)
    // A log that does not go on is never hidden by a witness that is only away.
    let gravest =
      failures.first { $0.code == .damaged } ?? failures.first { $0.code == .conditionNotMet }
    guard let failure = gravest ?? failures.last else { return }
    guard via.count > 1 else { throw failure }
    throw KianaError(
      code: failure.code, what: "\(failures.count) of \(via.count) witnesses did not sign",
      why: "they are named above", hint: failure.hint)
  }

  private func takeSignature(
    _ path: String, _ node: Node, _ console: Console
  ) throws(KianaError) {
    guard let signed = try Checkpoints(node).newest() else {
      throw KianaError(
        code: .notFound, what: "there is no checkpoint yet", hint: "run 'kiana-audit checkpoint'")
    }
    let text = try Input.read(path, bytesMax: 1 << 16)
    var witnesses: [NoteKey]?
    if let policy {
      witnesses = try ProofChecking.policy(
        try Input.read(policy, bytesMax: TlogPolicy.bytesMax), path: policy
      ).witnesses.values.map(\.key)
    }
    let names = try Checkpoints(node).take(
      cosignatures: text, for: signed, witnesses: witnesses)
    guard !names.isEmpty else {
      throw KianaError(
        code: .notFound, what: "no signature was taken",
        why: "none of them is new and by a witness that is known here",
        hint: "'kiana-keys trust add' brings a witness's key log; --policy names other witnesses")
    }
    for name in names { console.note("'\(name)' signed") }
    try print(try Checkpoints(node).newest() ?? signed, node, console)
  }

  private func print(
    _ signed: Checkpoints.Signed, _ node: Node, _ console: Console
  ) throws(KianaError) {
    // Read again: signatures may have come.
    let row = try Checkpoints(node).first(epoch: signed.epoch, from: signed.size) ?? signed
    guard shared.json else { return try console.output.write(row.note) }
    try console.output.json([
      JSONMember("note", .string(String(decoding: row.note, as: UTF8.self))),
      JSONMember("origin", .string(AuditLog(node).origin(row.epoch))),
      JSONMember("size", .integer(row.size)),
      JSONMember("witnesses", .integer(Int64(row.witnesses))),
    ])
  }
}

struct WitnessCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "witness",
    abstract: "Sign that another log goes on from what was signed last, as its witness.",
    discussion: """
      Reads a request (C2SP tlog-witness, add-checkpoint) on standard input and answers as
      a CGI program does: 'Status: 200 OK', an empty line, the signature. So ssh brings
      requests, and any web server with CGI. Logs of nodes that are admitted or trusted
      here are known, and those of --policy. Exit status 5 when the log has another size,
      4 when it is not known, 13 when it does not go on; under a web server always 0.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions

  @Option(help: ArgumentHelp("Also the logs of this policy.", valueName: "file"))
  var policy: String?

  @Flag(help: "List what was signed last of which log.")
  var list = false

  @Option(
    help: ArgumentHelp("Print what was signed last of this log.", valueName: "origin"))
  var show: String?

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    if list { return try printAll(node, console) }
    if let show {
      guard let note = try Witnessed(node).note(show) else {
        throw KianaError(
          code: .notFound, what: "nothing was signed of the log '\(Printable.line(show))'")
      }
      return try console.output.write(note)
    }
    var known: TlogPolicy?
    if let policy {
      known = try ProofChecking.policy(
        try Input.read(policy, bytesMax: TlogPolicy.bytesMax), path: policy)
    }
    let body = try Self.request()
    let answer = try Witnessing(
      node, policy: known, unlockedBy: try passphrase.unlock(node)
    ).answer(body)
    try console.output.write(
      Array(
        """
        Status: \(answer.status) \(answer.reason)
        Content-Type: \(answer.contentType)

        \(answer.body)
        """.utf8))
    if SharedOptions.environment("REQUEST_METHOD") == nil, let error = Self.error(answer) {
      throw error
    }
  }

  /// The request. A web server may keep its side open: it says how long the body is, and nothing
  /// may be read beyond (RFC 3875, sections 4.1.2 and 4.2).
  private static func request() throws(KianaError) -> [UInt8] {
    let bytesMax = 2 * WitnessRequest.bytesMax
    let reader = try LineReader(path: "-", lineBytesMax: bytesMax)
    guard let method = SharedOptions.environment("REQUEST_METHOD") else {
      return try reader.rest(bytesMax: bytesMax)
    }
    guard method == "POST" else { return [] }
    guard let length = SharedOptions.environment("CONTENT_LENGTH").flatMap({ Int($0) }) else {
      return try reader.rest(bytesMax: bytesMax)
    }
    return try reader.bytes(min(max(length, 0), bytesMax))
  }

  private static func error(_ answer: Witnessing.Response) -> KianaError? {
    let code: KianaError.Code? =
      switch answer.status {
      case 200: nil
      case 409: .conditionNotMet
      case 404: .notFound
      case 403, 422: .damaged
      default: .failed
      }
    guard let code else { return nil }
    let words = answer.status == 409 ? "another size was signed last" : answer.body
    return KianaError(
      code: code, what: "the checkpoint was not signed",
      why: words.split(separator: "\n").first.map(String.init) ?? "")
  }

  private func printAll(_ node: Node, _ console: Console) throws(KianaError) {
    for (origin, note) in try Witnessed(node).all() {
      let size = SignedNote(note).flatMap { Checkpoint($0.text) }?.size ?? 0
      if shared.json {
        try console.output.json([
          JSONMember("note", .string(String(decoding: note, as: UTF8.self))),
          JSONMember("origin", .string(origin)), JSONMember("size", .integer(size)),
        ])
      } else {
        try console.output.line("\(size)\t\(Printable.line(origin))")
      }
    }
  }
}

struct PolicyCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy",
    abstract: "Print whose signatures make a proof of this log count, for those who check it.",
    discussion: """
      A C2SP tlog-policy: this node's log keys, and a majority of the witnesses. Give it to
      others by a way that they trust; 'kiana-audit verify PROOF --policy FILE' uses it.
      """)

  @OptionGroup var shared: SharedOptions

  @Argument(
    help: ArgumentHelp("The nodes that witness (default: all that are known).", valueName: "aid"))
  var witnesses: [String] = []

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    var chosen = [AID]()
    for text in witnesses {
      guard let aid = AID(text) else {
        throw KianaError(code: .usage, what: "'\(Printable.line(text))' is no identity")
      }
      guard aid != node.aid else {
        throw KianaError(
          code: .usage, what: "'\(text)' is this node, and no witness of its own log",
          hint: "'kiana-keys trust list' names others")
      }
      guard try !WitnessKeys(node).of(aid).isEmpty else {
        throw KianaError(
          code: .notFound, what: "the witness key of \(text) is not known here",
          hint: "a sync brings its key log, or 'kiana-keys trust add'")
      }
      chosen.append(aid)
    }
    let text = try PolicyText(node).text(witnesses: chosen)
    if text.hasSuffix("quorum none\n") {
      console.note("no witness is known: this policy takes what the log's key alone signed")
    }
    try console.output.write(Array(text.utf8))
  }
}

struct MetricsCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics",
    abstract: "Print figures of the trail for Prometheus: what nobody signed, and for how long.")

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console) throws(KianaError) {
    for line in try Checkpoints(try shared.openNode()).metrics() {
      try console.output.line(line)
    }
  }
}

/// Files that a command line names.
enum Input {
  /// All bytes of a file; `-` is standard input.
  static func read(_ path: String, bytesMax: Int) throws(KianaError) -> [UInt8] {
    try LineReader(path: path, lineBytesMax: bytesMax).rest(bytesMax: bytesMax)
  }
}
