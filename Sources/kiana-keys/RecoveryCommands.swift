internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps

struct RecoveryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recovery",
    abstract: "The code on paper that takes the identity back.",
    subcommands: [CheckCommand.self, ConfirmCommand.self])
}

/// Where a recovery code comes from; never from the command line, which others can see.
struct CodeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Read the code from this descriptor.", valueName: "n"))
  var codeFd: Int32?

  @Option(help: ArgumentHelp("Read the code from this file (mode 0600).", valueName: "file"))
  var codeFile: String?

  func validate() throws {
    guard codeFd == nil || codeFile == nil else {
      throw ValidationError("the code can come from one place only")
    }
  }
}

struct CheckCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say whether a recovery code is this node's; nothing is changed.")

  @OptionGroup var shared: SharedOptions
  @OptionGroup var code: CodeOptions

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let text = try SecretFile.recoveryCode(descriptor: code.codeFd, file: code.codeFile)
    try RecoveryCheck(node).check(text)
    if shared.json {
      try console.output.json([JSONMember("good", .bool(true))])
    } else {
      try console.output.line("it is the recovery code of \(node.aid.text)")
    }
  }
}

struct ConfirmCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm",
    abstract: "The code is on paper: delete the file in which 'init' left it.",
    discussion: "It is typed off the paper once, so that a slip of the pen shows now.")

  @OptionGroup var shared: SharedOptions
  @OptionGroup var code: CodeOptions

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let check = RecoveryCheck(node)
    let waiting = check.unconfirmed
    let text = try SecretFile.recoveryCode(descriptor: code.codeFd, file: code.codeFile)
    try check.confirm(text)
    if shared.json {
      try console.output.json([JSONMember("deleted", waiting.map { .string($0) } ?? .null)])
    }
    console.note(waiting.map { "'\($0)' is destroyed" } ?? "no file was waiting")
  }
}
