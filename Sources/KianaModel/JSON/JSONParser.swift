extension JSONValue {
  /// What a reader lets pass.
  package struct Dialect: Sendable {
    /// Whether `lexeme` numbers may occur.
    package let allowsLexemes: Bool
    /// How many arrays and objects may stand inside each other.
    package let depthMax: Int

    /// Our own formats: integers below 2^53 only, 16 levels.
    package static let ours = Dialect(allowsLexemes: false, depthMax: 16)
    /// Data of others: any number, 64 levels.
    package static let foreign = Dialect(allowsLexemes: true, depthMax: 64)
  }

  /// Reads one value; white space around tokens is allowed, anything after the value is not.
  ///
  /// Strict where JSON readers differ: duplicate members, bytes that are not UTF-8 and halves of
  /// surrogate pairs are refused. Source: RFC 8259, RFC 7493 (I-JSON).
  package static func parse(
    _ bytes: [UInt8], _ dialect: Dialect = .ours
  ) throws(JSONFault) -> JSONValue {
    var reader = JSONReader(bytes: bytes, dialect: dialect)
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.isAtEnd else { throw JSONFault(.trailingBytes, at: reader.offset) }
    return value
  }

  /// Reads the value at the start of `bytes` and says where it ends; what follows is not looked at.
  package static func parsePrefix(
    _ bytes: [UInt8], _ dialect: Dialect = .ours
  ) throws(JSONFault) -> (value: JSONValue, end: Int) {
    var reader = JSONReader(bytes: bytes, dialect: dialect)
    let value = try reader.value(depth: 0)
    return (value, reader.offset)
  }
}

extension JSONValue {
  /// The members or items of the one object or array in `bytes`, each with the bytes it stands in.
  /// Nothing for another value.
  package static func parseItems(
    _ bytes: [UInt8], _ dialect: Dialect = .ours
  ) throws(JSONFault) -> [(value: JSONValue, range: Range<Int>)] {
    var reader = JSONReader(bytes: bytes, dialect: dialect)
    var found = [(value: JSONValue, range: Range<Int>)]()
    let open = try reader.peek()
    guard open == UInt8(ascii: "{") || open == UInt8(ascii: "[") else { return [] }
    let close = open + 2
    reader.offset += 1
    guard try reader.peek() != close else { return [] }
    while true {
      if open == UInt8(ascii: "{") {
        _ = try reader.peek()
        _ = try reader.string()
        guard try reader.peek() == UInt8(ascii: ":") else {
          throw JSONFault(.syntax, at: reader.offset)
        }
        reader.offset += 1
      }
      _ = try reader.peek()
      let start = reader.offset
      found.append((try reader.value(depth: 1), start..<reader.offset))
      guard try reader.peek() == UInt8(ascii: ",") else { return found }
      reader.offset += 1
    }
  }
}

/// A recursive-descent reader; the recursion is bounded by the dialect.
private struct JSONReader {
  let bytes: [UInt8]
  let dialect: JSONValue.Dialect
  var offset = 0

  init(bytes: [UInt8], dialect: JSONValue.Dialect) {
    self.bytes = bytes
    self.dialect = dialect
  }

  var isAtEnd: Bool { offset == bytes.count }

