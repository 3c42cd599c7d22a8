internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// Takes lines of the line form into the store: `kiana-node import`.
///
/// Reading, checking and storing overlap: signatures are checked by all workers, the store is
/// written by one thread, in transactions of at most a thousand blocks.
package struct Import {
  /// What became of one line that did not simply go in.
  package struct Remark: Sendable {
    /// Counted from 1.
    package let line: Int
    package let author: AID?
    /// Nil when the line could not be read as a block.
    package let id: Hash32?
    package let fault: BlockFault
  }

  package struct Summary: Equatable, Sendable {
    package var lines = 0
    package var stored = 0
    package var known = 0
    package var contents = 0
    /// Kept outside their feed until their time.
    package var held = 0
    /// Kept as proofs of forks.
    package var forks = 0
    package var refused = 0
    package var keyLogs = 0
    /// Stored without their contents, which are longer than this node keeps.
    package var leftOut = 0

    package init() {}

    /// Whether a line was skipped or held.
    package var isPartial: Bool { held + forks + refused + leftOut > 0 }
  }

  private let node: Node
  private let workers: Int
  private static let linesInChunk = 64
  private static let bytesInChunk = 1 << 20
  /// Enough that the helpers have work while the disk keeps the writer waiting, in bounded memory.
  private static let chunksAhead = 64
  private static let bytesAhead = 8 << 20
  private static let blocksInTransaction = 1000

  /// - Parameter workers: threads that check signatures, this one included.
  package init(_ node: Node, workers: Int) {
    self.node = node
    self.workers = workers
  }

  /// Reads lines until `next` has none.
  ///
  /// - Parameters:
  ///   - remark: called for each line that was skipped or put aside.
  ///   - progress: called now and then.
  /// - Throws: what `next` and the store throw; what was committed before stays.
  package func run(
    next: () throws(KianaError) -> InputLine?,
    remark: (Remark) throws(KianaError) -> Void,
    progress: (Summary) throws(KianaError) -> Void
  ) throws(KianaError) -> Summary {
    let crypto = node.crypto
    let contentBytesMax = node.settings.contentBytesMax
    let pool = Workers<[InputLine], [CheckedLine]>(count: workers) { lines in
      lines.map { CheckedLine.check($0, contentBytesMax: contentBytesMax, crypto) }
    }
    defer { pool.close() }
    let writer = ImportWriter(node)
    var submitted = 0
    var taken = 0
    var sizes = [Int]()
    var bytes = 0
    var isAtEnd = false
    while !isAtEnd || taken < submitted {
      while !isAtEnd, submitted - taken < Self.chunksAhead, bytes < Self.bytesAhead {
        let chunk = try Self.chunk(next)
        isAtEnd = chunk.count < Self.linesInChunk && chunk.bytes < Self.bytesInChunk
        guard chunk.count > 0 else { break }
        pool.submit(chunk.lines, ticket: submitted)
        sizes.append(chunk.bytes)
        bytes += chunk.bytes
        submitted += 1
      }
      guard taken < submitted else { break }
      bytes -= sizes.removeFirst()
      for line in pool.take(taken) {
        try writer.add(line, remark: remark)
        if writer.pending >= Self.blocksInTransaction { try writer.commit(remark: remark) }
      }
      taken += 1
      try progress(writer.summary)
    }
    try writer.commit(remark: remark)
    try Guard.update(node)
    return writer.summary
  }

  private static func chunk(
    _ next: () throws(KianaError) -> InputLine?
  ) throws(KianaError) -> (lines: [InputLine], count: Int, bytes: Int) {
    var lines = [InputLine]()
    var bytes = 0
    while lines.count < linesInChunk, bytes < bytesInChunk, let line = try next() {
      if case .line(let text) = line { bytes += text.count }
      lines.append(line)
    }
    return (lines, lines.count, bytes)
  }
}

/// A line after the work that needs no store: parsed, content and signature checked.
enum CheckedLine: Sendable {
  /// - longContent: how many bytes the content had that is left out for its length; 0 when none is.
  case block(Block, hasGoodSignature: Bool, longContent: Int)
  case author(AID, kel: [UInt8])
  case fault(BlockFault)
  case empty

  static func check(_ line: InputLine, contentBytesMax: Int, _ crypto: Sodium) -> CheckedLine {
    guard case .line(let text) = line else {
      return .fault(BlockFault(.tooLong, "the line is longer than any block may be"))
    }
    guard !text.isEmpty else { return .empty }
    do throws(BlockFault) {
      switch try BlockLine.parse(text, contentBytesMax: contentBytesMax, crypto) {
      case .author(let aid, let kel): return .author(aid, kel: kel)
      case .block(let block):
        return .block(block, hasGoodSignature: block.hasGoodSignature(crypto), longContent: 0)
      case .longBlock(let block, let bytes):
        return .block(block, hasGoodSignature: block.hasGoodSignature(crypto), longContent: bytes)
      }
    } catch {
      return .fault(error)
    }
  }
}

