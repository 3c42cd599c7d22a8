internal import ArgumentParser
internal import Glibc
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct VerifyCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Prove what is stored: chains, signatures, keys, contents.",
    discussion: "Exit status 13 when something is not as it should be; each finding is a line.")

  @OptionGroup var shared: SharedOptions

  @Flag(help: "Also the database files themselves, and the index against the blocks.")
  var full = false

  @Option(
    help: ArgumentHelp("Threads that check signatures (default: all processors).", valueName: "n"))
  var workers: Int?

  @Argument(help: ArgumentHelp("Only these blocks.", valueName: "id"))
  var ids: [String] = []

  func validate() throws {
    try Parse.checkWorkers(workers)
  }

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let threads = workers ?? Parse.processors
    try PendingSignatures(node).finish(workers: threads)
    let verify = Verify(node, workers: threads)
    let start = Clock.steadyMilliseconds()
    let total = Int(try node.meta.integer(.blocks))
    let isJSON = shared.json
    let report: (Verify.Finding) throws(KianaError) -> Void = { (finding) throws(KianaError) in
      guard isJSON else {
        return try console.output.line("\(finding.target)\t\(finding.kind)\t\(finding.words)")
      }
      try console.output.json([
        JSONMember("kind", .string(finding.kind)), JSONMember("target", .string(finding.target)),
        JSONMember("type", .string("finding")), JSONMember("words", .string(finding.words)),
      ])
    }
    let summary: Verify.Summary
    if ids.isEmpty {
      summary = try verify.all(
        isFull: full, report: report,
        progress: { (summary) throws(KianaError) in
          console.progress("verifying", summary.blocks, of: total, since: start)
        })
    } else {
      let found = try ids.map { (text) throws(KianaError) in try BlockReader(node).resolve(text) }
      summary = try verify.blocks(found, report: report)
    }
    console.clearProgress()
    try conclude(summary, console)
  }

  private func conclude(_ summary: Verify.Summary, _ console: Console) throws(KianaError) {
    if shared.json {
      try console.output.json([
        JSONMember("blocks", .integer(Int64(summary.blocks))),
        JSONMember("contents", .integer(Int64(summary.contents))),
        JSONMember("feeds", .integer(Int64(summary.feeds))),
        JSONMember("findings", .integer(Int64(summary.findings))),
        JSONMember("type", .string("summary")),
      ])
    } else if summary.findings == 0 {
      try console.output.line("\(summary.blocks) blocks, \(summary.contents) contents: all good")
    }
    guard summary.findings > 0 else { return }
    throw KianaError(
      code: .damaged, what: "verification says no",
      why: summary.findings == 1 ? "1 finding" : "\(summary.findings) findings",
      hint:
        "import damaged blocks again, or restore a backup; 'kiana-node reindex' mends the index")
  }
}

struct ReindexCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "reindex", abstract: "Make the search index anew from the blocks.")

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let start = Clock.steadyMilliseconds()
    let indexing = try Indexing.fresh(node)
    try indexing.catchUpLabels { (done, total) in
      console.progress("labels", Int(done), of: Int(total), since: start)
    }
    try indexing.catchUpWords { (done, total) in
      console.progress("words", Int(done), of: Int(total), since: start)
    }
    console.clearProgress()
    let blocks = try indexing.words.total()
    if shared.json {
      try console.output.json([JSONMember("blocks", .integer(blocks))])
    } else {
      try console.output.line("\(blocks) blocks indexed")
    }
  }
}

struct FeedsCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "feeds", abstract: "List the feeds that are here, by author.")

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    for author in try node.authors.all() {
      let admission = try Self.words(author, node)
      for feed in try node.feeds.all(author: author.no) {
        if shared.json {
          try console.output.json([
            JSONMember("admission", .string(admission)),
            JSONMember("author", .string(author.aid.text)),
            JSONMember("blocks", .integer(feed.blocks)),
            JSONMember("contested", .bool(feed.isContested)),
            JSONMember("epoch", feed.head.map { .integer($0.epoch) } ?? .null),
            JSONMember("feed", .string(feed.name)),
            JSONMember("head", feed.head.map { .string($0.id.hex) } ?? .null),
            JSONMember("own", .bool(author.aid == node.aid)),
            JSONMember("seq", feed.head.map { .integer($0.seq) } ?? .null),
            JSONMember(
              "time", feed.head == nil ? .null : .string(Moment.text(feed.headTime))),
          ])
        } else {
          let marks =
            (author.aid == node.aid ? ["own"] : []) + (feed.isContested ? ["contested"] : [])
          try console.output.line(
            [
              author.aid.text, feed.name, "\(feed.blocks)",
              feed.head.map { String($0.id.hex.prefix(BlockText.idDigits)) } ?? "-",
              marks.joined(separator: ","),
            ].joined(separator: "\t"))
        }
      }
    }
  }

  private static func words(_ author: AuthorRow, _ node: Node) throws(KianaError) -> String {
    switch author.admission {
    case .none: try AdmissionRules(node).isAdmitted(author) ? "by-author" : "none"
    case .imported: "import"
    case .operatorSaid: "operator"
    case .own: "own"
    }
  }
}

