internal import ArgumentParser
internal import Glibc
internal import KianaCLI
internal import KianaModel
internal import KianaOps

struct SearchCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Find blocks by words, the best first.",
    discussion: """
      All words must be there. "Quoted words" stand together, begin* matches what
      begins so, -word must not be there. Case and accents do not count.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var filters: FilterOptions

  @Option(help: ArgumentHelp("Stop after this many blocks.", valueName: "n"))
  var limit = 20

  @Argument(help: ArgumentHelp("What to look for.", valueName: "query"))
  var query: [String]

  func validate() throws {
    guard (1...1000).contains(limit) else {
      throw ValidationError("--limit is a number from 1 to 1000")
    }
  }

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let start = Clock.steadyMilliseconds()
    let answer = try Search(node).find(
      query.joined(separator: " "), try filters.query(), limit: limit, marks: marks(),
      progress: { (done, total) in
        console.progress("indexing", Int(done), of: Int(total), since: start)
      })
    console.clearProgress()
    if !answer.isComplete {
      console.note(
        "more than \(Search.rankedMatchesMax) blocks match; these are the best of the newest")
    }
    for hit in answer.hits {
      let snippet = Printable.summary(hit.snippet.replacing("\n", with: " "), lettersMax: 160)
      if shared.json {
        try console.output.json(
          BlockText.members(hit.block) + [JSONMember("snippet", .string(hit.snippet))])
      } else {
        try console.output.line(BlockText.line(hit.block, summary: emphasised(snippet)))
      }
    }
  }

  private var isColoured: Bool {
    isatty(1) == 1 && !shared.json && SharedOptions.environment("NO_COLOR") == nil
      && SharedOptions.environment("TERM") != "dumb"
  }

  private func marks() -> (String, String) {
    isColoured ? ("\u{E000}", "\u{E001}") : ("[", "]")
  }

  /// Bold on a terminal; private-use letters stand for it until the text has been made safe.
  private func emphasised(_ snippet: String) -> String {
    guard isColoured else { return snippet }
    return snippet.replacing("\u{E000}", with: "\u{1B}[1m")
      .replacing("\u{E001}", with: "\u{1B}[0m") + "\u{1B}[0m"
  }
}
