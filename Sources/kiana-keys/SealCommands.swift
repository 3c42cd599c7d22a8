internal import ArgumentParser
internal import KianaCLI
internal import KianaCrypto
internal import KianaModel
internal import KianaOps
internal import KianaStore

/// Where the passphrase of a file comes from, which has nothing to do with the node's.
struct FilePassphraseOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Read the file's passphrase from this descriptor.", valueName: "n"))
  var filePassphraseFd: Int32?

  @Option(
    help: ArgumentHelp("Read the file's passphrase from this file (mode 0600).", valueName: "file"))
  var filePassphraseFile: String?

  var isGiven: Bool { filePassphraseFd != nil || filePassphraseFile != nil }

  func read(isNew: Bool) throws(KianaError) -> Secret {
    if let filePassphraseFd {
      return try SecretFile.read(filePassphraseFd, name: "descriptor \(filePassphraseFd)")
    }
    if let filePassphraseFile { return try SecretFile.read(filePassphraseFile) }
    guard let terminal = Terminal() else {
      throw KianaError(
        code: .key, what: "cannot ask for the passphrase of the file",
        why: "there is no terminal", hint: "give it with --file-passphrase-file")
    }
    let first = try terminal.ask("Passphrase of the file: ")
    guard isNew else { return first }
    let second = try terminal.ask("The same again: ")
    guard Sodium().areEqual(first, second) else {
      throw KianaError(code: .key, what: "the two passphrases differ")
    }
    return first
  }
}

struct SealCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "seal",
    abstract: "Encrypt a file, so that only some can open it: age version 1.",
    discussion: """
      A recipient is 'age1...', 'self', the name of somebody trusted, or a known AID; each
      one of several opens it. Stock age opens what is sealed for an age recipient.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var filePassphrase: FilePassphraseOptions

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("Who can open it; may be repeated.", valueName: "who"))
  var recipient: [String] = []

  @Flag(
    name: [.customShort("p"), .customLong("file-passphrase")],
    help: "Ask for a passphrase that opens it.")
  var asksPassphrase = false

  @Flag(name: [.short, .long], help: "Write text, not bytes.")
  var armor = false

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("Write to this file (default: standard output).", valueName: "file"))
  var output: String?

  @Argument(help: ArgumentHelp("What to seal (default: standard input).", valueName: "file"))
  var file = "-"

  private var isPassphrase: Bool { asksPassphrase || filePassphrase.isGiven }

  func validate() throws {
    guard isPassphrase != !recipient.isEmpty else {
      throw ValidationError("who can open it? --recipient, or a passphrase, not both")
    }
  }

  func perform(_ console: Console) throws(KianaError) {
    guard armor || output != nil || !Machine.isOutputTerminal else {
      throw KianaError(
        code: .usage, what: "a terminal cannot show what is sealed",
        hint: "use --output or --armor")
    }
    guard !isPassphrase else {
      return try Sealing().seal(
        file, to: output, isArmored: armor, passphrase: try filePassphrase.read(isNew: true))
    }
    let keys = try recipient.map { (text) throws(KianaError) in
      try Sealing.recipient(text) { () throws(KianaError) in try shared.openNode() }
    }
    try Sealing().seal(file, to: output, isArmored: armor, recipients: keys)
  }
}

struct OpenCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "open",
    abstract: "Decrypt a file that was sealed for this node, or with a passphrase.",
    discussion: """
      With --identity the keys of 'age-keygen' open it, with --recovery-code the code on
      paper opens a backup; both need no node.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var filePassphrase: FilePassphraseOptions
  @OptionGroup var code: CodeOptions

  @Flag(help: "Open it with the recovery code.")
  var recoveryCode = false

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("A file with AGE-SECRET-KEY-1... (mode 0600).", valueName: "file"))
  var identity: String?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("Write to this file (default: standard output).", valueName: "file"))
  var output: String?

  @Argument(help: ArgumentHelp("What to open (default: standard input).", valueName: "file"))
  var file = "-"

  func perform(_ console: Console) throws(KianaError) {
    let opening = try Opening(file, to: output) { (isPassphrase) throws(KianaError) in
      if isPassphrase { return .passphrase(try filePassphrase.read(isNew: false)) }
      if let identity { return .identities(path: identity) }
      if recoveryCode { return .recoveryCode(try code.read()) }
      let node = try shared.openNode()
      return .node(node, try passphrase.unlock(node))
    }
    try opening.run()
  }
}
