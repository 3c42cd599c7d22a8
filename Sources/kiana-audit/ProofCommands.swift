internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct ProveCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove",
    abstract: "Prove that an entry, or a block, stands in this log, to a stranger offline.",
    discussion: """
      Prints a C2SP tlog-proof of an entry, or with --block one file that holds a block,
      its key history, its place in the log, and the witnesses' signatures. Signs a
      checkpoint when none covers the entry yet.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions

  @Argument(help: ArgumentHelp("The place of the entry.", valueName: "seq"))
  var seq: Int64?

  @Option(help: ArgumentHelp("Prove this block.", valueName: "id"))
  var block: String?

  @Flag(help: "With what the entry commits to, and its salt.")
  var payload = false

  func validate() throws {
    guard (seq == nil) != (block == nil) else {
      throw ValidationError("prove needs either SEQ or --block ID")
    }
    guard block == nil || !payload else {
      throw ValidationError("--payload is for entries; a block's proof has what it needs")
    }
  }

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let passphrase = passphrase
    let sign = { () throws(KianaError) -> Checkpoints.Signed in
      try LogSigning(node, unlockedBy: try passphrase.unlock(node)).checkpoint()
    }
    if let seq {
      let proof = try Proving(node).proof(of: seq, withPayload: payload, sign: sign)
      return try console.output.write(proof.bytes)
    }
    let id = try BlockReader(node).resolve(block ?? "")
    try console.output.write(try BlockProving(node).proof(of: id, sign: sign).bytes)
  }
}

struct ConsistencyCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "consistency",
    abstract: "Prove that the log at a newer state goes on from an older one.",
    discussion: """
      OLD and NEW are sizes, or files with checkpoints; without NEW it is the log as it is.
      Of a file the root must be this log's: so an exported checkpoint shows whether
      anything was cut off or changed since. Prints a hash a line, in base64, as C2SP
      tlog-witness has it. Exit status 13 when the log was cut or rewritten.
      """)

  @OptionGroup var shared: SharedOptions

  @Argument(help: ArgumentHelp("The older state.", valueName: "old"))
  var old: String

  @Argument(help: ArgumentHelp("The newer state.", valueName: "new"))
  var new: String?

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let before = try size(old, node)
    let after: Int64
    if let new { after = try size(new, node) } else { after = try AuditLog(node).current().size }
    let step = try Proving(node).consistency(from: before, to: after)
    guard shared.json else {
      for hash in step.proof {
        try console.output.line(Base64.encode(hash.bytes, .standard))
      }
      return
    }
    func text(_ hash: Hash32) -> JSONValue { .string(Base64.encode(hash.bytes, .standard)) }
    try console.output.json([
      JSONMember("new_root", text(step.newRoot)), JSONMember("new_size", .integer(after)),
      JSONMember("old_root", text(step.oldRoot)), JSONMember("old_size", .integer(before)),
      JSONMember("proof", .array(step.proof.map(text))),
    ])
  }

  private func size(_ text: String, _ node: Node) throws(KianaError) -> Int64 {
    if let size = Int64(text) { return size }
    let note = try Input.read(text, bytesMax: SignedNote.bytesMax)
    return try Proving(node).check(against: note).size
  }
}

struct VerifyCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Verify the trail, a proof, or entries that come through a pipe.",
    discussion: """
      Without FILE the trail of this node: what was signed, and with --full every entry,
      payload, verdict and count. --against compares it with a checkpoint that was kept
      elsewhere, which shows what was cut off. With FILE a proof by 'prove': against
      --policy, and no state is needed, else against this node's own log key. --stdin
      checks the lines of 'query --json'. Exit status 13 when something is wrong, 4 when
      nothing is proved.
      """)

  @OptionGroup var shared: SharedOptions

  @Argument(help: ArgumentHelp("A proof.", valueName: "file"))
  var file: String?

  @Flag(help: "Hash every entry and payload again, and recount what is counted.")
  var full = false

  @Option(help: ArgumentHelp("Whose checkpoints count (C2SP tlog-policy).", valueName: "file"))
  var policy: String?

  @Option(
    help: ArgumentHelp("A kept checkpoint of this log; may be repeated.", valueName: "file"))
  var against: [String] = []

  @Flag(help: "Check entries as 'query --json' prints them against the tree.")
  var stdin = false

  func validate() throws {
    guard file == nil || (!full && against.isEmpty && !stdin) else {
      throw ValidationError("--full, --against and --stdin are for the trail, not for a proof")
    }
    guard policy == nil || file != nil else {
      throw ValidationError("--policy is for a proof")
    }
  }

  func perform(_ console: Console) throws(KianaError) {
    if let file { return try proof(file, console) }
    let node = try shared.openNode()
    if stdin { return try lines(node, console) }
    try trail(node, console)
  }

  // MARK: the trail

  private func trail(_ node: Node, _ console: Console) throws(KianaError) {
    Interruption.watch()
    let start = Clock.steadyMilliseconds()
    let total = Int(try node.events.size())
    var summary = try AuditVerify(node).run(
      isFull: full,
      report: { (finding) throws(KianaError) in try print(finding, console) },
      progress: { (count) throws(KianaError) in
        try Interruption.check()
        console.progress("verifying", Int(count), of: total, since: start)
      })
    console.clearProgress()
    for path in against { try compare(path, node, &summary, console) }
    try print(summary, console)
    guard summary.faults == 0 else {
      throw KianaError(
        code: .damaged, what: "the audit trail is not what it was",
        why: "\(summary.faults) faults are named above",
        hint: "an exported copy or a backup has what was there before; after a restore run"
          + " 'kiana-audit resume'")
    }
  }

  private func compare(
    _ path: String, _ node: Node, _ summary: inout AuditVerify.Summary, _ console: Console
  ) throws(KianaError) {
    do throws(KianaError) {
      try Proving(node).check(against: try Input.read(path, bytesMax: SignedNote.bytesMax))
    } catch  where error.code == .damaged {
      summary.faults += 1
      try print(
        AuditVerify.Finding(
          target: "checkpoint:\(path)", kind: "cut", words: error.message, isFault: true), console)
    }
  }

  private func print(
    _ finding: AuditVerify.Finding, _ console: Console
  ) throws(KianaError) {
    guard shared.json else {
      return try console.output.line(
        "\(finding.isFault ? "FAULT" : "note")\t\(finding.target)\t\(finding.words)")
    }
    try console.output.json([
      JSONMember("fault", .bool(finding.isFault)), JSONMember("kind", .string(finding.kind)),
      JSONMember("target", .string(finding.target)), JSONMember("type", .string("finding")),
      JSONMember("words", .string(finding.words)),
    ])
  }

  private func print(
    _ summary: AuditVerify.Summary, _ console: Console
  ) throws(KianaError) {
    guard shared.json else {
      for line in Self.words(summary, isFull: full) { try console.output.line(line) }
      return
    }
    try console.output.json([
      JSONMember("checkpoints", .integer(Int64(summary.checkpoints))),
      JSONMember("entries", .integer(summary.entries)),
      JSONMember("erased_payloads", .integer(summary.erased)),
      JSONMember("faults", .integer(Int64(summary.faults))), JSONMember("full", .bool(full)),
      JSONMember("payloads", .integer(summary.payloads)),
      JSONMember("signed", .integer(summary.signed)), JSONMember("size", .integer(summary.size)),
      JSONMember("type", .string("summary")),
      JSONMember("unsigned", .integer(summary.size - summary.signed)),
      JSONMember("unwitnessed", .integer(summary.size - summary.witnessed)),
    ])
  }

  private static func words(_ summary: AuditVerify.Summary, isFull: Bool) -> [String] {
    let state = summary.faults == 0 ? "no fault" : "\(summary.faults) faults"
    var lines = [
      isFull
        ? "\(summary.entries) entries, \(summary.payloads) payloads, \(summary.checkpoints) "
          + "checkpoints: \(state)"
        : "\(summary.entries) entries, \(summary.checkpoints) checkpoints: \(state); "
          + "--full reads every entry"
    ]
    if summary.erased > 0 { lines.append("\(summary.erased) payloads were erased") }
    func range(_ from: Int64, _ one: String, _ many: String, _ words: String) {
      guard from < summary.size else { return }
      let (low, high) = (summary.first + from, summary.first + summary.size - 1)
      lines.append(
        low == high ? "entry \(low) \(one) \(words)" : "entries \(low) to \(high) \(many) \(words)")
    }
    range(summary.signed, "is", "are", "not signed yet: kiana-audit checkpoint")
    range(
      summary.witnessed, "was", "were", "seen by no witness: kiana-audit checkpoint --via COMMAND")
    return lines
  }

  // MARK: a proof

  /// The end of the year 9999.
  private static let secondsMax: Int64 = 253_402_300_799

  private func proof(_ path: String, _ console: Console) throws(KianaError) {
    let bytes = try Input.read(path, bytesMax: BlockProof.bytesMax)
    var known: TlogPolicy?
    if let policy {
      known = try ProofChecking.policy(
        try Input.read(policy, bytesMax: TlogPolicy.bytesMax), path: policy)
    }
    if BlockProof.looksLike(bytes) { return try blockProof(bytes, known, console) }
    let finding = try ProofChecking().check(bytes) { (note) throws(KianaError) in
      guard let known else { return try OwnLog(try ownNode()).verify(note) }
      do throws(TlogProofFault) {
        return try known.verify(note, Checker.crypto)
      } catch {
        throw error.asError("the proof")
      }
    }
    try print(finding, [], console)
  }

  /// An auditor, who has no node, forgot the policy.
  private func ownNode() throws(KianaError) -> Node {
    do throws(KianaError) {
      return try shared.openNode()
    } catch  where error.code == .noState {
      throw KianaError(
        code: error.code, what: error.what, why: error.why,
        hint: "check the proof of another node's log with --policy FILE")
    }
  }

  private func blockProof(
    _ bytes: [UInt8], _ known: TlogPolicy?, _ console: Console
  ) throws(KianaError) {
    guard let proof = BlockProof(bytes) else {
      throw KianaError(
        code: .damaged, what: "this is no proof of a block", why: "it is malformed or cut short")
    }
    let finding = try BlockProofChecking().check(proof, policy: known)
    if known == nil {
      console.note("without --policy only the node that wrote the proof vouches for its log")
    }
    try print(
      finding.entry,
      [
        JSONMember("author", .string(finding.author.text)),
        JSONMember("block", .string(finding.id.hex)),
        JSONMember("checks", .string(finding.checks.text)),
        JSONMember("verdict", .string(finding.verdict.rawValue)),
      ], console)
  }

  private func print(
    _ finding: ProofChecking.Finding, _ more: [JSONMember], _ console: Console
  ) throws(KianaError) {
    // A witness may say any number.
    let times = finding.witnessTimes.map { Moment.text(min(max($0, 0), Self.secondsMax) * 1000) }
    if shared.json {
      var members = [
        JSONMember("entry", (try? JSONValue.parse(finding.entry)) ?? .null),
        JSONMember("index", .integer(finding.index)),
        JSONMember("origin", .string(finding.checkpoint.origin)),
        JSONMember("size", .integer(finding.checkpoint.size)),
        JSONMember("witness_times", .array(times.map { .string($0) })),
        JSONMember("witnesses", .array(finding.witnesses.map { .string($0) })),
      ]
      if let payload = finding.payload {
        members.append(JSONMember("payload_b64", .string(Base64.encode(payload, .standard))))
      }
      return try console.output.json(members + more)
    }
    for member in more { try console.output.line("\(member.name)\t\(member.value.string ?? "")") }
    try console.output.line(
      "entry \(finding.index) of \(finding.checkpoint.size) in \(finding.checkpoint.origin)")
    try console.output.line(String(decoding: finding.entry, as: UTF8.self))
    if let payload = finding.payload {
      try console.output.line(Printable.line(String(decoding: payload, as: UTF8.self)))
    }
    for (name, time) in zip(finding.witnesses, times) {
      try console.output.line("witness\t\(name)\t\(time)")
    }
  }

  // MARK: entries through a pipe

  private func lines(_ node: Node, _ console: Console) throws(KianaError) {
    let reader = try LineReader(path: "-", lineBytesMax: Append.lineBytesMax * 2)
    var (good, bad, number) = (0, 0, 0)
    while let line = try reader.next() {
      number += 1
      var words: String? = "it is too long"
      if case .line(let text) = line {
        if text.isEmpty { continue }
        words = try EntryLines(node).fault(text)
      }
      if let words {
        bad += 1
        try console.output.line("FAULT\tline \(number)\t\(words)")
      } else {
        good += 1
      }
    }
    console.note("\(good) entries are in the tree as they came")
    guard bad == 0 else {
      throw KianaError(
        code: .damaged, what: "\(bad) entries are not those of the trail",
        why: "they are named above",
        hint: good == 0 ? "lines are those of 'kiana-audit query --json'" : "")
    }
  }
}
