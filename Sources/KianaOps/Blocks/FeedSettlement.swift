internal import KianaModel
internal import KianaStore

/// Gives the stored blocks of a feed the standing that the author's key log and the blocks
/// themselves say (`FeedWalk`), after something changed about them.
struct FeedSettlement {
  private let node: Node
  private let author: AuthorRow
  private let keyLog: KeyLog

  /// What a walk found out.
  struct Result {
    var head: FeedPosition?
    var isContested = false
    /// The blocks that stand otherwise than before, by number.
    var changes = [(no: Int64, before: Standing, after: Standing)]()
  }

  init(_ node: Node, _ author: AuthorRow, _ keyLog: KeyLog) {
    self.node = node
    self.author = author
    self.keyLog = keyLog
  }

  /// Settles a feed from a place on, in the transaction that is open, or from the first block on
  /// that is not visible: a fork before the place is one still. What stands before that stays.
  ///
  /// - Returns: the feed's row as it is now, written.
  func settle(
    _ feed: FeedRow, from place: (epoch: Int64, seq: Int64)
  ) throws(KianaError) -> FeedRow {
    let proof = try node.blocks.firstProof(feed: feed.no) ?? place
    let result = try walk(feed, from: proof < place ? proof : place)
    let now = node.now()
    var changed = feed
    // First out, then in: at a place only one block may be visible at any time.
    var left = [BlockRow]()
    var entered = [BlockRow]()
    for isIn in [false, true] {
      for change in result.changes where change.after.isVisible == isIn {
        guard let row = try node.blocks.find(no: change.no) else { continue }
        try node.blocks.setStanding(no: change.no, change.after)
        if change.before.isVisible != isIn { try node.blocks.noteChange(no: change.no) }
        if change.before == .inFeed { left.append(row) }
        if change.after == .inFeed { entered.append(row) }
      }
    }
    changed.blocks += Int64(entered.count) - Int64(left.count)
    changed.head = result.head
    changed.isContested = result.isContested
    changed.headTime = 0
    if let head = result.head, let row = try node.blocks.find(id: head.id) {
      changed.headTime = try BlockReader(node).read(row).header.time
    }
    try node.feeds.update(changed)
    try BlockEffects(node).change(changed, entered: entered, left: left, now: now)
    try AdmissionRules(node).replayStale()
    try record(left, "feed.cut", of: changed, now: now)
    try record(entered, "feed.return", of: changed, now: now)
    return changed
  }

  /// Which blocks left the feed or came back into it, each with what is found of it now.
  private func record(
    _ rows: [BlockRow], _ type: String, of feed: FeedRow, now: Int64
  ) throws(KianaError) {
    guard let first = rows.min(by: { ($0.epoch, $0.seq) < ($1.epoch, $1.seq) }) else { return }
    var verdicts = RangeVerdicts(node)
    for row in rows.sorted(by: { $0.no < $1.no }) {
      let standing = try node.blocks.find(no: row.no)?.standing ?? .cut
      verdicts.add(row.id, no: row.no, Self.checks(standing, row.signatureState))
    }
    try verdicts.record(
      type, target: "feed:\(author.aid.text)/\(feed.name)",
      [JSONMember("epoch", .integer(first.epoch)), JSONMember("seq", .integer(first.seq))],
      now: now)
  }

  private static func checks(_ standing: Standing, _ signature: SignatureState) -> BlockChecks {
    var checks = BlockChecks.allGood
    switch signature {
    case .good: break
    case .pending: checks.signature = .open
    case .bad: checks.signature = .bad
    }
    switch standing {
    case .inFeed, .leftBehind: break
    case .cut: checks.key = .bad
    case .rival: checks.link = .bad
    }
    return checks
  }

  /// What the standings from a place on should be; nothing is written.
  func walk(
    _ feed: FeedRow, from place: (epoch: Int64, seq: Int64)
  ) throws(KianaError) -> Result {
    let lineage = FeedLineage(node, feed)
    var walk = try begin(feed, from: place, lineage)
    var result = Result()
    var group = [FeedWalk.Node]()
    func judge() throws(KianaError) {
      let standings = try walk.take(group) { (node, name) throws(KianaError) in
        try lineage.relation(of: node.position, node.standing, to: name)
      }
      for (node, standing) in zip(group, standings) where node.standing != standing {
        result.changes.append((node.no, node.standing, standing))
      }
      group.removeAll(keepingCapacity: true)
    }
    try node.blocks.forEachStored(feed: feed.no, fromEpoch: place.epoch, seq: place.seq) {
      (row) throws(KianaError) in
      if let last = group.last?.position, (last.epoch, last.seq) != (row.epoch, row.seq) {
        try judge()
      }
      let header = try BlockReader(node).header(of: row)
      group.append(
        FeedWalk.Node(
          no: row.no,
          position: FeedPosition(
            epoch: row.epoch, feed: feed.name, id: row.id, seq: row.seq),
          prev: header.prev, key: header.key, standing: row.standing,
          hasBadSignature: row.signatureState == .bad))
    }
    try judge()
    result.head = walk.head
    result.isContested = walk.isContested
    return result
  }

  private func begin(
    _ feed: FeedRow, from place: (epoch: Int64, seq: Int64), _ lineage: FeedLineage
  ) throws(KianaError) -> FeedWalk {
    let position = { (row: BlockRow) in
      FeedPosition(epoch: row.epoch, feed: feed.name, id: row.id, seq: row.seq)
    }
    let before =
      place.seq > 0
      ? try node.blocks.find(feed: feed.no, epoch: place.epoch, seq: place.seq - 1) : nil
    let head = try node.blocks.last(feed: feed.no, beforeEpoch: place.epoch, seq: place.seq)
    return try FeedWalk(
      keyLog, FeedRules(keyLog, feed: feed.name), tip: before.map(position),
      head: head.map(position), isHere: lineage.isHere
    ) { (name) throws(KianaError) in
      guard (name.epoch, name.seq) < place else { return false }
      return try node.blocks.find(feed: feed.no, epoch: name.epoch, seq: name.seq)?.id == name.id
    }
  }
}
