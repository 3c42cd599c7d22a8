internal import ArgumentParser
internal import KianaCLI

/// The command: prove what this node did.
struct KianaAudit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kiana-audit",
    abstract: "Prove what this node did: a trail that nobody can edit, cut or backdate.",
    discussion: """
      Examples:
        $ kiana-audit query --type 'key.*' --since '7 days ago'
        $ echo '{"type":"door.open","target":"hall"}' | kiana-audit append
        $ kiana-audit checkpoint --via 'ssh friend kiana-audit witness'
        $ kiana-audit prove 41 > 41.tlog-proof; kiana-audit verify 41.tlog-proof
        $ kiana-audit verify --full

      FILE may be '-' for standard input. Exit status: 0 done, 3 in part, 4 no proof,
      10 no usable state directory, 12 a key is missing or wrong, 13 damaged or forged,
      15 refused, 64 wrong usage; kiana-audit(1) has them all. Checkpoints, proofs and
      tiles are those of https://c2sp.org/
      """,
    version: "kiana-audit \(CommandRunner.version)",
    subcommands: [
      AppendCommand.self, QueryCommand.self, TailCommand.self, ProveCommand.self,
      VerifyCommand.self, CheckpointCommand.self, WitnessCommand.self, PolicyCommand.self,
      ConsistencyCommand.self, ExportCommand.self, RedactCommand.self, HoldCommand.self,
      PruneCommand.self, ResumeCommand.self, ValidatorsCommand.self, ValidationsCommand.self,
      MetricsCommand.self, ReportCommand.self,
    ])
}

@main
enum Main {
  static func main() {
    CommandRunner.main(KianaAudit.self, name: "kiana-audit")
  }
}
