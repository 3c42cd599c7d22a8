/// What people type into a search, as an FTS5 expression in which nothing of theirs is syntax.
package enum SearchText {
  /// - Returns: nil when no word must be there: an empty text, or only words that must not.
  package static func match(_ text: String) -> String? {
    var wanted = [String]()
    var unwanted = [String]()
    for term in terms(text) {
      let quoted =
        "\"" + term.text.replacing("\"", with: "\"\"") + "\"" + (term.isPrefix ? "*" : "")
      if term.isUnwanted { unwanted.append(quoted) } else { wanted.append(quoted) }
    }
    guard !wanted.isEmpty else { return nil }
    let all = wanted.joined(separator: " AND ")
    guard !unwanted.isEmpty else { return all }
    return "(\(all)) NOT (\(unwanted.joined(separator: " OR ")))"
  }

  private struct Term {
    var text = ""
    var isUnwanted = false
    var isPrefix = false
  }

  /// Words apart at white space, phrases in quotes; what holds no letter or digit is left out,
  /// since the tokenizer would make nothing of it.
  private static func terms(_ text: String) -> [Term] {
    var found = [Term]()
    var rest = Substring(text)
    while let first = rest.first {
      if first.isWhitespace {
        rest.removeFirst()
        continue
      }
      var term = Term()
      if first == "-", rest.dropFirst().first.map({ !$0.isWhitespace }) == true {
        term.isUnwanted = true
        rest.removeFirst()
      }
      if rest.first == "\"" {
        rest.removeFirst()
        let end = rest.firstIndex(of: "\"") ?? rest.endIndex
        term.text = String(rest[..<end])
        rest = rest[end...].dropFirst()
      } else {
        let end = rest.firstIndex { $0.isWhitespace || $0 == "\"" } ?? rest.endIndex
        term.text = String(rest[..<end])
        rest = rest[end...]
      }
      if term.text.count > 1, term.text.hasSuffix("*") {
        term.isPrefix = true
        term.text.removeLast()
      }
      if term.text.contains(where: { $0.isLetter || $0.isNumber }) { found.append(term) }
    }
    return found
  }
}
