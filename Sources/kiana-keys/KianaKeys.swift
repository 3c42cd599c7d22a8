internal import ArgumentParser
internal import KianaCLI

/// The command: look after this node's keys.
struct KianaKeys: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kiana-keys",
    abstract: "Look after this node's identity: replace keys, take them back, prove them.",
    discussion: """
      Examples:
        $ kiana-keys list
        $ kiana-keys tick                     # hourly from cron: nothing else is needed
        $ kiana-keys rotate --use block --now
        $ kiana-keys revoke DAb3x --reason lost
        $ kiana-keys show --log | kiana-keys verify -

      FILE may be '-' for standard input. Exit status: 0 done, 4 not found, 10 no usable
      state directory, 12 a key is missing or wrong, 13 damaged or forged, 14 a person
      must act, 15 refused, 64 wrong usage; kiana-keys(1) has them all. The key log is
      KERI v1, https://trustoverip.github.io/tswg-keri-specification/
      """,
    version: "kiana-keys \(CommandRunner.version)",
    subcommands: [
      ListCommand.self, ShowCommand.self, HistoryCommand.self, VerifyCommand.self, IdCommand.self,
      TickCommand.self, RotateCommand.self, RevokeCommand.self, EmergencyCommand.self,
      RecoveryCommand.self, PasswdCommand.self, SignCommand.self, CheckFileCommand.self,
      VerdictCommand.self, ExportCommand.self, TrustCommand.self, SealCommand.self,
      OpenCommand.self,
    ])
}

@main
enum Main {
  static func main() {
    CommandRunner.main(KianaKeys.self, name: "kiana-keys")
  }
}
