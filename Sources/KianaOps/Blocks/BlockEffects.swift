internal import KianaModel
internal import KianaStore

/// What a block of feed `main` does by being in its feed: `redact/1` hides contents, `admit/1`
/// admits authors.
struct BlockEffects {
  private let node: Node

  init(_ node: Node) {
    self.node = node
  }

  /// Whether a block does anything.
  static func has(_ header: BlockHeader) -> Bool {
    header.feed == "main" && header.version == 1
      && (header.kind == "redact/1" || header.kind == "admit/1")
  }

  /// A block is the new end of its feed.
  func append(_ block: Block, author: Int64, now: Int64) throws(KianaError) {
    switch block.header.kind {
    case "redact/1": try Redaction(node).apply(block, author: author, now: now)
    case "admit/1": try AdmissionRules(node).apply(block, author: author, now: now)
    default: break
    }
  }

  /// Blocks entered a feed `main` or left it, at any place.
  func change(
    _ feed: FeedRow, entered: [BlockRow], left: [BlockRow], now: Int64
  ) throws(KianaError) {
    guard feed.name == "main" else { return }
    var changesAdmissions = false
    for (rows, isIn) in [(left, false), (entered, true)] {
      for row in rows {
        let block = try BlockReader(node).read(row)
        guard Self.has(block.header) else { continue }
        if block.header.kind == "admit/1" {
          changesAdmissions = true
        } else if isIn {
          try Redaction(node).apply(block.block, author: feed.author, now: now)
        } else {
          try Redaction(node).undo(block.block)
        }
      }
    }
    if changesAdmissions { try replayAdmissions(feed, now: now) }
  }

  /// What the author's `admit/1` blocks add up to now: what each list says depends on those before.
  func replayAdmissions(_ main: FeedRow, now: Int64) throws(KianaError) {
    try node.admissions.deleteAll(admitter: main.author)
    var place: (epoch: Int64, seq: Int64) = (0, 0)
    while true {
      var rows = [BlockRow]()
      try node.blocks.forEach(feed: main.no, fromEpoch: place.epoch, seq: place.seq) { row in
        rows.append(row)
        return rows.count < Self.rowsAtOnce
      }
      for row in rows where row.standing == .inFeed {
        let block = try BlockReader(node).read(row)
        guard block.header.kind == "admit/1", block.header.version == 1 else { continue }
        try AdmissionRules(node).apply(block.block, author: main.author, now: now)
      }
      guard rows.count == Self.rowsAtOnce, let last = rows.last else { return }
      place = (last.epoch, last.seq + 1)
    }
  }

  private static let rowsAtOnce = 1000
}
