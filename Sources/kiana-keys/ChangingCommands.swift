internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps

/// What the commands that change keys print: each step on a line.
private func report(
  _ report: KeyRotation.Report, _ shared: SharedOptions, _ console: Console
) throws(KianaError) {
  for step in report.steps {
    if shared.json {
      try console.output.json(KeyWords.json(step))
    } else {
      try console.output.line(KeyWords.of(step))
    }
  }
}

struct TickCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "tick",
    abstract: "Do what is due: publish, promote and retire keys. For cron, hourly.",
    discussion: """
      Nothing is printed when nothing is due. Exit status 14 when a key is overdue, or
      the clock cannot be right; the keys go on signing all the same.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions

  @Flag(name: [.customShort("n"), .long], help: "Print what is due, and do nothing.")
  var dryRun = false

  @Flag(help: "The clock is right, though the last look is long ago.")
  var clockIsRight = false

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let rotation = KeyRotation(node)
    let done =
      dryRun
      ? try rotation.plan()
      : try rotation.tick(unlockedBy: try passphrase.unlock(node), isClockRight: clockIsRight)
    try report(done, shared, console)
    guard let key = done.overdue.first else { return }
    throw KianaError(
      code: .needsPerson, what: "the \(key.use.rawValue) key \(key.key.text) is overdue",
      why: "it should have been replaced by \(Moment.text(key.notAfter)), and goes on signing",
      hint: "let cron run 'kiana-keys tick' hourly, or replace it with 'kiana-keys rotate --now'")
  }
}

struct RotateCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate",
    abstract: "Replace keys by hand.",
    discussion: """
      A new key is published, and takes over a day later by 'kiana-keys tick'. With --now
      it takes over at once. Without --use: block, log, peer and enc keys.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions

  @Option(help: ArgumentHelp("Only keys of this use; may be repeated.", valueName: "use"))
  var use: [KeyUse] = []

  @Flag(help: "The new keys take over at once.")
  var now = false

  func validate() throws {
    guard !use.contains(where: { $0.rotationDays == nil }) else {
      throw ValidationError("the backup key is never replaced: its public half is on paper")
    }
  }

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let uses = use.isEmpty ? [.block, .log, .peer, .enc] : use
    try report(
      try KeyRotation(node).rotate(
        uses, isImmediate: now, unlockedBy: try passphrase.unlock(node)), shared, console)
  }
}

struct RevokeCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Take a key back for good.",
    discussion: """
      Blocks up to the end of this node's feeds stay good; with --last the feed of that
      block ends there, and goes on in a new epoch. A key in use is replaced at once.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions

  @Option(
    help: ArgumentHelp("compromise, lost, superseded or ceased.", valueName: "reason"))
  var reason: RevocationReason

  @Option(help: ArgumentHelp("The last block that is yours.", valueName: "id"))
  var last: String?

  @Argument(help: ArgumentHelp("The key, or the first characters of it.", valueName: "key"))
  var key: String

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let found = try KeyOverview(node).resolve(key)
    let block = try last.map { (text) throws(KianaError) in try BlockReader(node).resolve(text) }
    if reason == .compromise, block == nil {
      console.warn("all blocks that are here now are vouched for; --last names an earlier end")
    }
    try report(
      try KeyRotation(node).revoke(
        found, reason, last: block, unlockedBy: try passphrase.unlock(node)), shared, console)
    console.note("\(found.text) is revoked; the next sync tells the others")
  }
}
