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
    let stored =
      try known.map { (author) throws(KianaError) in
        try node.keyEvents.stream(author: author.no)
      } ?? []
    if stored == stream, known?.admission != Admission.none { return .known }
    let log: KeyLog
    let before: KeyLog?
    let fresh: [KeyEvent]
    do throws(KeyLogFault) {
      let had = Set(
        try KeyEvent.parse(stream: stored, eventsMax: KeyLog.eventsMax, node.crypto).map(\.said))
      fresh = try KeyEvent.parse(stream: stream, eventsMax: KeyLog.eventsMax, node.crypto)
        .filter { !had.contains($0.said) }
      before = stored.isEmpty ? nil : try KeyLog.replay(stored, aid: aid, node.crypto)
      log = try KeyLog.replay(stored + fresh.flatMap(\.message), aid: aid, node.crypto)
    } catch {
      return .faulty(error)
    }
    let author = try admitted(aid, known, admits: admits, now: now)
    guard try AdmissionRules(node).isAdmitted(author) else { return .refused(.notAdmitted) }
    guard !fresh.isEmpty else { return .known }
    for event in fresh {
      try node.keyEvents.insert(
        author: author.no, s: event.s, said: event.said, event: event.message, now: now)
    }
    node.forgetKeyLog(of: aid)
    try node.recorder.record(
      "key.events", target: "aid:\(aid.text)", verdict: log.isDuplicitous ? .invalid : .valid,
      payload: .object([
        JSONMember("events", .integer(Int64(fresh.count))), JSONMember("s", .integer(log.lastS)),
      ]), now: now)
    if let before { try FeedJudge(node, author, log, before: before).judgeAll() }
    return .extended
  }

  private func admitted(
    _ aid: AID, _ known: AuthorRow?, admits: Bool, now: Int64
  ) throws(KianaError) -> AuthorRow {
    if let known, known.admission != .none || !admits { return known }
    let author = try node.authors.ensure(aid, admission: .none, now: now)
    guard admits else { return author }
    try node.authors.setAdmission(author.no, .imported)
    try node.recorder.record("author.admit", target: "aid:\(aid.text)", now: now)
    return try node.authors.find(aid) ?? author
  }
}
