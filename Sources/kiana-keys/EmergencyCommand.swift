internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct EmergencyCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "emergency",
    abstract: "Take the identity back with the recovery code.",
    discussion: """
      A rotation makes key events from --from on void (by default from the first one that
      adds a key whose secret is not here), revokes every key that lay on the machine, and
      brings new ones. Blocks up to --last (of each feed; else up to its end here) stay
      good; what may be somebody else's is listed, and asked about.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var code: CodeOptions

  @Option(help: ArgumentHelp("The first key event that is not yours.", valueName: "s"))
  var from: Int64?

  @Option(
    help: ArgumentHelp(
      "The last block of its feed that is yours; may be repeated.", valueName: "id"))
  var last: [String] = []

  @Flag(help: "All blocks that are here are yours, also those in doubt.")
  var keepAll = false

  @Flag(name: [.customShort("n"), .long], help: "Print what would be done, and do nothing.")
  var dryRun = false

  @Flag(help: "Do it without asking.")
  var yes = false

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let emergency = Emergency(node)
    let doubts = try emergency.doubts()
    try EmergencyText(shared).show(doubts, console)
    var blocks = try last.map { (text) throws(KianaError) in try BlockReader(node).resolve(text) }
    if !dryRun { blocks += try ask(doubts, node, blocks) }
    let plan = try emergency.plan(from: from, last: blocks)
    try EmergencyText(shared).show(plan, console)
    guard !dryRun else { return }
    if try RestoredState.reason(node) == nil {
      console.warn("do this where no thief can reach: the new keys lie on this machine")
    }
    guard try agreed() else {
      throw KianaError(
        code: .needsPerson, what: "nothing was changed", why: "nobody said yes",
        hint: "answer on a terminal, or give --yes")
    }
    try emergency.carryOut(plan, code: try code.read(), unlockedBy: try passphrase.unlock(node))
    console.note("the identity is yours again; sync with all you know, so that they hear of it")
    console.note("if somebody else may have seen the code: kiana-keys recovery renew")
  }

  /// Asks for each feed in doubt up to where it is the owner's.
  private func ask(
    _ doubts: Doubts, _ node: Node, _ named: [Hash32]
  ) throws(KianaError) -> [Hash32] {
    var answers = [Hash32]()
    let feeds = try named.map { (id) throws(KianaError) in
      try BlockReader(node).read(id).header.feed
    }
    for feed in doubts.feeds where !keepAll && !feeds.contains(feed.name) {
      // Blocks that only other nodes do not have yet are most often one's own.
      if yes, !feed.hasForeignKey { continue }
      guard !yes, let terminal = Terminal() else {
        throw KianaError(
          code: .needsPerson, what: "nothing was changed",
          why: "blocks of feed '\(feed.name)' may be somebody else's",
          hint: "name the last one of yours with --last, or give --keep-all")
      }
      let answer = try terminal.askOpenly(
        "The last block of feed '\(feed.name)' that is yours (its id, or 'all'): ")
      if answer != "all" { answers.append(try BlockReader(node).resolve(answer)) }
    }
    return answers
  }

  private func agreed() throws(KianaError) -> Bool {
    if yes { return true }
    guard let terminal = Terminal() else { return false }
    return try terminal.confirms("Type 'yes' to do that: ")
  }
}

/// What `emergency` prints.
private struct EmergencyText {
  private let shared: SharedOptions
  private static let idDigits = 16
  private static let lettersMax = 60

  init(_ shared: SharedOptions) {
    self.shared = shared
  }

  func show(_ doubts: Doubts, _ console: Console) throws(KianaError) {
    for peer in doubts.peers {
      if shared.json {
        try console.output.json([
          JSONMember("at", .string(Moment.text(peer.at))), JSONMember("head", peer.head.json),
          JSONMember("peer", .string(peer.peer.text)), JSONMember("type", .string("peer")),
        ])
      } else {
        try console.output.line(
          "peer\t\(peer.peer.text)\thas \(peer.head.feed) up to \(peer.head.epoch)/\(peer.head.seq)"
            + "\t\(peer.head.id.hex.prefix(Self.idDigits))\t\(Moment.text(peer.at))")
      }
    }
    for feed in doubts.feeds {
      for block in feed.blocks { try show(block, feed, console) }
      if feed.count > feed.blocks.count, !shared.json {
        try console.output.line(
          "doubt\t\(feed.name)\t\(feed.count - feed.blocks.count) more: kiana-node log"
        )
      }
    }
  }

  private func show(
    _ block: StoredBlock, _ feed: Doubts.Feed, _ console: Console
  ) throws(KianaError) {
    guard shared.json else {
      return try console.output.line(
        [
          "doubt", feed.name, "\(block.row.epoch)/\(block.row.seq)",
          String(block.id.hex.prefix(Self.idDigits)), Moment.text(block.header.time),
          block.beginning(lettersMax: Self.lettersMax),
        ].joined(separator: "\t"))
    }
    try console.output.json([
      JSONMember("beginning", .string(block.beginning(lettersMax: Self.lettersMax))),
      JSONMember("epoch", .integer(block.row.epoch)), JSONMember("feed", .string(feed.name)),
      JSONMember("id", .string(block.id.hex)), JSONMember("key", .string(block.header.key.text)),
      JSONMember("seq", .integer(block.row.seq)),
      JSONMember("time", .string(Moment.text(block.header.time))),
      JSONMember("type", .string("doubt")),
    ])
  }

  func show(_ plan: Emergency.Plan, _ console: Console) throws(KianaError) {
    guard !shared.json else {
      return try console.output.json([
        JSONMember("keep", .array(plan.pins.map(\.json))),
        JSONMember("place", .integer(plan.place)),
        JSONMember("revoke", .array(plan.revoked.map { .string($0.key.text) })),
        JSONMember("type", .string("plan")),
        JSONMember("void", .array(plan.void.map { .integer($0.s) })),
      ])
    }
    for event in plan.void {
      try console.output.line("void\tevent \(event.s)\t\(CESR.text(.blake3, event.said))")
    }
    for record in plan.revoked {
      try console.output.line("revoke\t\(record.use.rawValue)\t\(record.key.text)")
    }
    for pin in plan.pins {
      try console.output.line("keep\t\(pin.feed)\tup to \(pin.epoch)/\(pin.seq)\t\(pin.id.hex)")
    }
  }
}
