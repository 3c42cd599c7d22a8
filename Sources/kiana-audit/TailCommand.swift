internal import ArgumentParser
internal import Glibc
internal import KianaCLI
internal import KianaModel
internal import KianaOps

struct TailCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail",
    abstract: "Show the last entries, and go on with those that come.")

  @OptionGroup var shared: SharedOptions
  @OptionGroup var filters: AuditFilters

  @Option(name: [.customShort("n"), .long], help: ArgumentHelp("How many.", valueName: "n"))
  var lines = 10

  @Flag(name: .shortAndLong, help: "Go on with entries as they are made.")
  var follow = false

  private static let pollMicroseconds: UInt32 = 300_000

  func validate() throws {
    guard lines >= 0 else { throw ValidationError("--lines is a number of entries") }
  }

  func perform(_ console: Console) throws(KianaError) {
    let query = try filters.query()
    let format = try filters.format(isJSON: shared.json)
    guard format.isEndless || !follow else {
      throw KianaError(
        code: .usage, what: "an array has an end, and --follow has none",
        hint: "use --format jsonl with --follow")
    }
    let trail = AuditTrail(try shared.openNode())
    if follow { Interruption.watch() }
    var writer = AuditWriter(format, version: CommandRunner.version)
    let print = { (record: AuditRecord) throws(KianaError) in
      try console.output.write(writer.record(record))
    }
    try console.output.write(writer.opening)
    let detail = filters.detail(format)
    var cursor = try trail.last(lines, query)
    if lines > 0 { cursor = try trail.forEach(query, after: cursor, detail: detail, print) }
    while follow {
      try console.output.flush()
      console.output.endWhenNobodyReads()
      try Interruption.check()
      usleep(Self.pollMicroseconds)
      guard try trail.end() != cursor else { continue }
      cursor = try trail.forEach(query, after: cursor, detail: detail, print)
    }
    try console.output.write(writer.closing)
  }
}
