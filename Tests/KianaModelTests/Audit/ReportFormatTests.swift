import KianaModel
import Testing

/// The formats of a report, with a log that means harm.
@Suite struct ReportFormatTests {
  private static let hostile = [
    "<script>alert(1)</script>", "\"onload='x'&amp;", "a|b", "=HYPERLINK(1)", "+1", "-1", "@x",
    "`x`", "\\|", "**b**", "[a](b)", "a,b", "\"", "</pre>", "--><!--", "=\u{301}1", "|\u{301}",
  ]

  private func report(_ template: AuditReport.Template = .access) -> AuditReport {
    let counts = Self.hostile.enumerated().map { index, name in
      AuditReport.Count(
        day: 20_000, type: "x.\(name)", actor: name, result: .deny, verdict: .invalid,
        entries: Int64(index) + 1, first: 3, last: 900)
    }
    let events = Self.hostile.map { name in
      AuditReport.Event(
        seq: 5,
        entry: AuditEntry(
          actor: name, payloadCommitment: nil, payloadSize: 0, result: .deny,
          time: 20_000 * 86_400_000, target: name, type: "x.\(name)", verdict: nil),
        details: [name, name])
    }
    var notices = ReportNotices()
    notices.forks = AuditReport.Listing(events, total: 40)
    let checkpoint = Checkpoint(origin: "kiana/x/audit/0", size: 901, root: .zero)
    return AuditReport(
      tool: "kiana-audit 9", node: AID(digest: .zero), template: template,
      period: ReportPeriod(first: 19_990, last: 20_020), counts: counts, judged: [],
      refused: [], listing: AuditReport.Listing(events, total: 17), notices: notices,
      seal: ReportSeal(
        checkpoint: checkpoint, note: "\(checkpoint.text)\n\u{2014} x AAAA\n", cosignatures: 0,
        first: 0, isWitnessed: false, ranges: []))
  }

  private func text(_ format: AuditReport.Format) -> String {
    String(decoding: report().text(format), as: UTF8.self)
  }

  @Test func `nothing of the log becomes a tag, an attribute or an entity of the page`() {
    let page = text(.html)
    #expect(!page.contains("<script") && !page.contains("'x'") && !page.contains("--><"))
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(page.contains("&quot;onload=&#39;x&#39;&amp;amp;"))
    #expect(page.components(of: "</pre>") == 1)
  }

  @Test func `a cell of Markdown stays one cell and plain text`() {
    let page = text(.md)
    #expect(page.contains("a\\|b"))
    for line in page.split(separator: "\n") where line.hasPrefix("| x.") {
      var bars = 0
      var isEscaped = false
      for letter in line.unicodeScalars {
        if letter == "|", !isEscaped { bars += 1 }
        isEscaped = letter == "\\" && !isEscaped
      }
      #expect(bars == 12 || bars == 9, "by_type and operator_types: \(line)")
      #expect(!line.contains("<script") || line.contains("\\<script"))
    }
    #expect(page.contains("\\`x\\`") && page.contains("\\[a\\](b)") && page.contains("\\*\\*b"))
    #expect(page.contains("24 more are not listed") == false)
    #expect(page.contains("23 more are not listed"))
  }

  /// Reads RFC 4180.
  private func cells(_ text: String) -> [[String]] {
    var rows = [[String]]()
    var row = [String]()
    var cell = String.UnicodeScalarView()
    var isQuoted = false
    var rest = text.unicodeScalars[...]
    while let letter = rest.popFirst() {
      switch letter {
      case "\"" where isQuoted && rest.first == "\"": cell.append(rest.popFirst() ?? letter)
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        row.append(String(cell))
        cell = .init()
      case "\r" where !isQuoted && rest.first == "\n":
        _ = rest.popFirst()
        rows.append(row + [String(cell)])
        (row, cell) = ([], .init())
      default: cell.append(letter)
      }
    }
    #expect(row.isEmpty && cell.isEmpty, "the last line ends")
    return rows
  }

  @Test func `no cell of CSV is a formula, and all rows are as long`() {
    let rows = cells(text(.csv))
    #expect(Set(rows.map(\.count)).count == 1)
    for cell in rows.joined() {
      guard let first = cell.unicodeScalars.first else { continue }
      #expect(!["=", "+", "-", "@", "\t", "\r"].contains(first), "\(cell)")
    }
    let actors = rows.filter { $0[0] == "by_actor" && $0[1] != "0" }.map { $0[2] }
    for name in Self.hostile { #expect(actors.contains(name) || actors.contains("'\(name)")) }
    #expect(rows.contains { $0[0] == "by_type" && $0[1] == "0" && $0[2] == "type" })
    #expect(rows.contains { $0[0] == "left_out" && $0[2] == "forks" && $0[3] == "23" })
  }

  @Test func `JSON is one canonical object`() throws {
    let bytes = report().text(.json)
    let json = try JSONValue.parse(bytes.dropLast())
    #expect(json.canonical() + [0x0A] == bytes)
    #expect(json["v"]?.integer == 1)
    #expect(json["report"]?["tool"]?.string == "kiana-audit 9")
    #expect(json["denials"]?.array?.count == Self.hostile.count)
  }

  @Test(arguments: AuditReport.Template.allCases, AuditReport.Format.allCases)
  func `a report does not depend on the order of what it counts`(
    template: AuditReport.Template, format: AuditReport.Format
  ) {
    let report = report(template)
    let turned = AuditReport(
      tool: report.tool, node: report.node, template: template, period: report.period,
      counts: report.counts.reversed(), judged: [], refused: [], listing: report.listing,
      notices: report.notices, seal: report.seal)
    #expect(turned.text(format) == report.text(format))
  }
}

extension String {
  /// How often a text occurs.
  fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
