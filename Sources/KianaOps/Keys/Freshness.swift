internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// How recently authors were heard to say where their key logs end, and this node's own saying so.
///
/// Who sits between a node and its peers can keep a revocation from it, but not make a newer note:
/// what is hidden shows as silence. (A thief of a block key can sign notes as long as the
/// revocation is hidden; with two independent peers it cannot be.)
package struct Freshness {
  /// What is known of one author's log.
  package struct Confirmation: Equatable, Sendable {
    /// When the author spoke last, milliseconds since 1970; without a note, when the last event
    /// came.
    package let at: Int64
    /// Whether the author spoke of an event that is not here.
    package let isBehind: Bool
    /// How long ago it was, milliseconds, never negative.
    package let age: Int64

    /// Nothing was heard for a week.
    package var isOld: Bool { isBehind || age >= Freshness.warnMilliseconds }
    /// Nothing was heard for 30 days, or the log here is known to lack something.
    package var isStale: Bool { isBehind || age >= Freshness.staleMilliseconds }

    /// For a person; nil when nothing is to be said.
    package var words: String? {
      if isBehind {
        return "its author spoke of a key event that is not here; sync with more nodes"
      }
      guard isOld else { return nil }
      return "nothing was heard of its author's keys for \(age / Freshness.day) days; "
        + "a revocation may not have come here"
    }
  }

  static let day: Int64 = 86_400_000
  static let warnMilliseconds = 7 * day
  static let staleMilliseconds = 30 * day
  /// An author's clock may be this much ahead.
  private static let skew: Int64 = 600_000
  /// A new note of one author replaces the last one when it is this much younger: else who has a
  /// key could make all nodes write without end.
  private static let leastStep: Int64 = 3_600_000
  /// This node says it anew after so long; a cron job that runs daily must not miss a day.
  private static let ownInterval: Int64 = 20 * 3_600_000

  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  // MARK: others

  /// - Returns: nil when the author is not known here.
  package func confirmation(of aid: AID) throws(KianaError) -> Confirmation? {
    let now = node.now()
    guard aid != node.aid else { return Confirmation(at: now, isBehind: false, age: 0) }
    guard let author = try node.authors.find(aid) else {
      guard let since = try node.trust.all().first(where: { $0.aid == aid })?.since else {
        return nil
      }
      return Confirmation(at: since, isBehind: false, age: max(0, now - since))
    }
    if let note = try node.freshNotes.find(author: author.no, aid) {
      let isHere = try node.keyEvents.has(author: author.no, s: note.s, said: note.said)
      return Confirmation(at: note.time, isBehind: !isHere, age: max(0, now - note.time))
    }
    var at = author.since
    if let last = try node.keyLog(of: aid)?.events.last {
      at = try node.keyEvents.time(author: author.no, s: last.s, said: last.said) ?? at
    }
    return Confirmation(at: at, isBehind: false, age: max(0, now - at))
  }

  /// How many authors were silent for a week; how many of them are stale.
  package func counts() throws(KianaError) -> (old: Int, stale: Int) {
    let now = node.now()
    let others = try node.freshNotes.confirmations().filter { $0.aid != node.aid }.map {
      Confirmation(at: $0.at, isBehind: $0.isBehind, age: max(0, now - $0.at))
    }
    return (others.count { $0.isOld }, others.count { $0.isStale })
  }

  /// Takes those notes that say something new, in one transaction.
  package func take(_ notes: [FreshNote], from source: AID) throws(KianaError) {
    let now = node.now()
    var good = [FreshNote]()
    for note in notes where try isNews(note, now) { good.append(note) }
    guard !good.isEmpty else { return }
    try node.database.transaction(.normal) { () throws(KianaError) in
      var taken: Int64 = 0
      for note in good where try isNews(note, now) {
        guard let author = try node.authors.find(note.author) else { continue }
        try keep(note, of: author, source)
        taken += 1
      }
      guard taken > 0 else { return }
      try node.recorder.record(
        "fresh.accept", target: "aid:\(source.text)",
        payload: .object([JSONMember("notes", .integer(taken))]), now: now)
    }
  }

  private func keep(
    _ note: FreshNote, of author: AuthorRow, _ source: AID
  ) throws(KianaError) {
    let change = try node.meta.integer(.freshChanges) + 1
    try node.meta.set(.freshChanges, change)
    try node.freshNotes.set(author: author.no, note, source: source, change: change)
  }

  private func isNews(_ note: FreshNote, _ now: Int64) throws(KianaError) -> Bool {
    guard note.author != node.aid, note.time <= now + Self.skew,
      let author = try node.authors.find(note.author), !author.isPurged,
      let log = try node.keyLog(of: note.author), Self.speaks(note.key, log)
    else { return false }
    let last = try node.freshNotes.find(author: author.no, note.author)
    guard note.time >= (last?.time ?? 0) + Self.leastStep else { return false }
    return note.hasGoodSignature(node.crypto)
  }

  private static func speaks(_ key: KeyText, _ log: KeyLog) -> Bool {
    guard !log.isDuplicitous, let record = log.record(of: key), record.use == .block else {
      return false
    }
    return record.state == .active || record.state == .grace
  }

  /// Forgets the note of an author whose new key events took its key back.
  static func settle(_ node: Node, _ author: AuthorRow, _ log: KeyLog) throws(KianaError) {
    guard let note = try node.freshNotes.find(author: author.no, author.aid),
      !speaks(note.key, log)
    else { return }
    try node.freshNotes.delete(author: author.no)
  }

  // MARK: this node

  /// Whether this node should say again where its key log ends.
  package func isDue() throws(KianaError) -> Bool {
    guard let author = try node.authors.find(node.aid) else { return false }
    guard let note = try node.freshNotes.find(author: author.no, node.aid) else { return true }
    // A clock that went back must not end it.
    let age = abs(node.now() - note.time)
    guard age < Self.ownInterval, let log = try node.keyLog(of: node.aid) else { return true }
    return !Self.speaks(note.key, log) || (note.s != log.lastS && age >= Self.leastStep)
  }

  /// Signs and keeps a note, when it is time.
  ///
  /// - Throws: `key` when the block key cannot be opened, `refused` when this node must not sign.
  package func renew(unlockedBy source: borrowing UnlockSource) throws(KianaError) {
    guard try isDue() else { return }
    let writer = try BlockWriter(node, unlockedBy: source)
    try node.database.transaction(.normal) { () throws(KianaError) in try renew(writer) }
  }

  /// The same with a key that is open, in the transaction that is open.
  func renew(_ writer: borrowing BlockWriter) throws(KianaError) {
    guard try isDue(), let author = try node.authors.find(node.aid),
      let last = try node.keyLog(of: node.aid)?.events.last
    else { return }
    let now = node.now()
    let note = writer.freshNote(s: last.s, said: last.said, time: now)
    try keep(note, of: author, node.aid)
    try node.recorder.record("fresh.sign", target: "aid:\(node.aid.text)", now: now)
  }

  /// The same where nobody may be asked: a node whose keys do not open now says nothing, and the
  /// others see its silence.
  package func renewIfPossible() {
    try? renew(unlockedBy: .credential(path: node.directory.places.credential))
  }
}
