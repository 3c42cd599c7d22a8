/// Public keys as other tools read them.
package enum PublicKeyText {
  /// A verifier key of a signed note: name, key hash, type and key.
  ///
  /// Source: C2SP signed-note, section "Verifier keys"; type 0x01 for Ed25519 signatures of notes,
  /// 0x04 for cosignatures (C2SP tlog-cosignature).
  package static func note(
    name: String, _ key: KeyText, isCosigner: Bool, _ crypto: any Cryptography
  ) -> String {
    let typed = [isCosigner ? 0x04 : 0x01] + key.raw.bytes
    let hash = crypto.sha256(Array(name.utf8) + [0x0A], typed).bytes.prefix(4)
    return "\(name)+\(Hex.encode(Array(hash)))+\(Base64.encode(typed, .standard))"
  }

  /// SubjectPublicKeyInfo in PEM. Source: RFC 8410 section 4; RFC 7468.
  package static func pem(_ key: KeyText) -> String {
    let algorithm: UInt8 = key.isSigningKey ? 0x70 : 0x6E
    let prefix: [UInt8] = [
      0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, algorithm, 0x03, 0x21, 0x00,
    ]
    let text = Base64.encode(prefix + key.raw.bytes, .standard)
    return "-----BEGIN PUBLIC KEY-----\n\(text)\n-----END PUBLIC KEY-----\n"
  }

  /// An age recipient of an X25519 key.
  package static func age(_ key: KeyText) -> String {
    Bech32.encode(humanPart: "age", key.raw.bytes)
  }
}
