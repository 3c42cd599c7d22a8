/// The key event log of one identity, judged: which events count, which keys are good for what.
///
/// Every node comes to the same judgement from the same set of events, whatever the order in which
/// they arrived (`docs/FORMATS.md`, "Which events count"):
///
/// - An event counts when its signatures satisfy the keys that the establishment event before it
///   put in force.
/// - A rotation supersedes the interactions that stand at its place and after it (KERI rule A0).
/// - Two interactions at one place contest each other: what is anchored from there on is suspended
///   until a rotation resolves it.
/// - Two rotations that reveal the same commitment are duplicity. That is final; the log ends with
///   the event that committed.
package struct KeyLog: Sendable {
  package let aid: AID
  /// The events that count, in order.
  package let events: [KeyEvent]
  /// Valid events that do not count, and that others must see to judge as we do: interactions that
  /// contradict each other, or two rotations that prove duplicity.
  package let evidence: [KeyEvent]
  /// Valid events that a rotation, or duplicity, made void. Whoever knows that judges the same with
  /// and without them.
  package let void: [KeyEvent]
  /// The control keys in force.
  package let establishment: KeyEvent.Establishment?
  /// The place from which two interactions contradict each other; nil when none do.
  package let contestedFrom: Int64?
  /// Whether the owner, or a thief of the next keys, signed two rotations.
  package let isDuplicitous: Bool
  private var states: KeyStates

  /// How many events of a log may count.
  package static let eventsMax = 10_000

  /// Judges the events of a stream.
  ///
  /// - Throws: `KeyLogFault` when the stream is malformed, an event belongs to another identity,
  ///   follows nothing in it, or is not signed by the keys in force.
  package static func replay(
    _ stream: [UInt8], aid: AID, _ crypto: any Cryptography
  ) throws(KeyLogFault) -> KeyLog {
    let parsed = try KeyEvent.parse(stream: stream, eventsMax: 2 * eventsMax, crypto)
    return try replay(parsed, trusted: [], aid: aid, crypto)
  }

  /// The same for events.
  ///
  /// - Parameter trusted: the events whose signatures were checked before, as part of this log.
  package static func replay(
    _ events: [KeyEvent], trusted: Set<Hash32>, aid: AID, _ crypto: any Cryptography
  ) throws(KeyLogFault) -> KeyLog {
    let (log, unattached) = try merge(events, trusted: trusted, aid: aid, crypto)
    if let event = unattached.first { throw .follows(event) }
    return log
  }

  /// The same for events among which some may follow nothing that is here: those are named, and
  /// left out.
  package static func merge(
    _ events: [KeyEvent], trusted: Set<Hash32>, aid: AID, _ crypto: any Cryptography
  ) throws(KeyLogFault) -> (log: KeyLog, unattached: [KeyEvent]) {
    var tree = KeyEventTree()
    for event in events.sorted(by: { ($0.s, $0.said) < ($1.s, $1.said) }) {
      guard event.aid == aid else { throw KeyLogFault("an event belongs to another identity") }
      try tree.add(event, isTrusted: trusted.contains(event.said), crypto)
    }
    guard let path = tree.path(crypto) else { throw KeyLogFault("its first event is missing") }
    guard path.events.count <= eventsMax else {
      throw KeyLogFault("it has more than \(eventsMax) events")
    }
    let log = KeyLog(
      aid: aid, events: path.events, evidence: path.evidence, void: path.void,
      establishment: path.events.last { $0.establishment != nil }?.establishment,
      contestedFrom: path.contestedFrom, isDuplicitous: path.isDuplicitous,
      states: KeyStates(path.events))
    return (log, path.unattached)
  }

  /// The log with one more event, when that simply goes on from the end; nil when all events have
  /// to be judged together.
  ///
  /// - Throws: when the event is not signed by the keys in force.
  package func appending(
    _ event: KeyEvent, _ crypto: any Cryptography
  ) throws(KeyLogFault) -> KeyLog? {
    guard event.aid == aid, event.prior == lastSaid, event.s == lastS + 1, !isDuplicitous,
      contestedFrom == nil, evidence.isEmpty, events.count < Self.eventsMax, let establishment
    else { return nil }
    if let revealed = event.establishment {
      try KeyEventTree.checkRotation(event, revealed, before: establishment, crypto)
    } else {
      try KeyEventTree.checkSignatures(event, establishment, crypto)
    }
    var states = states
    states.apply(event)
    return KeyLog(
      aid: aid, events: events + [event], evidence: [], void: [],
      establishment: event.establishment ?? establishment, contestedFrom: nil,
      isDuplicitous: false, states: states)
  }

  /// The place of the last event that counts.
  package var lastS: Int64 { events.last?.s ?? 0 }

  /// The digest of the last event that counts.
  package var lastSaid: Hash32? { events.last?.said }

  /// All keys that were ever added, in order.
  package var keys: [KeyRecord] { states.records }

  /// Whether the log ever added this key for this use.
  package func has(_ key: KeyText, for use: KeyUse) -> Bool {
    states.record(key)?.use == use
  }

  /// The key that this identity signs with now; nil when there is none. One that was added later is
  /// staged, and takes over when the older one goes into grace.
  package func signingKey(_ use: KeyUse) -> KeyText? {
    states.records.first { $0.use == use && $0.state == .active }?.key
  }

  /// The epochs that the log opens for a feed, in order.
  package func openings(feed: String) -> [EpochOpening] {
    states.openings[feed] ?? []
  }

  /// The record of a key; nil when the log does not know it.
  package func record(of key: KeyText) -> KeyRecord? {
    states.record(key)
  }

  /// **The one verdict**: what the author's key log says of a signature by `key` over the block at
  /// `position`. The signature itself is checked elsewhere.
  ///
  /// Order in the feed decides, never a clock and never "first seen by us" (DESIGN section 5).
  ///
  /// - Parameters:
  ///   - isLeftBehind: whether a later epoch goes on from before the block. No pin leads over it
  ///     any more, so that only a compromise of its key is held against it.
  ///   - relation: how the block stands to a block that the author pinned; asked only for keys that
  ///     were retired or revoked.
  package func verdict(
    on position: FeedPosition, key: KeyText, isLeftBehind: Bool,
    relation: (FeedPosition) throws(KianaError) -> Ancestry
  ) throws(KianaError) -> KeyVerdict {
    if isDuplicitous { return .duplicitous }
    guard let record = states.record(key), record.use == .block else { return .unknownKey }
    let (last, reason): ([FeedPosition], RevocationReason?)
    switch record.state {
    case .active, .grace: return .valid
    case .retired(let pins): (last, reason) = (pins, nil)
    case .revoked(let why, let pins): (last, reason) = (pins, why)
    }
    if isLeftBehind, reason != .compromise { return .leftBehind }
    guard let pin = last.last(where: { $0.feed == position.feed }) else {
      return reason == .compromise ? .compromised : .notVouched
    }
    switch try relation(pin) {
    case .isAncestorOrSame: return reason == .compromise ? .validBeforeCompromise : .validRetired
    case .unknown: return .unproven
    case .isNot: return reason == .compromise ? .compromised : .notVouched
    }
  }

  /// The same for a signature over something else than a block: a file, a note, a manifest.
  ///
  /// - Parameters:
  ///   - index: where a proof places the signature in an audit log, counted from 0; nil without
  ///     one. No time that the signature itself claims counts.
  package func verdict(
    of key: KeyText, use: KeyUse, index: LogPosition?
  ) -> KeyVerdict {
    if isDuplicitous { return .duplicitous }
    guard let record = states.record(key), record.use == use else { return .unknownKey }
    let isStolen: Bool
    switch record.state {
    case .active, .grace: return .valid
    case .retired: isStolen = false
    case .revoked(let reason, _): isStolen = reason == .compromise
    }
    guard let index else { return isStolen ? .compromised : .unproven }
    guard let vouched = record.vouched, vouched.origin == index.origin,
      index.size < vouched.size
    else { return isStolen ? .compromised : .notVouched }
    return isStolen ? .validBeforeCompromise : .validRetired
  }

  /// The positions of a feed that retired and revoked keys pin.
  package func pins(feed: String) -> [FeedPosition] {
    states.records.flatMap { record -> [FeedPosition] in
      switch record.state {
      case .active, .grace: []
      case .retired(let pins), .revoked(_, let pins): pins.filter { $0.feed == feed }
      }
    }
  }
}

