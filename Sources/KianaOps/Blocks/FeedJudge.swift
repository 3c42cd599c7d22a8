internal import KianaModel
internal import KianaStore

/// Judges the stored feeds of an author anew after their key log changed (DESIGN section 5).
///
/// A block that is not good any more cuts the feed there: it and what follows stay as proof and are
/// out of the feed. A block that was cut and is good again comes back.
struct FeedJudge {
  private let node: Node
  private let author: AuthorRow
  private let keyLog: KeyLog
  private let before: KeyLog

  /// - Parameter before: the log by which the blocks were judged until now.
  init(_ node: Node, _ author: AuthorRow, _ keyLog: KeyLog, before: KeyLog) {
    self.node = node
    self.author = author
    self.keyLog = keyLog
    self.before = before
  }

  /// Judges every feed of the author, in the transaction that is open. Only blocks whose judgement
  /// may have changed are looked at.
  func judgeAll() throws(KianaError) {
    for feed in try node.feeds.all(author: author.no) {
      let isChanged = try judge(feed)
      if isChanged, feed.name == "main" { try replayAdmissions() }
    }
  }

  /// - Returns: whether the blocks in the feed are other ones than before.
  private func judge(_ feed: FeedRow) throws(KianaError) -> Bool {
    var feed = feed
    let head = feed.head
    try leaveBehind(feed)
    if let place = try firstAffected(feed), let bad = try firstBad(feed, from: place) {
      try cut(feed, from: bad)
    }
    try takeBack(&feed)
    try settleFork(&feed)
    feed.blocks = try node.blocks.count(feed: feed.no)
    try node.feeds.update(feed)
    return feed.head != head
  }

  /// The first place whose judgement the new events may have changed for the worse; nil when there
  /// is none. Blocks up to a pin that is here are vouched for by it.
  private func firstAffected(_ feed: FeedRow) throws(KianaError) -> (Int64, Int64)? {
    if keyLog.isDuplicitous, !before.isDuplicitous { return (0, 0) }
    var first: (Int64, Int64)?
    for known in before.keys where known.use == .block {
      guard let now = keyLog.record(of: known.key) else { return (0, 0) }
      guard now.state != known.state else { continue }
      let pins: [FeedPosition]
      switch now.state {
      case .active, .grace: continue
      case .retired(let last), .revoked(_, let last): pins = last
      }
      guard let pin = pins.last(where: { $0.feed == feed.name }),
        try node.blocks.find(feed: feed.no, epoch: pin.epoch, seq: pin.seq)?.id == pin.id
      else { return (0, 0) }
      let place = (pin.epoch, pin.seq + 1)
      if first.map({ place < $0 }) ?? true { first = place }
    }
    return first
  }

  /// Marks the blocks that a later epoch does not go on from.
  private func leaveBehind(_ feed: FeedRow) throws(KianaError) {
    for opening in keyLog.openings(feed: feed.name) {
      let from = opening.after.map { ($0.epoch, $0.seq + 1) } ?? (0, 0)
      try mark(feed, from: from, .leftBehind) { $0.epoch < opening.epoch && $0.standing == .inFeed }
    }
  }

  /// The place of the first block from a place on that its author's key log does not vouch for.
  private func firstBad(
    _ feed: FeedRow, from place: (Int64, Int64)
  ) throws(KianaError) -> (Int64, Int64)? {
    let ancestry = FeedAncestry(node, feed)
    var after: (Int64, Int64)? = place
    while let from = after {
      let (rows, next) = try page(feed, from: from)
      for row in rows {
        let header = try BlockReader(node).read(row).header
        let position = FeedPosition(
          epoch: row.epoch, feed: feed.name, id: row.id, seq: row.seq)
        let verdict = try keyLog.verdict(on: position, key: header.key) {
          (pin) throws(KianaError) in try ancestry.relation(of: position, to: pin)
        }
        if !verdict.isAcceptable { return (row.epoch, row.seq) }
      }
      after = next
    }
    return nil
  }

  private func cut(_ feed: FeedRow, from place: (Int64, Int64)) throws(KianaError) {
    try mark(feed, from: place, .cut) { _ in true }
    try node.recorder.record(
      "feed.cut", target: "feed:\(author.aid.text)/\(feed.name)", verdict: .invalid,
      payload: .object([
        JSONMember("epoch", .integer(place.0)), JSONMember("seq", .integer(place.1)),
      ]), now: node.now())
  }

