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
      guard var place = try firstAffected(feed) else { continue }
      // What is not in the feed may come back wherever it stands.
      if let proof = try node.blocks.firstProof(feed: feed.no), proof < place { place = proof }
      _ = try FeedSettlement(node, author, keyLog).settle(feed, from: place)
    }
  }

  private typealias Place = (epoch: Int64, seq: Int64)

  /// The first place whose judgement the new events may have changed; nil when they say nothing
  /// about this feed.
  private func firstAffected(_ feed: FeedRow) throws(KianaError) -> Place? {
    if keyLog.isDuplicitous != before.isDuplicitous { return (0, 0) }
    var first: Place?
    func affect(_ place: Place) {
      if first.map({ place < $0 }) ?? true { first = place }
    }
    let common = zip(before.keys, keyLog.keys).prefix { $0 == $1 }.count
    let differing = before.keys.dropFirst(common) + keyLog.keys.dropFirst(common)
    for key in Set(differing.filter { $0.use == .block }.map(\.key)) {
      let (old, new) = (before.record(of: key), keyLog.record(of: key))
      if let old, let new, old.use != new.use { return (0, 0) }
      guard old?.state != new?.state, let old, let new else {
        // A key that went is good for nothing any more; one that came (back) can only have signed
        // what is not in the feed.
        if old != nil || new != nil, old == nil || new == nil {
          affect(new == nil ? (0, 0) : (.max, .max))
        }
        continue
      }
      for state in [old.state, new.state] {
        if let place = try firstUnvouched(state, feed) { affect(place) }
      }
    }
    let rules = [before, keyLog].map { FeedRules($0, feed: feed.name) }
    FeedRules.firstDifference(rules[0], rules[1]).map(affect)
    let (old, new) = (before.openings(feed: feed.name), keyLog.openings(feed: feed.name))
    let same = zip(old, new).prefix { $0 == $1 }.count
    let changed = old.dropFirst(same) + new.dropFirst(same)
    for opening in changed { affect(opening.after.map { ($0.epoch, $0.seq) } ?? (0, 0)) }
    if !changed.isEmpty { rules.compactMap(\.firstLeftBehind).forEach(affect) }
    return first
  }

  /// The first place at which a block by a key of this state is not, or may not be, vouched for;
  /// nil when there is none.
  private func firstUnvouched(
    _ state: KeyRecord.State, _ feed: FeedRow
  ) throws(KianaError) -> Place? {
    let pins: [FeedPosition]
    var reason: RevocationReason?
    switch state {
    case .active, .grace: return nil
    case .retired(let last): pins = last
    case .revoked(let why, let last): (reason, pins) = (why, last)
    }
    guard let pin = pins.last(where: { $0.feed == feed.name }) else { return (0, 0) }
    // What leads to the pin stays; the place itself is looked at for the case that another block
    // stands there. No pin leads over what was left behind.
    let place = (pin.epoch, pin.seq)
    guard reason == .compromise, let left = FeedRules(keyLog, feed: feed.name).firstLeftBehind
    else { return place }
    return left < place ? left : place
  }
}
