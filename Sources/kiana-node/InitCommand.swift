internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct InitCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a node: identity, keys and an empty store.")

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions

  func perform(_ console: Console) throws(KianaError) {
    let places = try shared.places()
    let made = try NewNode.make(
      in: places,
      unlockedBy: try UnlockSource.read(try passphrase.source(), places: places, isNew: true),
      isOnTerminal: Machine.isOnTerminal, isSmallMachine: Machine.isSmall,
      now: Clock.milliseconds)
    var file: String?
    if case .file(let path) = made.recoveryCode { file = path }
    if shared.json {
      try console.output.json([
        JSONMember("aid", .string(made.aid.text)),
        JSONMember("recovery_code_file", file.map { .string($0) } ?? .null),
        JSONMember("state", .string(places.state)),
      ])
    } else {
      try console.output.line(made.aid.text)
    }
    console.note("made a node in '\(places.state)'")
    guard let file else { return }
    console.warn("the recovery code waits in '\(file)'")
    console.note(
      "write it on paper, keep that away from this machine, then: kiana-keys recovery confirm")
  }
}

struct IdCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "id", abstract: "Print this node's identity.")

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    guard shared.json else { return try console.output.line(node.aid.text) }
    let log = try node.keyLog(of: node.aid)
    let keys = (log?.keys ?? []).filter { $0.state == .active }
    try console.output.json([
      JSONMember("aid", .string(node.aid.text)),
      JSONMember(
        "keys",
        .object(keys.map { JSONMember($0.use.rawValue, .string($0.key.text)) })),
      JSONMember("s", .integer(log?.lastS ?? 0)),
      JSONMember("state", .string(node.directory.path)),
    ])
  }
}
