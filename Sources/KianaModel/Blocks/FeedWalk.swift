/// Which stored blocks of a feed are the feed: walks over all of them in order of their places and
/// gives each its standing.
///
/// The answer depends on the blocks and the author's key log alone, not on the order in which they
/// came; with one exception that DESIGN section 4 wants: at a fork about which the author has said
/// nothing, what is held stays.
package struct FeedWalk {
  /// One stored block.
  package struct Node: Sendable {
    package let no: Int64
    package let position: FeedPosition
    package let prev: Hash32?
    package let key: KeyText
    /// By the judgement before this one.
    package let standing: Standing
    package let hasBadSignature: Bool

    package init(
      no: Int64, position: FeedPosition, prev: Hash32?, key: KeyText, standing: Standing,
      hasBadSignature: Bool
    ) {
      self.no = no
      self.position = position
      self.prev = prev
      self.key = key
      self.standing = standing
      self.hasBadSignature = hasBadSignature
    }
  }

  /// How a stored block stands to one that the author named.
  package typealias Relation = (Node, FeedPosition) throws(KianaError) -> Ancestry

  private let log: KeyLog
  private let rules: FeedRules
  /// Of the named blocks those that are not here; what stands before them may lead to them.
  private let pending: [FeedPosition]
  private let here: [FeedPosition]
  /// The block on the chain of its epoch that was taken last.
  private var tip: FeedPosition?
  private var rivals = Set<Hash32>()
  /// The blocks after which epochs go on and that were walked over.
  private var reached: Set<Hash32>
  private let afters: Set<Hash32>
  /// The last block of the feed; nil while there is none.
  package private(set) var head: FeedPosition?
  /// Whether two branches go on from one block and the author has not said which one counts.
  package private(set) var isContested = false

  /// - Parameters:
  ///   - tip: the visible block directly before where the walk begins; nil at the beginning of an
  ///     epoch.
  ///   - head: the last block of the feed before where the walk begins.
  ///   - isHere: whether a block that the author names is stored.
  ///   - isBefore: whether a block is stored, visible, and stands before where the walk begins.
  package init(
    _ log: KeyLog, _ rules: FeedRules, tip: FeedPosition?, head: FeedPosition?,
    isHere: (FeedPosition) throws(KianaError) -> Bool,
    isBefore: (FeedPosition) throws(KianaError) -> Bool
  ) throws(KianaError) {
    self.log = log
    self.rules = rules
    self.tip = tip
    self.head = head
    var pending = [FeedPosition]()
    var here = [FeedPosition]()
    for name in rules.names {
      if try isHere(name) { here.append(name) } else { pending.append(name) }
    }
    self.pending = pending
    self.here = here
    let positions = log.openings(feed: rules.feed).compactMap(\.after)
    afters = Set(positions.map(\.id))
    var reached = Set<Hash32>()
    for position in positions where try isBefore(position) { reached.insert(position.id) }
    self.reached = reached
  }

  /// Judges the blocks of one place; places come in order.
  ///
  /// - Returns: the standing of each.
  package mutating func take(
    _ group: [Node], relation: Relation
  ) throws(KianaError) -> [Standing] {
    guard let place = group.first?.position else { return [] }
    var candidates = [Int]()
    var standings = [Standing](repeating: .cut, count: group.count)
    for (index, node) in group.enumerated() {
      guard try isGood(node, relation) else { continue }
      if follows(node) {
        candidates.append(index)
        standings[index] = .rival
      } else if let prev = node.prev, rivals.contains(prev) {
        standings[index] = .rival
      }
    }
    let isLeft = rules.isLeftBehind(epoch: place.epoch, seq: place.seq)
    if let choice = try choose(candidates, of: group, isLeft: isLeft, relation) {
      standings[choice] = isLeft ? .leftBehind : .inFeed
      let position = group[choice].position
      tip = position
      if afters.contains(position.id) { reached.insert(position.id) }
      if !isLeft { head = position }
    }
    for (index, node) in group.enumerated() where standings[index] == .rival {
      rivals.insert(node.position.id)
    }
    return standings
  }

  private func isGood(_ node: Node, _ relation: Relation) throws(KianaError) -> Bool {
    let position = node.position
    guard !node.hasBadSignature else { return false }
    guard !rules.namesAnother(than: position.id, epoch: position.epoch, seq: position.seq) else {
      return false
    }
    let isLeft = rules.isLeftBehind(epoch: position.epoch, seq: position.seq)
    return try log.verdict(on: position, key: node.key, isLeftBehind: isLeft) {
      (pin) throws(KianaError) in try relation(node, pin)
    }.isAcceptable
  }

  private func follows(_ node: Node) -> Bool {
    let position = node.position
    if rules.begins(position.epoch, seq: position.seq, prev: node.prev) {
      return node.prev.map { reached.contains($0) } ?? true
    }
    guard let tip, tip.epoch == position.epoch, tip.seq + 1 == position.seq else { return false }
    return node.prev == tip.id
  }

  /// Which of the blocks that could come next does: the one that leads to a block the author named,
  /// else the one that is held, else the one of the smallest id.
  private mutating func choose(
    _ candidates: [Int], of group: [Node], isLeft: Bool, _ relation: Relation
  ) throws(KianaError) -> Int? {
    guard candidates.count > 1 else { return candidates.first }
    for name in here {
      for index in candidates
      where try relation(group[index], name) == .isAncestorOrSame { return index }
    }
    let place = group[candidates[0]].position
    let mayBeNamed = pending.contains { !$0.stands(before: place) }
    if !isLeft, !mayBeNamed { isContested = true }
    return candidates.first { group[$0].standing.isVisible }
      ?? candidates.min { group[$0].position.id < group[$1].position.id }
  }
}
