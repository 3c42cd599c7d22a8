internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// Takes key events of other identities into the store, in the transaction that is open.
///
/// What they say about stored blocks is settled by `judge`, once for all events that came: before a
/// block of the author is taken, and before the commit.
package final class KeyLogIntake {
  package enum Outcome: Equatable, Sendable {
    case known
    /// The log is new, or has so many events more.
    case extended(Int)
    /// The author was purged, or is not admitted.
    case refused(BlockFault.Kind)
    /// The events are not what they should be.
    case faulty(KeyLogFault)
  }

  private let node: Node
  /// Authors whose stored blocks are still as an older log says.
  private var waiting = [AID: (author: AuthorRow, before: KeyLog)]()

  package init(_ node: Node) {
    self.node = node
  }

  /// Merges a stream of events with what is here.
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
      guard events.allSatisfy({ $0.aid == aid }) else {
        throw KeyLogFault("an event belongs to another identity")
      }
      guard known != nil || !events.isEmpty else { throw KeyLogFault("it has no events") }
    } catch {
      return .faulty(error)
    }
    let fresh = try news(events, of: known)
    // Nothing is judged for what is known: a line costs nothing then.
    guard !fresh.isEmpty else {
      _ = try admitted(aid, known, admits: admits, now: now)
      return .known
    }
    let before: KeyLog?
    do throws(KianaError) {
      before = try node.keyLog(of: aid)
    } catch  where error.code == .damaged {
      return .faulty(KeyLogFault("what is here of it is damaged"))
    }
    let room = try room(for: fresh, of: known, before)
    let change: Change
    do throws(KeyLogFault) {
      change = try merge(fitting(fresh, before, room), with: before, aid)
    } catch {
      return .faulty(error)
    }
    let author = try admitted(aid, known, admits: admits, now: now)
    guard !change.taken.isEmpty else { return .known }
    try store(change, of: author, now: now)
    if let before, waiting[aid] == nil { waiting[aid] = (author, before) }
    return .extended(change.taken.count)
  }

  /// Whether stored blocks of an author wait to be judged by events that came.
  package func isWaiting(_ aid: AID) -> Bool { waiting[aid] != nil }

  /// Gives the stored blocks of all whose logs changed the standing that the logs say now.
  package func judge() throws(KianaError) {
    for (aid, (author, before)) in waiting {
      guard let log = try node.keyLog(of: aid) else { continue }
      try FeedJudge(node, author, log, before: before).judgeAll()
    }
    waiting.removeAll()
  }

  private func news(
    _ events: [KeyEvent], of known: AuthorRow?
  ) throws(KianaError) -> [KeyEvent] {
    guard let known else { return events }
    var fresh = [KeyEvent]()
    for event in events
    where try !node.keyEvents.has(author: known.no, s: event.s, said: event.said) {
      fresh.append(event)
    }
    return fresh
  }

  /// Whether quotas allow more events. So much of the log of an author whom this node let in is
  /// always taken: who fills the quota with blocks by a stolen key cannot keep the author from
  /// saying so.
  private static let bytesAlways: Int64 = 1 << 20

  private func room(
    for fresh: [KeyEvent], of known: AuthorRow?, _ before: KeyLog?
  ) throws(KianaError) -> Bool {
    guard let known, known.admission != .own else { return true }
    let bytes = Int64(fresh.reduce(0) { $0 + $1.message.count })
    if known.bytes + bytes <= node.settings.authorBytesMax,
      try AdmissionRules(node).hasSponsorRoom(for: known, bytes: bytes)
    {
      return true
    }
    guard known.admission > .none else { return false }
    let stored = before.map { $0.events + $0.evidence } ?? []
    return Int64(stored.reduce(0) { $0 + $1.message.count }) + bytes <= Self.bytesAlways
  }

  private struct Change {
    let log: KeyLog
    /// To be stored.
    let taken: [KeyEvent]
    /// Stored, and void now.
    let dropped: [KeyEvent]
  }

  private static let eventsOneByOne = 8

  private func merge(
    _ events: [KeyEvent], with before: KeyLog?, _ aid: AID
  ) throws(KeyLogFault) -> Change {
    // Most lines bring one event that goes on from the end.
    if var log = before, events.count <= Self.eventsOneByOne {
      var count = 0
      for event in events.sorted(by: { $0.s < $1.s }) {
        guard let next = try log.appending(event, node.crypto) else { break }
        log = next
        count += 1
      }
      if count == events.count { return Change(log: log, taken: events, dropped: []) }
    }
    let stored = before.map { $0.events + $0.evidence } ?? []
    let trusted = Set(stored.map(\.said))
    let (log, unattached) = try KeyLog.merge(
      stored + events, trusted: trusted, aid: aid, node.crypto)
    let useless = Set((log.void + unattached).map(\.said))
    let taken = events.filter { !useless.contains($0.said) }
    if taken.isEmpty, !log.isDuplicitous,
      let event = unattached.first(where: { !trusted.contains($0.said) })
    {
      throw .follows(event)
    }
    return Change(
      log: log, taken: taken, dropped: stored.filter { useless.contains($0.said) })
  }

  /// Whoever has a control key can sign interactions without end. When there are too many, only
  /// rotations and what they follow are taken: the owner's way out is never shut.
  private func fitting(
    _ events: [KeyEvent], _ before: KeyLog?, _ hasRoom: Bool
  ) throws(KeyLogFault) -> [KeyEvent] {
    let stored = before.map { $0.events.count + $0.evidence.count } ?? 0
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

  private func store(_ change: Change, of author: AuthorRow, now: Int64) throws(KianaError) {
    var bytes: Int64 = 0
    for event in change.taken {
      let isNew = try node.keyEvents.insert(
        author: author.no, s: event.s, said: event.said, event: event.message, now: now)
      if isNew { bytes += Int64(event.message.count) }
    }
    for event in change.dropped {
      try node.keyEvents.delete(author: author.no, s: event.s, said: event.said)
      bytes -= Int64(event.message.count)
    }
    try node.authors.charge(author.no, blocks: 0, bytes: bytes)
    try node.feeds.touch(author: author.no)
    let log = change.log
    node.remember(log)
    try Freshness.settle(node, author, log)
    try node.recorder.record(
      "key.events", target: "aid:\(author.aid.text)",
      verdict: log.isDuplicitous ? .invalid : .valid,
      payload: .object([
        JSONMember("events", .integer(Int64(change.taken.count))),
        JSONMember("s", .integer(log.lastS)),
        JSONMember("superseded", .integer(Int64(change.dropped.count))),
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
