package import KianaCrypto
package import KianaModel
internal import KianaStore

/// Takes the identity back with the recovery code: a rotation that makes a thief's key events void,
/// revokes every key that lay on the machine, and brings new ones (DESIGN section 5).
package struct Emergency {
  /// What would be done.
  package struct Plan: Sendable {
    /// Place of the rotation: the first event that does not count any more.
    package let place: Int64
    /// Events that the rotation makes void.
    package let void: [KeyEvent]
    /// By feed, the last block that stays.
    package let pins: [FeedPosition]
    /// Keys that are revoked.
    package let revoked: [KeyRecord]
    /// The log before the rotation.
    let log: KeyLog
    let prior: Hash32
    /// What void events said and must still hold.
    let renewed: [KeyAnchor]
    let openings: [KeyAnchor]
  }

  private let node: Node
  package init(_ node: Node) {
    self.node = node
  }

  // MARK: what would be done

  /// Blocks that may be the thief's; ask the owner which are theirs.
  package func doubts() throws(KianaError) -> Doubts {
    try Doubts(node, try ownLog())
  }

  /// The first event that cannot stay: from where two events contradict each other, or that adds a
  /// key whose secret is not here; else the place after the last event.
  private func firstDoubt(_ log: KeyLog, after ruler: Int64) -> Int64 {
    let foreign = Doubts.foreignKeys(node, log)
    let added = log.keys.filter { foreign.contains($0.key) && $0.addedAt > ruler }.map(\.addedAt)
    return ([log.contestedFrom ?? log.lastS + 1] + added).min() ?? log.lastS + 1
  }

  /// - Parameters:
  ///   - first: place of the first key event that is not the owner's; nil for the first one that
  ///     adds a key whose secret is not here. What the owner said there is said again.
  ///   - last: blocks that are the last own ones of their feeds; other feeds stay as they are.
  /// - Throws: `usage` when the place cannot be rotated from, `refused` when a block is not ours.
  package func plan(from first: Int64?, last: [Hash32]) throws(KianaError) -> Plan {
    let whole = try ownLog()
    guard !whole.isDuplicitous else {
      throw KianaError(
        code: .refused, what: "this identity cannot be taken back",
        why: "somebody else had the recovery code, and two rotations contradict each other",
        hint: "make a new node, and tell the others")
    }
    let ruler = whole.events.last { $0.establishment != nil }?.s ?? 0
    let place = first ?? firstDoubt(whole, after: ruler)
    guard place > ruler, place <= whole.lastS + 1,
      let prior = whole.events.first(where: { $0.s == place - 1 })
    else {
      throw KianaError(
        code: .usage, what: "cannot rotate from event \(place)",
        why: "events \(ruler + 1) to \(whole.lastS + 1) can be taken back, what a rotation settled "
          + "cannot", hint: "'kiana-keys history' lists the events")
    }
    let log = try truncated(whole, before: place)
    let pins = try pins(last)
    let renewed = try renewedKeys(whole, log, pins)
    return Plan(
      place: place, void: whole.events.filter { $0.s >= place } + whole.evidence, pins: pins,
      revoked: log.keys.filter { isInUse($0) } + renewed, log: log, prior: prior.said,
      renewed: renewed.map {
        .add($0.use, $0.key, notBefore: $0.notBefore, notAfter: $0.notAfter)
      }, openings: openings(whole, log, pins))
  }

  private func truncated(_ log: KeyLog, before place: Int64) throws(KianaError) -> KeyLog {
    let events = log.events.filter { $0.s < place }
    do throws(KeyLogFault) {
      return try KeyLog.replay(
        events, trusted: Set(events.map(\.said)), aid: node.aid, node.crypto)
    } catch {
      throw KianaError(
        code: .damaged, what: "this node's own key log is damaged", why: error.reason)
    }
  }

  private func isInUse(_ record: KeyRecord) -> Bool {
    // The backup key's public half is on paper, and it only signs what its owner asks for.
    switch record.state {
    case .active, .grace: record.use != .backup
    case .retired, .revoked: false
    }
  }

  private func pins(_ last: [Hash32]) throws(KianaError) -> [FeedPosition] {
    guard let author = try node.authors.find(node.aid) else { return [] }
    var pins = try node.feeds.all(author: author.no).compactMap(\.head)
    for id in last {
      let block = try BlockReader(node).read(id)
      guard block.header.author == node.aid, block.row.standing == .inFeed else {
        throw KianaError(
          code: .refused, what: "cannot vouch for block '\(id.hex)'",
          why: "it is not in a feed of this node")
      }
      pins.removeAll { $0.feed == block.header.feed }
      pins.append(
        FeedPosition(
          epoch: block.row.epoch, feed: block.header.feed, id: id, seq: block.row.seq))
    }
    return pins
  }

  /// Block keys that only void events added, and that signed blocks which stay.
  private func renewedKeys(
    _ whole: KeyLog, _ log: KeyLog, _ pins: [FeedPosition]
  ) throws(KianaError) -> [KeyRecord] {
    let void = whole.keys.filter { $0.use == .block && log.record(of: $0.key) == nil }
    guard !void.isEmpty, let author = try node.authors.find(node.aid) else { return [] }
    var used = Set<KeyText>()
    for feed in try node.feeds.all(author: author.no) {
      guard let pin = pins.first(where: { $0.feed == feed.name }) else { continue }
      try node.blocks.forEach(feed: feed.no, fromEpoch: 0, seq: 0) { (row) throws(KianaError) in
        guard (row.epoch, row.seq) <= (pin.epoch, pin.seq) else { return false }
        used.insert(try BlockReader(node).header(of: row).key)
        return true
      }
    }
    return void.filter { used.contains($0.key) }
  }

  /// Epochs of void events that the pinned blocks stand in, and for each feed the next one: what
  /// the thief still writes into the last one is nobody's.
  private func openings(
    _ whole: KeyLog, _ log: KeyLog, _ pins: [FeedPosition]
  ) -> [KeyAnchor] {
    pins.flatMap { pin -> [KeyAnchor] in
      let known = log.openings(feed: pin.feed).count
      let wanted = whole.openings(feed: pin.feed).dropFirst(known).filter { $0.epoch <= pin.epoch }
      let last = wanted.last?.epoch ?? log.openings(feed: pin.feed).last?.epoch ?? 0
      return wanted.map { .epoch(feed: pin.feed, $0) } + [
        .epoch(feed: pin.feed, EpochOpening(epoch: last + 1, after: pin))
      ]
    }
  }

  // MARK: doing it

  /// Does what a plan says; the node may sign afterwards, also when it was restored.
  ///
  /// - Parameter code: the recovery code as it was typed.
  /// - Throws: `key` when it is not this node's.
  package func carryOut(
    _ plan: Plan, code: borrowing Secret, unlockedBy source: borrowing UnlockSource
  ) throws(KianaError) {
    let index = try RecoveryCheck(node).index(code)
    guard let master = RecoveryCode.master(fromText: code) else {
      preconditionFailure("the code was read before")
    }
    let vault = try Vault.open(
      node.directory, owner: node.aid, source: source, like: try KeyFile.control(of: node))
    let control = Secret(randomCount: 32)
    let controlKey = node.crypto.publicKey(ofSeed: control)
    let recovery = RecoveryCode.nextKeySeed(master, index: index)
    let keys = RecoveryKeys(
      revealed: node.crypto.publicKey(ofSeed: recovery), control: controlKey,
      next: node.crypto.publicKey(
        ofSeed: RecoveryCode.nextKeySeed(master, index: index + 1)))
    try node.database.transaction { () throws(KianaError) in
      // Here, where no other command takes it for one that no event names, and destroys it.
      try vault.store(control, name: KeyFile.control(controlKey), key: controlKey)
      var anchors = plan.renewed + (try revocations(plan)) + plan.openings
      for use in KeyUse.allCases where use != .backup {
        anchors.append(
          try KeyMaking.make(use, notBefore: node.now(), for: node, in: vault))
      }
      let first = fitting(anchors, plan, keys)
      let event = rotation(Array(anchors[..<first]), plan, keys)
      try RecoveryRotation(node).store(
        event.message(signatures: [
          CESR.IndexedSignature(
            index: 0, countsForCommitment: true,
            bytes: node.crypto.sign(event.bytes, seed: recovery)),
          CESR.IndexedSignature(
            index: 1, countsForCommitment: false,
            bytes: node.crypto.sign(event.bytes, seed: control)),
        ]))
      // What did not fit into the rotation follows it.
      try KeyLogWriter(node, unlockedBy: source).append(Array(anchors[first...]))
    }
    try Resume(node).finish()
    try KeyRotation(node).destroySecrets()
  }

  private struct RecoveryKeys {
    let revealed: KeyText
    let control: KeyText
    let next: KeyText
  }

  /// What is compromised is revoked with the last own blocks, which stay good.
  private func revocations(_ plan: Plan) throws(KianaError) -> [KeyAnchor] {
    try plan.revoked.map { (record) throws(KianaError) in
      .revoke(
        record.use, record.key, .compromise, last: record.use == .block ? plan.pins : [],
        log: try node.logPlace(record.use))
    }
  }

  private func rotation(
    _ anchors: [KeyAnchor], _ plan: Plan, _ keys: RecoveryKeys
  ) -> KeyEvent.Draft {
    KeyEvent.recovery(
      node.aid, s: plan.place, prior: plan.prior, revealed: keys.revealed, control: keys.control,
      next: keys.next, anchors: anchors, node.crypto)
  }

  /// How many anchors fit into the rotation.
  private func fitting(_ anchors: [KeyAnchor], _ plan: Plan, _ keys: RecoveryKeys) -> Int {
    var count = anchors.count
    while count > 0,
      rotation(Array(anchors[..<count]), plan, keys).bytes.count > KeyEvent.bytesMax
    { count -= 1 }
    return count
  }

  private func ownLog() throws(KianaError) -> KeyLog {
    guard let log = try node.keyLog(of: node.aid) else {
      throw KianaError(code: .damaged, what: "this node's own key log is not here")
    }
    return log
  }
}

/// Makes keys of this node: the secret is sealed on the disk before an event names it.
enum KeyMaking {
  private static let day: Int64 = 86_400_000

  /// - Returns: what the event says.
  static func make(
    _ use: KeyUse, notBefore: Int64, for node: Node, in vault: borrowing Vault
  ) throws(KianaError) -> KeyAnchor {
    let secret = Secret(randomCount: 32)
    let key =
      use.isSigning
      ? node.crypto.publicKey(ofSeed: secret)
      : KeyText(raw: node.crypto.exchangePublicKey(ofSecret: secret), isSigningKey: false)
    try vault.store(secret, name: KeyFile.name(use, key), key: key)
    let notAfter = node.settings.keys.days(use).map { notBefore + Int64($0) * day } ?? KeyUse.never
    return .add(use, key, notBefore: notBefore, notAfter: notAfter)
  }
}
