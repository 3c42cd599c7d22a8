internal import CNettle
internal import CSodium

/// A digest of 64 bytes over a message that arrives in parts: what minisign and OpenSSH sign
/// instead of a file.
package struct Digest64: ~Copyable {
  package enum Kind: Sendable {
    /// RFC 7693, unkeyed; by libsodium.
    case blake2b
    /// FIPS 180-4; by Nettle.
    case sha512
  }

  private var blake2b = BLAKE2bState()
  private var sha512 = sha512_ctx()
  private let kind: Kind
  private static let byteCount = 64

  package init(_ kind: Kind) {
    self.kind = kind
    switch kind {
    case .blake2b: unsafe crypto_generichash_init(blake2b.state, nil, 0, Self.byteCount)
    case .sha512: unsafe nettle_sha512_init(&sha512)
    }
  }

  package mutating func update(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      switch kind {
      case .blake2b: unsafe crypto_generichash_update(blake2b.state, start, UInt64(buffer.count))
      case .sha512: unsafe nettle_sha512_update(&sha512, buffer.count, start)
      }
    }
  }

  /// The 64 bytes.
  package mutating func finish() -> [UInt8] {
    var out = [UInt8](repeating: 0, count: Self.byteCount)
    switch kind {
    case .blake2b: unsafe crypto_generichash_final(blake2b.state, &out, out.count)
    case .sha512: unsafe nettle_sha512_digest(&sha512, out.count, &out)
    }
    return out
  }
}

/// libsodium's state, which it wants at a multiple of 64.
@safe
private struct BLAKE2bState: ~Copyable {
  private let memory: UnsafeMutableRawPointer

  init() {
    Sodium.ready
    unsafe memory = .allocate(byteCount: crypto_generichash_statebytes(), alignment: 64)
  }

  deinit {
    unsafe memory.deallocate()
  }

  var state: OpaquePointer { unsafe OpaquePointer(memory) }
}
