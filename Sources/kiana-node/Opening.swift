internal import ArgumentParser
internal import Glibc
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

extension SharedOptions {
  func places() throws(KianaError) -> Places {
    try Places.find(option: state, environment: Self.environment)
  }

  /// The node of the state directory.
  func openNode() throws(KianaError) -> Node {
    try Node.open(try StateDirectory.existing(try places()), now: Clock.milliseconds)
  }

  /// The node, with what time brought done first; for commands that write.
  func openNodeForWriting() throws(KianaError) -> Node {
    let node = try openNode()
    try Housekeeping(node).run()
    return node
  }
}

extension PassphraseOptions {
  func unlock(_ node: Node) throws(KianaError) -> UnlockSource {
    try UnlockSource.read(try source(), of: node)
  }
}

/// Which blocks: the filters that `log`, `search` and `export` share.
struct FilterOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only blocks of this author.", valueName: "aid"))
  var author: String?

  @Option(help: ArgumentHelp("Only blocks in feeds of this name.", valueName: "feed"))
  var feed: String?

  @Option(help: ArgumentHelp("Only blocks of this kind.", valueName: "kind"))
  var kind: String?

  @Option(help: ArgumentHelp("Only blocks with this topic.", valueName: "topic"))
  var topic: String?

  @Option(help: ArgumentHelp("Only blocks with this tag; may be repeated.", valueName: "tag"))
  var tag: [String] = []

  @Option(
    help: ArgumentHelp(
      "Only blocks from then on: 'today', '2h ago', RFC 3339.", valueName: "when"))
  var since: String?

  @Option(help: ArgumentHelp("Only blocks before then.", valueName: "when"))
  var until: String?

  func query() throws(KianaError) -> BlockQuery {
    var query = BlockQuery()
    query.author = try author.map { (text) throws(KianaError) in try Parse.aid(text) }
    if let feed { try Parse.checkFeed(feed) }
    if let kind, !BlockLimits.isKind(kind) {
      throw KianaError(
        code: .usage, what: "'\(kind)' is not a kind", why: "kinds are like 'note' or 'vote/1'")
    }
    query.feed = feed
    query.kind = kind
    query.topic = topic
    query.tags = tag
    query.since = try since.map { (text) throws(KianaError) in try Parse.moment(text) }
    query.until = try until.map { (text) throws(KianaError) in try Parse.moment(text) }
    return query
  }
}

/// Arguments as values, with an error that says what was expected.
enum Parse {
  /// How many threads there is work for.
  static var processors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  static func checkWorkers(_ workers: Int?) throws {
    if let workers, !(1...64).contains(workers) {
      throw ValidationError("--workers is a number from 1 to 64")
    }
  }

  static func checkFeed(_ name: String) throws(KianaError) {
    guard BlockLimits.isFeedName(name) else {
      throw KianaError(
        code: .usage, what: "'\(name)' is not a feed name", why: "1 to 32 of a-z, 0-9 and '-'")
    }
  }

  static func aid(_ text: String) throws(KianaError) -> AID {
    guard let aid = AID(text) else {
      throw KianaError(
        code: .usage, what: "'\(text)' is not an identity",
        why: "an AID is 'E' and 43 letters or digits", hint: "'kiana-node feeds' lists those here")
    }
    return aid
  }

  static func moment(_ text: String) throws(KianaError) -> Int64 {
    let now = Clock.milliseconds()
    guard
      let moment = Moment.parse(
        text, now: now, offsetSeconds: Clock.localOffsetSeconds(at: now))
    else {
      throw KianaError(
        code: .usage, what: "'\(text)' is not a time",
        why: "times are like 'today', '2h ago', '2026-11-23' or '2026-11-23T13:00:00Z'")
    }
    return moment
  }
}