/// How a block stands to another one of its feed.
package enum Ancestry: Equatable, Sendable {
  case isAncestorOrSame
  case isNot
  /// The other one is not here, and this one stands before its place.
  case unknown
}

/// What verifying a block against its author's key log answers.
package enum KeyVerdict: String, Sendable, CaseIterable {
  /// The key is good.
  case valid
  /// The key is gone; its author vouches for the block.
  case validRetired = "valid-retired"
  /// The key was compromised; its author vouches for the block.
  case validBeforeCompromise = "valid-before-compromise"
  /// The key is gone; the author went on from before the block, which stays readable.
  case leftBehind = "left-behind"
  /// The key is gone; the block that would prove it is not here yet.
  case unproven
  /// The author's log does not know the key, or for another use.
  case unknownKey = "unknown-key"
  /// The key was compromised, and its author does not vouch for the block.
  case compromised
  /// The key was retired or revoked, and its author does not vouch for the block.
  case notVouched = "not-vouched"
  /// The author's log contradicts itself.
  case duplicitous

  /// Whether the block may stand in its feed.
  package var isAcceptable: Bool {
    switch self {
    case .valid, .validRetired, .validBeforeCompromise, .leftBehind, .unproven: true
    case .unknownKey, .compromised, .notVouched, .duplicitous: false
    }
  }

  package var words: String {
    switch self {
    case .valid: "its key is good"
    case .validRetired: "its key is retired, and its author vouches for the block"
    case .validBeforeCompromise: "it was signed before its key was compromised"
    case .leftBehind: "its key is retired, and its author went on from before it"
    case .unproven: "its key is retired, and the block that would prove it is not here"
    case .unknownKey: "its author's key log does not have this key"
    case .compromised: "its key was compromised, and its author does not vouch for the block"
    case .notVouched: "its key was retired, and its author does not vouch for the block"
    case .duplicitous: "its author's key log contradicts itself"
    }
  }
}
