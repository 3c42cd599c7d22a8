internal import CNettle
package import KianaModel

/// SHA-256 (FIPS 180-4) over a message that arrives in parts.
///
/// By Nettle, which uses the processor's own instructions where there are some
/// (`docs/decisions/09-sha256.md`).
package struct SHA256 {
  private var state = sha256_ctx()

  package init() {
    unsafe nettle_sha256_init(&state)
  }

  package mutating func update(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      unsafe nettle_sha256_update(&state, buffer.count, start)
    }
  }

  /// The digest; the hasher begins anew.
  package mutating func finish() -> Hash32 {
    let digest = unsafe withUnsafeTemporaryAllocation(
      byteCount: Hash32.byteCount, alignment: 8
    ) { buffer in
      let bytes = unsafe buffer.assumingMemoryBound(to: UInt8.self)
      unsafe nettle_sha256_digest(&state, Hash32.byteCount, bytes.baseAddress)
      return unsafe Hash32(Span(_unsafeElements: UnsafeBufferPointer(bytes)))
    }
    return digest!
  }
}
