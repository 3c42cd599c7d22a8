internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

extension FileSigning.Format: ExpressibleByArgument {}
extension KeyExport.Format: ExpressibleByArgument {}

struct SignCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign",
    abstract: "Sign files, for minisign and for ssh-keygen.",
    discussion: """
      Writes FILE.minisig and FILE.sig beside each file, which stock minisign and
      'ssh-keygen -Y verify' check with what 'export' gives. '-' is standard input.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions

  @Option(
    help: ArgumentHelp("minisign or ssh; may be repeated (default: both).", valueName: "format"))
  var format: [FileSigning.Format] = []

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("The start of the signatures' names (default: the file).", valueName: "name")
  )
  var output: String?

  @Option(
    name: [.customShort("t"), .long],
    help: ArgumentHelp("Something to sign along, in the trusted comment.", valueName: "text"))
  var comment: String?

  @Argument(help: ArgumentHelp("What to sign.", valueName: "file"))
  var files: [String]

  func validate() throws {
    guard output == nil || files.count == 1 else {
      throw ValidationError("--output is for one file")
    }
    guard output != nil || !files.contains("-") else {
      throw ValidationError("standard input needs --output")
    }
  }

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let signing = try FileSigning(node, unlockedBy: try passphrase.unlock(node))
    for file in files {
      let written = try signing.sign(
        file, prefix: output ?? file, format.isEmpty ? FileSigning.Format.allCases : format,
        comment: comment)
      if shared.json {
        try console.output.json([
          JSONMember("file", .string(file)), JSONMember("key", .string(signing.key.text)),
          JSONMember("signatures", .array(written.map { .string($0) })),
        ])
      } else {
        for path in written { try console.output.line(path) }
      }
    }
  }
}

struct CheckFileCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check the signature of a file: by this node, or by one that it trusts.",
    discussion: """
      Takes FILE.minisig, else FILE.sig. Exit status 0 when it is good, 4 when nobody
      trusted has the key or nothing proves it, 13 when it is forged.
      """)

  @OptionGroup var shared: SharedOptions

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("The signature (default: beside the file).", valueName: "signature"))
  var signature: String?

  @Argument(help: ArgumentHelp("The signed file; '-' is standard input.", valueName: "file"))
  var file: String

  func perform(_ console: Console) throws(KianaError) {
    try Checked.report(file, signature: signature, try shared.openNode(), shared, console)
  }
}

/// What `check` and `verdict` say of a file.
enum Checked {
  static func report(
    _ file: String, signature: String?, _ node: Node, _ shared: SharedOptions, _ console: Console
  ) throws(KianaError) {
    let signature = if let signature { signature } else { try beside(file) }
    let finding = try FileChecking(node).check(file, signature: signature)
    if let words = finding.confirmation?.words { console.warn(words) }
    try show(finding, shared, console)
    guard let code = finding.error else { return }
    throw KianaError(
      code: code, what: "the signature of '\(file)' is not good", why: finding.words,
      hint: finding.outcome == .unknownKey
        ? "'kiana-keys trust add' brings the key log of somebody you trust" : "")
  }

  private static func beside(_ file: String) throws(KianaError) -> String {
    for format in FileSigning.Format.allCases {
      let path = "\(file).\(format.suffix)"
      if DurableFile.exists(path) { return path }
    }
    throw KianaError(
      code: .notFound, what: "there is no signature of '\(file)' beside it",
      hint: "name it with --signature")
  }

  private static func show(
    _ finding: FileChecking.Finding, _ shared: SharedOptions, _ console: Console
  ) throws(KianaError) {
    guard shared.json else {
      let who = finding.name ?? (finding.signer == nil ? "-" : "this node")
      return try console.output.line(
        [
          finding.word, who, finding.signer?.text ?? "-", finding.key?.text ?? "-",
          finding.comment?.replacing("\t", with: " ") ?? "",
        ].joined(separator: "\t"))
    }
    try console.output.json([
      JSONMember("comment", finding.comment.map { .string($0) } ?? .null),
      JSONMember("confirmed", finding.confirmation.map { .integer($0.at) } ?? .null),
      JSONMember("format", .string(finding.format.rawValue)),
      JSONMember("key", finding.key.map { .string($0.text) } ?? .null),
      JSONMember("name", finding.name.map { .string($0) } ?? .null),
      JSONMember("reason", .string(finding.words)),
      JSONMember("signer", finding.signer.map { .string($0.text) } ?? .null),
      JSONMember("stale", .bool(finding.confirmation?.isStale ?? true)),
      JSONMember("verdict", .string(finding.word)),
    ])
  }
}

struct ExportCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Print keys as other tools read them.",
    discussion: """
      minisign, signify, ssh and pem for keys that sign; allowed-signers and krl for
      'file' and 'backup': the whole history, for ssh-keygen -Y verify; age for 'enc' and
      'backup'; vkey for 'log' and 'witness'; cesr is the key log.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var passphrase: PassphraseOptions

  @Option(help: ArgumentHelp("Which key (default: file).", valueName: "use"))
  var use: KeyUse = .file

  @Option(help: ArgumentHelp("For which tool.", valueName: "format"))
  var format: KeyExport.Format

  @Flag(help: "The secret key, unprotected; of 'file' only.")
  var secret = false

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("Write to this file, a secret with mode 0600.", valueName: "file"))
  var output: String?

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let export = try KeyExport(node)
    guard secret else {
      let text = try export.text(format, use)
      guard let output else { return try console.output.write(text) }
      return try export.write(text, to: output)
    }
    let text = try export.secret(format, use, unlockedBy: try passphrase.unlock(node))
    if let output {
      guard try SecretFile.writeNew(text, to: output) else {
        throw KianaError(
          code: .refused, what: "cannot write '\(output)'", why: "there is such a file already")
      }
    } else if !SecretFile.write(text, to: 1) {
      throw KianaError(code: .inputOutput, what: "cannot write to standard output")
    }
    console.warn("whoever has this file signs in your name")
  }
}

