internal import ArgumentParser
internal import Glibc
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct ExportCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write blocks in the line form, oldest arrival first.",
    discussion: """
      One canonical JSON object a line; an author's key log stands before the first
      block. With filters the chain has gaps, which another node refuses.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var filters: FilterOptions

  @Flag(help: "Leave contents out.")
  var noContent = false

  @Flag(name: .shortAndLong, help: "Go on with blocks as they arrive.")
  var follow = false

  private static let pollMicroseconds: UInt32 = 300_000

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let query = try filters.query()
    let export = Export(node)
    let start = Clock.steadyMilliseconds()
    let total = query.isEmpty ? Int(try node.meta.integer(.blocks)) : 0
    if follow { Interruption.watch() }
    var last: Int64 = 0
    while true {
      try PendingSignatures(node).finish(workers: Parse.processors)
      last = try export.run(
        query, after: last, withContent: !noContent,
        write: { (line) throws(KianaError) in try console.output.write(line) },
        progress: { console.progress("exporting", Int($0), of: total, since: start) })
      guard follow else {
        if export.hasStopped { continue }
        break
      }
      try console.output.flush()
      console.output.endWhenNobodyReads()
      usleep(Self.pollMicroseconds)
      try Interruption.check()
    }
    guard export.damaged > 0 else { return }
    try console.output.flush()
    throw KianaError(
      code: .damaged, what: "some contents are damaged",
      why: "\(export.damaged) blocks were written without theirs",
      hint: "run 'kiana-node verify', and import them again from a node that has them")
  }
}

struct ImportCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Take blocks in: lines that export wrote, or original KI_ana data.",
    discussion: """
      Every signature is checked. Authors that the lines bring are admitted. What is
      not taken is named with its line number, and the exit status is 3.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions

  @Flag(help: "Read original KI_ana files and folders (formats A to F).")
  var legacy = false

  @Option(
    help: ArgumentHelp("Threads that check signatures (default: all processors).", valueName: "n"))
  var workers: Int?

  @Flag(name: .customLong("dry-run"), help: "With --legacy: judge the blocks and store nothing.")
  var isDryRun = false

  @Argument(
    help: ArgumentHelp(
      "Lines to read; '-' is standard input. With --legacy: files, folders.", valueName: "path"))
  var paths: [String] = ["-"]

  func validate() throws {
    try Parse.checkWorkers(workers)
    if isDryRun, !legacy { throw ValidationError("--dry-run goes with --legacy") }
    if legacy, paths.contains("-") { throw ValidationError("--legacy needs files or folders") }
  }

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNodeForWriting()
    if legacy { return try importLegacy(node, console) }
    Interruption.watch()
    var isPartial = false
    for path in paths {
      do throws(KianaError) {
        isPartial = try importLines(node, path, console) || isPartial
      } catch  where error.code == .notFound && paths.count > 1 {
        // One missing file is no reason to leave the others out.
        console.warn(error.message)
        isPartial = true
      }
    }
    if isPartial { throw KianaError(code: .partial, what: "") }
  }

  /// - Returns: whether something was skipped or held.
  private func importLines(
    _ node: Node, _ path: String, _ console: Console
  ) throws(KianaError) -> Bool {
    let reader = try LineReader(
      path: path,
      lineBytesMax: BlockLimits.lineBytesMax(contentBytesMax: node.settings.contentBytesMax))
    let start = Clock.steadyMilliseconds()
    let summary = try Import(node, workers: workers ?? Parse.processors).run(
      next: { () throws(KianaError) in
        try Interruption.check()
        return try reader.next()
      },
      remark: { (remark) throws(KianaError) in try report(remark, path, console) },
      progress: { console.progress("importing", $0.lines, of: 0, since: start) })
    console.clearProgress()
    try report(summary, console)
    return summary.isPartial
  }

  private func report(
    _ remark: Import.Remark, _ path: String, _ console: Console
  ) throws(KianaError) {
    let verb = Self.verb(remark)
    if shared.json {
      try console.output.json([
        JSONMember("author", remark.author.map { .string($0.text) } ?? .null),
        JSONMember("id", remark.id.map { .string($0.hex) } ?? .null),
        JSONMember("line", .integer(Int64(remark.line))),
        JSONMember("outcome", .string(Self.outcomes[verb] ?? verb)),
        JSONMember("reason", .string(remark.fault.kind.rawValue)),
        JSONMember("type", .string("line")),
        JSONMember("words", .string(remark.fault.reason)),
      ])
    }
    let place = path == "-" ? "line \(remark.line)" : "\(path):\(remark.line)"
    let subject = remark.id.map { "block \($0.hex.prefix(BlockText.idDigits)): " } ?? ""
    console.warn(
      "\(place): \(verb): \(subject)\(remark.fault.reason) (\(remark.fault.kind.rawValue))")
  }

  private static func verb(_ remark: Import.Remark) -> String {
    if remark.fault.kind == .tooLong, remark.id != nil { return "content left out" }
    if remark.fault.kind.isHeld { return "held" }
    return remark.fault.kind == .fork ? "kept aside" : "skipped"
  }

  /// Words for people that are not the words for scripts.
  private static let outcomes = ["kept aside": "aside", "content left out": "stored"]

  private func report(_ summary: Import.Summary, _ console: Console) throws(KianaError) {
    guard shared.json else {
      return try console.output.line(
        "\(summary.stored) new, \(summary.known) known, \(summary.contents) completed, "
          + "\(summary.held) held, \(summary.forks) forks, \(summary.refused) skipped")
    }
    try console.output.json([
      JSONMember("contents", .integer(Int64(summary.contents))),
      JSONMember("forks", .integer(Int64(summary.forks))),
      JSONMember("held", .integer(Int64(summary.held))),
      JSONMember("key_logs", .integer(Int64(summary.keyLogs))),
      JSONMember("known", .integer(Int64(summary.known))),
      JSONMember("left_out", .integer(Int64(summary.leftOut))),
      JSONMember("lines", .integer(Int64(summary.lines))),
      JSONMember("skipped", .integer(Int64(summary.refused))),
      JSONMember("stored", .integer(Int64(summary.stored))),
      JSONMember("type", .string("summary")),
    ])
  }
}
