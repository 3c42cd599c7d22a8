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

  /// The same for the C calls of this room.
  borrowing func withPointer<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafePointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(UnsafePointer(memory.buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)))
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
