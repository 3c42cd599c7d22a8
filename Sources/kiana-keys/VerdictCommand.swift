internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct VerdictCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "verdict",
    abstract: "Say whether a block or a signed file is good, and why.",
    discussion: """
      Exit status 0 when it is, 4 when nothing proves it, 13 when it is not. The order of
      events decides, never the time that a signature claims.
      """)

  @OptionGroup var shared: SharedOptions

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("The signature of a file (default: beside it).", valueName: "signature"))
  var signature: String?

  @Argument(help: ArgumentHelp("A file, or the id of a block.", valueName: "file|id"))
  var subject: String

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    guard signature == nil, !DurableFile.exists(subject) else {
      return try Checked.report(subject, signature: signature, node, shared, console)
    }
    let verdict = try BlockVerdict(node, try BlockReader(node).resolve(subject))
    try show(verdict, console)
    guard let code = verdict.error else { return }
    throw KianaError(
      code: code, what: "block '\(verdict.block.id.hex)' is not good", why: verdict.words)
  }

  private func show(_ verdict: BlockVerdict, _ console: Console) throws(KianaError) {
    let header = verdict.block.header
    let state = verdict.key.map { KeyWords.state($0) } ?? "unknown"
    if let words = verdict.confirmation?.words { console.warn(words) }
    guard shared.json else {
      return try console.output.line(
        [verdict.word, header.author.text, header.key.text, state, verdict.words]
          .joined(separator: "\t"))
    }
    try console.output.json([
      JSONMember("author", .string(header.author.text)),
      JSONMember("confirmed", verdict.confirmation.map { .integer($0.at) } ?? .null),
      JSONMember("contested_from", verdict.contestedFrom.map { .integer($0) } ?? .null),
      JSONMember("epoch", .integer(header.epoch)), JSONMember("feed", .string(header.feed)),
      JSONMember("id", .string(verdict.block.id.hex)),
      JSONMember("key", .string(header.key.text)), JSONMember("key_log_s", .integer(verdict.logS)),
      JSONMember("key_state", .string(state)), JSONMember("reason", .string(verdict.words)),
      JSONMember("seq", .integer(header.seq)),
      JSONMember("stale", .bool(verdict.confirmation?.isStale ?? true)),
      JSONMember("standing", .string(verdict.block.row.standing.word)),
      JSONMember("verdict", .string(verdict.word)),
    ])
  }
}
