internal import CSodium
package import KianaModel

/// The keys of age files. Source: C2SP age.md, "X25519 recipient type", "scrypt recipient type".
package enum Age {
  package static let fileKeyBytes = 16
  static let nonceBytes = 16
  private static let x25519 = "X25519"
  private static let scrypt = "scrypt"
  /// 2^18, 256 MiB: what age itself takes.
  package static let workFactor = 18
  /// What a file may ask of us.
  private static let workFactorMax = 22

  /// Wraps a file key for a recipient's public key.
  static func wrap(_ fileKey: borrowing Secret, for recipient: Hash32) -> AgeHeader.Stanza {
    let ephemeral = Secret(randomCount: 32)
    let share = Sodium().exchangePublicKey(ofSecret: ephemeral)
    guard let shared = Sodium().exchange(ephemeral, recipient) else {
      preconditionFailure("recipients are checked before")
    }
    let key = HKDF.derive(
      shared, salt: share.bytes + recipient.bytes, info: "age-encryption.org/v1/X25519")
    return AgeHeader.Stanza([x25519, unpadded(share.bytes)], sealed(fileKey, key))
  }

  /// Wraps a file key with a passphrase.
  static func wrap(
    _ fileKey: borrowing Secret, passphrase: borrowing Secret, workFactor: Int
  ) -> AgeHeader.Stanza? {
    let salt = Sodium().randomBytes(16)
    guard let key = stretch(passphrase, salt, workFactor) else { return nil }
    return AgeHeader.Stanza(
      [scrypt, unpadded(salt), String(workFactor)], sealed(fileKey, key))
  }

  /// Whether a public key can be a recipient: points of low order would give a secret that all
  /// know.
  package static func isRecipient(_ key: Hash32) -> Bool {
    Sodium().exchange(Secret(randomCount: 32), key) != nil
  }

  /// Checks that stanzas of the two kinds we know are what they should be, before any key is tried.
  package static func check(_ header: AgeHeader) throws(AgeFault) {
    for stanza in header.stanzas {
      switch stanza.arguments[0] {
      case x25519:
        guard stanza.arguments.count == 2, stanza.body.count == 32 else {
          throw .header("an X25519 stanza is malformed")
        }
        _ = try AgeHeader.bytes(of: stanza.arguments[1], count: 32)
      case scrypt:
        guard header.stanzas.count == 1 else {
          throw .header("a passphrase is not the only recipient")
        }
        guard stanza.arguments.count == 3, stanza.body.count == 32 else {
          throw .header("a scrypt stanza is malformed")
        }
        _ = try AgeHeader.bytes(of: stanza.arguments[1], count: 16)
        _ = try factor(stanza.arguments[2])
      default: break
      }
    }
  }

  private static func factor(_ text: String) throws(AgeFault) -> Int {
    guard let first = text.utf8.first, (0x31...0x39).contains(first), text.utf8.count <= 2,
      let factor = Int(text)
    else { throw .header("a scrypt stanza has no work factor") }
    guard factor <= workFactorMax else {
      throw .header("its passphrase asks for more work than 2^\(workFactorMax)")
    }
    return factor
  }

  /// Whether a passphrase opens it.
  package static func wantsPassphrase(_ header: AgeHeader) -> Bool {
    header.stanzas.contains { $0.arguments[0] == scrypt }
  }

  /// The file key, by an X25519 secret; nil when no stanza is for it.
  package static func fileKey(
    _ header: AgeHeader, secret: borrowing Secret
  ) throws(AgeFault) -> Secret? {
    let recipient = Sodium().exchangePublicKey(ofSecret: secret)
    for stanza in header.stanzas where stanza.arguments[0] == x25519 {
      guard let share = Hash32(try AgeHeader.bytes(of: stanza.arguments[1], count: 32)),
        let shared = Sodium().exchange(secret, share)
      else { throw .header("an X25519 stanza has a share of low order") }
      let key = HKDF.derive(
        shared, salt: share.bytes + recipient.bytes, info: "age-encryption.org/v1/X25519")
      if let fileKey = opened(stanza.body, key) { return fileKey }
    }
    return nil
  }

  /// The file key, by a passphrase; nil when it is another one.
  package static func fileKey(
    _ header: AgeHeader, passphrase: borrowing Secret
  ) throws(AgeFault) -> Secret? {
    guard let stanza = header.stanzas.first, stanza.arguments[0] == scrypt else { return nil }
    let salt = try AgeHeader.bytes(of: stanza.arguments[1], count: 16)
    guard let key = stretch(passphrase, salt, try factor(stanza.arguments[2])) else {
      throw .header("there is not enough memory for its work factor")
    }
    return opened(stanza.body, key)
  }

  /// The MAC that a header with these stanzas has.
  static func mac(_ stanzas: [AgeHeader.Stanza], _ fileKey: borrowing Secret) -> [UInt8] {
    HKDF.authenticate(
      AgeHeader.signed(stanzas), HKDF.derive(fileKey, salt: [], info: "header"))
  }

  /// - Throws: `mac` when the header was changed after it was made.
  package static func checkMAC(
    _ header: AgeHeader, _ fileKey: borrowing Secret
  ) throws(AgeFault) {
    let mac = mac(header.stanzas, fileKey)
    guard unsafe sodium_memcmp(mac, header.mac, mac.count) == 0 else { throw .mac }
  }

  // MARK: parts

  private static func stretch(
    _ passphrase: borrowing Secret, _ salt: [UInt8], _ factor: Int
  ) -> Secret? {
    let salt = Array("age-encryption.org/v1/scrypt".utf8) + salt
    let count = passphrase.count
    var status: Int32 = -1
    let key = unsafe passphrase.withPointer { passphrase in
      unsafe Secret(
        count: 32,
        unsafelyFilledBy: { out in
          status = unsafe crypto_pwhash_scryptsalsa208sha256_ll(
            passphrase, count, salt, salt.count, 1 << UInt64(factor), 8, 1, out, 32)
        })
    }
    return if status == 0 { consume key } else { nil }
  }

  private static let zeroNonce = [UInt8](repeating: 0, count: 12)

  private static func sealed(_ fileKey: borrowing Secret, _ key: borrowing Secret) -> [UInt8] {
    AEAD.chacha20Poly1305.seal(fileKey, nonce: zeroNonce, associated: [], key: key)
  }

  private static func opened(_ body: [UInt8], _ key: borrowing Secret) -> Secret? {
    guard body.count == fileKeyBytes + AEAD.tagBytes else { return nil }
    return AEAD.chacha20Poly1305.open(body, nonce: zeroNonce, associated: [], key: key)
  }

  private static func unpadded(_ bytes: [UInt8]) -> String {
    String(Base64.encode(bytes, .standard).prefix { $0 != "=" })
  }
}

