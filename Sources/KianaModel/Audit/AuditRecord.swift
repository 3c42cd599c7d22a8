/// An entry of the audit trail with what stands around it: its place, its hash in the tree, and
/// what became of its payload. This is what readers get.
package struct AuditRecord: Sendable {
  /// What became of the payload.
  package enum PayloadState: String, Sendable {
    /// The entry never had one.
    case none
    case here
    /// The entry commits to one that is not here any more.
    case erased
  }

  /// Its place in the trail, from 0, through all epochs.
  package let seq: Int64
  package let entry: AuditEntry
  /// SHA-256(0x00 || leaf), as in RFC 6962.
  package let leafHash: Hash32
  /// The log that the entry is in: `kiana/AID/audit/EPOCH`.
  package let origin: String
  package let payloadState: PayloadState
  /// Salt and bytes; nil when there is none here, and when nobody asked for it.
  package let payload: BlockContent?

  package init(
    seq: Int64, entry: AuditEntry, leafHash: Hash32, origin: String, payloadState: PayloadState,
    payload: BlockContent? = nil
  ) {
    self.seq = seq
    self.entry = entry
    self.leafHash = leafHash
    self.origin = origin
    self.payloadState = payloadState
    self.payload = payload
  }

  /// Appends the record as a JSON object, its members in order.
  ///
  /// The members of the leaf are all there under their own names, so that who has the line can put
  /// the leaf together again and hash it; the payload's exact bytes stand beside its readable form
  /// for the same reason.
  package func appendJSON(to out: inout [UInt8]) {
    func text(_ name: StaticString, _ value: String) {
      out += name.description.utf8
      JSONWriter.append(value, to: &out)
    }
    func hash(_ name: StaticString, _ value: Hash32) {
      out += name.description.utf8
      out.append(0x22)
      Hex.append(value, to: &out)
      out.append(0x22)
    }
    func number(_ name: StaticString, _ value: Int64) {
      out += name.description.utf8
      JSONWriter.append(value, to: &out)
    }
    text("{\"actor\":", entry.actor)
    if let key = entry.key { text(",\"kid\":", key) }
    hash(",\"leaf_hash\":", leafHash)
    if let payload { appendPayload(payload, to: &out) }
    text(",\"payload_state\":", payloadState.rawValue)
    if let commitment = entry.payloadCommitment { hash(",\"pc\":", commitment) }
    number(",\"ps\":", Int64(entry.payloadSize))
    text(",\"result\":", entry.result.rawValue)
    if let payload { hash(",\"salt\":", payload.salt) }
    number(",\"seq\":", seq)
    number(",\"t\":", entry.time)
    text(",\"target\":", entry.target)
    text(",\"time\":", Moment.text(entry.time))
    text(",\"type\":", entry.type)
    number(",\"v\":", AuditEntry.version)
    if let verdict = entry.verdict { text(",\"verdict\":", verdict.rawValue) }
    out.append(UInt8(ascii: "}"))
  }

  /// `payload` when the bytes are JSON, and `payload_b64` always.
  private func appendPayload(_ payload: BlockContent, to out: inout [UInt8]) {
    if let value = try? JSONValue.parse(payload.bytes, .foreign) {
      out += ",\"payload\":".utf8
      out += value.text()
    }
    out += ",\"payload_b64\":\"".utf8
    Base64.append(payload.bytes, .standard, to: &out)
    out.append(0x22)
  }
}
