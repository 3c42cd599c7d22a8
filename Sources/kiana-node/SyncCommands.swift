internal import ArgumentParser
internal import Glibc
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

/// What both sides of a sync understand.
struct SyncOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only feeds of this name; may be repeated.", valueName: "feed"))
  var feed: [String] = []

  @Flag(help: "Send and keep no contents.")
  var noContent = false

  /// - Parameter quotaName: of the peer whose daily quota counts; nil for a sync typed by hand,
  ///   which also admits the authors that come.
  func machine(
    _ node: Node, quotaName: String?, _ direction: SyncMachine<NodeSyncStore>.Direction,
    isPlanOnly: Bool = false, notes: [SyncNote] = []
  ) throws(KianaError) -> (SyncMachine<NodeSyncStore>, NodeSyncStore) {
    for name in feed { try Parse.checkFeed(name) }
    let store = NodeSyncStore(
      node, admits: quotaName == nil, withContent: !noContent, workers: Parse.processors,
      quotaName: quotaName)
    let machine = try store.session(
      direction, feeds: feed.isEmpty ? nil : Set(feed), isPlanOnly: isPlanOnly, notes: notes)
    return (machine, store)
  }

  static func show(
    _ machine: SyncMachine<NodeSyncStore>, _ console: Console
  ) {
    for note in machine.notes {
      console.note("note from \(note.author.text): \(Printable.line(note.text))")
    }
    for remark in machine.remarks {
      let verb =
        remark.fault.kind.isHeld ? "held" : remark.fault.kind == .fork ? "kept aside" : "refused"
      let subject =
        remark.id == .zero
        ? "key log of \(remark.author.text)" : "block \(remark.id.hex.prefix(BlockText.idDigits))"
      console.warn("\(verb): \(subject): \(remark.fault.reason) (\(remark.fault.kind.rawValue))")
    }
  }
}

