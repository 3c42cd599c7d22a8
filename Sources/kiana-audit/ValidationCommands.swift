internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct ValidatorsCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "validators",
    abstract: "List who judged blocks, how often, and how often they agree with this node.",
    discussion: """
      Fields: the validator, verdicts in all, valid, invalid, unknown, agreement in percent,
      first and last day. With --history a line for each day.
      """)

  @OptionGroup var shared: SharedOptions

  @Flag(help: "A line for each day.")
  var history = false

  func perform(_ console: Console) throws(KianaError) {
    for validator in try Validations(try shared.openNode()).validators() {
      guard history else {
        try print(validator, validator.days, console)
        continue
      }
      for day in validator.days { try print(validator, [day], console) }
    }
  }

  private func print(
    _ validator: Validations.Validator, _ days: [ValidationTable.Day], _ console: Console
  ) throws(KianaError) {
    let part = Validations.Validator(aid: validator.aid, isOwn: validator.isOwn, days: days)
    let (valid, invalid, unknown) = (part.sum(\.valid), part.sum(\.invalid), part.sum(\.unknown))
    let first = Moment.dayText(days.first?.day ?? 0)
    let last = Moment.dayText(days.last?.day ?? 0)
    if shared.json {
      try console.output.json([
        JSONMember("agreed", .integer(part.sum(\.agreed))),
        JSONMember(
          "agreement_per_mille", part.agreementPerMille.map { .integer($0) } ?? .null),
        JSONMember("disagreed", .integer(part.sum(\.disagreed))),
        JSONMember("first_day", .string(first)), JSONMember("invalid", .integer(invalid)),
        JSONMember("last_day", .string(last)), JSONMember("own", .bool(part.isOwn)),
        JSONMember("unknown", .integer(unknown)), JSONMember("valid", .integer(valid)),
        JSONMember("validator", .string(part.aid.text)),
      ])
    } else {
      let rate = part.agreementPerMille.map { "\($0 / 10).\($0 % 10) %" } ?? "-"
      try console.output.line(
        [
          part.aid.text, String(valid + invalid + unknown), String(valid), String(invalid),
          String(unknown), part.isOwn ? "self" : rate, first, last,
        ].joined(separator: "\t"))
    }
  }
}

struct ValidationsCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "validations",
    abstract: "Show who judged a block and how; give and take signed statements about it.",
    discussion: """
      Fields: time, validator, verdict, checks (hash, signature, key, link, time: + good,
      - bad, ? open), the entry that commits to it, and why it was refused. --sign prints
      what this node found, signed; --take keeps what others print:
      $ ssh friend kiana-audit validations --sign ID | kiana-audit validations --take -
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions

  @Argument(help: ArgumentHelp("Blocks.", valueName: "id"))
  var blocks: [String] = []

  @Flag(help: "Print this node's verdicts on the blocks as signed statements.")
  var sign = false

  @Option(help: ArgumentHelp("Take signed statements of others.", valueName: "file"))
  var take: String?

  func validate() throws {
    guard (take == nil) != blocks.isEmpty else {
      throw ValidationError("validations needs blocks or --take")
    }
    guard take == nil || !sign else {
      throw ValidationError("--sign and --take exclude each other")
    }
  }

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    if let take { return try takeStatements(take, node, console) }
    var ids = [Hash32]()
    for text in blocks {
      // A refused block is not here, so that only its whole id names it.
      if let id = Hash32(hex: text) {
        ids.append(id)
      } else {
        ids.append(try BlockReader(node).resolve(text))
      }
    }
    guard sign else {
      for id in ids {
        for verdict in try Validations(node).of(id) { try print(id, verdict, console) }
      }
      return
    }
    let signing = try StatementSigning(node, unlockedBy: try passphrase.unlock(node))
    for id in ids { try console.output.write(try signing.statement(id).line + [0x0A]) }
  }

  private func print(
    _ id: Hash32, _ verdict: Validations.Verdict, _ console: Console
  ) throws(KianaError) {
    let time = verdict.time > 0 ? Moment.text(verdict.time) : "-"
    guard shared.json else {
      return try console.output.line(
        [
          time, verdict.validator.text, verdict.checks.verdict.rawValue, verdict.checks.text,
          String(verdict.entry), verdict.reason.isEmpty ? "-" : verdict.reason,
        ].joined(separator: "\t"))
    }
    try console.output.json([
      JSONMember("block", .string(id.hex)), JSONMember("checks", .string(verdict.checks.text)),
      JSONMember("entry", .integer(verdict.entry)),
      JSONMember("reason", verdict.reason.isEmpty ? .null : .string(verdict.reason)),
      JSONMember("rules", verdict.rules.map { .integer($0) } ?? .null),
      JSONMember("time", verdict.time > 0 ? .string(time) : .null),
      JSONMember("validator", .string(verdict.validator.text)),
      JSONMember("verdict", .string(verdict.checks.verdict.rawValue)),
    ])
  }

  private func takeStatements(
    _ path: String, _ node: Node, _ console: Console
  ) throws(KianaError) {
    let reader = try LineReader(path: path, lineBytesMax: ValidationStatement.lineBytesMax)
    var (stored, known, refused) = (0, 0, 0)
    try StatementIntake(node).run(next: reader.next) { (line, outcome) in
      switch outcome {
      case .stored: stored += 1
      case .known: known += 1
      case .refused(let words):
        refused += 1
        console.warn("line \(line): \(words)")
      }
    }
    if shared.json {
      try console.output.json([
        JSONMember("known", .integer(Int64(known))),
        JSONMember("refused", .integer(Int64(refused))),
        JSONMember("stored", .integer(Int64(stored))),
      ])
    } else {
      try console.output.line("\(stored) new, \(known) known, \(refused) refused")
    }
    guard refused == 0 else {
      throw KianaError(
        code: .partial, what: "\(refused) statements were refused", why: "they are named above")
    }
  }
}
