/// One line of the audit trail: a leaf of the log (`docs/FORMATS.md`, "Audit entries").
///
/// The leaf holds no personal data; what happened in detail is the payload, which stays outside and
/// to which the leaf commits with a salt, so that the payload can be erased and the proof remain.
package struct AuditEntry: Equatable, Sendable {
  package enum Result: String, Sendable {
    case ok, fail, deny, error
  }

  /// What was found, where the action was a judgement; separate from whether it worked.
  package enum Verdict: String, Sendable {
    case valid, invalid, unknown
  }

  /// The leaf's limit in bytes.
  package static let bytesMax = 4096

  package let actor: AID
  /// SHA-256(0x02 || salt || payload); nil when there is no payload.
  package let payloadCommitment: Hash32?
  /// Length of the payload in bytes; 0 without one.
  package let payloadSize: Int
  package let result: Result
  /// Milliseconds since 1970-01-01 UTC.
  package let time: Int64
  /// What it was about: `blk:ID`, `feed:AID/NAME`, `aid:AID`, `key:KEY`, `state`.
  package let target: String
  /// What was done: `block.accept`, `key.rotate`, ...
  package let type: String
  package let verdict: Verdict?

  package init(
    actor: AID, payloadCommitment: Hash32?, payloadSize: Int, result: Result, time: Int64,
    target: String, type: String, verdict: Verdict?
  ) {
    self.actor = actor
    self.payloadCommitment = payloadCommitment
    self.payloadSize = payloadSize
    self.result = result
    self.time = time
    self.target = target
    self.type = type
    self.verdict = verdict
  }

  /// The leaf: canonical JSON of integers and strings.
  package func leaf() -> [UInt8] {
    var members = [JSONMember("actor", .string(actor.text))]
    if let payloadCommitment { members.append(JSONMember("pc", .string(payloadCommitment.hex))) }
    members += [
      JSONMember("ps", .integer(Int64(payloadSize))),
      JSONMember("result", .string(result.rawValue)),
      JSONMember("t", .integer(time)),
      JSONMember("target", .string(target)),
      JSONMember("type", .string(type)),
      JSONMember("v", .integer(1)),
    ]
    if let verdict { members.append(JSONMember("verdict", .string(verdict.rawValue))) }
    return JSONValue.object(members).canonical()
  }
}
