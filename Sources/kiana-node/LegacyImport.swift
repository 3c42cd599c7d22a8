internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

/// `import --legacy`: original KI_ana data, with a verdict for each block.
extension ImportCommand {
  func importLegacy(_ node: Node, _ console: Console) throws(KianaError) {
    let reporter = LegacyReporter(console, isJSON: shared.json)
    let operation = LegacyImport(node)
    let summary: LegacyImport.Summary
    if isDryRun {
      summary = try operation.run(
        paths, writer: nil, report: reporter.block, skip: reporter.skipped)
    } else {
      summary = try operation.run(
        paths,
        writer: try BlockWriter(
          node, unlockedBy: try passphrase.unlock(node)),
        report: reporter.block, skip: reporter.skipped)
    }
    try reporter.conclude(summary, isDryRun: isDryRun)
  }
}

private struct LegacyReporter {
  private let console: Console
  private let isJSON: Bool

  init(_ console: Console, isJSON: Bool) {
    self.console = console
    self.isJSON = isJSON
  }

  func block(_ judged: LegacyImport.Judged) throws(KianaError) {
    if isJSON {
      try console.output.json([
        JSONMember("format", .string(judged.format.rawValue)),
        JSONMember("hash", .string(judged.hash.rawValue)),
        JSONMember("id", judged.block.map { .string($0.hex) } ?? .null),
        JSONMember("known", .bool(judged.isKnown)),
        JSONMember("link", .string(judged.link.rawValue)),
        JSONMember("path", .string(judged.path)),
        JSONMember("sha256", .string(judged.digest.hex)),
        JSONMember("signature", .string(judged.signature.rawValue)),
        JSONMember("type", .string("block")),
      ])
    } else {
      try console.output.line(
        [
          judged.block.map { String($0.hex.prefix(BlockText.idDigits)) } ?? "-",
          judged.format.rawValue, "hash \(judged.hash.rawValue)",
          "signature \(judged.signature.rawValue)", "link \(judged.link.rawValue)",
          judged.isKnown ? "known" : "new", Printable.line(judged.path),
        ].joined(separator: "\t"))
    }
    if judged.isBad {
      console.warn(
        "\(judged.path): hash \(judged.hash.rawValue), signature \(judged.signature.rawValue)")
    }
  }

  func skipped(_ path: String, _ why: String) throws(KianaError) {
    console.warn("\(path): skipped: \(why)")
  }

  func conclude(_ summary: LegacyImport.Summary, isDryRun: Bool) throws(KianaError) {
    if isJSON {
      try console.output.json([
        JSONMember("bad", .integer(Int64(summary.bad))),
        JSONMember("known", .integer(Int64(summary.known))),
        JSONMember("skipped_files", .integer(Int64(summary.skipped))),
        JSONMember("stored", .integer(isDryRun ? 0 : Int64(summary.stored))),
        JSONMember("type", .string("summary")),
      ])
    } else {
      try console.output.line(
        "\(summary.stored) \(isDryRun ? "would be new" : "new"), \(summary.known) known, "
          + "\(summary.bad) bad, \(summary.skipped) files skipped")
    }
    if summary.bad > 0 {
      throw KianaError(
        code: .damaged, what: "\(summary.bad) original blocks are damaged or forged",
        why: "their hash or signature is wrong",
        hint: "they are stored with that verdict; 'kiana-node log --kind legacy/1' lists them")
    }
    if summary.skipped > 0 { throw KianaError(code: .partial, what: "") }
  }
}
