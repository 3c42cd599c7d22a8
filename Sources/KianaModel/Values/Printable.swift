/// Text of others, made safe for a terminal: a block must not be able to move the cursor, change
/// the title or hide lines.
package enum Printable {
  /// One line: control characters become `�`, line ends and tabs become spaces.
  package static func line(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n", "\r", "\t": out.append(" ")
      case _ where isControl(scalar): out.append("\u{FFFD}")
      default: out.append(scalar)
      }
    }
    return String(out)
  }

  /// Several lines: line feeds and tabs stay.
  package static func text(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      out.append(isControl(scalar) && scalar != "\n" && scalar != "\t" ? "\u{FFFD}" : scalar)
    }
    return String(out)
  }

  /// C0, DEL, C1, and the marks that turn the direction of text around.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// The first line that says something, cut to a number of letters.
  package static func summary(_ text: String, lettersMax: Int) -> String {
    let first =
      text.split(separator: "\n", maxSplits: 8, omittingEmptySubsequences: true)
      .first { $0.contains { !$0.isWhitespace } } ?? ""
    let clean = line(String(first.prefix(lettersMax * 4)))
    return clean.count > lettersMax ? clean.prefix(lettersMax - 1) + "…" : clean
  }
}