struct StatusCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Is this node fine, and what would be lost if its disk died now?",
    discussion: "Exit status 5 when a line is red; each red line names the command that mends it.")

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console) throws(KianaError) {
    let overview = try Overview(try shared.openNode())
    if shared.json { try json(overview, console) } else { try text(overview, console) }
    guard !overview.alarms.isEmpty else { return }
    throw KianaError(code: .conditionNotMet, what: "this node needs attention")
  }

  private func text(_ overview: Overview, _ console: Console) throws(KianaError) {
    let isColoured =
      isatty(1) == 1 && SharedOptions.environment("NO_COLOR") == nil
      && SharedOptions.environment("TERM") != "dumb"
    let (red, end) = isColoured ? ("\u{1B}[31m", "\u{1B}[0m") : ("", "")
    func size(_ bytes: Int64) -> String {
      switch bytes {
      case ..<(10 << 10): "\(bytes) bytes"
      case ..<(10 << 20): "\(bytes >> 10) KiB"
      default: "\(bytes >> 20) MiB"
      }
    }
    let newest = overview.ownNewest.map { ", newest \(Moment.text($0 / 1000 * 1000))" } ?? ""
    var lines = [
      "node      \(overview.aid.text)",
      "state     \(overview.state)",
      "blocks    \(overview.blocks), contents \(size(overview.contentBytes)), "
        + "\(overview.authors) authors, \(overview.feeds) feeds",
      "own       \(overview.ownBlocks) blocks\(newest)",
      "waiting   \(overview.held) held, \(overview.redactionsWaiting) contents to delete",
      "forks     \(overview.forkProofs) proofs, \(overview.contestedFeeds) contested feeds",
      "silent    \(overview.silentAuthors.old) authors for a week, "
        + "\(overview.silentAuthors.stale) of them stale",
      "trail     \(overview.auditEntries) entries, \(overview.auditUnsigned) not signed, "
        + "\(overview.auditUnwitnessed) seen by no witness; key log at event \(overview.keyLogS)",
      "disk      database \(size(overview.databaseBytes)), log \(size(overview.walBytes)), "
        + "index \(size(overview.indexBytes))"
        + (overview.freeBytes.map { ", free \(size($0))" } ?? ""),
      "at risk   \(Self.atRisk(overview.ownBlocksOnlyHere))",
    ]
    for alarm in overview.alarms {
      lines.append("\(red)ATTENTION\(end) \(Printable.line(alarm.words))")
      lines.append("          mend it: \(alarm.remedy)")
    }
    if overview.alarms.isEmpty { lines.append("fine") }
    for line in lines { try console.output.line(line) }
  }

  /// What goes with the disk.
  private static func atRisk(_ onlyHere: Int64?) -> String {
    switch onlyHere {
    case nil: "everything: no copy of this state is known; 'kiana-node export' writes the blocks"
    case 0: "the keys and the audit trail; other nodes have all own blocks"
    case let count?: "the keys, the audit trail, and \(count) own blocks that were not synced yet"
    }
  }

  private func json(_ overview: Overview, _ console: Console) throws(KianaError) {
    try console.output.json([
      JSONMember("aid", .string(overview.aid.text)),
      JSONMember(
        "alarms",
        .array(
          overview.alarms.map {
            .object([
              JSONMember("remedy", .string($0.remedy)), JSONMember("words", .string($0.words)),
            ])
          })),
      JSONMember("audit_entries", .integer(overview.auditEntries)),
      JSONMember("audit_unsigned", .integer(overview.auditUnsigned)),
      JSONMember("audit_unwitnessed", .integer(overview.auditUnwitnessed)),
      JSONMember("authors", .integer(Int64(overview.authors))),
      JSONMember("blocks", .integer(overview.blocks)),
      JSONMember("contested_feeds", .integer(Int64(overview.contestedFeeds))),
      JSONMember("content_bytes", .integer(overview.contentBytes)),
      JSONMember("database_bytes", .integer(overview.databaseBytes)),
      JSONMember("feeds", .integer(Int64(overview.feeds))),
      JSONMember("fine", .bool(overview.alarms.isEmpty)),
      JSONMember("fork_proofs", .integer(overview.forkProofs)),
      JSONMember("free_bytes", overview.freeBytes.map { .integer($0) } ?? .null),
      JSONMember("held", .integer(overview.held)),
      JSONMember("index_bytes", .integer(overview.indexBytes)),
      JSONMember("key_log_s", .integer(overview.keyLogS)),
      JSONMember("own_blocks", .integer(overview.ownBlocks)),
      JSONMember("own_blocks_only_here", overview.ownBlocksOnlyHere.map { .integer($0) } ?? .null),
      JSONMember("redactions_waiting", .integer(overview.redactionsWaiting)),
      JSONMember("silent_authors", .integer(Int64(overview.silentAuthors.old))),
      JSONMember("stale_authors", .integer(Int64(overview.silentAuthors.stale))),
      JSONMember("state", .string(overview.state)),
      JSONMember("wal_bytes", .integer(overview.walBytes)),
    ])
  }
}
