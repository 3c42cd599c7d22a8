internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct PutCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "put",
    abstract: "Make a signed block of a text and print its id.",
    discussion: """
      Topic and tags are public for ever: they stand in the signed header, which no
      redaction removes.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions

  @Option(help: ArgumentHelp("What it is about; public for ever.", valueName: "topic"))
  var topic = ""

  @Option(
    help: ArgumentHelp("A word to find it by; may be repeated; public for ever.", valueName: "tag"))
  var tag: [String] = []

  @Option(help: ArgumentHelp("Kind of block.", valueName: "kind"))
  var kind = "note"

  @Option(help: ArgumentHelp("Feed it goes into.", valueName: "feed"))
  var feed = "main"

  @Option(
    help: ArgumentHelp(
      "Media type of the content (default: text/plain, or octet-stream when it is not UTF-8).",
      valueName: "media"))
  var type = ""

  @Option(help: ArgumentHelp("A block that it speaks of; may be repeated.", valueName: "id"))
  var ref: [String] = []

  @Flag(help: "Make one block of each line, all or none per thousand, and print the ids.")
  var lines = false

  @Argument(help: ArgumentHelp("The text; '-' is standard input.", valueName: "file"))
  var file: String

  private static let draftsAtOnce = 1000

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNodeForWriting()
    try warnOfClock(node, console)
    let reader = try LineReader(path: file, lineBytesMax: node.settings.contentBytesMax)
    let refs = try ref.map { (text) throws(KianaError) in try BlockReader(node).resolve(text) }
    let draft = Draft(
      content: [], feed: feed, kind: kind, mediaType: type, refs: refs, tags: tag, topic: topic)
    try BlockWriter.check(draft, node.settings)
    let writer = try BlockWriter(
      node, unlockedBy: try passphrase.unlock(node))
    guard lines else {
      var one = draft
      one.content = try reader.rest(bytesMax: node.settings.contentBytesMax)
      return try report(try writer.put([one]), console)
    }
    var drafts = [Draft]()
    var count = 0
    while let line = try reader.next() {
      count += 1
      guard case .line(let bytes) = line else {
        throw KianaError(
          code: .refused, what: "line \(count) is too long",
          why: "\(node.settings.contentBytesMax) bytes are allowed")
      }
      var one = draft
      one.content = bytes
      drafts.append(one)
      if drafts.count == Self.draftsAtOnce {
        try report(try writer.put(drafts), console)
        drafts.removeAll(keepingCapacity: true)
      }
    }
    if !drafts.isEmpty { try report(try writer.put(drafts), console) }
  }

  /// A block older than the one before it is valid and looks wrong to everybody.
  private func warnOfClock(_ node: Node, _ console: Console) throws(KianaError) {
    guard let author = try node.authors.find(node.aid),
      let own = try node.feeds.find(author: author.no, name: feed)
    else { return }
    let behind = own.headTime - node.now()
    guard behind > 1000 else { return }
    console.warn("the clock is \(behind / 1000) s behind the last block of feed '\(feed)'")
  }

  /// The ids; they are on the disk, and are flushed so that a reader of the pipe has them.
  private func report(_ ids: [Hash32], _ console: Console) throws(KianaError) {
    for id in ids {
      if shared.json {
        try console.output.json([JSONMember("id", .string(id.hex))])
      } else {
        try console.output.line(id.hex)
      }
    }
    try console.output.flush()
  }
}
