/// A report in the formats of machines and of plain text.
extension AuditReport {
  package enum Format: String, Sendable, CaseIterable {
    case html, json, csv, md
  }

  /// The bytes of the report.
  package func text(_ format: Format) -> [UInt8] {
    switch format {
    case .html: ReportPage.bytes(self)
    case .json: json()
    case .csv: csv()
    case .md: markdown()
    }
  }

  // MARK: JSON

  /// One object in JCS, with a line feed; `docs/CLI.md` has the contract.
  private func json() -> [UInt8] {
    var members = [JSONMember("v", .integer(1)), JSONMember("checkpoint", .string(seal.note))]
    var leftOut = [JSONMember]()
    for section in sections() {
      let facts = section.facts.map { JSONMember($0.key, $0.cell.json) }
      if section.columns.isEmpty {
        members.append(JSONMember(section.key, .object(facts)))
      } else {
        if !facts.isEmpty { members.append(JSONMember("signed", .object(facts))) }
        members.append(JSONMember(section.key, section.rowsJSON))
      }
      let more = section.total - section.rows.count
      if more > 0 { leftOut.append(JSONMember(section.key, .integer(Int64(more)))) }
    }
    members.append(JSONMember("left_out", .object(leftOut)))
    return JSONValue.object(members).canonical() + [0x0A]
  }

  // MARK: CSV

  /// RFC 4180: each row begins with its section and a number; row 0 of a section has the names of
  /// its columns. All rows have as many cells as the longest one.
  private func csv() -> [UInt8] {
    var rows = [[String]]()
    for section in sections() {
      for fact in section.facts {
        let key = section.columns.isEmpty ? section.key : "signed"
        rows.append([key, "1", fact.key, fact.cell.plain])
      }
      guard !section.columns.isEmpty else { continue }
      rows.append([section.key, "0"] + section.columns.map(\.key))
      for (index, row) in section.rows.enumerated() {
        rows.append([section.key, String(index + 1)] + row.map(\.plain))
      }
      if section.total > section.rows.count {
        rows.append(["left_out", "1", section.key, String(section.total - section.rows.count)])
      }
    }
    for (index, line) in seal.note.split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated()
    {
      rows.append(["checkpoint", String(index + 1), String(line)])
    }
    let width = rows.map(\.count).max() ?? 0
    var out = [UInt8]()
    for row in [["section", "row"]] + rows {
      let cells = row + [String](repeating: "", count: width - row.count)
      out += cells.map(Self.cell).joined(separator: ",").utf8
      out += "\r\n".utf8
    }
    return out
  }

  /// A spreadsheet takes a cell with such a beginning for a formula.
  private static let dangerous: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r"]

  private static func cell(_ text: String) -> String {
    let safe = text.unicodeScalars.first.map(dangerous.contains) == true ? "'\(text)" : text
    guard safe.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return safe }
    return "\"\(safe.replacing("\"", with: "\"\""))\""
  }

  // MARK: Markdown

  /// Tables as GitHub reads them.
  private func markdown() -> [UInt8] {
    var out = "# Audit report: \(title), \(period.text)\n"
    for section in sections() {
      out += "\n## \(section.title)\n"
      if !section.facts.isEmpty {
        out += Self.table(
          [.init(key: "", title: "what"), .init(key: "", title: "value")],
          section.facts.map { [.words($0.title), $0.cell] })
      }
      guard !section.columns.isEmpty else { continue }
      guard !section.rows.isEmpty else {
        out += "\n\(section.none)\n"
        continue
      }
      out += "\n\(section.caption).\n"
      out += Self.table(section.columns, section.rows)
      if let leftOut = section.leftOut { out += "\n\(leftOut)\n" }
    }
    // Lines of a note begin with its origin or a dash, so none of them ends the block.
    out += "\n## Checkpoint\n\n~~~~text\n\(seal.note)~~~~\n"
    return Array(out.utf8)
  }

  private static func table(
    _ columns: [ReportSection.Column], _ rows: [[ReportSection.Cell]]
  ) -> String {
    var out = "\n| \(columns.map(\.title).joined(separator: " | ")) |\n|"
    for column in columns { out += column.isNumber ? "--:|" : "---|" }
    out += "\n"
    for row in rows {
      out += "| \(row.map { escape($0) }.joined(separator: " | ")) |\n"
    }
    return out
  }

  // Scalars, since a letter of a reader may be several that a parser takes one by one.
  private static let special: Set<Unicode.Scalar> = [
    "\\", "`", "*", "_", "[", "]", "<", ">", "|", "~", "&", "@", ":", "#",
  ]

  private static func escape(_ cell: ReportSection.Cell) -> String {
    guard case .code(let text) = cell else { return cell.shown }
    var out = String.UnicodeScalarView()
    for letter in Printable.line(text).unicodeScalars {
      if special.contains(letter) { out.append("\\") }
      out.append(letter)
    }
    return String(out)
  }
}

extension ReportSection {
  /// An array of objects with the columns as members.
  fileprivate var rowsJSON: JSONValue {
    .array(
      rows.map { row in
        .object(zip(columns, row).map { JSONMember($0.key, $1.json) })
      })
  }
}

extension ReportSection.Cell {
  fileprivate var json: JSONValue {
    switch self {
    case .words(let text), .code(let text): .string(text)
    case .own(let aid): .string(aid.text)
    case .time(let time): .string(Moment.text(time))
    case .number(let number), .place(let number): .integer(number)
    case .permille(let share): share.map { .integer($0) } ?? .null
    case .flag(let answer, _): .bool(answer)
    case .none: .null
    }
  }

  /// For machines: digits without commas.
  var plain: String {
    switch self {
    case .words(let text), .code(let text): Printable.line(text)
    case .own(let aid): aid.text
    case .time(let time): Moment.text(time)
    case .number(let number), .place(let number): String(number)
    case .permille(let share): share.map { String($0) } ?? ""
    case .flag(let answer, _): answer ? "yes" : "no"
    case .none: ""
    }
  }

  /// For people.
  var shown: String {
    switch self {
    case .number(let number): ReportWords.grouped(number)
    case .permille(let share): share.map(ReportWords.percent) ?? "\u{2013}"
    case .flag(_, let words): words
    case .own: "this node"
    case .none: "not known"
    case .words, .code, .place, .time: plain
    }
  }
}
