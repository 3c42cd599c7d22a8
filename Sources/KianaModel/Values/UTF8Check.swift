/// Whether bytes are text.
package enum UTF8Check {
  /// Well-formed UTF-8 (Unicode 15 table 3-7); control characters, NUL included, are well-formed.
  package static func isUTF8(_ bytes: Span<UInt8>) -> Bool {
    var index = 0
    while index < bytes.count {
      if bytes[index] < 0x80 {
        index += 1
      } else if let length = lengthOfScalar(bytes, index) {
        index += length
      } else {
        return false
      }
    }
    return true
  }

  /// The length of the sequence at `index`, whose first byte is 0x80 or above; nil when it is not
  /// well-formed, cut short included.
  package static func lengthOfScalar(_ bytes: Span<UInt8>, _ index: Int) -> Int? {
    let (length, low, high): (Int, UInt8, UInt8)
    switch bytes[index] {
    case 0xC2...0xDF: (length, low, high) = (2, 0x80, 0xBF)
    case 0xE0: (length, low, high) = (3, 0xA0, 0xBF)
    case 0xED: (length, low, high) = (3, 0x80, 0x9F)
    case 0xE1...0xEF: (length, low, high) = (3, 0x80, 0xBF)
    case 0xF0: (length, low, high) = (4, 0x90, 0xBF)
    case 0xF1...0xF3: (length, low, high) = (4, 0x80, 0xBF)
    case 0xF4: (length, low, high) = (4, 0x80, 0x8F)
    default: return nil
    }
    guard index + length <= bytes.count, bytes[index + 1] >= low, bytes[index + 1] <= high
    else { return nil }
    for follower in 2..<length where bytes[index + follower] & 0xC0 != 0x80 { return nil }
    return length
  }
}
