internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct PasswdCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "passwd",
    abstract: "Change what opens the secrets: a passphrase, or the credential file.",
    discussion: """
      Asks for a new passphrase, unless an option says where it is. With --to-credential
      the secrets open without one, by a file outside the state directory: for cron.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions

  @Flag(help: "From now on the credential file opens them.")
  var toCredential = false

  @Option(help: ArgumentHelp("Read the new passphrase from this descriptor.", valueName: "n"))
  var newPassphraseFd: Int32?

  @Option(
    help: ArgumentHelp("Read the new passphrase from this file (mode 0600).", valueName: "file"))
  var newPassphraseFile: String?

  @Option(
    help: ArgumentHelp("Read the new passphrase from this environment variable.", valueName: "name")
  )
  var newPassphraseEnv: String?

  func validate() throws {
    let sources = [
      newPassphraseFd != nil, newPassphraseFile != nil, newPassphraseEnv != nil, toCredential,
    ]
    guard sources.count(where: { $0 }) <= 1 else {
      throw ValidationError("the new passphrase can come from one place only")
    }
  }

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let old = try passphrase.unlock(node)
    let new = try UnlockSource.read(newSource, places: node.directory.places, isNew: true)
    try Protection(node).change(from: old, to: new, isSmallMachine: Machine.isSmall)
    console.note(
      toCredential
        ? "the credential file '\(node.directory.places.credential)' opens the secrets now"
        : "the new passphrase opens the secrets now")
  }

  private var newSource: PassphraseSource? {
    if toCredential { return nil }
    if let newPassphraseFd { return .descriptor(newPassphraseFd) }
    if let newPassphraseFile { return .file(newPassphraseFile) }
    if let newPassphraseEnv { return .environment(newPassphraseEnv) }
    return .terminal
  }
}
