/// 32 bytes that name something: a SHA-256 or BLAKE3-256 digest, a block id, a public key.
///
/// Four words instead of an array: comparing, hashing and copying it costs no allocation.
/// Not for secrets; those live in KianaCrypto's `Secret`.
package struct Hash32: Hashable, Sendable, Comparable {
  /// The bytes as four big-endian words.
  private let word0, word1, word2, word3: UInt64

  package static let byteCount = 32
  package static let zero = Hash32(0, 0, 0, 0)

  /// The value of four big-endian words.
  init(_ word0: UInt64, _ word1: UInt64, _ word2: UInt64, _ word3: UInt64) {
    self.word0 = word0
    self.word1 = word1
    self.word2 = word2
    self.word3 = word3
  }

  /// - Returns: nil unless there are exactly 32 bytes.
  package init?(_ bytes: Span<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    func word(_ start: Int) -> UInt64 {
      var value: UInt64 = 0
      for index in start..<start + 8 { value = value << 8 | UInt64(bytes[index]) }
      return value
    }
    self.init(word(0), word(8), word(16), word(24))
  }

  /// - Returns: nil unless there are exactly 32 bytes.
  package init?(_ bytes: [UInt8]) {
    self.init(bytes.span)
  }

  /// Reads 64 lower-case hex digits.
  /// - Returns: nil for anything else; upper case would give one id two spellings.
  package init?(hex: Span<UInt8>) {
    guard hex.count == 64 else { return nil }
    var faults: UInt8 = 0
    func word(_ start: Int) -> UInt64 {
      var value: UInt64 = 0
      for index in start..<start + 16 {
        let (digit, fault) = Hex.digit(hex[index])
        value = value << 4 | UInt64(digit)
        faults |= fault
      }
      return value
    }
    let (word0, word1, word2, word3) = (word(0), word(16), word(32), word(48))
    guard faults == 0 else { return nil }
    self.init(word0, word1, word2, word3)
  }

  /// Reads 64 lower-case hex digits; nil for anything else.
  package init?(hex: String) {
    let utf8 = Array(hex.utf8)
    self.init(hex: utf8.span)
  }

  /// The 32 bytes.
  package var bytes: [UInt8] {
    var out = [UInt8]()
    out.reserveCapacity(Self.byteCount)
    append(to: &out)
    return out
  }

  package func append(to out: inout [UInt8]) {
    for word in 0..<4 {
      let value = self[word]
      for shift in stride(from: 56, through: 0, by: -8) {
        out.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
      }
    }
  }

  /// The bytes as four big-endian words.
  var words: (UInt64, UInt64, UInt64, UInt64) { (word0, word1, word2, word3) }

  private subscript(word: Int) -> UInt64 {
    switch word {
    case 0: word0
    case 1: word1
    case 2: word2
    default: word3
    }
  }

  /// 64 lower-case hex digits.
  package var hex: String { Hex.encode(bytes) }

  package static func < (left: Hash32, right: Hash32) -> Bool {
    for word in 0..<4 where left[word] != right[word] { return left[word] < right[word] }
    return false
  }
}

extension Hash32: CustomStringConvertible {
  package var description: String { hex }
}
