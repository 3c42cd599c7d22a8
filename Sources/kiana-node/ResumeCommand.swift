internal import ArgumentParser
internal import Glibc
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct ResumeCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Let a node sign again whose state was restored from an older copy.",
    discussion: """
      With --via this node's newer blocks come back from another one, and its feeds go
      on. With --without-peers each feed goes on in a new epoch; blocks that this copy
      does not know are left behind, wherever they are. A feed that has forked goes on in
      a new epoch either way, after the branch that is here.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions

  @Option(
    help: ArgumentHelp(
      "The command that speaks for a node with newer blocks.", valueName: "command"))
  var via: String?

  @Flag(help: "Open the next epoch of every own feed.")
  var withoutPeers = false

  func validate() throws {
    guard (via == nil) == withoutPeers else {
      throw ValidationError("resume needs --via or --without-peers")
    }
  }

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let isRestored = try RestoredState.reason(node) != nil
    let hasFork = try Resume(node).hasFork()
    guard isRestored || hasFork else {
      console.note("this node was not restored; there is nothing to do")
      return
    }
    guard let via else { return try openEpochs(node, onlyForked: !isRestored, console) }
    try pull(node, via, console)
    // What came may end a fork, or show one.
    if try Resume(node).hasFork() { return try openEpochs(node, onlyForked: true, console) }
    try Resume(node).finishAsked()
    for author in try node.authors.all() where author.aid == node.aid {
      for feed in try node.feeds.all(author: author.no) {
        try report(feed.name, feed.head?.epoch ?? 0, console)
      }
    }
  }

  private func openEpochs(
    _ node: Node, onlyForked: Bool, _ console: Console
  ) throws(KianaError) {
    let opened = try Resume(node).openEpochs(
      onlyForked: onlyForked, unlockedBy: try passphrase.unlock(node))
    for (feed, epoch) in opened { try report(feed, epoch, console) }
  }

  private func pull(_ node: Node, _ via: String, _ console: Console) throws(KianaError) {
    let threads = Parse.processors
    let store = NodeSyncStore(node, admits: true, withContent: true, workers: threads)
    defer { store.close() }
    var machine = try store.session(.pull, feeds: nil)
    let status = try PipeSync.run(
      &machine, via: via, silenceSeconds: node.settings.silenceSeconds
    ) {}
    if let fault = machine.fault {
      throw KianaError(
        code: .failed, what: "the other node could not be asked",
        why: status == 0 ? fault.words : "'\(via)' ended with status \(status)",
        hint: "this node still does not sign; try again, or use --without-peers")
    }
    console.note("\(machine.summary.stored) blocks came back")
  }

  private func report(_ feed: String, _ epoch: Int64, _ console: Console) throws(KianaError) {
    if shared.json {
      try console.output.json([
        JSONMember("epoch", .integer(epoch)), JSONMember("feed", .string(feed)),
      ])
    } else {
      try console.output.line("\(feed)\tepoch \(epoch)")
    }
  }
}