/// HKDF with HMAC-SHA256 (RFC 5869), 32 bytes of output, and HMAC itself (RFC 2104).
package enum HKDF {
  package static func derive(
    _ secret: borrowing Secret, salt: [UInt8], info: String
  ) -> Secret {
    derive(secret, salt: salt, info: Array(info.utf8))
  }

  package static func derive(
    _ secret: borrowing Secret, salt: [UInt8], info: [UInt8]
  ) -> Secret {
    expand(extract(secret, salt: salt), info: info)
  }

  private static func extract(_ secret: borrowing Secret, salt: [UInt8]) -> Secret {
    let count = secret.count
    return unsafe secret.withPointer { secret in
      unsafe Secret(
        count: 32,
        unsafelyFilledBy: { out in
          var state = crypto_auth_hmacsha256_state()
          unsafe crypto_auth_hmacsha256_init(&state, salt, salt.count)
          unsafe crypto_auth_hmacsha256_update(&state, secret, UInt64(count))
          unsafe crypto_auth_hmacsha256_final(&state, out)
          unsafe sodium_memzero(&state, MemoryLayout<crypto_auth_hmacsha256_state>.size)
        })
    }
  }

  /// The first block of the expansion.
  private static func expand(_ key: borrowing Secret, info: [UInt8]) -> Secret {
    let message = info + [1]
    return unsafe key.withPointer { key in
      unsafe Secret(
        count: 32,
        unsafelyFilledBy: { out in
          var state = crypto_auth_hmacsha256_state()
          unsafe crypto_auth_hmacsha256_init(&state, key, 32)
          unsafe crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
          unsafe crypto_auth_hmacsha256_final(&state, out)
          unsafe sodium_memzero(&state, MemoryLayout<crypto_auth_hmacsha256_state>.size)
        })
    }
  }

  /// HMAC-SHA256 with a secret key.
  package static func authenticate(_ message: [UInt8], _ key: borrowing Secret) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: 32)
    let count = key.count
    unsafe key.withPointer { key in
      var state = crypto_auth_hmacsha256_state()
      unsafe crypto_auth_hmacsha256_init(&state, key, count)
      unsafe crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
      unsafe crypto_auth_hmacsha256_final(&state, &out)
      unsafe sodium_memzero(&state, MemoryLayout<crypto_auth_hmacsha256_state>.size)
    }
    return out
  }
}
