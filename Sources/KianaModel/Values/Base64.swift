/// Base64 as kiana writes it: RFC 4648 section 5 (URL alphabet, unpadded) for our own formats,
/// section 4 (padded) where a format of somebody else asks for it.
///
/// Reading is strict: one spelling for each value. Padding bits that are not zero, padding where
/// none belongs and foreign letters are refused, so that nobody can give the same bytes two texts.
package enum Base64 {
  package enum Alphabet: Sendable {
    /// `A-Z a-z 0-9 - _`, no padding.
    case url
    /// `A-Z a-z 0-9 + /`, padded with `=` to a multiple of four.
    case standard
  }

  private static let urlDigits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
  private static let standardDigits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  package static func encode(_ bytes: [UInt8], _ alphabet: Alphabet = .url) -> String {
    var out = [UInt8]()
    append(bytes, alphabet, to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  package static func append(
    _ bytes: [UInt8], _ alphabet: Alphabet = .url, to out: inout [UInt8]
  ) {
    let digits = alphabet == .url ? urlDigits : standardDigits
    out.reserveCapacity(out.count + (bytes.count + 2) / 3 * 4)
    var index = 0
    while index + 2 < bytes.count {
      let group =
        Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
      out.append(digits[group >> 18])
      out.append(digits[group >> 12 & 63])
      out.append(digits[group >> 6 & 63])
      out.append(digits[group & 63])
      index += 3
    }
    let rest = bytes.count - index
    guard rest > 0 else { return }
    let group = Int(bytes[index]) << 16 | (rest == 2 ? Int(bytes[index + 1]) << 8 : 0)
    out.append(digits[group >> 18])
    out.append(digits[group >> 12 & 63])
    if rest == 2 { out.append(digits[group >> 6 & 63]) }
    if alphabet == .standard { out.append(contentsOf: repeatElement(0x3D, count: 3 - rest)) }
  }

  /// - Returns: nil for anything that `encode` with the same alphabet would not have written.
  package static func decode(_ text: String, _ alphabet: Alphabet = .url) -> [UInt8]? {
    let utf8 = Array(text.utf8)
    return decode(utf8.span, alphabet)
  }

  /// - Returns: nil for anything that `encode` with the same alphabet would not have written.
  package static func decode(_ text: Span<UInt8>, _ alphabet: Alphabet = .url) -> [UInt8]? {
    var count = text.count
    if alphabet == .standard {
      guard count.isMultiple(of: 4) else { return nil }
      var padding = 0
      while padding < 2, count > 0, text[count - 1] == 0x3D {
        count -= 1
        padding += 1
      }
    }
    guard count % 4 != 1 else { return nil }
    var out = [UInt8]()
    out.reserveCapacity(count * 3 / 4)
    var index = 0
    while index + 4 <= count {
      guard let first = value(text[index], alphabet), let second = value(text[index + 1], alphabet),
        let third = value(text[index + 2], alphabet), let fourth = value(text[index + 3], alphabet)
      else { return nil }
      let group = first << 18 | second << 12 | third << 6 | fourth
      out.append(UInt8(truncatingIfNeeded: group >> 16))
      out.append(UInt8(truncatingIfNeeded: group >> 8))
      out.append(UInt8(truncatingIfNeeded: group))
      index += 4
    }
    guard index < count else { return out }
    guard let first = value(text[index], alphabet), let second = value(text[index + 1], alphabet)
    else { return nil }
    out.append(UInt8(truncatingIfNeeded: first << 2 | second >> 4))
    guard count - index == 3 else { return second & 15 == 0 ? out : nil }
    guard let third = value(text[index + 2], alphabet), third & 3 == 0 else { return nil }
    out.append(UInt8(truncatingIfNeeded: second << 4 | third >> 2))
    return out
  }

  @inline(__always)
  static func value(_ digit: UInt8, _ alphabet: Alphabet = .url) -> Int? {
    switch digit {
    case 0x41...0x5A: Int(digit) - 0x41
    case 0x61...0x7A: Int(digit) - 0x61 + 26
    case 0x30...0x39: Int(digit) - 0x30 + 52
    case 0x2D where alphabet == .url: 62
    case 0x5F where alphabet == .url: 63
    case 0x2B where alphabet == .standard: 62
    case 0x2F where alphabet == .standard: 63
    default: nil
    }
  }
}
