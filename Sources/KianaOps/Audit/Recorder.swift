internal import KianaCrypto
package import KianaModel
package import KianaStore

/// The one call with which every command records what it did.
///
/// It writes in the transaction that the caller has open, so that an action and its record are on
/// disk together or not at all.
package struct Recorder {
  private let database: Database
  private let actor: AID
  private let crypto = Sodium()

  /// - Parameter actor: this node.
  package init(_ database: Database, actor: AID) {
    self.database = database
    self.actor = actor
  }

  /// Appends an entry, in the transaction that is open.
  ///
  /// - Parameters:
  ///   - type: what was done: `block.accept`, `state.init`, ...
  ///   - target: what it was about: `blk:ID`, `feed:AID/NAME`, `aid:AID`, `state`.
  ///   - payload: details that may hold personal data; the entry only commits to them.
  ///   - now: milliseconds since 1970.
  package func record(
    _ type: String, target: String, result: AuditEntry.Result = .ok,
    verdict: AuditEntry.Verdict? = nil, payload: JSONValue? = nil, now: Int64
  ) throws(KianaError) {
    precondition(database.isInTransaction, "an action is recorded in its own transaction")
    var stored: BlockContent?
    var commitment: Hash32?
    if let payload {
      let salt = crypto.randomHash()
      let bytes = payload.canonical()
      stored = BlockContent(salt: salt, bytes: bytes)
      commitment = crypto.sha256([0x02], salt.bytes, bytes)
    }
    let entry = AuditEntry(
      actor: actor, payloadCommitment: commitment, payloadSize: stored?.bytes.count ?? 0,
      result: result, time: now, target: target, type: type, verdict: verdict)
    try EventTable(database).append(entry, payload: stored)
  }
}

extension Node {
  /// The name of this node's audit log.
  package var auditOrigin: String { "kiana/\(aid.text)/audit/0" }

  /// Up to where signatures by a key are vouched for now, when they are placed by the audit log.
  func logPlace(_ use: KeyUse) throws(KianaError) -> LogPosition? {
    guard use.isSigning, use != .block else { return nil }
    return LogPosition(origin: auditOrigin, size: try events.size())
  }
}
