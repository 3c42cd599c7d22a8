/// JSON text as Python's `json.dumps(o, sort_keys=True, ...)` writes it: the original KI_ana hashed
/// and signed such text, so its every byte matters.
///
/// Source: CPython's `json.encoder`; members are sorted by code points, floats are written by
/// `repr`, and control characters are escaped as `\u00xx` where JSON has no short form.
package struct PythonJSON: Sendable {
  /// `(", ", ": ")`, Python's default, or `(",", ":")`.
  package let hasSpaces: Bool
  /// Python's `ensure_ascii`: everything beyond `~` as `\uxxxx`, surrogate pairs included.
  package let isASCII: Bool

  package init(hasSpaces: Bool, isASCII: Bool) {
    self.hasSpaces = hasSpaces
    self.isASCII = isASCII
  }

  package func dumps(_ value: JSONValue) -> [UInt8] {
    var out = [UInt8]()
    append(value, to: &out)
    return out
  }

  private func append(_ value: JSONValue, to out: inout [UInt8]) {
    switch value {
    case .null: out += "null".utf8
    case .bool(let flag): out += (flag ? "true" : "false").utf8
    case .integer(let number): out += String(number).utf8
    case .lexeme(let text): out += Self.number(text).utf8
    case .string(let text): append(text, to: &out)
    case .array(let items):
      out.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { out += hasSpaces ? ", ".utf8 : ",".utf8 }
        append(item, to: &out)
      }
      out.append(UInt8(ascii: "]"))
    case .object(let members):
      out.append(UInt8(ascii: "{"))
      let sorted = members.sorted {
        $0.name.unicodeScalars.lexicographicallyPrecedes($1.name.unicodeScalars)
      }
      for (index, member) in sorted.enumerated() {
        if index > 0 { out += hasSpaces ? ", ".utf8 : ",".utf8 }
        append(member.name, to: &out)
        out += hasSpaces ? ": ".utf8 : ":".utf8
        append(member.value, to: &out)
      }
      out.append(UInt8(ascii: "}"))
    }
  }

  private func append(_ text: String, to out: inout [UInt8]) {
    out.append(0x22)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += #"\""#.utf8
      case "\\": out += #"\\"#.utf8
      case "\n": out += #"\n"#.utf8
      case "\r": out += #"\r"#.utf8
      case "\t": out += #"\t"#.utf8
      case "\u{8}": out += #"\b"#.utf8
      case "\u{C}": out += #"\f"#.utf8
      default:
        if scalar.value < 0x20 || (isASCII && scalar.value > 0x7E) {
          for unit in UTF16.encode(scalar)! { Self.appendEscape(unit, to: &out) }
        } else {
          out += UTF8.encode(scalar)!
        }
      }
    }
    out.append(0x22)
  }

  private static func appendEscape(_ unit: UInt16, to out: inout [UInt8]) {
    let hex = String(unit, radix: 16)
    out += #"\u"#.utf8
    out += String(repeating: "0", count: 4 - hex.count).utf8
    out += hex.utf8
  }

  /// What Python prints for a number that it read: whole numbers of any length as they are, others
  /// by `repr(float)`.
  static func number(_ lexeme: String) -> String {
    guard lexeme.contains(where: { ".eE".contains($0) }) else {
      return lexeme == "-0" ? "0" : lexeme
    }
    guard let value = Double(lexeme), value.isFinite else { return lexeme }
    return floatText(value)
  }

  /// `repr(float)`: the shortest digits that read back as the same value, with an exponent below
  /// 1e-4 and from 1e16 on. Swift finds the same digits and differs in where the exponent begins.
  static func floatText(_ value: Double) -> String {
    var text = value.magnitude.description
    var exponent = 0
    if let mark = text.firstIndex(of: "e") {
      exponent = Int(text[text.index(after: mark)...]) ?? 0
      text = String(text[..<mark])
    }
    var digits = text.filter { $0 != "." }
    var point =
      (text.firstIndex(of: ".").map { text.distance(from: text.startIndex, to: $0) }
        ?? text.count) + exponent
    while digits.count > 1, digits.hasPrefix("0") {
      digits.removeFirst()
      point -= 1
    }
    while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
    if digits == "0" { point = 1 }
    let sign = value.sign == .minus ? "-" : ""
    guard (-3...16).contains(point) else {
      let tail = digits.dropFirst()
      let power = point - 1
      let width = power.magnitude < 10 ? "0" : ""
      return sign + digits.prefix(1) + (tail.isEmpty ? "" : "." + tail)
        + "e" + (power < 0 ? "-" : "+") + width + String(power.magnitude)
    }
    if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
    if digits.count <= point {
      return sign + digits + String(repeating: "0", count: point - digits.count) + ".0"
    }
    return sign + digits.prefix(point) + "." + digits.dropFirst(point)
  }
}
