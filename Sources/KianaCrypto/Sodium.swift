internal import CSodium
package import KianaModel

/// libsodium as the rules of the model see it, and the public-key operations of the toolkit.
///
/// Every function is safe to call from any thread. Source of the primitives: libsodium 1.0.18, but
/// for SHA-256, which is Nettle's.
package struct Sodium: Cryptography {
  /// libsodium wants `sodium_init` before anything else; `sodium_malloc` without it aborts the
  /// process. A static constant makes the first user do it, once, whatever the thread.
  static let ready: Void = {
    precondition(sodium_init() >= 0, "libsodium cannot start on this machine")
  }()

  package init() {
    Self.ready
  }

  package func sha256(_ parts: [UInt8]...) -> Hash32 {
    var hasher = SHA256()
    for part in parts { hasher.update(part.span) }
    return hasher.finish()
  }

  package func treeNode(_ left: Hash32, _ right: Hash32) -> Hash32 {
    var bytes = [UInt8]()
    bytes.reserveCapacity(1 + 2 * Hash32.byteCount)
    bytes.append(0x01)
    left.append(to: &bytes)
    right.append(to: &bytes)
    var hasher = SHA256()
    hasher.update(bytes.span)
    return hasher.finish()
  }

  package func blake3(_ message: [UInt8]) -> Hash32 {
    BLAKE3.hash(message)
  }

  package func isSignature(
    _ signature: [UInt8], of message: [UInt8], by publicKey: Hash32
  ) -> Bool {
    guard signature.count == Int(crypto_sign_BYTES) else { return false }
    let key = publicKey.bytes
    return unsafe crypto_sign_verify_detached(
      signature, message, UInt64(message.count), key) == 0
  }

  /// BLAKE2b with 32 bytes of output (RFC 7693), keyed when `key` is not empty.
  /// - Precondition: the key has at most 64 bytes.
  package func blake2b(_ message: [UInt8], key: [UInt8] = []) -> Hash32 {
    precondition(key.count <= Int(crypto_generichash_KEYBYTES_MAX), "BLAKE2b keys end at 64 bytes")
    var out = [UInt8](repeating: 0, count: Hash32.byteCount)
    unsafe crypto_generichash(
      &out, out.count, message, UInt64(message.count), key.isEmpty ? nil : key, key.count)
    return Hash32(out)!
  }

  /// `count` bytes from the kernel's generator.
  package func randomBytes(_ count: Int) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: count)
    unsafe randombytes_buf(&out, count)
    return out
  }
}

extension Sodium {
  /// 32 random bytes that are public: a salt, a nonce.
  package func randomHash() -> Hash32 {
    Hash32(randomBytes(Hash32.byteCount))!
  }
}