  mutating func skipSpace() {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      default: return
      }
    }
  }

  /// The next byte that is not white space, without taking it.
  mutating func peek() throws(JSONFault) -> UInt8 {
    skipSpace()
    guard offset < bytes.count else { throw JSONFault(.truncated, at: offset) }
    return bytes[offset]
  }

  mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
    switch try peek() {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try array(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONFault) -> JSONValue {
    for expected in word.description.utf8 {
      guard offset < bytes.count else { throw JSONFault(.truncated, at: offset) }
      guard bytes[offset] == expected else { throw JSONFault(.syntax, at: offset) }
      offset += 1
    }
    return value
  }

  mutating func array(depth: Int) throws(JSONFault) -> JSONValue {
    guard depth <= dialect.depthMax else { throw JSONFault(.tooDeep, at: offset) }
    offset += 1
    var items = [JSONValue]()
    if try peek() == UInt8(ascii: "]") {
      offset += 1
      return .array(items)
    }
    while true {
      items.append(try value(depth: depth))
      switch try peek() {
      case UInt8(ascii: ","): offset += 1
      case UInt8(ascii: "]"):
        offset += 1
        return .array(items)
      default: throw JSONFault(.syntax, at: offset)
      }
    }
  }

  mutating func object(depth: Int) throws(JSONFault) -> JSONValue {
    guard depth <= dialect.depthMax else { throw JSONFault(.tooDeep, at: offset) }
    offset += 1
    var members = [JSONMember]()
    var names = Set<String>()
    if try peek() == UInt8(ascii: "}") {
      offset += 1
      return .object(members)
    }
    while true {
      guard try peek() == UInt8(ascii: "\"") else { throw JSONFault(.syntax, at: offset) }
      let start = offset
      let name = try string()
      // Swift compares strings by canonical equivalence; two spellings of one letter are two
      // names in JSON, so the bytes decide. (Equal bytes are always equal strings.)
      guard
        names.insert(name).inserted
          || !members.contains(where: { $0.name.utf8.elementsEqual(name.utf8) })
      else { throw JSONFault(.duplicateMember, at: start) }
      guard try peek() == UInt8(ascii: ":") else { throw JSONFault(.syntax, at: offset) }
      offset += 1
      members.append(JSONMember(name, try value(depth: depth)))
      switch try peek() {
      case UInt8(ascii: ","): offset += 1
      case UInt8(ascii: "}"):
        offset += 1
        return .object(members)
      default: throw JSONFault(.syntax, at: offset)
      }
    }
  }

  mutating func string() throws(JSONFault) -> String {
    let start = offset
    var out = [UInt8]()
    offset += 1
    while true {
      guard offset < bytes.count else { throw JSONFault(.truncated, at: offset) }
      let byte = bytes[offset]
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        guard let text = String(validating: out, as: UTF8.self) else {
          throw JSONFault(.notUTF8, at: start)
        }
        return text
      case UInt8(ascii: "\\"): try escape(into: &out)
      case 0..<0x20: throw JSONFault(.syntax, at: offset)
      default:
        out.append(byte)
        offset += 1
      }
    }
  }

  /// Takes one escape, the backslash being at `offset`.
  mutating func escape(into out: inout [UInt8]) throws(JSONFault) {
    let start = offset
    guard offset + 1 < bytes.count else { throw JSONFault(.truncated, at: bytes.count) }
    offset += 2
    switch bytes[offset - 1] {
    case UInt8(ascii: "\""): out.append(0x22)
    case UInt8(ascii: "\\"): out.append(0x5C)
    case UInt8(ascii: "/"): out.append(0x2F)
    case UInt8(ascii: "b"): out.append(0x08)
    case UInt8(ascii: "f"): out.append(0x0C)
    case UInt8(ascii: "n"): out.append(0x0A)
    case UInt8(ascii: "r"): out.append(0x0D)
    case UInt8(ascii: "t"): out.append(0x09)
    case UInt8(ascii: "u"):
      let first = try hexUnit()
      var scalar = UInt32(first)
      if first & 0xFC00 == 0xD800 {
        guard offset + 1 < bytes.count else { throw JSONFault(.truncated, at: bytes.count) }
        guard bytes[offset] == 0x5C, bytes[offset + 1] == UInt8(ascii: "u") else {
          throw JSONFault(.notUTF8, at: start)
        }
        offset += 2
        let second = try hexUnit()
        guard second & 0xFC00 == 0xDC00 else { throw JSONFault(.notUTF8, at: start) }
        scalar = 0x10000 + (UInt32(first & 0x3FF) << 10 | UInt32(second & 0x3FF))
      }
      guard let valid = Unicode.Scalar(scalar) else { throw JSONFault(.notUTF8, at: start) }
      out.append(contentsOf: UTF8.encode(valid)!)
    default: throw JSONFault(.syntax, at: start)
    }
  }

  mutating func hexUnit() throws(JSONFault) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard offset < bytes.count else { throw JSONFault(.truncated, at: offset) }
      let lower = bytes[offset] | (bytes[offset] >= 0x41 ? 0x20 : 0)
      guard let digit = Hex.value(lower) else { throw JSONFault(.syntax, at: offset) }
      value = value << 4 | UInt16(digit)
      offset += 1
    }
    return value
  }

  mutating func number() throws(JSONFault) -> JSONValue {
    let start = offset
    var isInteger = true
    if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
    let firstDigit = offset
    try digits()
    if bytes[firstDigit] == UInt8(ascii: "0"), offset > firstDigit + 1 {
      throw JSONFault(.syntax, at: firstDigit)
    }
    if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
      isInteger = false
      offset += 1
      try digits()
    }
    if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      offset += 1
      if offset < bytes.count, bytes[offset] == 0x2B || bytes[offset] == 0x2D { offset += 1 }
      try digits()
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    if isInteger, let number = Int64(text), number.magnitude < 1 << 53, text != "-0" {
      return .integer(number)
    }
    guard dialect.allowsLexemes else {
      throw JSONFault(isInteger && text != "-0" ? .integerTooLarge : .float, at: start)
    }
    return .lexeme(text)
  }

  /// Takes one or more digits.
  mutating func digits() throws(JSONFault) {
    let start = offset
    while offset < bytes.count, bytes[offset] &- 0x30 < 10 { offset += 1 }
    guard offset > start else {
      throw JSONFault(offset < bytes.count ? .syntax : .truncated, at: offset)
    }
  }
}
