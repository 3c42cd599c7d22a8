internal import CSodium

/// Bytes that must not leave their place: one owner, guarded memory, wiped at the end.
///
/// They lie in `sodium_malloc` memory (guard pages, never swapped where the limit allows, left out
/// of core dumps). They are lent by `withBytes` and never become an array, a `Data` or a `String`.
package struct Secret: ~Copyable {
  private let memory: GuardedMemory

  /// `count` bytes that `fill` writes; they are zero before.
  package init(count: Int, filledBy fill: (inout MutableRawSpan) -> Void) {
    let zeroed = GuardedMemory(count: count)
    var span = unsafe zeroed.buffer.mutableBytes
    fill(&span)
    memory = zeroed
  }

  /// `count` random bytes.
  package init(randomCount count: Int) {
    memory = GuardedMemory(count: count)
    unsafe randombytes_buf(memory.buffer.baseAddress!, count)
  }

  /// For the C calls of this room: `fill` gets the start of `count` zero bytes.
  init(count: Int, unsafelyFilledBy fill: (UnsafeMutablePointer<UInt8>) -> Void) {
    memory = GuardedMemory(count: count)
    unsafe fill(memory.buffer.baseAddress!.assumingMemoryBound(to: UInt8.self))
  }

  deinit {
    unsafe sodium_free(memory.buffer.baseAddress)
  }

  package var count: Int { unsafe memory.buffer.count }

  /// Lends the bytes for the time of the call; they must not be copied into plain memory.
  package borrowing func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(memory.buffer.bytes)
  }

  /// Two lower-case hex digits a byte and a newline, as a secret of its own.
  package borrowing func hexLine() -> Secret {
    let digits = Array("0123456789abcdef".utf8)
    let count = count
    return unsafe withPointer { source in
      unsafe Secret(
        count: count * 2 + 1,
        unsafelyFilledBy: { out in
          for index in 0..<count {
            unsafe out[2 * index] = digits[Int(source[index] >> 4)]
            unsafe out[2 * index + 1] = digits[Int(source[index] & 15)]
          }
          unsafe out[2 * count] = 0x0A
        })
    }
  }

  /// The same for the C calls of this room.
  borrowing func withPointer<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafePointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(UnsafePointer(memory.buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)))
  }
}

extension Sodium {
  /// Whether two secrets are the same, in a time that does not depend on where they differ.
  package func areEqual(_ left: borrowing Secret, _ right: borrowing Secret) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe left.withPointer { first in
      unsafe right.withPointer { second in
        unsafe sodium_memcmp(first, second, left.count) == 0
      }
    }
  }
}

/// Where a secret's bytes lie; the `Secret` that made it frees it.
@safe
private struct GuardedMemory {
  let buffer: UnsafeMutableRawBufferPointer

  /// `count` zero bytes.
  init(count: Int) {
    Sodium.ready
    guard let start = unsafe sodium_malloc(max(count, 1)) else {
      preconditionFailure("no memory left for a secret of \(count) bytes")
    }
    unsafe sodium_memzero(start, count)
    unsafe buffer = UnsafeMutableRawBufferPointer(start: start, count: count)
  }
}
