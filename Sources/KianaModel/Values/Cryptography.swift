/// What the rules of this room need of cryptography. KianaCrypto has the one implementation,
/// `Sodium`; the model itself computes nothing of the kind, so its tests can choose.
package protocol Cryptography: Sendable {
  /// SHA-256 (FIPS 180-4) over the parts one after the other.
  func sha256(_ parts: [UInt8]...) -> Hash32
  /// The hash of an inner node of an RFC 6962 tree: SHA-256(0x01 || left || right).
  func treeNode(_ left: Hash32, _ right: Hash32) -> Hash32
  /// BLAKE3 with 32 bytes of output, the digest of KERI code `E`.
  func blake3(_ message: [UInt8]) -> Hash32
  /// Whether the 64-byte Ed25519 signature over `message` is by `publicKey`, as libsodium's
  /// `crypto_sign_verify_detached` decides. There is no other verifier in the project: verifiers
  /// differ on edge cases, and two of them would split the network.
  func isSignature(_ signature: [UInt8], of message: [UInt8], by publicKey: Hash32) -> Bool
}
