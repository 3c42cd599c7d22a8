internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps

struct AppendCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "append",
    abstract: "Add entries of your own scripts, a JSON object a line.",
    discussion: """
      Each line: {"type":"door.open","target":"hall","payload":{"by":"anna"}}. 'type' must
      be there; 'target', 'actor', 'result' (ok, fail, deny, error), 'verdict' (valid,
      invalid, unknown) and 'payload' may be. Prints the place of each entry when it is on
      the disk. All but the payload is public for ever; persons belong into the payload,
      which can be redacted. Exit status 3 when a line was skipped.
      """)

  @OptionGroup var shared: SharedOptions

  @Flag(help: "Write each line to the disk before the next is read: for input that trickles.")
  var now = false

  @Argument(help: ArgumentHelp("Lines (default: standard input).", valueName: "file"))
  var file = "-"

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    if try AuditResume(node).reason() != nil {
      console.warn(
        "the log waits for 'kiana-audit resume': what is added now may take places that were signed"
      )
    }
    let reader = try LineReader(path: file, lineBytesMax: Append.lineBytesMax)
    var skipped = 0
    try Append(node).run(isPatient: !now, next: reader.next) {
      (line, outcome) throws(KianaError) in
      switch outcome {
      case .stored(let seq): try print(line, seq, console)
      case .refused(let words):
        skipped += 1
        console.warn("line \(line): \(words)")
        if shared.json {
          try console.output.json([
            JSONMember("line", .integer(Int64(line))), JSONMember("skipped", .string(words)),
          ])
        }
      }
      if now { try console.output.flush() }
    }
    guard skipped == 0 else {
      throw KianaError(
        code: .partial, what: "\(skipped) lines were skipped", why: "they are named above",
        hint: "mend them and append these alone; the others are in")
    }
  }

  private func print(_ line: Int, _ seq: Int64, _ console: Console) throws(KianaError) {
    guard shared.json else { return try console.output.line(String(seq)) }
    try console.output.json([
      JSONMember("line", .integer(Int64(line))), JSONMember("seq", .integer(seq)),
    ])
  }
}
