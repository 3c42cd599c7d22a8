/// Lower-case hexadecimal (RFC 4648 section 8, but one spelling only: lower case).
package enum Hex {
  private static let digits = Array("0123456789abcdef".utf8)

  /// Two lower-case digits a byte.
  package static func encode(_ bytes: [UInt8]) -> String {
    var out = [UInt8]()
    out.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      out.append(digits[Int(byte >> 4)])
      out.append(digits[Int(byte & 15)])
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// The value of one lower-case digit; nil for any other byte.
  @inline(__always)
  package static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit &- 0x30
    case 0x61...0x66: digit &- 0x61 &+ 10
    default: nil
    }
  }

  /// The value of one lower-case digit without a branch, which random digits would make the
  /// processor guess wrong half the time.
  /// - Returns: a value below 16, and 0 or, for any byte that is no digit, something else.
  @inline(__always)
  static func digit(_ letter: UInt8) -> (value: UInt8, fault: UInt8) {
    let value = letter & 15 &+ 9 &* (letter >> 6)
    let written = value &+ 0x30 &+ 39 &* ((value &+ 6) >> 4)
    return (value & 15, written ^ letter | value & 0xF0)
  }

  /// - Returns: nil for an odd length or any byte that is not a lower-case digit.
  package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    guard text.count.isMultiple(of: 2) else { return nil }
    var out = [UInt8]()
    out.reserveCapacity(text.count / 2)
    var high: UInt8?
    for digit in text {
      guard let value = value(digit) else { return nil }
      if let first = high {
        out.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return out
  }
}

extension Hex {
  /// The 64 digits of 32 bytes.
  package static func append(_ hash: Hash32, to out: inout [UInt8]) {
    let (word0, word1, word2, word3) = hash.words
    for word in [word0, word1, word2, word3] {
      for shift in stride(from: 60, through: 0, by: -4) {
        out.append(digits[Int(word >> UInt64(shift) & 15)])
      }
    }
  }
}
