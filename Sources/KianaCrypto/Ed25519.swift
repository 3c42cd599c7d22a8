internal import CSodium
package import KianaModel

/// Signing with Ed25519 (RFC 8032) and the public halves of secrets. Checking signatures is
/// `isSignature`, the one verifier of the project.
extension Sodium {
  /// The public key of a 32-byte Ed25519 seed.
  package func publicKey(ofSeed seed: borrowing Secret) -> KeyText {
    var publicKey = [UInt8](repeating: 0, count: Hash32.byteCount)
    unsafe withExpandedKey(of: seed, publicKey: &publicKey) { _ in }
    return KeyText(raw: Hash32(publicKey)!, isSigningKey: true)
  }

  /// The 64-byte signature over `message`.
  package func sign(_ message: [UInt8], seed: borrowing Secret) -> [UInt8] {
    var publicKey = [UInt8](repeating: 0, count: Hash32.byteCount)
    var signature = [UInt8](repeating: 0, count: Block.signatureBytes)
    unsafe withExpandedKey(of: seed, publicKey: &publicKey) { secretKey in
      _ = unsafe crypto_sign_detached(
        &signature, nil, message, UInt64(message.count), secretKey)
    }
    return signature
  }

  /// The X25519 public key (RFC 7748) of a 32-byte secret.
  package func exchangePublicKey(ofSecret secret: borrowing Secret) -> Hash32 {
    precondition(secret.count == Hash32.byteCount, "an X25519 secret has 32 bytes")
    var publicKey = [UInt8](repeating: 0, count: Hash32.byteCount)
    unsafe secret.withPointer { _ = unsafe crypto_scalarmult_base(&publicKey, $0) }
    return Hash32(publicKey)!
  }

  /// The secret that two sides share (X25519, RFC 7748).
  /// - Returns: nil for a point of low order, with which everybody would share the same.
  package func exchange(_ secret: borrowing Secret, _ key: Hash32) -> Secret? {
    var status: Int32 = -1
    let bytes = key.bytes
    let shared = unsafe secret.withPointer { secret in
      unsafe Secret(
        count: 32,
        unsafelyFilledBy: { out in status = unsafe crypto_scalarmult(out, secret, bytes) })
    }
    return if status == 0 { consume shared } else { nil }
  }

  /// Lends libsodium's 64-byte form of the secret key, which lives only for the call and only in
  /// guarded memory.
  private func withExpandedKey(
    of seed: borrowing Secret, publicKey: inout [UInt8], _ body: (UnsafePointer<UInt8>) -> Void
  ) {
    precondition(seed.count == Int(crypto_sign_SEEDBYTES), "an Ed25519 seed has 32 bytes")
    let expanded = unsafe seed.withPointer { seed in
      unsafe Secret(
        count: Int(crypto_sign_SECRETKEYBYTES),
        unsafelyFilledBy: { out in
          _ = unsafe crypto_sign_seed_keypair(&publicKey, out, seed)
        })
    }
    unsafe expanded.withPointer { unsafe body($0) }
  }
}
