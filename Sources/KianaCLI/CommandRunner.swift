package import ArgumentParser
internal import CKiana
internal import Glibc
package import KianaModel

/// What each sub-command of the toolkit is: options in, one operation, result out.
package protocol KianaCommand: ParsableCommand {
  var shared: SharedOptions { get }

  /// Does the work. What goes wrong is thrown; what was skipped is named and ends with `partial`.
  func perform(_ console: Console) throws(KianaError)
}

extension KianaCommand {
  /// ArgumentParser wants it; `CommandRunner` calls `perform` instead.
  package func run() throws {
    preconditionFailure("commands are started by CommandRunner")
  }
}

/// Starts a command and turns what comes of it into messages and an exit status.
package enum CommandRunner {
  package static let version = "0.1.0"

  /// Runs the command that the arguments name, and ends the process.
  package static func main(_ root: any ParsableCommand.Type, name: String) -> Never {
    kiana_hide_memory()
    umask(0o077)
    let console = Console(name: name)
    var status = ExitStatus.done
    do throws(KianaError) {
      try run(root, console)
      try console.output.flush()
    } catch {
      // What was found before the failure is still the result.
      if error.code != .inputOutput { try? console.output.flush() }
      // Partial work has named what it left out already.
      if error.code == .partial, error.what.isEmpty {} else { console.fail(error) }
      status = ExitStatus.of(error.code)
    }
    console.clearProgress()
    exit(status)
  }

  private static func run(
    _ root: any ParsableCommand.Type, _ console: Console
  ) throws(KianaError) {
    let arguments = Array(CommandLine.arguments.dropFirst())
    try checkText(arguments)
    if arguments.first == "help", arguments.count > 1, let fault = unknown(arguments[1], root) {
      throw usage(fault, console.name)
    }
    let command: any ParsableCommand
    do {
      command = try root.parseAsRoot(arguments)
    } catch {
      try explain(error, root, arguments, console)
      return
    }
    guard let command = command as? any KianaCommand else {
      // ArgumentParser's own: `help`, and the bare command, which both ask for help.
      var other = command
      do { try other.run() } catch { try explain(error, root, arguments, console) }
      return
    }
    console.isQuiet = command.shared.quiet
    console.isVerbose = command.shared.verbose
    try command.perform(console)
  }

  private static let helpColumns = 90

  /// ArgumentParser reads arguments as text, with replacement characters for bytes that are none.
  private static func checkText(_ arguments: [String]) throws(KianaError) {
    for argument in arguments where argument.unicodeScalars.contains("\u{FFFD}") {
      throw KianaError(
        code: .usage, what: "cannot use the argument '\(argument)'", why: "it is not UTF-8")
    }
  }

  /// Help and version are results; everything else is wrong usage.
  private static func explain(
    _ error: any Error, _ root: any ParsableCommand.Type, _ arguments: [String], _ console: Console
  ) throws(KianaError) {
    guard root.exitCode(for: error) != .success else {
      try console.output.line(root.fullMessage(for: error, columns: helpColumns))
      return
    }
    let message = root.message(for: error)
    var text = message.prefix(1).lowercased() + message.dropFirst()
    if text.hasSuffix(".") { text.removeLast() }
    var name = console.name
    if let first = arguments.first, !first.hasPrefix("-") {
      if let fault = unknown(first, root) { text = fault } else { name += " \(first)" }
    }
    throw usage(text.replacing("\n", with: " "), name)
  }

  /// - Returns: nil for an option, and for a command that there is.
  private static func unknown(_ word: String, _ root: any ParsableCommand.Type) -> String? {
    let names = root.configuration.subcommands.map { $0._commandName } + ["help"]
    guard !word.hasPrefix("-"), !names.contains(word) else { return nil }
    return "unknown command '\(word)'"
      + (Nearest.to(word, among: names).map { "; did you mean '\($0)'?" } ?? "")
  }

  /// - Parameter name: of the program, and of its command where that is known.
  private static func usage(_ what: String, _ name: String) -> KianaError {
    KianaError(code: .usage, what: what, hint: "see '\(name) --help'")
  }
}
