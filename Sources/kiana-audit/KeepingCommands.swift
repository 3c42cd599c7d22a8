internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct ExportCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the log as files that any web server gives out and stock tools check.",
    discussion: """
      C2SP tlog-tiles: entries, hashes, and the checkpoint last. What is there already is
      not written again. Signs a checkpoint first. Payloads are not exported.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions

  @Option(help: ArgumentHelp("Where to.", valueName: "dir"))
  var tiles: String

  @Flag(help: "Delete partial tiles that newer ones replace.")
  var gc = false

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    Interruption.watch()
    let signed = try LogSigning(node, unlockedBy: try passphrase.unlock(node)).checkpoint()
    let start = Clock.steadyMilliseconds()
    let summary = try TileExport(node, to: tiles).run(signed, collects: gc) {
      (count) throws(KianaError) in
      try Interruption.check()
      console.progress("exporting", Int(count), of: Int(signed.size), since: start)
    }
    console.clearProgress()
    if signed.witnesses == 0 {
      console.note(
        "no witness has signed the checkpoint: run 'kiana-audit checkpoint --via COMMAND'"
          + " before")
    }
    if summary.lacking > 0 {
      console.warn("\(summary.lacking) entries were pruned before they were exported")
    }
    if shared.json {
      try console.output.json([
        JSONMember("deleted", .integer(Int64(summary.deleted))),
        JSONMember("files", .integer(Int64(summary.files))),
        JSONMember("lacking", .integer(summary.lacking)),
        JSONMember("size", .integer(summary.size)),
      ])
    } else {
      try console.output.line(
        "\(summary.size) entries, \(summary.files) files written, \(summary.deleted) deleted")
    }
  }
}

struct RedactCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "redact",
    abstract: "Delete what an entry commits to; its proofs go on to hold.",
    discussion: """
      The payload and its salt leave every file of the state directory. The entry and
      every proof stay as they are. --basis says why, for ever: name nobody in it.
      """)

  @OptionGroup var shared: SharedOptions

  @Argument(help: ArgumentHelp("The places of the entries.", valueName: "seq"))
  var places: [Int64]

  @Option(help: ArgumentHelp("Why.", valueName: "text"))
  var basis: String

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let gone = try TrailErasure(node).redact(places, basis: basis)
    if gone < Set(places).count {
      console.note("\(Set(places).count - gone) of the entries had no payload that is still here")
    }
    if gone > 0 {
      console.note("backups that were made before hold the payloads until they are rotated out")
    }
    if shared.json {
      try console.output.json([JSONMember("redacted", .integer(Int64(gone)))])
    } else {
      try console.output.line("\(gone) redacted")
    }
  }
}

struct HoldCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold",
    abstract: "Keep entries from being pruned, let them go again, or list what is kept.")

  @OptionGroup var shared: SharedOptions

  @Argument(help: ArgumentHelp("The entries: A..B, or one.", valueName: "range"))
  var range: String?

  @Option(help: ArgumentHelp("Why.", valueName: "text"))
  var reason: String?

  @Flag(help: "Let the entries be pruned again.")
  var release = false

  @Flag(help: "List what is kept.")
  var list = false

  func validate() throws {
    guard list != (range != nil) else {
      throw ValidationError("hold needs either a range or --list")
    }
    guard list || reason != nil else { throw ValidationError("hold needs --reason") }
  }

  func perform(_ console: Console) throws(KianaError) {
    let erasure = TrailErasure(try shared.openNode())
    guard let range else {
      for hold in try erasure.holds() { try print(hold, console) }
      return
    }
    guard let places = Self.range(range) else {
      throw KianaError(
        code: .usage, what: "'\(Printable.line(range))' is no range of places",
        why: "ranges are like '7' or '7..9'")
    }
    if release {
      try erasure.release(places, reason: reason ?? "")
    } else {
      try erasure.hold(places, reason: reason ?? "")
    }
  }

  private static func range(_ text: String) -> ClosedRange<Int64>? {
    if let one = Int64(text), one >= 0 { return one...one }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[1].isEmpty, let low = Int64(parts[0]), let high = Int64(parts[2]),
      low >= 0, low <= high
    else { return nil }
    return low...high
  }

  private func print(_ hold: TrailErasure.Hold, _ console: Console) throws(KianaError) {
    let (low, high) = (hold.range.lowerBound, hold.range.upperBound)
    guard shared.json else {
      return try console.output.line("\(low)..\(high)\t\(hold.reason)")
    }
    try console.output.json([
      JSONMember("entry", .integer(hold.entry)), JSONMember("first", .integer(low)),
      JSONMember("last", .integer(high)), JSONMember("reason", .string(hold.reason)),
    ])
  }
}

struct PruneCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Delete old entries, or only what they commit to; every proof goes on to hold.",
    discussion: """
      In whole bundles of 256, what is signed already, never what is on hold. Hashes stay,
      so that the rest can be proved; export the tiles before. --payloads deletes payloads
      and keeps the entries.
      """)

  @OptionGroup var shared: SharedOptions

  @Option(help: ArgumentHelp("Up to when: '400 days ago', 2026-01-01.", valueName: "when"))
  var before: String

  @Flag(help: "Only the payloads.")
  var payloads = false

  @Flag(help: "Say what would go.")
  var dryRun = false

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let now = Clock.milliseconds()
    guard
      let moment = Moment.parse(
        before, now: now, offsetSeconds: Clock.localOffsetSeconds(at: now))
    else {
      throw KianaError(
        code: .usage, what: "'\(Printable.line(before))' is not a time",
        why: "times are like '400 days ago', '2026-01-01' or '2026-01-01T13:00:00Z'")
    }
    let erasure = TrailErasure(node)
    let plan = try erasure.plan(before: moment, onlyPayloads: payloads)
    if let hold = plan.hold {
      console.warn(
        "entries from \(hold.range.lowerBound) on are on hold: \(hold.reason)")
    }
    if !dryRun { try erasure.prune(plan) }
    if shared.json {
      try console.output.json([
        JSONMember("entries", .integer(plan.count)), JSONMember("first", .integer(plan.first)),
        JSONMember("next", .integer(plan.end)), JSONMember("payloads_only", .bool(payloads)),
      ])
    } else if plan.count == 0 {
      try console.output.line("nothing to prune")
    } else {
      let what = payloads ? "the payloads of entries" : "entries"
      try console.output.line(
        "\(what) \(plan.first) to \(plan.end - 1) \(dryRun ? "would go" : "are gone")")
    }
  }
}

struct ResumeCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "After a restore: find out how far the log was signed, and let it go on.",
    discussion: """
      --via asks a witness: --via 'ssh friend kiana-audit witness --show ORIGIN' prints what
      it signed last. --tiles takes an exported copy, from which missing entries come back:
      run it before 'kiana-node resume', which writes entries of its own. --new-epoch begins
      a new log whose first entry says what is known of the old one; it is the way when the
      copy was written to since, or nobody can be asked.
      """)

  @OptionGroup var shared: SharedOptions

  @Option(
    help: ArgumentHelp("A command that prints one; may be repeated.", valueName: "command"))
  var via: [String] = []

  @Option(help: ArgumentHelp("An exported copy.", valueName: "dir"))
  var tiles: String?

  @Flag(help: "Begin a new epoch of the log.")
  var newEpoch = false

  func validate() throws {
    guard newEpoch || tiles != nil || !via.isEmpty else {
      throw ValidationError("resume needs --via, --tiles or --new-epoch")
    }
  }

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let resume = AuditResume(node)
    guard let reason = try resume.reason() else {
      console.note("the audit log may be signed; there is nothing to do")
      return
    }
    var notes = [[UInt8]]()
    for line in via { notes.append(try WitnessAsking.note(from: line)) }
    let copy = tiles.map { TileReading($0) }
    if let copy { notes.append(try copy.checkpoint()) }
    let outcome =
      newEpoch
      ? try resume.openEpoch(notes, reason: reason) : try resume.run(against: notes, copy: copy)
    try print(outcome, node, console)
  }

  private func print(
    _ outcome: AuditResume.Outcome, _ node: Node, _ console: Console
  ) throws(KianaError) {
    let (word, number, words): (String, Int64, String) =
      switch outcome {
      case .goesOn(let size):
        ("goes-on", size, "the log goes on; \(size) entries were signed and are in it")
      case .restored(let entries):
        ("restored", entries, "\(entries) entries came back; their payloads did not")
      case .newEpoch(let epoch):
        ("new-epoch", epoch, "the log goes on as \(AuditLog(node).origin(epoch))")
      }
    guard shared.json else { return try console.output.line(words) }
    try console.output.json([
      JSONMember("number", .integer(number)), JSONMember("outcome", .string(word)),
    ])
  }
}
