internal import ArgumentParser
internal import KianaCLI
internal import KianaCrypto
internal import KianaModel
internal import KianaOps

struct RecoveryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recovery",
    abstract: "The code on paper that takes the identity back.",
    subcommands: [
      CheckCommand.self, ConfirmCommand.self, ShowSheetCommand.self, RenewCommand.self,
      SplitCommand.self,
    ])
}

/// Where a recovery code comes from; never from the command line, which others can see.
struct CodeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Read the code from this descriptor.", valueName: "n"))
  var codeFd: Int32?

  @Option(
    help: ArgumentHelp(
      "Read the code from this file (mode 0600); repeated for parts of one.", valueName: "file"))
  var codeFile: [String] = []

  func validate() throws {
    guard codeFd == nil || codeFile.isEmpty else {
      throw ValidationError("the code can come from one place only")
    }
  }

  func read() throws(KianaError) -> Secret {
    try SecretFile.recoveryCode(descriptor: codeFd, files: codeFile)
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
    let text = try code.read()
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
    let text = try code.read()
    try check.confirm(text)
    if shared.json {
      try console.output.json([JSONMember("deleted", waiting.map { .string($0) } ?? .null)])
    }
    console.note(waiting.map { "'\($0)' is destroyed" } ?? "no file was waiting")
  }
}

/// Secrets belong on paper, and never into what a program keeps.
private func refuseJSON(_ shared: SharedOptions) throws(KianaError) {
  guard !shared.json else {
    throw KianaError(code: .usage, what: "a recovery code is never written as JSON")
  }
}

struct ShowSheetCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "show-sheet",
    abstract: "Print the sheet that the code is kept on.",
    discussion: """
      The code that waits to be written down, or the one that is given. Print it at once;
      a file of it on this machine is what a thief looks for.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var code: CodeOptions

  func perform(_ console: Console) throws(KianaError) {
    try refuseJSON(shared)
    let sheet = RecoverySheet(try shared.openNode())
    try sheet.write(try sheet.code(descriptor: code.codeFd, files: code.codeFile), to: 1)
  }
}

struct SplitCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Print sheets with parts of the code, some of which give it back.",
    discussion: """
      PARTS is like '2-of-3': three sheets, any two of which are as good as the code, and
      one of which says nothing. All commands that take the code take the parts.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var code: CodeOptions

  @Argument(help: ArgumentHelp("How many parts are needed, of how many.", valueName: "parts"))
  var parts: String

  func perform(_ console: Console) throws(KianaError) {
    try refuseJSON(shared)
    let words = parts.split(separator: "-", omittingEmptySubsequences: false)
    guard words.count == 3, words[1] == "of", let needed = Int(words[0]), let count = Int(words[2]),
      needed >= 2, needed <= count, count <= RecoveryShares.partsMax
    else {
      throw KianaError(
        code: .usage, what: "'\(parts)' does not say how many parts of how many",
        why: "it is like '2-of-3', with 2 to \(RecoveryShares.partsMax) parts")
    }
    let sheet = RecoverySheet(try shared.openNode())
    try sheet.split(
      try sheet.code(descriptor: code.codeFd, files: code.codeFile), needed: needed, of: count,
      to: 1)
  }
}

struct RenewCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "renew",
    abstract: "Put a new recovery code in the place of the old one.",
    discussion: """
      A rotation by the old code commits to the new one. Do it after the code was used or
      seen. Backups that were made before still open with the old one only.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var code: CodeOptions

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let place = try RecoveryRenewal(node).renew(
      try code.read(), isOnTerminal: Machine.isOnTerminal, unlockedBy: try passphrase.unlock(node))
    var file: String?
    if case .file(let path) = place { file = path }
    if shared.json {
      try console.output.json([
        JSONMember("recovery_code_file", file.map { .string($0) } ?? .null)
      ])
    }
    console.note("the new code is in force; the old one opens older backups only")
    guard let file else { return }
    console.warn("the recovery code waits in '\(file)'")
    console.note(
      "write it on paper, keep that away from this machine, then: kiana-keys recovery confirm")
  }
}
