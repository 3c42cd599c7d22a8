internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// The way out for a node whose state was restored from an older copy and must not sign: its own
/// newer blocks come back from a peer, or its feeds go on in a new epoch. Also for own feeds that
/// have forked, because two copies signed: a key event names the branch that is here.
package struct Resume {
  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  /// Lets the node sign again, after a peer has given back what it had.
  package func finish() throws(KianaError) {
    let now = node.now()
    let reason = try RestoredState.reason(node)
    try node.database.transaction { () throws(KianaError) -> Void in
      try node.meta.set(.restored, "")
      try renewNonce()
      // Of its audit log checkpoints may be known that this copy does not have.
      var payload: JSONValue?
      if let reason, try !AuditResume.isSettled(node) {
        let words = "the node was restored: \(reason)"
        try node.meta.set(.auditRestored, words)
        payload = .object([JSONMember("audit", .string(words))])
      }
      if reason != nil { try Witnessing.forbidKey(node) }
      try node.meta.set(.auditSettled, "")
      try node.recorder.record("state.resume", target: "state", payload: payload, now: now)
    }
    try Guard.begin(node)
  }

  /// The same after a peer was asked.
  ///
  /// - Throws: `refused` when it lacks key events too.
  package func finishAsked() throws(KianaError) {
    guard let log = try node.keyLog(of: node.aid) else { return }
    try checkKeyLog(log)
    try finish()
  }

  /// Whether an own feed has forked, and no key event has named the branch yet.
  package func hasFork() throws(KianaError) -> Bool {
    guard let author = try node.authors.find(node.aid) else { return false }
    return try node.feeds.all(author: author.no).contains { $0.isContested }
  }

  /// Opens the next epoch of own feeds by a key event, so that what this copy does not know stays
  /// behind and no place gets two blocks.
  ///
  /// - Parameter onlyForked: leaves feeds alone that have not forked.
  /// - Returns: the feeds and their new epochs.
  /// - Throws: `refused` when key events are missing too: a second event at one place would
  ///   contradict the first.
  package func openEpochs(
    onlyForked: Bool, unlockedBy source: borrowing UnlockSource
  ) throws(KianaError) -> [(feed: String, epoch: Int64)] {
    guard let log = try node.keyLog(of: node.aid), let author = try node.authors.find(node.aid)
    else {
      throw KianaError(code: .damaged, what: "this node's own key log is not here")
    }
    try checkKeyLog(log)
    let feeds = try node.feeds.all(author: author.no).filter { $0.isContested || !onlyForked }
    let opened = feeds.map { feed in
      let last = max(log.openings(feed: feed.name).last?.epoch ?? 0, feed.head?.epoch ?? 0)
      return (feed: feed.name, epoch: last + 1, after: feed.head)
    }
    let writer = try KeyLogWriter(node, unlockedBy: source)
    try node.database.transaction { () throws(KianaError) in
      try writer.append(
        opened.map {
          .epoch(feed: $0.feed, EpochOpening(epoch: $0.epoch, after: $0.after))
        })
    }
    try finish()
    return opened.map { ($0.feed, $0.epoch) }
  }

  private func checkKeyLog(_ log: KeyLog) throws(KianaError) {
    guard let kept = try GuardFile.read(for: node.aid, in: node.directory.places),
      kept.keyLogS > log.lastS
    else { return }
    throw KianaError(
      code: .refused, what: "this node cannot go on",
      why: "key events \(log.lastS + 1) to \(kept.keyLogS) of it are missing here",
      hint: "run 'kiana-node resume --via COMMAND' with a peer that has them; if nobody has, "
        + "'kiana-keys emergency' with the recovery code")
  }

  /// The numbers of blocks may have been given before to others: cursors start over.
  private func renewNonce() throws(KianaError) {
    try node.meta.set(.storeNonce, String(node.crypto.randomHash().hex.prefix(16)))
  }
}
