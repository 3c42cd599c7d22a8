internal import KianaModel
internal import KianaStore

/// Makes room for an author whose quota is used up: what the author does not vouch for goes.
///
/// Blocks that were cut, and branches that only a block could prove that is not here, may be a
/// thief's. They must not keep the author's own blocks out. An honest branch among them comes again
/// and finds room.
struct Eviction {
  private let node: Node
  private let author: AuthorRow
  private let keyLog: KeyLog
  private static let rowsAtOnce = 1000

  init(_ node: Node, _ author: AuthorRow, _ keyLog: KeyLog) {
    self.node = node
    self.author = author
    self.keyLog = keyLog
  }

  /// - Returns: how many blocks went.
  func run() throws(KianaError) -> Int {
    var gone = 0
    for feed in try node.feeds.all(author: author.no) {
      // A signature that was found bad is the proof against the author; it is small.
      guard try node.blocks.bad(feed: feed.no, limit: 1).isEmpty else { continue }
      let rows = try useless(feed)
      for start in stride(from: 0, to: rows.count, by: Self.rowsAtOnce) {
        let part = Array(rows[start..<min(start + Self.rowsAtOnce, rows.count)])
        try Erasure(node).forget(part, of: author, try Indexing(node))
        try node.database.transaction { () throws(KianaError) in
          try delete(part, from: feed.no)
        }
        gone += part.count
      }
    }
    return gone
  }

  /// The blocks of a feed that nothing here vouches for, the last ones first.
  private func useless(_ feed: FeedRow) throws(KianaError) -> [BlockRow] {
    let rules = FeedRules(keyLog, feed: feed.name)
    let lineage = FeedLineage(node, feed)
    var isWaiting = false
    for name in rules.names where try !lineage.isHere(name) { isWaiting = true }
    var found = [BlockRow]()
    if isWaiting {
      // What follows a block that goes cannot stay.
      var isBroken = false
      try node.blocks.forEachStored(feed: feed.no, fromEpoch: 0, seq: 0) {
        (row) throws(KianaError) in
        var isUseless = row.standing == .cut
        if !isUseless { isUseless = try isUnproven(row, feed, rules, lineage) }
        if isUseless, row.standing == .inFeed { isBroken = true }
        if isUseless || (isBroken && row.standing == .inFeed) { found.append(row) }
      }
    } else {
      try node.blocks.forEachProof(feed: feed.no) { row in
        if row.standing == .cut { found.append(row) }
      }
    }
    return found.sorted { ($1.epoch, $1.seq) < ($0.epoch, $0.seq) }
  }

  private func isUnproven(
    _ row: BlockRow, _ feed: FeedRow, _ rules: FeedRules, _ lineage: FeedLineage
  ) throws(KianaError) -> Bool {
    let position = FeedPosition(epoch: row.epoch, feed: feed.name, id: row.id, seq: row.seq)
    let header = try BlockReader(node).header(of: row)
    let isLeft = rules.isLeftBehind(epoch: row.epoch, seq: row.seq)
    return try keyLog.verdict(on: position, key: header.key, isLeftBehind: isLeft) {
      (pin) throws(KianaError) in
      try lineage.relation(of: position, row.standing, to: pin)
    } == .unproven
  }

  private func delete(_ rows: [BlockRow], from no: Int64) throws(KianaError) {
    guard var feed = try node.feeds.find(no: no) else { return }
    let visible = rows.filter { $0.standing == .inFeed }
    try BlockEffects(node).change(feed, entered: [], left: visible, now: node.now())
    var bytes: Int64 = 0
    var headers: Int64 = 0
    for row in rows {
      bytes += try node.blocks.deleteContent(no: row.no)
      headers += Int64(row.header.count)
      try node.blocks.delete(no: row.no)
      try node.lacking.delete(no: row.no)
    }
    try node.authors.charge(
      author.no, blocks: -Int64(rows.count), bytes: -(bytes + headers))
    try node.meta.set(.blocks, try node.meta.integer(.blocks) - Int64(rows.count))
    try node.meta.set(.contentBytes, try node.meta.integer(.contentBytes) - bytes)
    feed.blocks -= Int64(visible.count)
    try node.feeds.update(feed)
    _ = try FeedSettlement(node, author, keyLog).settle(feed, from: (0, 0))
    try node.recorder.record(
      "feed.evict", target: "feed:\(author.aid.text)/\(feed.name)",
      payload: .object([JSONMember("blocks", .integer(Int64(rows.count)))]), now: node.now())
  }
}
