package import KianaModel
internal import KianaStore

/// The guard file beside the state directory: what this node had reached, so that a state that was
/// put back from an older copy is noticed before it signs (DESIGN section 3).
package enum Guard {
  /// Writes what the node has reached now; called after each commit that moved it.
  ///
  /// A copy or an older state writes nothing: the file speaks for the state that may sign, and
  /// goes on saying that this one may not.
  package static func update(_ node: Node) throws(KianaError) {
    // What the file says was reached must survive a power cut no worse than the file.
    try node.directory.syncLog()
    try GuardFile.write(for: node.aid, in: node.directory.places) { (kept) throws(KianaError) in
      let present = try present(node)
      guard let kept, present.restoredReason(comparedTo: kept) == nil,
        try (node.meta.text(.restored) ?? "").isEmpty
      else { return nil }
      return present
    }
  }

  /// Makes this state the one that may sign: a new node's, or one that its operator resumes.
  static func begin(_ node: Node) throws(KianaError) {
    try node.directory.syncLog()
    try GuardFile.write(for: node.aid, in: node.directory.places) { (_) throws(KianaError) in
      try present(node)
    }
  }

  /// What the database says now.
  package static func present(_ node: Node) throws(KianaError) -> GuardRecord {
    var heads = [FeedPosition]()
    if let author = try node.authors.find(node.aid) {
      heads = try node.feeds.all(author: author.no).compactMap(\.head)
    }
    let identity = try node.directory.truthIdentity()
    return GuardRecord(
      auditSize: try node.events.size(), birthNanoseconds: identity.birthNanoseconds,
      heads: heads, inode: identity.inode,
      keyLogS: try node.keyLog(of: node.aid)?.lastS ?? 0,
      signed: try CheckpointTable(node.database).lastSigned().map {
        GuardRecord.SignedLog(epoch: $0.epoch, size: $0.size)
      })
  }
}

/// Whether this state may sign.
package enum RestoredState {
  /// Throws when the state is older than what the node once acknowledged.
  ///
  /// - Throws: `refused` with the way out.
  package static func check(_ node: Node) throws(KianaError) {
    guard let reason = try reason(node) else { return }
    throw KianaError(
      code: .refused, what: "this node must not sign", why: reason, hint: try wayOut(node))
  }

  /// What a person can do; nothing but the recovery code ends a contested key log.
  static func wayOut(_ node: Node) throws(KianaError) -> String {
    try node.keyLog(of: node.aid)?.contestedFrom != nil
      ? "run 'kiana-keys emergency' with the recovery code"
      : "run 'kiana-node resume --via COMMAND' with a node that has its blocks, or --without-peers"
  }

  /// Why the state counts as restored; nil when it does not.
  package static func reason(_ node: Node) throws(KianaError) -> String? {
    if let place = try node.keyLog(of: node.aid)?.contestedFrom {
      return "somebody else has its control key: two events stand at place \(place) of its key log"
    }
    if let told = try node.meta.text(.restored), !told.isEmpty { return told }
    // The file first: another command may commit and write it between the two, and what was kept
    // would then seem to be ahead.
    let kept = try GuardFile.read(for: node.aid, in: node.directory.places)
    return try Guard.present(node).restoredReason(comparedTo: kept)
  }
}