struct TrustCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trust",
    abstract: "Whose signatures over files count here.",
    subcommands: [TrustAddCommand.self, TrustListCommand.self, TrustRemoveCommand.self])
}

struct TrustAddCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Trust an identity, or bring more of its key log.",
    discussion: "Compare the identity that is printed with what its owner tells you.")

  @OptionGroup var shared: SharedOptions

  @Argument(help: ArgumentHelp("How you call it.", valueName: "name"))
  var name: String

  @Argument(
    help: ArgumentHelp(
      "Its key log in a file ('-' is standard input), or its AID when it is known by sync.",
      valueName: "log"))
  var log: String

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let aid = AID(log)
    let stream =
      aid == nil
      ? try LineReader(path: log, lineBytesMax: VerifyCommand.bytesMax).rest(
        bytesMax: VerifyCommand.bytesMax) : []
    let added = try Trust(node).add(name, aid, stream)
    try TrustListCommand.show(name, added, shared, console)
  }
}

struct TrustListCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List who is trusted: name, identity, state of the key log.")

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console) throws(KianaError) {
    let trust = Trust(try shared.openNode())
    for row in try trust.all() { try Self.show(row.name, try trust.log(row), shared, console) }
  }

  static func show(
    _ name: String, _ log: KeyLog, _ shared: SharedOptions, _ console: Console
  ) throws(KianaError) {
    let state =
      log.isDuplicitous ? "duplicitous" : log.contestedFrom == nil ? "good" : "contested"
    guard shared.json else {
      return try console.output.line("\(name)\t\(log.aid.text)\tevent \(log.lastS)\t\(state)")
    }
    try console.output.json([
      JSONMember("aid", .string(log.aid.text)), JSONMember("name", .string(name)),
      JSONMember("s", .integer(log.lastS)), JSONMember("state", .string(state)),
    ])
  }
}

struct TrustRemoveCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Trust somebody no more.")

  @OptionGroup var shared: SharedOptions

  @Argument(help: ArgumentHelp("How you call it.", valueName: "name"))
  var name: String

  func perform(_ console: Console) throws(KianaError) {
    try Trust(try shared.openNode()).remove(name)
  }
}
