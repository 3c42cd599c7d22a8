internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// Takes key events of other identities into the store.
package struct KeyLogIntake {
  package enum Outcome: Equatable, Sendable {
    case known
    /// The log was extended, or is new.
    case extended
    /// The author was purged, or is not admitted.
    case refused(BlockFault.Kind)
    /// The events are not what they should be.
    case faulty(KeyLogFault)
  }

  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  /// Merges a stream of events with what is here, in the transaction that is open.
  ///
  /// - Parameters:
  ///   - admits: whether the one who brings the log also admits its author, as a typed `import`
  ///     does.
  package func take(
    _ aid: AID, _ stream: [UInt8], admits: Bool, now: Int64
  ) throws(KianaError) -> Outcome {
    let known = try node.authors.find(aid)
    if known?.isPurged == true { return .refused(.purged) }
    // Before any signature is checked: strangers must not cost much.
    if !admits {
      guard let known, try AdmissionRules(node).isAdmitted(known) else {
        return .refused(.notAdmitted)
      }
    }
    let events: [KeyEvent]
    do throws(KeyLogFault) {
      events = try KeyEvent.parse(stream: stream, eventsMax: KeyLog.eventsMax, node.crypto)
    } catch {
      return .faulty(error)
    }
    var fresh = [KeyEvent]()
    for event in events {
      guard event.aid == aid else {
        return .faulty(KeyLogFault("an event belongs to another identity"))
      }
      if let known, try node.keyEvents.has(author: known.no, s: event.s, said: event.said) {
        continue
      }
      fresh.append(event)
    }
    // Nothing is judged for what is known: a line costs nothing then.
    guard !fresh.isEmpty else {
      guard known != nil else { return .faulty(KeyLogFault("it has no events")) }
      _ = try admitted(aid, known, admits: admits, now: now)
      return .known
    }
    let merged: Merged
    let bytes = Int64(fresh.reduce(0) { $0 + $1.message.count })
    let hasSponsorRoom =
      try known.map { (row) throws(KianaError) in
        try AdmissionRules(node).hasSponsorRoom(for: row, bytes: bytes)
      } ?? true
    let stored =
      try known.map { (row) throws(KianaError) in try node.keyEvents.stream(author: row.no) } ?? []
    do throws(KeyLogFault) {
      merged = try merge(fresh, with: stored, of: known, hasSponsorRoom, aid)
    } catch {
      return .faulty(error)
    }
    let author = try admitted(aid, known, admits: admits, now: now)
    guard !merged.fresh.isEmpty else { return .known }
    try store(merged, of: author, now: now)
    if let before = merged.before {
      try FeedJudge(node, author, merged.log, before: before).judgeAll()
    }
    return .extended
  }

  private struct Merged {
    let log: KeyLog
    /// By which the blocks were judged until now; nil for a new author.
    let before: KeyLog?
    let fresh: [KeyEvent]
    let superseded: [KeyEvent]
  }

  private func merge(
    _ events: [KeyEvent], with stream: [UInt8], of known: AuthorRow?, _ hasSponsorRoom: Bool,
    _ aid: AID
  ) throws(KeyLogFault) -> Merged {
    let stored = try KeyEvent.parse(
      stream: stream, eventsMax: 2 * KeyLog.eventsMax, node.crypto)
    let trusted = Set(stored.map(\.said))
    let before =
      stored.isEmpty ? nil : try KeyLog.replay(stored, trusted: trusted, aid: aid, node.crypto)
    let taken = try fitting(events, beside: stored.count, of: known, hasSponsorRoom)
    let log = try KeyLog.replay(stored + taken, trusted: trusted, aid: aid, node.crypto)
    let void = Set(log.superseded.map(\.said))
    return Merged(
      log: log, before: before, fresh: taken.filter { !void.contains($0.said) },
      superseded: log.superseded.filter { trusted.contains($0.said) })
  }

  /// Whoever has a control key can sign interactions without end. When there are too many, only
  /// rotations and what they follow are taken: the owner's way out is never shut.
  private func fitting(
    _ events: [KeyEvent], beside stored: Int, of author: AuthorRow?, _ hasSponsorRoom: Bool
  ) throws(KeyLogFault) -> [KeyEvent] {
    let bytes = Int64(events.reduce(0) { $0 + $1.message.count })
    let hasRoom =
      hasSponsorRoom
      && author.map {
        $0.admission == .own || $0.bytes + bytes <= node.settings.authorBytesMax
      } ?? true
    if stored + events.count <= KeyLog.eventsMax, hasRoom { return events }
    let byDigest = Dictionary(events.map { ($0.said, $0) }, uniquingKeysWith: { first, _ in first })
    var needed = Set<Hash32>()
    for rotation in events where rotation.kind == .rot {
      var next: KeyEvent? = rotation
      while let event = next, needed.insert(event.said).inserted {
        next = event.prior.flatMap { byDigest[$0] }
      }
    }
    guard !needed.isEmpty else {
      throw KeyLogFault(
        hasRoom ? "it has more than \(KeyLog.eventsMax) events" : "its author's quota is used up")
    }
    return events.filter { needed.contains($0.said) }
  }

  private func store(_ merged: Merged, of author: AuthorRow, now: Int64) throws(KianaError) {
    var bytes: Int64 = 0
    for event in merged.fresh {
      let isNew = try node.keyEvents.insert(
        author: author.no, s: event.s, said: event.said, event: event.message, now: now)
      if isNew { bytes += Int64(event.message.count) }
    }
    for event in merged.superseded {
      try node.keyEvents.delete(author: author.no, s: event.s, said: event.said)
      bytes -= Int64(event.message.count)
    }
    try node.authors.charge(author.no, blocks: 0, bytes: bytes)
    try node.feeds.touch(author: author.no)
    node.forgetKeyLog(of: author.aid)
    let log = merged.log
    try node.recorder.record(
      "key.events", target: "aid:\(author.aid.text)",
      verdict: log.isDuplicitous ? .invalid : .valid,
      payload: .object([
        JSONMember("events", .integer(Int64(merged.fresh.count))),
        JSONMember("s", .integer(log.lastS)),
        JSONMember("superseded", .integer(Int64(merged.superseded.count))),
      ]), now: now)
  }

  private func admitted(
    _ aid: AID, _ known: AuthorRow?, admits: Bool, now: Int64
  ) throws(KianaError) -> AuthorRow {
    if let known, known.admission != .none || !admits { return known }
    let author = try node.authors.ensure(aid, admission: .none, now: now)
    guard admits else { return author }
    try node.authors.setAdmission(author.no, .imported)
    try node.peerMemory.forgetAll()
    try node.recorder.record("author.admit", target: "aid:\(aid.text)", now: now)
    return try node.authors.find(aid) ?? author
  }
}
