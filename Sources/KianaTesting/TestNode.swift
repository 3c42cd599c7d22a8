package import KianaModel
package import KianaOps
package import KianaStore

/// A real node in a folder of its own, with a clock that the test sets.
package final class TestNode {
  /// Milliseconds since 1970; moves only when the test moves it.
  package final class Clock {
    package var now: Int64 = 1_800_000_000_000

    package init() {}
  }

  package let folder: TemporaryFolder
  package let clock: Clock
  package let places: Places
  /// Nil while it is switched off.
  private var running: Node?
  /// What the log of the database must keep in a power cut.
  private var durable = LogMark()

  package var node: Node {
    guard let running else { preconditionFailure("the node is switched off") }
    return running
  }

  /// - Parameter settings: the text of `kiana.conf`; nil for none.
  package init(settings: String? = nil, clock: Clock = Clock()) throws(KianaError) {
    folder = TemporaryFolder()
    self.clock = clock
    places = Places(
      state: "\(folder.path)/state", guardDirectory: "\(folder.path)/guard",
      credential: "\(folder.path)/config/credential")
    _ = try NewNode.make(
      in: places, unlockedBy: .credential(path: places.credential), isOnTerminal: false,
      isSmallMachine: true, now: { clock.now })
    if let settings { try folder.write("state/kiana.conf", Array(settings.utf8)) }
    running = try Node.open(try StateDirectory.existing(places), now: { clock.now })
    try noteDurable()
  }

  /// What was committed until now was synced, or acknowledged to somebody.
  package func noteDurable() throws(KianaError) {
    durable = try LogMark.of(places.state)
  }

  /// The power fails: what was not synced of the database's log is cut off or overwritten, and the
  /// node starts again from the files that are left.
  package func losePower(_ random: inout SeededGenerator) throws(KianaError) {
    let torn = try LogMark.tear(places.state, keeping: durable, &random)
    // Closing would move the log into the file, which a power cut does not.
    running = nil
    try torn.putBack()
    try reopen()
    try noteDurable()
  }

  /// Closes the node and opens it again, as the next command would.
  package func reopen() throws(KianaError) {
    let clock = clock
    running = try Node.open(try StateDirectory.existing(places), now: { clock.now })
  }

  // Swift 6.3.1's optimiser aborts when it inlines this noncopyable result.
  @inline(never)
  package func writer() throws(KianaError) -> BlockWriter {
    try BlockWriter(node, unlockedBy: .credential(path: places.credential))
  }

  /// Puts texts into a feed, each a block.
  @discardableResult
  package func put(_ texts: String..., feed: String = "main") throws(KianaError) -> [Hash32] {
    let ids = try writer().put(texts.map { Draft(content: Array($0.utf8), feed: feed) })
    try noteDurable()
    return ids
  }

  /// Everything in the line form.
  package func export() throws(KianaError) -> [[UInt8]] {
    try PendingSignatures(node).finish(workers: 1)
    var lines = [[UInt8]]()
    _ = try Export(node).run(BlockQuery(), write: { lines.append(Array($0)) })
    return lines.flatMap { $0.split(separator: 0x0A).map(Array.init) }
  }

  /// The line that brings what is here of a key log.
  package func keyLine(of aid: AID) throws(KianaError) -> [UInt8] {
    guard let author = try node.authors.find(aid) else { return [] }
    return BlockLine.bytes(author: aid, kel: try node.keyEvents.stream(author: author.no))
  }

  /// Takes lines in, and what was remarked about them.
  @discardableResult
  package func take(
    _ lines: [[UInt8]], workers: Int = 1
  ) throws(KianaError) -> (summary: Import.Summary, remarks: [Import.Remark]) {
    var rest = lines[...]
    var remarks = [Import.Remark]()
    let summary = try Import(node, workers: workers).run(
      next: { rest.popFirst().map { .line($0) } }, remark: { remarks.append($0) },
      progress: { _ in })
    try noteDurable()
    return (summary, remarks)
  }

  /// What `verify --full` finds: kinds and targets.
  package func findings() throws(KianaError) -> [Verify.Finding] {
    var found = [Verify.Finding]()
    _ = try Verify(node, workers: 2).all(
      isFull: true, report: { (finding) throws(KianaError) in found.append(finding) },
      progress: { _ throws(KianaError) in })
    return found
  }
}
