internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct ReportCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Report what was done in a period, tied to a signed checkpoint.",
    discussion: """
      Templates: block-validation (what was found of blocks and feeds), validator (who judged
      and agreed), access (who did what, what was denied), keys (keys, state, trust). Days are
      UTC. Gaps, redactions, prunes, clock jumps, forks, and places without a signature or a
      witness are named in each. The same log, checkpoint and period give the same bytes.
      With --output the report is signed: FILE.minisig, for minisign.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions

  @Option(
    help: ArgumentHelp("2026, 2026-10, 2026-10-31, or two of them as A..B.", valueName: "days"))
  var period: String

  @Option(help: ArgumentHelp("block-validation, validator, access or keys.", valueName: "name"))
  var template: String

  @Option(
    help: ArgumentHelp(
      "html, json, csv or md (default: by the name of the output, else md).", valueName: "format"))
  var format: String?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("Write to this file and sign it.", valueName: "file"))
  var output: String?

  func perform(_ console: Console) throws(KianaError) {
    guard let days = ReportPeriod(period) else { throw ReportWanted.noPeriod(period) }
    let template = try ReportWanted.word(AuditReport.Template.self, template, "template")
    let format = try wantedFormat()
    let node = try shared.openNode()
    let path = output == "-" ? nil : output
    // Nothing is written that could not be signed.
    let making = ReportMaking(node, checkpoint: checkpoint(node))
    guard let path else {
      return try console.output.write(try report(making, template, days).text(format))
    }
    let signing = try FileSigning(node, unlockedBy: try passphrase.unlock(node))
    let bytes = try report(making, template, days).text(format)
    let signature = try ReportFile.write(bytes, to: path, signing)
    guard shared.json else {
      for name in [path, signature] { try console.output.line(name) }
      return
    }
    try console.output.json([
      JSONMember("file", .string(path)), JSONMember("key", .string(signing.key.text)),
      JSONMember("signatures", .array([.string(signature)])),
    ])
  }

  private func report(
    _ making: ReportMaking, _ template: AuditReport.Template, _ days: ReportPeriod
  ) throws(KianaError) -> AuditReport {
    try making.report(template, days, tool: "kiana-audit \(CommandRunner.version)")
  }

  private func wantedFormat() throws(KianaError) -> AuditReport.Format {
    if let format { return try ReportWanted.word(AuditReport.Format.self, format, "format") }
    let suffix = output.flatMap { $0.split(separator: ".").last.map(String.init) } ?? ""
    if let known = AuditReport.Format(rawValue: suffix) { return known }
    return shared.json && output == nil ? .json : .md
  }

  /// Signs the log as it is now, for a period that no stored checkpoint covers.
  private func checkpoint(_ node: Node) -> (Int64) throws(KianaError) -> [UInt8] {
    let passphrase = passphrase
    return { (_) throws(KianaError) in
      try LogSigning(node, unlockedBy: try passphrase.unlock(node)).checkpoint().note
    }
  }
}

/// What a person may ask a report for.
enum ReportWanted {
  static func noPeriod(_ text: String) -> KianaError {
    KianaError(
      code: .usage, what: "'\(text)' is no period",
      why: "it is 2026, 2026-10, 2026-10-31 or two of them as 2026-10-01..2026-10-15",
      hint: "at most ten years; the first day comes first")
  }

  /// One of the words of a type; `name` says what they are.
  static func word<Word: RawRepresentable & CaseIterable>(
    _ type: Word.Type, _ text: String, _ name: String
  ) throws(KianaError) -> Word where Word.RawValue == String {
    if let word = Word(rawValue: text) { return word }
    let words = Word.allCases.map(\.rawValue)
    let meant = Nearest.to(text, among: words).map { "; did you mean '\($0)'?" } ?? ""
    throw KianaError(
      code: .usage, what: "there is no \(name) '\(text)'\(meant)",
      hint: "there are \(words.joined(separator: ", "))")
  }
}

/// A report in a file, with its signature beside it; or neither.
enum ReportFile {
  /// - Returns: the path of the signature.
  static func write(
    _ bytes: [UInt8], to path: String, _ signing: borrowing FileSigning
  ) throws(KianaError) -> String {
    do throws(KianaError) {
      try DurableFile.write(bytes, to: path, mode: 0o644)
    } catch {
      // A folder that is not there is no missing node.
      throw KianaError(code: .inputOutput, what: error.what, why: error.why, hint: error.hint)
    }
    do throws(KianaError) {
      return try signing.sign(path, prefix: path, [.minisign], comment: nil)[0]
    } catch {
      try? DurableFile.delete(path)
      throw error
    }
  }
}
