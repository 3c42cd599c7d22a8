extension CanonicalJSON {
  /// Walks over the string at `offset`: valid UTF-8, and no escape but those that RFC 8785 writes.
  package static func string(
    _ bytes: Span<UInt8>, _ offset: inout Int
  ) throws(JSONFault) -> JSONStringRange {
    try take(0x22, bytes, &offset)
    let start = offset
    var index = offset
    var hasEscapes = false
    let count = bytes.count
    while index < count {
      let byte = bytes[index]
      if byte == 0x22 {
        offset = index + 1
        return JSONStringRange(range: start..<index, hasEscapes: hasEscapes)
      }
      if byte >= 0x20, byte < 0x80, byte != 0x5C {
        index += 1 + plainBytes(bytes, after: index)
      } else if byte >= 0x80 {
        guard let length = UTF8Check.lengthOfScalar(bytes, index) else {
          throw JSONFault(.notUTF8, at: index)
        }
        index += length
      } else if byte == 0x5C {
        hasEscapes = true
        index += try lengthOfEscape(bytes, index)
      } else {
        throw JSONFault(.syntax, at: index)
      }
    }
    throw JSONFault(.truncated, at: count)
  }

  /// How many of the bytes after `index`, eight at a time, are ASCII that stands for itself.
  @inline(__always)
  private static func plainBytes(_ bytes: Span<UInt8>, after index: Int) -> Int {
    var next = index + 1
    while next + 8 <= bytes.count {
      let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: next, as: UInt64.self)
      // The top bit of each byte is set when the byte is below 0x20, a quote, a backslash, or
      // above ASCII; a borrow can only report too much, behind a byte that is one of them.
      let quote = word ^ (ones &* 0x22)
      let escape = word ^ (ones &* 0x5C)
      let special =
        (word &- ones &* 0x20) | (quote &- ones) | (escape &- ones) | word
      guard special & (ones &* 0x80) == 0 else { break }
      next += 8
    }
    return next - index - 1
  }

  private static let ones: UInt64 = 0x0101_0101_0101_0101

  /// The value of a string that `string(_:_:)` walked over, as UTF-8.
  package static func utf8(of string: JSONStringRange, in bytes: Span<UInt8>) -> [UInt8] {
    var out = [UInt8]()
    out.reserveCapacity(string.range.count)
    var index = string.range.lowerBound
    while index < string.range.upperBound {
      let byte = bytes[index]
      guard string.hasEscapes, byte == 0x5C else {
        out.append(byte)
        index += 1
        continue
      }
      let code = bytes[index + 1]
      index += code == UInt8(ascii: "u") ? 6 : 2
      out.append(code == UInt8(ascii: "u") ? controlCode(bytes, at: index - 2) : unescaped(code))
    }
    return out
  }

  /// The value as a string.
  package static func text(of string: JSONStringRange, in bytes: Span<UInt8>) -> String {
    String(decoding: utf8(of: string, in: bytes), as: UTF8.self)
  }

  /// Whether the value equals an ASCII literal that needs no escape.
  @inline(__always)
  package static func isText(
    _ string: JSONStringRange, _ literal: StaticString, in bytes: Span<UInt8>
  ) -> Bool {
    let length = literal.utf8CodeUnitCount
    guard !string.hasEscapes, string.range.count == length else { return false }
    var index = string.range.lowerBound
    for expected in literal.description.utf8 {
      if bytes[index] != expected { return false }
      index += 1
    }
    return true
  }

  /// Negative, zero or positive as the first string stands before, equals or follows the second
  /// by UTF-16 code units (RFC 8785 section 3.2.3).
  static func compare(
    _ first: JSONStringRange, _ second: JSONStringRange, _ bytes: Span<UInt8>
  ) -> Int {
    if !first.hasEscapes, !second.hasEscapes {
      var left = first.range.lowerBound
      var right = second.range.lowerBound
      while left < first.range.upperBound, right < second.range.upperBound {
        let leftByte = bytes[left]
        let rightByte = bytes[right]
        if leftByte != rightByte {
          // Two ASCII bytes order like their units; above, surrogates change the order.
          if leftByte < 0x80 || rightByte < 0x80 { return leftByte < rightByte ? -1 : 1 }
          return compareUnits(first, second, bytes)
        }
        left += 1
        right += 1
      }
      return first.range.count - second.range.count
    }
    return compareUnits(first, second, bytes)
  }

  private static func compareUnits(
    _ first: JSONStringRange, _ second: JSONStringRange, _ bytes: Span<UInt8>
  ) -> Int {
    let left = Array(text(of: first, in: bytes).utf16)
    let right = Array(text(of: second, in: bytes).utf16)
    if left == right { return 0 }
    return left.lexicographicallyPrecedes(right) ? -1 : 1
  }

  /// The length of the escape at `index`, if it is one that RFC 8785 writes.
  private static func lengthOfEscape(
    _ bytes: Span<UInt8>, _ index: Int
  ) throws(JSONFault) -> Int {
    switch try byte(bytes, index + 1) {
    case 0x22, 0x5C, UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"),
      UInt8(ascii: "t"):
      return 2
    case UInt8(ascii: "u"):
      guard index + 6 <= bytes.count else { throw JSONFault(.truncated, at: bytes.count) }
      guard bytes[index + 2] == 0x30, bytes[index + 3] == 0x30, bytes[index + 4] & 0xFE == 0x30,
        Hex.value(bytes[index + 5]) != nil
      else { throw JSONFault(.notCanonical, at: index) }
      switch controlCode(bytes, at: index + 4) {
      case 0x08, 0x09, 0x0A, 0x0C, 0x0D: throw JSONFault(.notCanonical, at: index)
      default: return 6
      }
    case UInt8(ascii: "/"): throw JSONFault(.notCanonical, at: index)
    default: throw JSONFault(.syntax, at: index)
    }
  }

  /// The control character whose last two hex digits stand at `index`.
  private static func controlCode(_ bytes: Span<UInt8>, at index: Int) -> UInt8 {
    (bytes[index] & 1) << 4 | (Hex.value(bytes[index + 1]) ?? 0)
  }

  private static func unescaped(_ code: UInt8) -> UInt8 {
    switch code {
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: code
    }
  }
}
