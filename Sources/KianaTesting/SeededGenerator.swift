internal import Glibc

/// A small generator that starts from a printed seed (SplitMix64), so that a failure can be had
/// again.
package struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) {
    state = seed
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}

/// What the person who starts the tests asks for.
package enum TestRun {
  /// `KIANA_LONG=1`: longer loops.
  package static let isLong = number("KIANA_LONG") == 1

  /// The seeds of a randomised test: `KIANA_SEED=N` runs one of them again.
  package static func seeds(_ count: UInt64, long: UInt64) -> ClosedRange<UInt64> {
    if let seed = number("KIANA_SEED") { return seed...seed }
    return 1...(isLong ? long : count)
  }

  private static func number(_ name: String) -> UInt64? {
    unsafe getenv(name).flatMap { UInt64(unsafe String(cString: $0)) }
  }
}
