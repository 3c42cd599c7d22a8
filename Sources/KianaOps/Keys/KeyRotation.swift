internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// Replaces the keys of this node: by plan (`kiana-keys tick`) or by hand (`rotate`, `revoke`).
///
/// New secrets are on the disk before the event that names them commits, and secrets of keys that
/// are gone are destroyed after it: whatever moment the process dies, one key of each use is
/// active, and its secret opens.
package struct KeyRotation {
  /// What was done, or would be.
  package struct Report: Equatable, Sendable {
    package var steps = [KeySchedule.Step]()
    /// Keys that go on although they should have been replaced.
    package var overdue = [KeyRecord]()

    package init() {}

    init(steps: [KeySchedule.Step], overdue: [KeyRecord] = []) {
      self.steps = steps
      self.overdue = overdue
    }
  }

  private let node: Node
  private static let day: Int64 = 86_400_000
  /// The clock may be this much behind the newest key event.
  private static let skew: Int64 = 300_000
  /// Before this there was no kiana: 2026-01-01.
  private static let earliest: Int64 = 1_767_225_600_000
  /// A longer time since the last look may be a clock that jumped.
  private static let longestPause = 60 * day

  package init(_ node: Node) {
    self.node = node
  }

  // MARK: by plan

  /// What is due now; nothing is written.
  package func plan() throws(KianaError) -> Report {
    let log = try ownLog()
    let schedule = KeySchedule(log, node.settings.keys)
    return Report(
      steps: schedule.steps(try circumstances(log)), overdue: schedule.overdue(now: node.now()))
  }

  /// Does what is due, all in one transaction.
  ///
  /// - Parameter isClockRight: whether somebody said that a long pause was one.
  /// - Throws: `needsPerson` when the clock cannot be right; nothing is changed then.
  package func tick(
    unlockedBy source: borrowing UnlockSource, isClockRight: Bool
  ) throws(KianaError) -> Report {
    try RestoredState.check(node)
    try checkClock(isClockRight)
    var steps = [KeySchedule.Step]()
    if try !plan().steps.isEmpty {
      let writer = try KeyLogWriter(node, unlockedBy: source)
      steps = try node.database.transaction { () throws(KianaError) in
        // Another command may have been faster.
        let steps = try plan().steps
        try carryOut(steps, writer)
        return steps
      }
      try Guard.update(node)
      try destroySecrets()
    }
    do throws(KianaError) {
      try Freshness(node).renew(unlockedBy: source)
    } catch  where error.code == .key {
      // No reason to fail hourly: the keys are needed when one is due, and others see the silence.
    }
    let now = node.now()
    try node.database.transaction(.normal) { () throws(KianaError) in
      try node.meta.set(.lastTick, now)
    }
    return Report(
      steps: steps, overdue: KeySchedule(try ownLog(), node.settings.keys).overdue(now: now))
  }

  /// A clock that is wrong must not replace keys, and never ends one.
  private func checkClock(_ isClockRight: Bool) throws(KianaError) {
    let now = node.now()
    func fault(_ why: String, _ hint: String) -> KianaError {
      KianaError(
        code: .needsPerson, what: "cannot look after the keys", why: why, hint: hint)
    }
    let log = try ownLog()
    let newest = try time(of: log.lastS, log)
    guard now >= Self.earliest, now + Self.skew >= newest else {
      throw fault(
        "the clock says \(Moment.text(now)), and the newest key event is of \(Moment.text(newest))",
        "set the clock; the keys go on signing meanwhile")
    }
    let last = try node.meta.integer(.lastTick)
    guard isClockRight || last == 0 || now - last <= Self.longestPause else {
      throw fault(
        "the last look was \((now - last) / Self.day) days ago, or the clock jumped",
        "if the clock is right, run 'kiana-keys tick --clock-is-right'")
    }
  }

  // MARK: by hand

  /// Stages a new key of each use, or lets it take over at once.
  package func rotate(
    _ uses: [KeyUse], isImmediate: Bool, unlockedBy source: borrowing UnlockSource
  ) throws(KianaError) -> Report {
    try change(unlockedBy: source) { (log, writer) throws(KianaError) in
      var steps = [KeySchedule.Step]()
      for use in uses {
        let active = log.keys.filter { $0.use == use && $0.state == .active }
        let staged = active.dropFirst().last
        switch (active.first, staged, isImmediate) {
        case (nil, _, _): steps.append(.replace(use))
        case (_, nil, false): steps.append(.stage(use, notBefore: node.now() + Self.day))
        case (_, nil, true): steps.append(.replace(use))
        case (.some, .some(let next), true):
          steps += active.dropLast().map { .promote(use, from: $0.key, to: next.key) }
        case (.some, .some, false): break
        }
      }
      try carryOut(steps, writer)
      return steps
    }
  }

  /// Takes a key back for good. A key in use is replaced in the same event.
  ///
  /// - Parameters:
  ///   - last: the last block that the author vouches for; its feed goes on after it in a new epoch
  ///     when it has later ones. Other feeds are vouched for as they are.
  /// - Throws: `refused` when the key is revoked already, `notFound` when the block is not here.
  package func revoke(
    _ key: KeyText, _ reason: RevocationReason, last: Hash32?,
    unlockedBy source: borrowing UnlockSource
  ) throws(KianaError) -> Report {
    try change(unlockedBy: source) { (log, writer) throws(KianaError) in
      guard let record = log.record(of: key) else {
        throw KianaError(code: .notFound, what: "this node has no key '\(key.text)'")
      }
      if case .revoked = record.state {
        throw KianaError(
          code: .refused, what: "cannot revoke the key '\(key.text)'",
          why: "it is revoked already, and that is final")
      }
      var anchors = [KeyAnchor]()
      var steps = [KeySchedule.Step]()
      let others = log.keys.filter {
        $0.use == record.use && $0.state == .active && $0.key != key
      }
      if record.state == .active, others.isEmpty {
        anchors.append(try newKey(record.use, notBefore: node.now(), writer))
        steps.append(.replace(record.use))
      }
      var pins = record.use == .block ? try heads() : []
      if let last, record.use == .block {
        let (pin, opening) = try cut(at: last, log)
        pins = pins.filter { $0.feed != pin.feed } + [pin]
        anchors.append(.revoke(record.use, key, reason, last: pins))
        if let opening { anchors.append(.epoch(feed: pin.feed, opening)) }
      } else {
        anchors.append(
          .revoke(record.use, key, reason, last: pins, log: try node.logPlace(record.use)))
      }
      try writer.append(anchors)
      return steps + [.destroy(record.use, key)]
    }
  }

  /// The block up to which the author vouches, and the epoch that goes on after it when its feed
  /// has later ones.
  private func cut(
    at id: Hash32, _ log: KeyLog
  ) throws(KianaError) -> (FeedPosition, EpochOpening?) {
    let block = try BlockReader(node).read(id)
    guard block.header.author == node.aid, block.row.standing == .inFeed else {
      throw KianaError(
        code: .refused, what: "cannot vouch for block '\(id.hex)'",
        why: "it is not in a feed of this node")
    }
    let position = FeedPosition(
      epoch: block.row.epoch, feed: block.header.feed, id: id, seq: block.row.seq)
    if let pin = log.pins(feed: position.feed).first(where: { position.stands(before: $0) }) {
      throw KianaError(
        code: .refused, what: "cannot take block '\(id.hex)' as the last one",
        why: "an earlier key event vouches for block \(pin.seq) of its feed, which comes later")
    }
    guard try heads().contains(where: { position.stands(before: $0) && $0.feed == position.feed })
    else { return (position, nil) }
    let epoch = max(log.openings(feed: position.feed).last?.epoch ?? 0, position.epoch) + 1
    return (position, EpochOpening(epoch: epoch, after: position))
  }

  private func change(
    unlockedBy source: borrowing UnlockSource,
    _ body: (KeyLog, borrowing KeyLogWriter) throws(KianaError) -> [KeySchedule.Step]
  ) throws(KianaError) -> Report {
    try RestoredState.check(node)
    let writer = try KeyLogWriter(node, unlockedBy: source)
    let steps = try node.database.transaction { () throws(KianaError) in
      try body(try ownLog(), writer)
    }
    try Guard.update(node)
    try destroySecrets()
    return Report(steps: steps)
  }

  // MARK: steps

  private func carryOut(
    _ steps: [KeySchedule.Step], _ writer: borrowing KeyLogWriter
  ) throws(KianaError) {
    let now = node.now()
    var anchors = [KeyAnchor]()
    for step in steps {
      switch step {
      case .stage(let use, let notBefore):
        anchors.append(try newKey(use, notBefore: notBefore, writer))
      case .replace(let use):
        let active = try ownLog().keys.filter { $0.use == use && $0.state == .active }
        anchors.append(try newKey(use, notBefore: now, writer))
        anchors += active.map { .grace(use, $0.key) }
      case .promote(let use, let old, _): anchors.append(.grace(use, old))
      case .retire(let use, let key):
        anchors.append(
          .retire(use, key, last: use == .block ? try heads() : [], log: try node.logPlace(use)))
      case .destroy: break
      }
    }
    try writer.append(anchors)
  }

  private func newKey(
    _ use: KeyUse, notBefore: Int64, _ writer: borrowing KeyLogWriter
  ) throws(KianaError) -> KeyAnchor {
    try KeyMaking.make(use, notBefore: notBefore, for: node, in: writer.vault)
  }

  /// Where the node's own feeds end: all of it is vouched for.
  private func heads() throws(KianaError) -> [FeedPosition] {
    guard let author = try node.authors.find(node.aid) else { return [] }
    return try node.feeds.all(author: author.no).compactMap(\.head)
  }

  /// Destroys the secrets of keys that are gone, and of keys that no event names: those of a
  /// command that died before its commit.
  ///
  /// In a transaction, so that no other command is just making a key.
  func destroySecrets() throws(KianaError) {
    try node.database.transaction(.normal) { () throws(KianaError) in
      try node.directory.destroyKeyFiles(except: try wantedSecrets())
      // What a resealing left that died.
      try DurableFile.destroyFolder("\(node.directory.keysPath).next")
    }
  }

  private func wantedSecrets() throws(KianaError) -> Set<String> {
    let log = try ownLog()
    var wanted: Set<String> = [try KeyFile.control(of: node)]
    for record in log.keys {
      switch record.state {
      case .active, .grace: wanted.insert(KeyFile.name(record.use, record.key))
      case .retired, .revoked:
        if record.use == .enc { wanted.insert(KeyFile.name(record.use, record.key)) }
      }
    }
    return wanted
  }

  // MARK: what is known

  private func ownLog() throws(KianaError) -> KeyLog {
    guard let log = try node.keyLog(of: node.aid) else {
      throw KianaError(code: .damaged, what: "this node's own key log is not here")
    }
    return log
  }

  private func circumstances(_ log: KeyLog) throws(KianaError) -> KeySchedule.Circumstances {
    var times = [Int64: Int64]()
    for record in log.keys where record.state == .grace {
      times[record.changedAt] = try time(of: record.changedAt, log)
    }
    let files = Set(try node.directory.keyFileNames())
    let seen = try node.peerMemory.seen(change: try node.meta.integer(.keyChange))
    return KeySchedule.Circumstances(
      now: node.now(), time: { times[$0] ?? .max / 2 }, isSeenByMost: seen.by * 2 >= seen.of,
      secrets: Set(
        log.keys.filter { files.contains(KeyFile.name($0.use, $0.key)) }.map(\.key)))
  }

  private func time(of s: Int64, _ log: KeyLog) throws(KianaError) -> Int64 {
    guard let author = try node.authors.find(node.aid),
      let event = log.events.first(where: { $0.s == s })
    else { return 0 }
    return try node.keyEvents.time(author: author.no, s: s, said: event.said) ?? 0
  }
}
