/// What a person would type, what comes back, and the exit status in brackets when it is not 0.
///
/// In what is expected, `<id>`, `<short>`, `<aid>`, `<time>` and `<number>` stand for one of them,
/// `<any>` for the rest of a line, and a line of three dots for any lines.
package struct Transcript {
  package struct Step: Sendable {
    package let command: String
    package let expected: [String]
    package let status: Int32
  }

  package let steps: [Step]

  package init(_ text: String) {
    var steps = [Step]()
    var command: String?
    var expected = [String]()
    var status: Int32 = 0
    func close() {
      if let command { steps.append(Step(command: command, expected: expected, status: status)) }
      expected = []
      status = 0
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("$ ") {
        close()
        command = String(line.dropFirst(2))
      } else if line.hasPrefix("["), line.hasSuffix("]"),
        let number = Int32(line.dropFirst().dropLast())
      {
        status = number
      } else if !line.isEmpty, !line.hasPrefix("#") {
        expected.append(String(line))
      }
    }
    close()
    self.steps = steps
  }

  /// Runs the steps one after the other.
  /// - Returns: the first step that went otherwise, and how; nil when all were as expected.
  package func firstDifference(in shell: Shell) -> String? {
    for step in steps {
      let result = shell.run(step.command)
      let lines = result.output.split(separator: "\n", omittingEmptySubsequences: true).map(
        String.init)
      guard result.status == step.status, Self.match(lines[...], step.expected[...]) else {
        return """
          $ \(step.command)
          expected [\(step.status)]:
          \(step.expected.joined(separator: "\n"))
          came [\(result.status)]:
          \(result.output)
          """
      }
    }
    return nil
  }

  private static func match(_ lines: ArraySlice<String>, _ expected: ArraySlice<String>) -> Bool {
    guard let first = expected.first else { return lines.isEmpty }
    if first == "..." {
      return (lines.startIndex...lines.endIndex).contains {
        match(lines[$0...], expected.dropFirst())
      }
    }
    guard let line = lines.first, matches(Substring(line), Substring(first)) else { return false }
    return match(lines.dropFirst(), expected.dropFirst())
  }

  private static let letters = Set(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

  private static func matches(_ line: Substring, _ pattern: Substring) -> Bool {
    guard let open = pattern.firstIndex(of: "<"),
      let close = pattern[open...].firstIndex(of: ">")
    else { return line == pattern }
    let before = pattern[..<open]
    guard line.hasPrefix(before) else { return false }
    let rest = line.dropFirst(before.count)
    let after = pattern[pattern.index(after: close)...]
    func take(_ count: Int, _ isPart: (Character) -> Bool) -> Bool {
      rest.count >= count && rest.prefix(count).allSatisfy(isPart)
        && matches(rest.dropFirst(count), after)
    }
    switch pattern[open...close] {
    case "<id>": return take(64) { "0123456789abcdef".contains($0) }
    case "<short>": return take(16) { "0123456789abcdef".contains($0) }
    case "<aid>": return take(44, letters.contains)
    case "<author>": return take(9, letters.contains)
    case "<time>": return take(20) { "0123456789-T:Z".contains($0) }
    case "<number>":
      let digits = rest.prefix { $0.isNumber || $0 == "." }
      return !digits.isEmpty && matches(rest.dropFirst(digits.count), after)
    case "<any>": return (0...rest.count).contains { matches(rest.dropFirst($0), after) }
    default: return matches(rest.dropFirst(), after) && rest.first == "<"
    }
  }
}
