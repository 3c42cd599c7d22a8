internal import ArgumentParser
internal import KianaCLI

/// The command: keep knowledge blocks.
struct KianaNode: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kiana-node",
    abstract: "Keep signed knowledge blocks: put, find, prove, exchange.",
    discussion: """
      Examples:
        $ kiana-node init
        $ echo 'The well was dug in 1911.' | kiana-node put --topic village -
        $ kiana-node search well
        $ kiana-node log --since '2h ago' --json
        $ kiana-node export | ssh other kiana-node import -

      FILE may be '-' for standard input. Exit status: 0 done, 3 done in part, 4 not
      found, 10 no usable state directory, 13 damaged or forged, 64 wrong usage;
      kiana-node(1) has them all. Blocks are canonical JSON,
      https://www.rfc-editor.org/rfc/rfc8785
      """,
    version: "kiana-node \(CommandRunner.version)",
    subcommands: [
      InitCommand.self, IdCommand.self, PutCommand.self, GetCommand.self, LogCommand.self,
      SearchCommand.self, VerifyCommand.self, ExportCommand.self, ImportCommand.self,
      RedactCommand.self, PurgeCommand.self, AdmitCommand.self, FeedsCommand.self,
      StatusCommand.self, ReindexCommand.self, SyncCommand.self, ServeCommand.self,
      ResumeCommand.self,
    ])
}

@main
enum Main {
  static func main() {
    CommandRunner.main(KianaNode.self, name: "kiana-node")
  }
}
