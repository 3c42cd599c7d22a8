/// The line format of `kiana.conf`: `key = value`, `# comment`, `[section]`, `[section "name"]`.
///
/// Source of the form: git's config file, without its escapes and continuations.
package struct ConfigFile: Sendable {
  /// One `key = value`.
  package struct Entry: Equatable, Sendable {
    /// Counted from 1.
    package let line: Int
    /// Empty before the first `[section]`.
    package let section: String
    /// What stands in quotes in the section's line; nil without.
    package let name: String?
    package let key: String
    package let value: String
  }

  package let path: String
  package let entries: [Entry]

  /// Limit of the file in bytes.
  package static let bytesMax = 1 << 20

  /// - Parameter path: for messages.
  /// - Throws: `usage` with `path:line` for the first line that is none of the four forms.
  package static func parse(_ bytes: [UInt8], path: String) throws(KianaError) -> ConfigFile {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw KianaError(code: .usage, what: "cannot read '\(path)'", why: "it is not UTF-8 text")
    }
    var entries = [Entry]()
    var section = ""
    var name: String?
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, raw) in lines.enumerated() {
      let line = trim(raw)
      guard let first = line.first, first != "#" else { continue }
      if first == "[" {
        guard let header = sectionHeader(line) else {
          throw fault(path, index + 1, "'\(line)' is no section; write [name] or [name \"label\"]")
        }
        (section, name) = header
        continue
      }
      guard let equals = line.firstIndex(of: "=") else {
        throw fault(path, index + 1, "'\(line)' has no '='; a setting is 'key = value'")
      }
      entries.append(
        Entry(
          line: index + 1, section: section, name: name, key: trim(line[..<equals]),
          value: trim(line[line.index(after: equals)...])))
    }
    return ConfigFile(path: path, entries: entries)
  }

  /// The error of a line.
  package static func fault(_ path: String, _ line: Int, _ why: String) -> KianaError {
    KianaError(code: .usage, what: "\(path):\(line)", why: why)
  }

  private static func sectionHeader(_ line: String) -> (String, String?)? {
    guard line.last == "]" else { return nil }
    let inside = trim(line.dropFirst().dropLast())
    guard let quote = inside.firstIndex(of: "\"") else {
      return isWord(inside) ? (inside, nil) : nil
    }
    let word = trim(inside[..<quote])
    let rest = inside[inside.index(after: quote)...]
    guard isWord(word), rest.last == "\"" else { return nil }
    let label = String(rest.dropLast())
    return label.isEmpty || label.contains("\"") ? nil : (word, label)
  }

  private static func isWord(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { $0 &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x5F || $0 == 0x2D }
  }

  private static func trim(_ text: some StringProtocol) -> String {
    var rest = Substring(text)
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return String(rest)
  }
}
