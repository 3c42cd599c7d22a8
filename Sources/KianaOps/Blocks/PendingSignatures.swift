package import KianaModel
internal import KianaStore

/// Checks the signatures that a sync left unchecked, since a later block vouched for them.
///
/// A bad one cuts its feed there: its author signed a chain with it, so block and chain are the
/// proof.
package struct PendingSignatures {
  private let node: Node
  private static let rowsAtOnce = 512
  private static let rowsInChunk = 32

  package init(_ node: Node) {
    self.node = node
  }

  /// Checks everything that is pending, in short transactions.
  ///
  /// - Parameters:
  ///   - workers: threads that check.
  ///   - progress: called with how many were checked.
  package func finish(
    workers count: Int, progress: (Int) throws(KianaError) -> Void = { _ in }
  ) throws(KianaError) {
    let feeds = try node.feeds.unchecked()
    guard !feeds.isEmpty else { return }
    let crypto = node.crypto
    let workers = Workers<[BlockRow], [Bool]>(count: count) { rows in
      rows.map { CheckedRow.hasGoodSignature($0, crypto) }
    }
    defer { workers.close() }
    var ticket = 0
    var done = 0
    for feed in feeds {
      while let rows = try nextRows(feed) {
        var good = [Bool]()
        let first = ticket
        for start in stride(from: 0, to: rows.count, by: Self.rowsInChunk) {
          let end = min(start + Self.rowsInChunk, rows.count)
          workers.submit(Array(rows[start..<end]), ticket: ticket)
          ticket += 1
        }
        for number in first..<ticket { good += workers.take(number) }
        try node.database.transaction(.normal) { () throws(KianaError) in
          try write(rows, good, of: feed.no)
        }
        done += rows.count
        try progress(done)
      }
    }
  }

  /// The next pending rows of a feed; nil when there are none, and then the feed says so.
  private func nextRows(_ feed: FeedRow) throws(KianaError) -> [BlockRow]? {
    try node.database.transaction(.normal) { () throws(KianaError) -> [BlockRow]? in
      guard var now = try node.feeds.find(no: feed.no), let place = now.unchecked else {
        return nil
      }
      let rows = try node.blocks.pending(
        feed: feed.no, fromEpoch: place.epoch, seq: place.seq, limit: Self.rowsAtOnce)
      now.unchecked = rows.first.map { ($0.epoch, $0.seq) }
      try node.feeds.update(now)
      return rows.isEmpty ? nil : rows
    }
  }

  private func write(_ rows: [BlockRow], _ good: [Bool], of feed: Int64) throws(KianaError) {
    var bad = [BlockRow]()
    var verdicts = RangeVerdicts(node)
    for (row, isGood) in zip(rows, good).sorted(by: { $0.0.no < $1.0.no }) {
      try node.blocks.setSignatureState(no: row.no, isGood ? .good : .bad)
      var checks = BlockChecks.allGood
      if !isGood {
        checks.signature = .bad
        bad.append(row)
      }
      verdicts.add(row.id, no: row.no, checks)
    }
    try verdicts.record("block.validate", target: "state", now: node.now())
    guard let first = bad.min(by: { ($0.epoch, $0.seq) < ($1.epoch, $1.seq) }),
      let feed = try node.feeds.find(no: feed), let author = try node.authors.find(no: feed.author),
      let log = try node.keyLog(of: author.aid)
    else { return }
    for row in bad {
      try node.recorder.record(
        "block.reject", target: "blk:\(row.id.hex)", result: .deny, verdict: .invalid,
        payload: .object([
          JSONMember("reason", .string(BlockFault.Kind.badSignature.rawValue))
        ]), now: node.now())
    }
    _ = try FeedSettlement(node, author, log).settle(feed, from: (first.epoch, first.seq))
  }
}
