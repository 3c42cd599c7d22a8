internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// What time brings by itself: held blocks whose time has come enter their feeds, redacted contents
/// whose days are over are deleted, and who was crowded out gets room. Every command that writes
/// does it first; the daemon does it by the clock.
package struct Housekeeping {
  private let node: Node
  private static let heldAtOnceMax = 1000

  package init(_ node: Node) {
    self.node = node
  }

  package func run() throws(KianaError) {
    let now = node.now()
    try renewNonce()
    try releaseHeld(now: now)
    try Erasure(node).finishPurges()
    try Erasure(node).makeRoom()
    try Erasure(node).deleteDue(now: now)
  }

  /// After a boot the last commits that were not synced may be gone, and their block numbers given
  /// again: a new nonce tells every reader of a cursor to start over.
  private func renewNonce() throws(KianaError) {
    let boot = node.directory.bootID()
    guard try node.meta.text(.bootID) != boot else { return }
    try node.database.transaction { () throws(KianaError) in
      try node.meta.set(.bootID, boot)
      try node.meta.set(.storeNonce, String(node.crypto.randomHash().hex.prefix(16)))
    }
  }

  private func releaseHeld(now: Int64) throws(KianaError) {
    guard try !node.held.due(at: now, limit: 1).isEmpty else { return }
    try node.database.transaction(.normal) { () throws(KianaError) in
      let intake = try Intake(node, isOwnWork: false)
      var verdicts = RangeVerdicts(node)
      for row in try node.held.due(at: now, limit: Self.heldAtOnceMax) {
        try node.held.delete(row.id)
        guard let header = try? BlockHeader.parse(row.header.span) else { continue }
        let outcome = try intake.take(
          Block(
            headerBytes: row.header, header: header, signature: row.signature, id: row.id,
            content: row.content))
        if outcome == .stored { verdicts.add(row.id, no: intake.lastNo, intake.lastChecks) }
      }
      try intake.flush()
      try verdicts.record("block.accept", target: "state", now: now)
    }
  }
}