  /// Sets the standing of the blocks from a place on that pass the test.
  private func mark(
    _ feed: FeedRow, from place: (Int64, Int64), _ standing: Standing,
    where isMeant: (BlockRow) -> Bool
  ) throws(KianaError) {
    var after: (Int64, Int64)? = place
    while let from = after {
      let (rows, next) = try page(feed, from: from)
      for row in rows where isMeant(row) {
        try node.blocks.setStanding(no: row.no, standing)
        if standing == .cut { try undoEffects(of: row, feed) }
      }
      after = next
    }
  }

  /// Up to a thousand blocks of the feed, and where to go on.
  private func page(
    _ feed: FeedRow, from place: (Int64, Int64)
  ) throws(KianaError) -> ([BlockRow], (Int64, Int64)?) {
    var rows = [BlockRow]()
    try node.blocks.forEach(feed: feed.no, fromEpoch: place.0, seq: place.1) { row in
      rows.append(row)
      return rows.count < 1000
    }
    let next = rows.count == 1000 ? rows.last.map { ($0.epoch, $0.seq + 1) } : nil
    return (rows, next)
  }

  /// A wish for redaction that does not count any more is taken back while the content is there.
  private func undoEffects(of row: BlockRow, _ feed: FeedRow) throws(KianaError) {
    guard feed.name == "main", try BlockReader(node).read(row).header.kind == "redact/1" else {
      return
    }
    for id in try node.redactions.delete(by: row.id) {
      if let target = try node.blocks.find(id: id), target.hiding == .redacted {
        try node.blocks.setHiding(no: target.no, .none)
      }
    }
  }

  /// Finds the head, and goes on from it with blocks that were cut and are good again.
  private func takeBack(_ feed: inout FeedRow) throws(KianaError) {
    var head: FeedPosition?
    var time: Int64 = 0
    if let last = try node.blocks.last(feed: feed.no) {
      head = FeedPosition(epoch: last.epoch, feed: feed.name, id: last.id, seq: last.seq)
      time = try BlockReader(node).read(last).header.time
    }
    let ancestry = FeedAncestry(node, feed)
    var isGoingOn = true
    while isGoingOn {
      isGoingOn = false
      let place = head.map { ($0.epoch, $0.seq + 1) } ?? (0, 0)
      for row in try node.blocks.cut(feed: feed.no, epoch: place.0, seq: place.1) {
        let header = try BlockReader(node).read(row).header
        let position = FeedPosition(epoch: row.epoch, feed: feed.name, id: row.id, seq: row.seq)
        guard header.prev == head?.id,
          try keyLog.verdict(
            on: position, key: header.key,
            relation: { (pin) throws(KianaError) in try ancestry.relation(of: position, to: pin) }
          ).isAcceptable
        else { continue }
        try node.blocks.setStanding(no: row.no, .inFeed)
        (head, time) = (position, header.time)
        isGoingOn = true
        break
      }
    }
    (feed.head, feed.headTime) = (head, time)
  }

  /// A fork is settled when the log names a block of the branch that is held.
  ///
  /// When it names the other branch, what is held from the fork on is cut, so that the other
  /// branch can be taken.
  private func settleFork(_ feed: inout FeedRow) throws(KianaError) {
    guard feed.isContested else { return }
    let proofs = try node.asides.all(feed: feed.no).filter { $0.reason == .fork }
    let named = keyLog.namedPositions(feed: feed.name)
    guard let first = proofs.min(by: { ($0.epoch, $0.seq) < ($1.epoch, $1.seq) }) else {
      feed.isContested = false
      return
    }
    for proof in proofs where named.contains(where: { $0.id == proof.id }) {
      try cut(feed, from: (proof.epoch, proof.seq))
      try node.asides.delete(proof.id)
      feed.isContested = false
      try takeBack(&feed)
      return
    }
    let held = try node.blocks.find(feed: feed.no, epoch: first.epoch, seq: first.seq)
    let ancestry = FeedAncestry(node, feed)
    for pin in named {
      guard let held else {
        feed.isContested = false
        return
      }
      let position = FeedPosition(
        epoch: held.epoch, feed: feed.name, id: held.id, seq: held.seq)
      if try ancestry.relation(of: position, to: pin) == .isAncestorOrSame
        || pin.stands(before: position)
      {
        feed.isContested = false
        return
      }
    }
  }

  /// What the author's `admit/1` blocks add up to now.
  private func replayAdmissions() throws(KianaError) {
    guard let main = try node.feeds.find(author: author.no, name: "main") else { return }
    try node.admissions.deleteAll(admitter: author.no)
    var after: (Int64, Int64)? = (0, 0)
    while let from = after {
      let (rows, next) = try page(main, from: from)
      for row in rows where row.standing == .inFeed {
        let block = try BlockReader(node).read(row)
        guard block.header.kind == "admit/1" else { continue }
        try AdmissionRules(node).apply(block.block, author: author.no, now: node.now())
      }
      after = next
    }
  }
}