/// The half of an import that writes.
private final class ImportWriter {
  private let node: Node
  private var batch = [(line: Int, checked: CheckedLine)]()
  private(set) var summary = Import.Summary()

  init(_ node: Node) {
    self.node = node
  }

  var pending: Int { batch.count }

  func add(
    _ line: CheckedLine, remark: (Import.Remark) throws(KianaError) -> Void
  ) throws(KianaError) {
    summary.lines += 1
    batch.append((summary.lines, line))
  }

  /// Writes what was added in one transaction. Remarks are made after it, so that nothing is
  /// reported that is not so.
  func commit(remark: (Import.Remark) throws(KianaError) -> Void) throws(KianaError) {
    guard !batch.isEmpty else { return }
    let before = summary
    var remarks = [Import.Remark]()
    do throws(KianaError) {
      remarks = try node.database.transaction(.normal) { () throws(KianaError) in
        try write()
      }
    } catch {
      summary = before
      throw error
    }
    batch.removeAll(keepingCapacity: true)
    for one in remarks { try remark(one) }
  }

  private func write() throws(KianaError) -> [Import.Remark] {
    var remarks = [Import.Remark]()
    var intake = try Intake(node, isOwnWork: false)
    let keyLogs = KeyLogIntake(node)
    var verdicts = RangeVerdicts(node)
    var contents = ContentArrivals(node)
    for (line, checked) in batch {
      switch checked {
      case .empty: break
      case .fault(let fault):
        summary.refused += 1
        remarks.append(Import.Remark(line: line, author: nil, id: nil, fault: fault))
      case .author(let aid, let kel):
        // It changes authors that the intake holds in memory.
        try intake.flush()
        if let fault = try takeKeyLog(aid, kel, keyLogs) {
          remarks.append(Import.Remark(line: line, author: aid, id: nil, fault: fault))
        }
        intake = try Intake(node, isOwnWork: false)
      case .block(let block, let hasGoodSignature, let longContent):
        if keyLogs.isWaiting(block.header.author) {
          try intake.flush()
          try keyLogs.judge()
          intake = try Intake(node, isOwnWork: false)
        }
        let outcome = try intake.take(block, signature: hasGoodSignature ? .good : .bad)
        if let fault = count(outcome) ?? leftOut(longContent, outcome) {
          remarks.append(
            Import.Remark(line: line, author: block.header.author, id: block.id, fault: fault))
        }
        if outcome == .stored { verdicts.add(block.id, no: intake.lastNo, intake.lastChecks) }
        if outcome == .contentAdded { contents.add(block.id) }
      }
    }
    try intake.flush()
    try keyLogs.judge()
    try record(verdicts, remarks)
    try contents.record(now: node.now())
    return remarks
  }

  private func count(_ outcome: Intake.Outcome) -> BlockFault? {
    switch outcome {
    case .stored: summary.stored += 1
    case .known: summary.known += 1
    case .contentAdded: summary.contents += 1
    case .aside(let fault):
      if fault.kind.isHeld { summary.held += 1 } else { summary.forks += 1 }
      return fault
    case .refused(let fault):
      summary.refused += 1
      return fault
    }
    return nil
  }

  /// The remark about a content that is longer than this node keeps.
  private func leftOut(_ bytes: Int, _ outcome: Intake.Outcome) -> BlockFault? {
    guard bytes > 0, outcome == .stored else { return nil }
    summary.leftOut += 1
    return BlockFault(
      .tooLong,
      "it is stored without its content, which has \(bytes) bytes; "
        + "\(node.settings.contentBytesMax) are allowed")
  }

  private func takeKeyLog(
    _ aid: AID, _ kel: [UInt8], _ keyLogs: KeyLogIntake
  ) throws(KianaError) -> BlockFault? {
    switch try keyLogs.take(aid, kel, admits: true, now: node.now()) {
    case .known: return nil
    case .extended:
      summary.keyLogs += 1
      return nil
    case .refused(let kind):
      summary.refused += 1
      return BlockFault(kind)
    case .faulty(let fault):
      summary.refused += 1
      return BlockFault(.badKeyLog, fault.reason)
    }
  }

  /// One entry for the range that was taken, one for what was refused.
  private func record(_ taken: RangeVerdicts, _ remarks: [Import.Remark]) throws(KianaError) {
    let now = node.now()
    try taken.record("block.accept", target: "state", now: now)
    var refusals = Refusals(node)
    for remark in remarks where !isStored(remark) { refusals.add(remark.id, remark.fault) }
    try refusals.record(target: "state", now: now)
  }

  /// A block that is here without its content, which is too long, was not refused.
  private func isStored(_ remark: Import.Remark) -> Bool {
    remark.fault.kind == .tooLong && remark.id != nil
  }
}
