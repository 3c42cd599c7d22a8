internal import CSodium
internal import Glibc

/// Random bytes that come from a seed, for one thread and as long as a body runs: keys, salts and
/// session nonces are then the same whenever the same seed is run again.
///
/// All other threads go on with the kernel's generator. Also wanted for a repetition:
/// `SWIFT_DETERMINISTIC_HASHING=1`, since the order of sets and dictionaries is another one in each
/// process.
package enum SeededRandomness {
  private static let slot: pthread_key_t = {
    var key = pthread_key_t()
    unsafe pthread_key_create(&key, nil)
    return key
  }()

  /// libsodium keeps the pointer, so the table stays for ever.
  private static let isInstalled: Bool = {
    let table = UnsafeMutablePointer<randombytes_implementation>.allocate(capacity: 1)
    unsafe table.initialize(to: randombytes_implementation())
    unsafe table.pointee.implementation_name = { unsafe UnsafePointer(strdup("seeded")) }
    unsafe table.pointee.random = {
      var word: UInt32 = 0
      unsafe withUnsafeMutableBytes(of: &word) { unsafe SeededRandomness.fill($0) }
      return word
    }
    unsafe table.pointee.buf = { start, count in
      unsafe SeededRandomness.fill(UnsafeMutableRawBufferPointer(start: start, count: count))
    }
    return unsafe randombytes_set_implementation(table) == 0
  }()

  private static func fill(_ bytes: UnsafeMutableRawBufferPointer) {
    guard let state = unsafe pthread_getspecific(slot) else {
      var done = 0
      while done < bytes.count {
        // getentropy gives at most 256 bytes at once.
        let part = min(256, bytes.count - done)
        guard unsafe getentropy(bytes.baseAddress! + done, part) == 0 else {
          preconditionFailure("the kernel gives no random bytes")
        }
        done += part
      }
      return
    }
    let generator = unsafe state.assumingMemoryBound(to: SeededGenerator.self)
    for index in bytes.indices {
      unsafe bytes[index] = UInt8.random(in: 0...255, using: &generator.pointee)
    }
  }

  /// Runs a body whose random bytes, on this thread, come from the seed.
  package static func run<Result>(_ seed: UInt64, _ body: () throws -> Result) rethrows -> Result {
    precondition(isInstalled, "libsodium takes no other generator")
    let generator = UnsafeMutablePointer<SeededGenerator>.allocate(capacity: 1)
    unsafe generator.initialize(to: SeededGenerator(seed: seed))
    unsafe pthread_setspecific(slot, generator)
    defer {
      pthread_setspecific(slot, nil)
      unsafe generator.deallocate()
    }
    return try body()
  }
}
