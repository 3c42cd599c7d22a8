extension KeyEvent {
  /// An event that nobody has signed yet.
  package struct Draft: Sendable {
    package let said: Hash32
    /// What the control keys sign.
    package let bytes: [UInt8]
  }

  /// The inception event of a new identity with one control key and one committed next key.
  package static func inception(
    control: KeyText, next: KeyText, _ crypto: any Cryptography
  ) -> Draft {
    draft(
      .icp,
      [
        JSONMember("s", .string("0")), JSONMember("kt", .string("1")),
        JSONMember("k", .array([.string(control.text)])), JSONMember("nt", .string("1")),
        JSONMember(
          "n", .array([.string(CESR.text(.blake3, next.commitment(crypto)))])),
        JSONMember("bt", .string("0")), JSONMember("b", .array([])), JSONMember("c", .array([])),
        JSONMember("a", .array([])),
      ], aid: nil, crypto)
  }

  /// An interaction event that anchors something.
  package static func interaction(
    _ aid: AID, s: Int64, prior: Hash32, anchors: [KeyAnchor], _ crypto: any Cryptography
  ) -> Draft {
    draft(
      .ixn,
      [
        JSONMember("s", .string(String(s, radix: 16))),
        JSONMember("p", .string(CESR.text(.blake3, prior))),
        JSONMember("a", .array(anchors.map(\.json))),
      ], aid: aid, crypto)
  }

  /// A rotation that reveals the committed control key and commits to the next one.
  package static func rotation(
    _ aid: AID, s: Int64, prior: Hash32, control: KeyText, next: KeyText, anchors: [KeyAnchor],
    _ crypto: any Cryptography
  ) -> Draft {
    draft(
      .rot,
      [
        JSONMember("s", .string(String(s, radix: 16))),
        JSONMember("p", .string(CESR.text(.blake3, prior))), JSONMember("kt", .string("1")),
        JSONMember("k", .array([.string(control.text)])), JSONMember("nt", .string("1")),
        JSONMember("n", .array([.string(CESR.text(.blake3, next.commitment(crypto)))])),
        JSONMember("bt", .string("0")), JSONMember("br", .array([])), JSONMember("ba", .array([])),
        JSONMember("a", .array(anchors.map(\.json))),
      ], aid: aid, crypto)
  }

  /// A rotation by the recovery code: it reveals the committed key, which decides nothing alone
  /// from then on, brings a new control key for this machine, and commits to the next one.
  package static func recovery(
    _ aid: AID, s: Int64, prior: Hash32, revealed: KeyText, control: KeyText, next: KeyText,
    anchors: [KeyAnchor], _ crypto: any Cryptography
  ) -> Draft {
    draft(
      .rot,
      [
        JSONMember("s", .string(String(s, radix: 16))),
        JSONMember("p", .string(CESR.text(.blake3, prior))),
        JSONMember("kt", .array([.string("0"), .string("1")])),
        JSONMember("k", .array([.string(revealed.text), .string(control.text)])),
        JSONMember("nt", .string("1")),
        JSONMember("n", .array([.string(CESR.text(.blake3, next.commitment(crypto)))])),
        JSONMember("bt", .string("0")), JSONMember("br", .array([])), JSONMember("ba", .array([])),
        JSONMember("a", .array(anchors.map(\.json))),
      ], aid: aid, crypto)
  }

  /// Fills in size and digest; both have fixed widths, so the size is known before the digest is.
  private static func draft(
    _ kind: Kind, _ members: [JSONMember], aid: AID?, _ crypto: any Cryptography
  ) -> Draft {
    let dummy = String(repeating: "#", count: CESR.textBytes)
    func event(version: String, said: String) -> JSONValue {
      .object(
        [
          JSONMember("v", .string(version)), JSONMember("t", .string(kind.rawValue)),
          JSONMember("d", .string(said)), JSONMember("i", .string(aid?.text ?? said)),
        ] + members)
    }
    let size = event(version: "KERI10JSON000000_", said: dummy).compact().count
    let hex = String(size, radix: 16)
    let version = "KERI10JSON" + String(repeating: "0", count: 6 - hex.count) + hex + "_"
    let said = crypto.blake3(event(version: version, said: dummy).compact())
    return Draft(
      said: said, bytes: event(version: version, said: CESR.text(.blake3, said)).compact())
  }
}

extension KeyEvent.Draft {
  /// The event with the signature of the only control key, as it is stored and sent.
  package func message(signature: [UInt8]) -> [UInt8] {
    message(signatures: [
      CESR.IndexedSignature(index: 0, countsForCommitment: true, bytes: signature)
    ])
  }

  /// The event with signatures.
  package func message(signatures: [CESR.IndexedSignature]) -> [UInt8] {
    bytes + CESR.group(signatures)
  }
}
