package import KianaModel
internal import KianaStore

/// One key of this node, as `kiana-keys list` shows it.
package struct KeyRow: Sendable {
  package let record: KeyRecord
  /// A key beside an older one that still signs.
  package let isStaged: Bool
  /// When the event that added it was written, milliseconds since 1970.
  package let added: Int64
  /// Whether its sealed secret is here.
  package let hasSecret: Bool

  /// The state in one word: `staged`, `active`, `grace`, `retired`, `revoked`.
  package var state: String {
    switch record.state {
    case .active: isStaged ? "staged" : "active"
    case .grace: "grace"
    case .retired: "retired"
    case .revoked: "revoked"
    }
  }

  /// Why it was revoked; nil when it was not.
  package var reason: RevocationReason? {
    if case .revoked(let reason, _) = record.state { reason } else { nil }
  }
}

/// One event of this node's key log, as `kiana-keys history` shows it.
package struct KeyEventRow: Sendable {
  package let event: KeyEvent
  /// When it was written here, or came, milliseconds since 1970.
  package let time: Int64
  /// Whether it counts: not while another event contradicts it, or one before it.
  package let counts: Bool
}

/// What this node knows of its own keys and their history.
package struct KeyOverview {
  private let node: Node
  package let log: KeyLog

  package init(_ node: Node) throws(KianaError) {
    guard let log = try node.keyLog(of: node.aid) else {
      throw KianaError(code: .damaged, what: "this node's own key log is not here")
    }
    self.node = node
    self.log = log
  }

  /// All keys that were ever added, in order.
  package func rows() throws(KianaError) -> [KeyRow] {
    let files = Set(try node.directory.keyFileNames())
    let times = try times()
    return log.keys.map { record in
      KeyRow(
        record: record,
        isStaged: record.state == .active && log.signingKey(record.use) != record.key,
        added: times[record.addedAt] ?? 0,
        hasSecret: files.contains(KeyFile.name(record.use, record.key)))
    }
  }

  /// When each event that counts was written here, by its place.
  package func times() throws(KianaError) -> [Int64: Int64] {
    guard let author = try node.authors.find(node.aid) else { return [:] }
    var times = [Int64: Int64]()
    for event in log.events {
      times[event.s] = try node.keyEvents.time(author: author.no, s: event.s, said: event.said)
    }
    return times
  }

  /// All events that are here, in order; what a rotation made void is kept nowhere.
  package func history() throws(KianaError) -> [KeyEventRow] {
    guard let author = try node.authors.find(node.aid) else { return [] }
    var rows = [KeyEventRow]()
    for (events, counts) in [(log.events, true), (log.evidence, false)] {
      for event in events {
        let time = try node.keyEvents.time(author: author.no, s: event.s, said: event.said)
        rows.append(KeyEventRow(event: event, time: time ?? 0, counts: counts))
      }
    }
    return rows.sorted { ($0.event.s, $0.time) < ($1.event.s, $1.time) }
  }

  /// The log as one CESR stream, what does not count included.
  package func stream() throws(KianaError) -> [UInt8] {
    guard let author = try node.authors.find(node.aid) else { return [] }
    return try node.keyEvents.stream(author: author.no)
  }

  /// The key that a text names: all of its 44 characters, or the first ones of exactly one.
  ///
  /// - Throws: `notFound` when none or several begin so.
  package func resolve(_ text: String) throws(KianaError) -> KeyText {
    let found = log.keys.filter { $0.key.text.hasPrefix(text) }
    guard let first = found.first, text.utf8.count >= 5 else {
      throw KianaError(
        code: .notFound, what: "this node has no key '\(text)'",
        hint: "'kiana-keys list' shows the keys; at least 5 characters are wanted")
    }
    guard found.count == 1 else {
      throw KianaError(
        code: .notFound, what: "'\(text)' names several keys", hint: "give more characters")
    }
    return first.key
  }
}
