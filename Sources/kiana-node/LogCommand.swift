internal import ArgumentParser
internal import Glibc
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct LogCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "List blocks, the newest arrival first.")

  @OptionGroup var shared: SharedOptions
  @OptionGroup var filters: FilterOptions

  @Flag(help: "List the oldest arrival first.")
  var reverse = false

  @Option(help: ArgumentHelp("Stop after this many blocks.", valueName: "n"))
  var limit: Int?

  @Flag(name: .shortAndLong, help: "Go on with blocks as they arrive; oldest first.")
  var follow = false

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit is a number of blocks") }
  }

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let query = try filters.query()
    if follow { return try followAll(node, query, console) }
    var left = limit ?? .max
    guard left > 0 else { return }
    try BlockLog(node).forEach(query, isNewestFirst: !reverse) { (block) throws(KianaError) in
      try print(block, console)
      left -= 1
      return left > 0
    }
  }

  private static let followedAtFirst = 10
  private static let pollMicroseconds: UInt32 = 300_000

  /// The newest blocks in the order of their arrival, then what comes.
  private func followAll(
    _ node: Node, _ query: BlockQuery, _ console: Console
  ) throws(KianaError) {
    Interruption.watch()
    var newest = [StoredBlock]()
    var last = try node.meta.integer(.lastBlock)
    let wanted = limit ?? Self.followedAtFirst
    if wanted > 0 {
      try BlockLog(node).forEach(query, isNewestFirst: true, beyond: last + 1) { block in
        newest.append(block)
        return newest.count < wanted
      }
    }
    for block in newest.reversed() { try print(block, console) }
    try console.output.flush()
    while true {
      console.output.endWhenNobodyReads()
      try Interruption.check()
      usleep(Self.pollMicroseconds)
      let now = try node.meta.integer(.lastBlock)
      guard now > last else { continue }
      try BlockLog(node).forEach(query, isNewestFirst: false, beyond: last) {
        (block) throws(KianaError) in
        try print(block, console)
        return true
      }
      last = now
      try console.output.flush()
    }
  }

  private func print(_ block: StoredBlock, _ console: Console) throws(KianaError) {
    if shared.json {
      try console.output.json(BlockText.members(block) + BlockText.content(block))
    } else {
      try console.output.line(BlockText.line(block))
    }
  }
}
