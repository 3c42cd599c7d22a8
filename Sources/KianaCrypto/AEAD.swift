internal import CSodium

/// Authenticated encryption of secrets, by libsodium.
package enum AEAD: Sendable {
  /// RFC 8439; 12 bytes of nonce.
  case chacha20Poly1305
  /// draft-irtf-cfrg-xchacha; 24 bytes of nonce, so many that random ones never meet.
  case xchacha20Poly1305

  package static let keyBytes = 32
  package static let tagBytes = 16

  package var nonceBytes: Int {
    switch self {
    case .chacha20Poly1305: 12
    case .xchacha20Poly1305: 24
    }
  }

  /// The ciphertext and its tag.
  ///
  /// - Parameter associated: authenticated along, and not encrypted.
  package func seal(
    _ plain: borrowing Secret, nonce: [UInt8], associated: [UInt8], key: borrowing Secret
  ) -> [UInt8] {
    precondition(key.count == Self.keyBytes && nonce.count == nonceBytes, "sizes are fixed")
    let count = plain.count
    var out = [UInt8](repeating: 0, count: count + Self.tagBytes)
    unsafe plain.withPointer { plain in
      unsafe key.withPointer { key in
        let function =
          unsafe self == .chacha20Poly1305
          ? crypto_aead_chacha20poly1305_ietf_encrypt : crypto_aead_xchacha20poly1305_ietf_encrypt
        _ = unsafe function(
          &out, nil, plain, UInt64(count), associated, UInt64(associated.count), nil, nonce, key)
      }
    }
    return out
  }

  /// The plaintext, in guarded memory.
  /// - Returns: nil when anything was changed, or the key is another.
  package func open(
    _ sealed: [UInt8], nonce: [UInt8], associated: [UInt8], key: borrowing Secret
  ) -> Secret? {
    precondition(key.count == Self.keyBytes && nonce.count == nonceBytes, "sizes are fixed")
    guard sealed.count >= Self.tagBytes else { return nil }
    var status: Int32 = -1
    let plain = unsafe key.withPointer { key in
      unsafe Secret(
        count: sealed.count - Self.tagBytes,
        unsafelyFilledBy: { out in
          let function =
            unsafe self == .chacha20Poly1305
            ? crypto_aead_chacha20poly1305_ietf_decrypt
            : crypto_aead_xchacha20poly1305_ietf_decrypt
          status = unsafe function(
            out, nil, nil, sealed, UInt64(sealed.count), associated, UInt64(associated.count),
            nonce, key)
        })
    }
    return if status == 0 { consume plain } else { nil }
  }
}
