/// One line of the audit trail: a leaf of the log (`docs/FORMATS.md`, "Audit entries").
///
/// The leaf holds no personal data; what happened in detail is the payload, which stays outside and
/// to which the leaf commits with a salt, so that the payload can be erased and the proof remain.
package struct AuditEntry: Equatable, Sendable {
  package enum Result: String, Sendable, CaseIterable {
    case ok, fail, deny, error
  }

  /// What was found, where the action was a judgement; separate from whether it worked.
  package enum Verdict: String, Sendable, CaseIterable {
    case valid, invalid, unknown
  }

  /// The leaf's `v`.
  package static let version: Int64 = 1
  /// The leaf's limit in bytes.
  package static let bytesMax = 4096
  /// The payload's limit in bytes.
  package static let payloadBytesMax = 1 << 20

  /// Who did it: the AID of a node, or a word of the operator's own scripts.
  package let actor: String
  /// The key that signed, where the action was a signature; nil elsewhere.
  package let key: String?
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
    actor: String, key: String? = nil, payloadCommitment: Hash32?, payloadSize: Int,
    result: Result, time: Int64, target: String, type: String, verdict: Verdict?
  ) {
    self.actor = actor
    self.key = key
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
    var out = [UInt8]()
    out.reserveCapacity(384)
    func text(_ name: StaticString, _ value: String) {
      append(name, to: &out)
      JSONWriter.append(value, to: &out)
    }
    text("{\"actor\":", actor)
    if let key { text(",\"kid\":", key) }
    if let payloadCommitment {
      append(",\"pc\":\"", to: &out)
      Hex.append(payloadCommitment, to: &out)
      out.append(0x22)
    }
    append(",\"ps\":", to: &out)
    out += String(payloadSize).utf8
    text(",\"result\":", result.rawValue)
    append(",\"t\":", to: &out)
    out += String(time).utf8
    text(",\"target\":", target)
    text(",\"type\":", type)
    append(",\"v\":1", to: &out)
    if let verdict { text(",\"verdict\":", verdict.rawValue) }
    out.append(0x7D)
    return out
  }

  private func append(_ text: StaticString, to out: inout [UInt8]) {
    out += text.description.utf8
  }

  /// Reads a leaf.
  /// - Returns: nil for anything but the bytes that `leaf()` gives.
  package init?(leaf bytes: [UInt8]) {
    guard bytes.count <= Self.bytesMax, let value = try? JSONValue.parse(bytes),
      value["v"]?.integer == 1, let actor = value["actor"]?.string,
      let size = value["ps"]?.integer, size >= 0,
      let result = value["result"]?.string.flatMap({ Result(rawValue: $0) }),
      let time = value["t"]?.integer, let target = value["target"]?.string,
      let type = value["type"]?.string
    else { return nil }
    self.init(
      actor: actor, key: value["kid"]?.string,
      payloadCommitment: value["pc"]?.string.flatMap { Hash32(hex: $0) },
      payloadSize: Int(size), result: result, time: time, target: target, type: type,
      verdict: value["verdict"]?.string.flatMap { Verdict(rawValue: $0) })
    guard leaf() == bytes else { return nil }
  }

  // MARK: what people may write

  /// Types of the operator's own scripts: `door.open`; the words before the first dot that stand
  /// in `ownRealms` are the toolkit's.
  package static func isType(_ text: String) -> Bool {
    let words = text.split(separator: ".", omittingEmptySubsequences: false)
    return text.utf8.count <= 64 && words.count >= 2
      && words.allSatisfy { word in
        !word.isEmpty
          && word.utf8.allSatisfy { byte in
            byte &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x2D || byte == 0x5F
          }
      }
  }

  /// What the toolkit's own types begin with: nobody appends these by hand.
  package static let ownRealms: Set<String> = [
    "audit", "author", "backup", "block", "feed", "file", "fresh", "key", "monitor", "node", "peer",
    "state", "sync", "trust", "vote",
  ]

  package static func isOwnType(_ type: String) -> Bool {
    ownRealms.contains(String(type.prefix { $0 != "." }))
  }

  /// Names of actors and targets: printable ASCII without spaces, 1 to 256 bytes.
  package static func isName(_ text: String) -> Bool {
    (1...256).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }
}
