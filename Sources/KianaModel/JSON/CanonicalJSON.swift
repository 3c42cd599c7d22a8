/// Reads canonical JSON (RFC 8785) in place, without a tree: the path of every block.
///
/// Canonical means that the bytes equal what `JSONWriter` would write for the same value. The
/// functions check that while they walk, so that no second pass and no copy is needed. Integers
/// only, below 2^53; at most `depthMax` levels.
package enum CanonicalJSON {
  package static let depthMax = 16

  /// Checks that `bytes` are one canonical value and nothing else.
  package static func check(_ bytes: Span<UInt8>) throws(JSONFault) {
    var offset = 0
    try skipValue(bytes, &offset, depth: 0)
    guard offset == bytes.count else { throw JSONFault(.trailingBytes, at: offset) }
  }

  /// Walks over the value at `offset`.
  /// - Parameter depth: how many arrays and objects the value already stands in.
  package static func skipValue(
    _ bytes: Span<UInt8>, _ offset: inout Int, depth: Int
  ) throws(JSONFault) {
    switch try byte(bytes, offset) {
    case UInt8(ascii: "\""):
      _ = try string(bytes, &offset)
    case UInt8(ascii: "{"):
      var object = ObjectCursor(depth: depth + 1)
      while try object.next(bytes, &offset) != nil {
        try skipValue(bytes, &offset, depth: depth + 1)
      }
    case UInt8(ascii: "["):
      var array = ArrayCursor(depth: depth + 1)
      while try array.next(bytes, &offset) {
        try skipValue(bytes, &offset, depth: depth + 1)
      }
    case UInt8(ascii: "t"): try word("true", bytes, &offset)
    case UInt8(ascii: "f"): try word("false", bytes, &offset)
    case UInt8(ascii: "n"): try word("null", bytes, &offset)
    default: _ = try integer(bytes, &offset)
    }
  }

  /// Reads the integer at `offset`: no fraction, no exponent, no leading zero, |n| < 2^53.
  package static func integer(
    _ bytes: Span<UInt8>, _ offset: inout Int
  ) throws(JSONFault) -> Int64 {
    let start = offset
    let isNegative = try byte(bytes, offset) == UInt8(ascii: "-")
    if isNegative { offset += 1 }
    let firstDigit = offset
    var value: Int64 = 0
    while offset < bytes.count, bytes[offset] &- 0x30 < 10 {
      guard offset - firstDigit < 16 else { throw JSONFault(.integerTooLarge, at: start) }
      value = value * 10 + Int64(bytes[offset] &- 0x30)
      offset += 1
    }
    guard offset > firstDigit else {
      throw JSONFault(
        offset < bytes.count ? kindOfForeignByte(bytes[offset]) : .truncated, at: offset)
    }
    if offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
        throw JSONFault(.float, at: start)
      default: break
      }
    }
    if bytes[firstDigit] == 0x30, offset > firstDigit + 1 { throw JSONFault(.syntax, at: start) }
    guard value < 1 << 53 else { throw JSONFault(.integerTooLarge, at: start) }
    guard !(isNegative && value == 0) else { throw JSONFault(.notCanonical, at: start) }
    return isNegative ? -value : value
  }

  /// A byte that starts no token: white space is JSON, but not canonical.
  private static func kindOfForeignByte(_ byte: UInt8) -> JSONFault.Kind {
    switch byte {
    case 0x20, 0x09, 0x0A, 0x0D: .notCanonical
    default: .syntax
    }
  }

  /// The byte at `offset`; the text being over is `truncated`.
  @inline(__always)
  static func byte(_ bytes: Span<UInt8>, _ offset: Int) throws(JSONFault) -> UInt8 {
    guard offset < bytes.count else { throw JSONFault(.truncated, at: offset) }
    return bytes[offset]
  }

  /// Takes `expected`, or says what stands there instead.
  @inline(__always)
  static func take(
    _ expected: UInt8, _ bytes: Span<UInt8>, _ offset: inout Int
  ) throws(JSONFault) {
    let found = try byte(bytes, offset)
    guard found == expected else { throw JSONFault(kindOfForeignByte(found), at: offset) }
    offset += 1
  }

  private static func word(
    _ word: StaticString, _ bytes: Span<UInt8>, _ offset: inout Int
  ) throws(JSONFault) {
    for expected in word.description.utf8 { try take(expected, bytes, &offset) }
  }
}

/// A string inside a JSON text.
package struct JSONStringRange: Sendable {
  /// The bytes between the quotes.
  package let range: Range<Int>
  /// Whether escapes stand in it; without any, `range` is the value itself.
  package let hasEscapes: Bool
}

/// Walks through the members of a canonical object, the cursor of the text being the caller's.
package struct ObjectCursor {
  private let depth: Int
  private var last: JSONStringRange?

  /// - Parameter depth: levels including this object.
  package init(depth: Int) {
    self.depth = depth
  }

  /// The name of the next member, `offset` being at its value afterwards; nil after the last one.
  ///
  /// Names must ascend by UTF-16 units; the same one twice is `duplicateMember`.
  package mutating func next(
    _ bytes: Span<UInt8>, _ offset: inout Int
  ) throws(JSONFault) -> JSONStringRange? {
    if last == nil {
      guard depth <= CanonicalJSON.depthMax else { throw JSONFault(.tooDeep, at: offset) }
      try CanonicalJSON.take(UInt8(ascii: "{"), bytes, &offset)
      if try CanonicalJSON.byte(bytes, offset) == UInt8(ascii: "}") {
        offset += 1
        return nil
      }
    } else {
      if try CanonicalJSON.byte(bytes, offset) == UInt8(ascii: "}") {
        offset += 1
        return nil
      }
      try CanonicalJSON.take(UInt8(ascii: ","), bytes, &offset)
    }
    let start = offset
    guard try CanonicalJSON.byte(bytes, offset) == UInt8(ascii: "\"") else {
      try CanonicalJSON.take(UInt8(ascii: "\""), bytes, &offset)
      return nil
    }
    let name = try CanonicalJSON.string(bytes, &offset)
    if let last {
      let order = CanonicalJSON.compare(last, name, bytes)
      guard order != 0 else { throw JSONFault(.duplicateMember, at: start) }
      guard order < 0 else { throw JSONFault(.notCanonical, at: start) }
    }
    last = name
    try CanonicalJSON.take(UInt8(ascii: ":"), bytes, &offset)
    return name
  }
}

/// Walks through the items of a canonical array.
package struct ArrayCursor {
  private let depth: Int
  private var isFirst = true

  /// - Parameter depth: levels including this array.
  package init(depth: Int) {
    self.depth = depth
  }

  /// Whether another item follows; `offset` is at it then.
  package mutating func next(
    _ bytes: Span<UInt8>, _ offset: inout Int
  ) throws(JSONFault) -> Bool {
    if isFirst {
      guard depth <= CanonicalJSON.depthMax else { throw JSONFault(.tooDeep, at: offset) }
      try CanonicalJSON.take(UInt8(ascii: "["), bytes, &offset)
    }
    if try CanonicalJSON.byte(bytes, offset) == UInt8(ascii: "]") {
      offset += 1
      return false
    }
    if !isFirst { try CanonicalJSON.take(UInt8(ascii: ","), bytes, &offset) }
    isFirst = false
    return true
  }
}
