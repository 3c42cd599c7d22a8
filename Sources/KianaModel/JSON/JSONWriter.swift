/// Writes JSON text in the one spelling of RFC 8785 (JCS), by hand, because signed bytes must not
/// depend on what a library thinks of member order or escapes.
package enum JSONWriter {
  /// Appends `text` as a JSON string: quotes, backslashes and control characters escaped as
  /// RFC 8785 section 3.2.2.2 says, everything else as it is.
  package static func append(_ text: String, to out: inout [UInt8]) {
    guard needsEscape(text.utf8.span) else {
      out.append(0x22)
      out += text.utf8
      out.append(0x22)
      return
    }
    appendEscaped(text.utf8.span, to: &out)
  }

  /// The same from bytes, which the caller knows to be UTF-8.
  package static func append(utf8 bytes: [UInt8], to out: inout [UInt8]) {
    guard needsEscape(bytes.span) else {
      out.append(0x22)
      out += bytes
      out.append(0x22)
      return
    }
    appendEscaped(bytes.span, to: &out)
  }

  /// Most strings need none, and copying them whole is several times faster.
  private static func needsEscape(_ bytes: Span<UInt8>) -> Bool {
    var found = false
    for index in bytes.indices {
      let byte = bytes[index]
      found = found || byte < 0x20 || byte == 0x22 || byte == 0x5C
    }
    return found
  }

  private static func appendEscaped(_ bytes: Span<UInt8>, to out: inout [UInt8]) {
    out.append(0x22)
    for index in bytes.indices {
      let byte = bytes[index]
      if byte >= 0x20, byte != 0x22, byte != 0x5C {
        out.append(byte)
      } else {
        appendEscape(byte, to: &out)
      }
    }
    out.append(0x22)
  }

  private static func appendEscape(_ byte: UInt8, to out: inout [UInt8]) {
    out.append(0x5C)
    switch byte {
    case 0x22, 0x5C: out.append(byte)
    case 0x08: out.append(UInt8(ascii: "b"))
    case 0x09: out.append(UInt8(ascii: "t"))
    case 0x0A: out.append(UInt8(ascii: "n"))
    case 0x0C: out.append(UInt8(ascii: "f"))
    case 0x0D: out.append(UInt8(ascii: "r"))
    default:
      out.append(contentsOf: "u00".utf8)
      out.append(byte < 16 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
      let low = byte & 15
      out.append(low < 10 ? low + 0x30 : low - 10 + 0x61)
    }
  }

  /// Members in the order of RFC 8785: by the UTF-16 units of their names. What was read from
  /// canonical text is in order already.
  static func inOrder(_ members: [JSONMember]) -> [JSONMember] {
    for index in members.indices.dropFirst()
    where !precedes(members[index - 1].name, members[index].name) {
      return members.sorted { precedes($0.name, $1.name) }
    }
    return members
  }

  private static func precedes(_ left: String, _ right: String) -> Bool {
    let leftBytes = left.utf8.span
    let rightBytes = right.utf8.span
    for index in 0..<min(leftBytes.count, rightBytes.count) {
      let leftByte = leftBytes[index]
      let rightByte = rightBytes[index]
      guard leftByte != rightByte else { continue }
      // Two ASCII bytes order like their units; above, surrogates change the order.
      if leftByte < 0x80 || rightByte < 0x80 { return leftByte < rightByte }
      return left.utf16.lexicographicallyPrecedes(right.utf16)
    }
    return leftBytes.count < rightBytes.count
  }

  /// Appends an integer in decimal.
  package static func append(_ number: Int64, to out: inout [UInt8]) {
    out.append(contentsOf: String(number).utf8)
  }
}

extension JSONValue {
  /// The canonical text of RFC 8785: members sorted by the UTF-16 units of their names.
  ///
  /// - Precondition: no `lexeme` inside; our formats know integers only.
  package func canonical() -> [UInt8] {
    var out = [UInt8]()
    append(to: &out, sorted: true)
    return out
  }

  /// The compact text with members in the order that they have: what KERI signs.
  package func compact() -> [UInt8] {
    var out = [UInt8]()
    append(to: &out, sorted: false)
    return out
  }

  /// Canonical text, or compact text where numbers of others stand that have no canonical form
  /// here.
  package func text() -> [UInt8] { hasLexeme ? compact() : canonical() }

  private var hasLexeme: Bool {
    switch self {
    case .lexeme: true
    case .array(let items): items.contains { $0.hasLexeme }
    case .object(let members): members.contains { $0.value.hasLexeme }
    case .null, .bool, .integer, .string: false
    }
  }

  package func append(to out: inout [UInt8], sorted: Bool) {
    switch self {
    case .null: out.append(contentsOf: "null".utf8)
    case .bool(let flag): out.append(contentsOf: (flag ? "true" : "false").utf8)
    case .integer(let number): JSONWriter.append(number, to: &out)
    case .lexeme(let text):
      precondition(!sorted, "a float has no place in canonical data")
      out.append(contentsOf: text.utf8)
    case .string(let text): JSONWriter.append(text, to: &out)
    case .array(let items):
      out.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        item.append(to: &out, sorted: sorted)
      }
      out.append(UInt8(ascii: "]"))
    case .object(let members):
      let ordered = sorted ? JSONWriter.inOrder(members) : members
      out.append(UInt8(ascii: "{"))
      for (index, member) in ordered.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        JSONWriter.append(member.name, to: &out)
        out.append(UInt8(ascii: ":"))
        member.value.append(to: &out, sorted: sorted)
      }
      out.append(UInt8(ascii: "}"))
    }
  }
}
