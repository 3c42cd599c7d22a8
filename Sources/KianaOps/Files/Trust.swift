internal import KianaCrypto
package import KianaModel
package import KianaStore

/// Whose signatures over files count here. Trust has nothing to do with whose blocks are taken.
package struct Trust {
  private let node: Node
  private static let nameBytesMax = 64

  package init(_ node: Node) {
    self.node = node
  }

  /// By name.
  package func all() throws(KianaError) -> [TrustRow] { try node.trust.all() }

  /// What this node knows of a trusted identity's key log: what was brought, and what came since by
  /// sync.
  package func log(_ row: TrustRow) throws(KianaError) -> KeyLog {
    var stream = row.stream
    if let author = try node.authors.find(row.aid) {
      stream += try node.keyEvents.stream(author: author.no)
    }
    return try merged(stream, row.aid)
  }

  /// Trusts an identity, or brings more of its key log.
  ///
  /// - Parameters:
  ///   - name: how a person calls it; one name for one identity.
  ///   - stream: its key log; nil for one that is known by sync.
  /// - Throws: `damaged` when the log is not what it should be; `refused` when the name belongs to
  ///   another identity.
  package func add(
    _ name: String, _ aid: AID?, _ stream: [UInt8]
  ) throws(KianaError) -> KeyLog {
    guard (1...Self.nameBytesMax).contains(name.utf8.count), Printable.line(name) == name else {
      throw KianaError(code: .usage, what: "'\(Printable.line(name))' cannot be a name")
    }
    let rows = try all()
    let aid = if let aid { aid } else { try owner(of: stream) }
    if let other = rows.first(where: { $0.name == name && $0.aid != aid }) {
      throw KianaError(
        code: .refused, what: "cannot trust \(aid.text) by the name '\(name)'",
        why: "that is \(other.aid.text)", hint: "remove it first, or take another name")
    }
    let before = rows.first { $0.aid == aid }
    var whole = (before?.stream ?? []) + stream
    if let author = try node.authors.find(aid) {
      whole += try node.keyEvents.stream(author: author.no)
    }
    guard !whole.isEmpty else {
      throw KianaError(
        code: .notFound, what: "this node does not know \(aid.text)",
        hint: "give its key log: ssh other kiana-keys show --log | kiana-keys trust add NAME -")
    }
    let log = try merged(whole, aid)
    let kept = (log.events + log.evidence).flatMap(\.message)
    let now = node.now()
    try node.database.transaction { () throws(KianaError) in
      if let before, before.name != name { _ = try node.trust.remove(before.name) }
      try node.trust.set(
        TrustRow(name: name, aid: aid, stream: kept, since: before?.since ?? now))
      try node.recorder.record("trust.add", target: "aid:\(aid.text)", now: now)
    }
    try Guard.update(node)
    return log
  }

  /// - Throws: `notFound` when nobody has that name.
  package func remove(_ name: String) throws(KianaError) {
    guard let row = try all().first(where: { $0.name == name }) else {
      throw KianaError(
        code: .notFound, what: "nobody is trusted by the name '\(Printable.line(name))'",
        hint: "'kiana-keys trust list' has the names")
    }
    let now = node.now()
    try node.database.transaction { () throws(KianaError) in
      _ = try node.trust.remove(name)
      try node.recorder.record("trust.remove", target: "aid:\(row.aid.text)", now: now)
    }
    try Guard.update(node)
  }

  private func owner(of stream: [UInt8]) throws(KianaError) -> AID {
    do throws(KeyLogFault) {
      let events = try KeyEvent.parse(
        stream: stream, eventsMax: 2 * KeyLog.eventsMax, node.crypto)
      guard let aid = events.first?.aid else { throw KeyLogFault("it has no events") }
      return aid
    } catch {
      throw Self.damaged(error)
    }
  }

  /// What was brought and what came by sync, each event once.
  private func merged(_ stream: [UInt8], _ aid: AID) throws(KianaError) -> KeyLog {
    do throws(KeyLogFault) {
      var saids = Set<Hash32>()
      let events = try KeyEvent.parse(
        stream: stream, eventsMax: 6 * KeyLog.eventsMax, node.crypto
      ).filter { saids.insert($0.said).inserted }
      return try KeyLog.replay(events, trusted: [], aid: aid, node.crypto)
    } catch {
      throw Self.damaged(error)
    }
  }

  private static func damaged(_ fault: KeyLogFault) -> KianaError {
    KianaError(
      code: .damaged, what: "the key log is not what it should be", why: fault.reason,
      hint: "nothing was changed")
  }
}