struct SyncCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync",
    abstract: "Bring this node and another one in step, through a command's pipe.",
    discussion: """
      $ kiana-node sync --via 'ssh host kiana-node serve --stdio'

      Both sides check everything that comes. Authors that come are admitted here.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var options: SyncOptions

  @Option(help: ArgumentHelp("The command that speaks for the other node.", valueName: "command"))
  var via: String

  @Flag(help: "Take blocks and send none.")
  var pullOnly = false

  @Flag(help: "Send blocks and take none.")
  var pushOnly = false

  @Flag(name: .customLong("dry-run"), help: "Only say what would move.")
  var isDryRun = false

  @Option(
    help: ArgumentHelp("Show the other node's operator this line.", valueName: "text"))
  var note: String?

  @OptionGroup var passphrase: PassphraseOptions

  func validate() throws {
    if isDryRun, pullOnly || pushOnly {
      throw ValidationError("--dry-run looks both ways")
    }
    if pullOnly, pushOnly {
      throw ValidationError("--pull-only and --push-only exclude each other")
    }
  }

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNodeForWriting()
    var direction: SyncMachine<NodeSyncStore>.Direction = [.pull, .push]
    if pullOnly { direction = .pull }
    if pushOnly { direction = .push }
    if !isDryRun { Freshness(node).renewIfPossible() }
    var (machine, store) = try options.machine(
      node, quotaName: nil, direction, isPlanOnly: isDryRun, notes: try notes(node))
    defer { store.close() }
    Interruption.watch()
    let start = Clock.steadyMilliseconds()
    var status: Int32 = 0
    var failure: KianaError?
    do throws(KianaError) {
      status = try PipeSync.run(
        &machine, via: via, silenceSeconds: node.settings.silenceSeconds
      ) { () throws(KianaError) in
        try Interruption.check()
      }
    } catch {
      failure = error
    }
    try Guard.update(node)
    SyncOptions.show(machine, console)
    let report = SyncReport(console, isJSON: shared.json)
    if !isDryRun {
      try report.conclude(machine, milliseconds: Clock.steadyMilliseconds() - start)
    } else if failure == nil, machine.fault == nil {
      try report.plan(machine.plan)
    }
    if let failure { throw failure }
    if let fault = machine.fault {
      throw KianaError(
        code: .failed, what: "the sync ended early",
        why: status == 0 ? fault.words : "'\(via)' ended with status \(status)",
        hint: fault.retryAfterSeconds > 0
          ? "what came is kept; run it again in \(fault.retryAfterSeconds) s"
          : "what came is kept; run it again to go on")
    }
    if machine.summary.refused + machine.summary.aside > 0 {
      throw KianaError(code: .partial, what: "")
    }
  }
}

extension SyncCommand {
  private static let noteLifeMilliseconds: Int64 = 3_600_000

  private func notes(_ node: Node) throws(KianaError) -> [SyncNote] {
    guard let note else { return [] }
    let writer = try BlockWriter(node, unlockedBy: try passphrase.unlock(node))
    return [try writer.note(note, lifeMilliseconds: Self.noteLifeMilliseconds)]
  }
}

struct ServeCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Speak for this node to another one's sync, on standard input and output.")

  @OptionGroup var shared: SharedOptions
  @OptionGroup var options: SyncOptions

  @Flag(help: "Speak the protocol on standard input and output.")
  var stdio = false

  @Flag(help: "Send blocks and take none.")
  var readOnly = false

  @Option(help: ArgumentHelp("Who is on the other side, for messages.", valueName: "name"))
  var peer: String?

  func validate() throws {
    guard stdio else { throw ValidationError("serve needs --stdio") }
  }

  func perform(_ console: Console) throws(KianaError) {
    let node = try open()
    // What a peer says of itself does not count: those without a name share one quota.
    var (machine, store) = try options.machine(
      node, quotaName: peer ?? "unnamed", readOnly ? .push : [.pull, .push])
    defer { store.close() }
    Interruption.watch()
    try PipeSession(input: 0, output: 1, silenceSeconds: node.settings.silenceSeconds)
      .run(&machine) { () throws(KianaError) in try Interruption.check() }
    try Guard.update(node)
    SyncOptions.show(machine, console)
    guard let fault = machine.fault else { return }
    throw KianaError(
      code: .failed, what: "the session with \(peer ?? "the other side") ended early",
      why: fault.words)
  }
}

extension ServeCommand {
  private static let retryAfterSeconds: Int64 = 30

  /// The other side is told when this one cannot serve now, so that it need not guess.
  private func open() throws(KianaError) -> Node {
    do throws(KianaError) {
      return try shared.openNodeForWriting()
    } catch {
      let isBusy = error.code == .stateLocked
      let fault = SyncFault(
        isBusy ? "busy" : "closed", "", retryAfterSeconds: isBusy ? Self.retryAfterSeconds : 0)
      var bytes = [UInt8]()
      fault.frame.append(to: &bytes)
      _ = unsafe bytes.withUnsafeBytes { unsafe write(1, $0.baseAddress, $0.count) }
      throw error
    }
  }
}

private struct SyncReport {
  private let console: Console
  private let isJSON: Bool

  init(_ console: Console, isJSON: Bool) {
    self.console = console
    self.isJSON = isJSON
  }

  func plan(_ plan: SyncPlan) throws(KianaError) {
    guard isJSON else {
      try console.output.line(
        "would take \(plan.blocksToTake) blocks of \(plan.feedsToTake) feeds, "
          + "send \(plan.blocksToSend) of \(plan.feedsToSend)")
      if plan.feedsThatDiffer > 0 {
        console.note("\(plan.feedsThatDiffer) feeds differ in key events, or have forked")
      }
      return
    }
    try console.output.json([
      JSONMember("differ_feeds", .integer(Int64(plan.feedsThatDiffer))),
      JSONMember("send_blocks", .integer(plan.blocksToSend)),
      JSONMember("send_feeds", .integer(Int64(plan.feedsToSend))),
      JSONMember("take_blocks", .integer(plan.blocksToTake)),
      JSONMember("take_feeds", .integer(Int64(plan.feedsToTake))),
      JSONMember("type", .string("plan")),
    ])
  }

  func conclude(
    _ machine: SyncMachine<NodeSyncStore>, milliseconds: Int64
  ) throws(KianaError) {
    let summary = machine.summary
    if summary.contents > 0 { console.note("\(summary.contents) contents came that were missing") }
    guard isJSON else {
      return try console.output.line(
        "\(summary.stored) new here, \(summary.sent) sent, \(summary.aside) aside, "
          + "\(summary.refused) refused; \(summary.bytesIn) bytes in, \(summary.bytesOut) out")
    }
    try console.output.json([
      JSONMember("aside", .integer(Int64(summary.aside))),
      JSONMember("bytes_in", .integer(Int64(summary.bytesIn))),
      JSONMember("bytes_out", .integer(Int64(summary.bytesOut))),
      JSONMember("contents", .integer(Int64(summary.contents))),
      JSONMember("key_bytes", .integer(Int64(summary.keyBytes))),
      JSONMember("milliseconds", .integer(milliseconds)),
      JSONMember("peer", machine.peer.map { .string($0.node.text) } ?? .null),
      JSONMember("received", .integer(Int64(summary.received))),
      JSONMember("refused", .integer(Int64(summary.refused))),
      JSONMember("sent", .integer(Int64(summary.sent))),
      JSONMember("stored", .integer(Int64(summary.stored))),
      JSONMember("type", .string("summary")),
    ])
  }
}
