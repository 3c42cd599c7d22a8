extension KeyEvent {
  /// Reads a CESR stream: events with their signature groups, one after the other.
  ///
  /// - Parameter eventsMax: more are refused.
  /// - Throws: `KeyLogFault` for the first event that is not exactly what `message` would write.
  ///   Whether the events follow each other and who signed them is `KeyLog`'s to judge.
  package static func parse(
    stream: [UInt8], eventsMax: Int, _ crypto: any Cryptography
  ) throws(KeyLogFault) -> [KeyEvent] {
    var events = [KeyEvent]()
    var offset = 0
    while offset < stream.count {
      guard events.count < eventsMax else {
        throw KeyLogFault("it has more than \(eventsMax) events")
      }
      let size = try eventSize(stream[offset...])
      guard offset + size <= stream.count else { throw KeyLogFault("it ends inside an event") }
      let bytes = Array(stream[offset..<offset + size])
      offset += size
      guard let (signatures, end) = CESR.readGroup(stream[offset...]) else {
        throw KeyLogFault("the signatures of event \(events.count) are malformed")
      }
      offset = end
      events.append(try parse(bytes, signatures, crypto))
    }
    return events
  }

  /// The size that the version string at the start of an event states: `{"v":"KERI10JSON0000fb_"`.
  private static func eventSize(_ text: ArraySlice<UInt8>) throws(KeyLogFault) -> Int {
    let prefix = Array(#"{"v":"KERI10JSON"#.utf8)
    guard text.starts(with: prefix), text.count > prefix.count + 7,
      let digits = Hex.decode(text[(text.startIndex + prefix.count)...].prefix(6))
    else { throw KeyLogFault("it is no KERI v1 JSON event") }
    let size = digits.reduce(0) { $0 << 8 | Int($1) }
    guard size > prefix.count, size <= bytesMax else {
      throw KeyLogFault("an event is longer than \(bytesMax) bytes")
    }
    return size
  }

  private static func parse(
    _ bytes: [UInt8], _ signatures: [CESR.IndexedSignature], _ crypto: any Cryptography
  ) throws(KeyLogFault) -> KeyEvent {
    let value: JSONValue
    do throws(JSONFault) {
      value = try JSONValue.parse(bytes)
    } catch {
      throw KeyLogFault(error.reason)
    }
    guard value.compact() == bytes else { throw KeyLogFault("an event is not compact JSON") }
    guard let kind = value["t"]?.string.flatMap({ Kind(rawValue: $0) }),
      (value.members ?? []).map(\.name) == memberNames(kind)
    else { throw KeyLogFault("an event has not the members of its type") }
    guard let said = digest(value["d"]), let aid = value["i"]?.string.flatMap({ AID($0) }),
      let sText = value["s"]?.string, let s = Int64(sText, radix: 16), s >= 0,
      String(s, radix: 16) == sText
    else { throw KeyLogFault("an event names no identity, digest or place") }
    guard self.said(of: value, kind, crypto) == said else {
      throw KeyLogFault("event \(s) was changed: its digest does not match")
    }
    guard kind == .icp ? aid.digest == said && s == 0 : s > 0 else {
      throw KeyLogFault("event \(s) stands at the wrong place")
    }
    guard kind == .icp || digest(value["p"]) != nil else {
      throw KeyLogFault("event \(s) names no event before it")
    }
    return KeyEvent(
      kind: kind, said: said, aid: aid, s: s, prior: digest(value["p"]),
      establishment: kind == .ixn ? nil : try establishment(value),
      anchors: (value["a"]?.array ?? []).compactMap { KeyAnchor($0) }, bytes: bytes,
      signatures: signatures)
  }

  static func memberNames(_ kind: Kind) -> [String] {
    switch kind {
    case .icp: ["v", "t", "d", "i", "s", "kt", "k", "nt", "n", "bt", "b", "c", "a"]
    case .rot: ["v", "t", "d", "i", "s", "p", "kt", "k", "nt", "n", "bt", "br", "ba", "a"]
    case .ixn: ["v", "t", "d", "i", "s", "p", "a"]
    }
  }

  private static func digest(_ value: JSONValue?) -> Hash32? {
    guard let text = value?.string, let (code, digest) = CESR.value(text.utf8.span),
      code == .blake3
    else { return nil }
    return digest
  }

  private static func establishment(
    _ value: JSONValue
  ) throws(KeyLogFault) -> Establishment {
    let keys = (value["k"]?.array ?? []).compactMap { $0.string.flatMap { KeyText($0) } }
    let nexts = (value["n"]?.array ?? []).compactMap { digest($0) }
    guard keys.count == value["k"]?.array?.count, nexts.count == value["n"]?.array?.count,
      (1...keysMax).contains(keys.count), nexts.count <= keysMax,
      keys.allSatisfy(\.isSigningKey), Set(keys).count == keys.count,
      let threshold = value["kt"].flatMap({ Threshold($0, of: keys.count) }),
      let nextThreshold = value["nt"].flatMap({ Threshold($0, of: nexts.count) })
    else { throw KeyLogFault("its keys or thresholds are malformed") }
    // Witnesses in the sense of KERI are not used in version 1 (`bt` 0); ours are C2SP witnesses.
    guard value["bt"]?.string == "0", (value["b"]?.array ?? []).isEmpty,
      (value["br"]?.array ?? []).isEmpty, (value["ba"]?.array ?? []).isEmpty
    else { throw KeyLogFault("it names KERI witnesses, which version 1 does not use") }
    return Establishment(
      keys: keys, threshold: threshold, nextDigests: nexts, nextThreshold: nextThreshold)
  }

  /// The digest of an event: BLAKE3-256 over its bytes with the digest itself (and for an
  /// inception the AID) replaced by 44 `#`. Source: KERI v1, SAID protocol.
  static func said(of value: JSONValue, _ kind: Kind, _ crypto: any Cryptography) -> Hash32 {
    let dummy = JSONValue.string(String(repeating: "#", count: CESR.textBytes))
    let members = (value.members ?? []).map { member in
      member.name == "d" || (member.name == "i" && kind == .icp)
        ? JSONMember(member.name, dummy) : member
    }
    return crypto.blake3(JSONValue.object(members).compact())
  }
}
