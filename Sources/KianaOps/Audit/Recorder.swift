internal import KianaCrypto
package import KianaModel
package import KianaStore

/// The one call with which every command records what it did.
///
/// It writes in the transaction that the caller has open, so that an action and its record are on
/// disk together or not at all: the entry, its payload, its hash in the tree, and the day's count.
package struct Recorder {
  private let database: Database
  private let actor: AID
  private let crypto = Sodium()
  private let trail: TrailWriter
  /// Off only where the cost of recording is measured.
  package var isOn = true

  /// - Parameter actor: this node.
  package init(_ database: Database, actor: AID) {
    self.database = database
    self.actor = actor
    trail = TrailWriter(database, crypto)
  }

  /// An entry before it has its place.
  package struct Draft {
    package let type: String
    package let target: String
    /// Nil for this node.
    package var actor: String?
    package var key: KeyText?
    package var result: AuditEntry.Result = .ok
    package var verdict: AuditEntry.Verdict?
    /// Details that may hold personal data; the entry only commits to them.
    package var payload: JSONValue?

    package init(_ type: String, target: String) {
      self.type = type
      self.target = target
    }
  }

  /// Appends an entry, in the transaction that is open.
  ///
  /// - Parameters:
  ///   - type: what was done: `block.accept`, `state.init`, ...
  ///   - target: what it was about: `blk:ID`, `feed:AID/NAME`, `aid:AID`, `state`.
  ///   - payload: details that may hold personal data; the entry only commits to them.
  ///   - now: milliseconds since 1970.
  /// - Returns: the entry's place.
  @discardableResult
  package func record(
    _ type: String, target: String, result: AuditEntry.Result = .ok,
    verdict: AuditEntry.Verdict? = nil, key: KeyText? = nil, payload: JSONValue? = nil, now: Int64
  ) throws(KianaError) -> Int64 {
    var draft = Draft(type, target: target)
    draft.key = key
    draft.result = result
    draft.verdict = verdict
    draft.payload = payload
    return try record([draft], now: now)
  }

  /// Appends entries of one moment.
  /// - Returns: the place of the last one.
  @discardableResult
  package func record(_ drafts: [Draft], now: Int64) throws(KianaError) -> Int64 {
    precondition(database.isInTransaction, "an action is recorded in its own transaction")
    guard isOn else { return 0 }
    var batch = try trail.begin()
    try noteClock(&batch, now: now)
    for draft in drafts { try append(draft, to: &batch, now: now) }
    return try trail.finish(batch)
  }

  /// A clock that was set back would make the trail look out of order: it is said where it was.
  private func noteClock(_ batch: inout TrailWriter.Batch, now: Int64) throws(KianaError) {
    guard let last = batch.lastTime, batch.count > 0 || !batch.isFirstOfEpoch,
      now < last &- Self.clockStepMilliseconds
    else { return }
    var draft = Draft("audit.clock", target: "state")
    draft.payload = .object([
      JSONMember("from", .integer(last)), JSONMember("to", .integer(now)),
    ])
    try append(draft, to: &batch, now: now)
  }

  private static let clockStepMilliseconds: Int64 = 60_000

  private func append(
    _ draft: Draft, to batch: inout TrailWriter.Batch, now: Int64
  ) throws(KianaError) {
    var stored: BlockContent?
    var commitment: Hash32?
    if let payload = draft.payload {
      let salt = crypto.randomHash()
      let bytes = payload.text()
      stored = BlockContent(salt: salt, bytes: bytes)
      commitment = crypto.payloadCommitment(salt: salt, bytes)
    }
    let entry = AuditEntry(
      actor: draft.actor ?? actor.text, key: draft.key?.text, payloadCommitment: commitment,
      payloadSize: stored?.bytes.count ?? 0, result: draft.result, time: now,
      target: draft.target, type: draft.type, verdict: draft.verdict)
    try trail.append(entry, payload: stored, to: &batch)
  }
}

extension Cryptography {
  /// What a leaf says of its payload.
  package func payloadCommitment(salt: Hash32, _ payload: [UInt8]) -> Hash32 {
    sha256([0x02], salt.bytes, payload)
  }
}
