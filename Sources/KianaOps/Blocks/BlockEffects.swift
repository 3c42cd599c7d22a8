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

  /// Whether a block admits authors.
  static func admits(_ header: BlockHeader) -> Bool {
    has(header) && header.kind == "admit/1"
  }

  /// Blocks entered a feed `main` or left it, at any place.
  func change(
    _ feed: FeedRow, entered: [BlockRow], left: [BlockRow], now: Int64
  ) throws(KianaError) {
    guard feed.name == "main" else { return }
    for (rows, isIn) in [(left, false), (entered, true)] {
      for row in rows {
        let block = try BlockReader(node).read(row)
        guard Self.has(block.header) else { continue }
        switch (block.header.kind, isIn) {
        case ("admit/1", false): node.staleAdmitters.insert(feed.author)
        case ("admit/1", true):
          try AdmissionRules(node).apply(block.block, author: feed.author, now: now)
        case (_, true): try Redaction(node).apply(block.block, author: feed.author, now: now)
        case (_, false): try Redaction(node).undo(block.block)
        }
      }
    }
  }

  /// The content of a block is shown or hidden now.
  func contentChange(of row: BlockRow) throws(KianaError) {
    guard row.standing == .inFeed, let feed = try node.feeds.find(no: row.feed),
      feed.name == "main", Self.admits(try BlockReader(node).header(of: row))
    else { return }
    node.staleAdmitters.insert(feed.author)
  }
}
