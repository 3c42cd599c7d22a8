internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct RedactCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "redact",
    abstract: "Take the content of own blocks back, here and on every node that has them.",
    discussion: """
      The content is hidden at once and deleted after some days (7, or as kiana.conf
      says). Header, topic and tags stay: the chain rests on them.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions

  @Flag(help: "Delete the content here at once.")
  var now = false

  @Option(help: ArgumentHelp("Why; public.", valueName: "text"))
  var reason = ""

  @Argument(help: ArgumentHelp("The blocks.", valueName: "id"))
  var ids: [String]

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNodeForWriting()
    let targets = try ids.map { (text) throws(KianaError) in try BlockReader(node).resolve(text) }
    let writer = try BlockWriter(
      node, unlockedBy: try passphrase.unlock(node))
    let wishes = try Erasure(node).redact(targets, reason: reason, isImmediate: now, with: writer)
    for id in wishes {
      if shared.json {
        try console.output.json([JSONMember("id", .string(id.hex))])
      } else {
        try console.output.line(id.hex)
      }
    }
    let isNew = !wishes.isEmpty
    switch (now, isNew) {
    case (true, true):
      console.note(
        "deleted here; other nodes delete it when they get block \(wishes[0].hex.prefix(16))")
    case (false, true):
      console.note("hidden; the content is deleted after \(node.settings.redactAfterDays) days")
    case (true, false): console.note("it was redacted already; deleted here")
    case (false, false): console.note("it was redacted already")
    }
  }
}

struct PurgeCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "purge",
    abstract: "Delete contents, or all of an author, from this node for good.",
    discussion: "Local: other nodes keep what they have. What was purged is never taken again.")

  @OptionGroup var shared: SharedOptions

  @Option(help: ArgumentHelp("Delete everything of this author.", valueName: "aid"))
  var author: String?

  @Argument(help: ArgumentHelp("Delete the contents of these blocks.", valueName: "id"))
  var ids: [String] = []

  func validate() throws {
    guard (author == nil) != ids.isEmpty else {
      throw ValidationError("purge needs block ids, or --author")
    }
  }

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNodeForWriting()
    let count: Int
    if let author {
      count = try Erasure(node).purge(author: try Parse.aid(author))
    } else {
      count = try Erasure(node).purge(
        try ids.map { (text) throws(KianaError) in
          try BlockReader(node).resolve(text, evenHeld: true)
        })
    }
    if shared.json { try console.output.json([JSONMember("purged", .integer(Int64(count)))]) }
    console.note("purged \(count) \(count == 1 ? "block" : "blocks")")
  }
}

struct AdmitCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "admit",
    abstract: "Let this node store the blocks of an author.",
    discussion: """
      An import typed by hand admits the authors it brings. With --remove nothing new
      of the author is stored; what is here stays until 'purge'.
      """)

  @OptionGroup var shared: SharedOptions

  @Flag(help: "Take the admission back.")
  var remove = false

  @Argument(help: ArgumentHelp("The author.", valueName: "aid"))
  var aid: String

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNodeForWriting()
    let isChanged = try AdmissionRules(node).setByOperator(
      try Parse.aid(aid), isAdmitted: !remove)
    try Guard.update(node)
    if shared.json { try console.output.json([JSONMember("changed", .bool(isChanged))]) }
    console.note(isChanged ? "done" : "nothing to change")
  }
}
