package import ArgumentParser
internal import Glibc
package import KianaModel

/// What every sub-command understands.
package struct SharedOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The node's state directory (default: $KIANA_STATE, else per user).", valueName: "dir"))
  package var state: String?

  @Flag(help: "Print JSON, one object a line.")
  package var json = false

  @Flag(name: .shortAndLong, help: "Print no notes on standard error.")
  package var quiet = false

  @Flag(name: .shortAndLong, help: "Print details on standard error.")
  package var verbose = false

  package init() {}

  /// An environment variable; nil when it is not set.
  package static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }
}

/// Where a passphrase comes from; without any of these the credential file opens the keys, or the
/// person at the terminal is asked, when they are sealed with one.
package struct PassphraseOptions: ParsableArguments {
  @Flag(help: "Ask for the node's passphrase on the terminal.")
  package var passphrase = false

  @Option(help: ArgumentHelp("Read the passphrase from this descriptor.", valueName: "n"))
  package var passphraseFd: Int32?

  @Option(help: ArgumentHelp("Read the passphrase from this file (mode 0600).", valueName: "file"))
  package var passphraseFile: String?

  @Option(
    help: ArgumentHelp("Read the passphrase from this environment variable.", valueName: "name"))
  package var passphraseEnv: String?

  package init() {}

  /// The source that the options or the environment name, in the order of DESIGN section 5; nil
  /// when none does.
  package func source() throws(KianaError) -> PassphraseSource? {
    var sources = [PassphraseSource]()
    if let passphraseFd { sources.append(.descriptor(passphraseFd)) }
    if let passphraseFile { sources.append(.file(passphraseFile)) }
    if let passphraseEnv { sources.append(.environment(passphraseEnv)) }
    if passphrase { sources.append(.terminal) }
    guard sources.count <= 1 else {
      throw KianaError(code: .usage, what: "the passphrase can come from one place only")
    }
    if let source = sources.first { return source }
    if let folder = SharedOptions.environment("CREDENTIALS_DIRECTORY") {
      let path = "\(folder)/kiana-keys"
      if unsafe access(path, R_OK) == 0 { return .file(path) }
    }
    if let path = SharedOptions.environment("KIANA_PASSPHRASE_FILE"), !path.isEmpty {
      return .file(path)
    }
    return nil
  }
}
