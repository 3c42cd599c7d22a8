/// Public keys as other tools read them.
package enum PublicKeyText {
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
