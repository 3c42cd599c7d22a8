internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct EmergencyCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "emergency",
    abstract: "Take the identity back with the recovery code.",
    discussion: """
      A rotation makes key events from --from on void, revokes every key that lay on the
      machine, and brings new ones. Blocks up to --last (of each feed; else up to its
      end here) stay good. 'kiana-keys history' and 'kiana-node log' show what there is.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var code: CodeOptions

  @Option(help: ArgumentHelp("The first key event that is not yours.", valueName: "s"))
  var from: Int64?

  @Option(
    help: ArgumentHelp(
      "The last block of its feed that is yours; may be repeated.", valueName: "id"))
  var last: [String] = []

  @Flag(name: [.customShort("n"), .long], help: "Print what would be done, and do nothing.")
  var dryRun = false

  @Flag(help: "Do it without asking.")
  var yes = false

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let emergency = Emergency(node)
    let blocks = try last.map { (text) throws(KianaError) in try BlockReader(node).resolve(text) }
    let plan = try emergency.plan(from: from, last: blocks)
    try show(plan, console)
    guard !dryRun else { return }
    if try RestoredState.reason(node) == nil {
      console.warn("do this where no thief can reach: the new keys lie on this machine")
    }
    guard try agreed() else {
      throw KianaError(
        code: .needsPerson, what: "nothing was changed", why: "nobody said yes",
        hint: "answer on a terminal, or give --yes")
    }
    let text = try SecretFile.recoveryCode(descriptor: code.codeFd, file: code.codeFile)
    try emergency.carryOut(plan, code: text, unlockedBy: try passphrase.unlock(node))
    console.note("the identity is yours again; sync with all you know, so that they hear of it")
  }

  private func agreed() throws(KianaError) -> Bool {
    if yes { return true }
    guard let terminal = Terminal() else { return false }
    return try terminal.confirms("Type 'yes' to do that: ")
  }

  private func show(_ plan: Emergency.Plan, _ console: Console) throws(KianaError) {
    if shared.json {
      try console.output.json([
        JSONMember(
          "keep",
          .array(plan.pins.map(\.json))),
        JSONMember("place", .integer(plan.place)),
        JSONMember("revoke", .array(plan.revoked.map { .string($0.key.text) })),
        JSONMember("void", .array(plan.void.map { .integer($0.s) })),
      ])
      return
    }
    for event in plan.void {
      try console.output.line("void\tevent \(event.s)\t\(CESR.text(.blake3, event.said))")
    }
    for record in plan.revoked {
      try console.output.line("revoke\t\(record.use.rawValue)\t\(record.key.text)")
    }
    for pin in plan.pins {
      try console.output.line("keep\t\(pin.feed)\tup to \(pin.epoch)/\(pin.seq)\t\(pin.id.hex)")
    }
  }
}
