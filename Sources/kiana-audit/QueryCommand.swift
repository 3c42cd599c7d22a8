internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct QueryCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "query",
    abstract: "Find entries, the oldest first.",
    discussion: """
      Text has place, time, type, result and verdict, target, actor, apart by tabs; the JSON
      fields stand in docs/CLI.md. With --checkpoint each run goes on where the last one
      ended, and the file moves on only when the output was written: what is interrupted
      comes again, nothing is left out.
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var filters: AuditFilters

  @Option(help: ArgumentHelp("Stop after this many entries.", valueName: "n"))
  var limit: Int?

  @Flag(help: "The newest first.")
  var reverse = false

  @Option(help: ArgumentHelp("Only what came after this cursor.", valueName: "cursor"))
  var after: String?

  @Flag(help: "Say the cursor of the end on standard error.")
  var showCursor = false

  @Option(
    help: ArgumentHelp("Go on from the cursor in this file, and renew it.", valueName: "file"))
  var checkpoint: String?

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit is a number of entries") }
    if checkpoint != nil, after != nil {
      throw ValidationError("--checkpoint and --after exclude each other")
    }
    if checkpoint != nil, reverse || filters.until != nil || filters.seq != nil {
      throw ValidationError(
        "--checkpoint goes without --reverse, --until and --seq, which would leave entries out")
    }
    if showCursor, reverse { throw ValidationError("--reverse has no cursor to go on from") }
  }

  func perform(_ console: Console) throws(KianaError) {
    let query = try filters.query()
    let format = try filters.format(isJSON: shared.json)
    let trail = AuditTrail(try shared.openNode())
    let cursor = try start(trail)
    var writer = AuditWriter(format, version: CommandRunner.version)
    try console.output.write(writer.opening)
    if shared.verbose {
      let steps = try trail.steps(query, after: cursor)
      console.detail("\(steps.places) places: \(steps.words.joined(separator: "; "))")
    }
    let end = try trail.forEach(
      query, after: cursor, isNewestFirst: reverse, limit: limit ?? .max,
      detail: filters.detail(format)
    ) { (record) throws(KianaError) in
      try console.output.write(writer.record(record))
    }
    try console.output.write(writer.closing)
    try console.output.flush()
    if let checkpoint {
      let leaf = try trail.leaf(before: end).map { " \($0.hex)" } ?? ""
      do throws(KianaError) {
        try DurableFile.write(Array("\(end.text)\(leaf)\n".utf8), to: checkpoint, mode: 0o600)
      } catch {
        // A folder that is not there is no missing node.
        throw KianaError(code: .inputOutput, what: error.what, why: error.why, hint: error.hint)
      }
    }
    if showCursor { console.note("cursor \(end.text)") }
  }

  private func start(_ trail: AuditTrail) throws(KianaError) -> StoreCursor? {
    if let after {
      guard let cursor = StoreCursor(after) else {
        throw KianaError(
          code: .usage, what: "'\(after)' is not a cursor",
          why: "cursors are what --show-cursor and --checkpoint write")
      }
      return cursor
    }
    guard let checkpoint,
      let bytes = try DurableFile.readIfPresent(checkpoint, sizeBytesMax: 256)
    else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    let words = text.dropLast().split(separator: " ", omittingEmptySubsequences: false)
    let leaf = words.count == 2 ? Hash32(hex: String(words[1])) : nil
    guard text.hasSuffix("\n"), words.count == 1 || leaf != nil,
      let cursor = StoreCursor(String(words[0]))
    else {
      throw KianaError(
        code: .usage, what: "there is no cursor in '\(checkpoint)'",
        why: "something else than --checkpoint wrote it",
        hint: "name another file, or delete this one to start over")
    }
    // After a restart of the machine the store has another nonce, and mostly the same entries.
    if let leaf { return try trail.renewed(cursor, after: leaf) }
    return cursor
  }
}
