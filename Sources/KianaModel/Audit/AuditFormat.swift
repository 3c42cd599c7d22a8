/// How records of the audit trail are written.
package enum AuditFormat: String, CaseIterable, Sendable {
  /// One line each, fields apart by tabs.
  case text
  /// One JSON array.
  case json
  /// One JSON object a line.
  case jsonl
  /// RFC 4180, with a header row.
  case csv
  /// ArcSight Common Event Format, one line each.
  case cef
  /// Open Cybersecurity Schema Framework, one JSON object a line.
  case ocsf

  /// Whether payloads can stand in it.
  package var hasPayloads: Bool { self == .json || self == .jsonl }
  /// Whether it can be written line by line while entries arrive.
  package var isEndless: Bool { self != .json }
  /// Whether it gives each entry's hash and what became of its payload.
  package var hasProofs: Bool { self != .text }
}

/// Writes records in a format: `opening`, each record, `closing`.
package struct AuditWriter {
  package let format: AuditFormat
  /// Of the program, for formats that name what wrote them.
  private let version: String
  private var isFirst = true

  /// - Parameter version: of the program, as in `0.1.0`.
  package init(_ format: AuditFormat, version: String) {
    self.format = format
    self.version = version
  }

  /// What stands before the first record.
  package var opening: [UInt8] {
    switch format {
    case .json: Array("[".utf8)
    case .csv: CSV.row(Self.columns)
    case .text, .jsonl, .cef, .ocsf: []
    }
  }

  /// What stands after the last record.
  package var closing: [UInt8] {
    guard format == .json else { return [] }
    return Array((isFirst ? "]\n" : "\n]\n").utf8)
  }

  /// The bytes of a record, its line end included.
  package mutating func record(_ record: AuditRecord) -> [UInt8] {
    var out = [UInt8]()
    out.reserveCapacity(512)
    switch format {
    case .text: out += Self.line(record).utf8
    case .json:
      out += (isFirst ? "\n" : ",\n").utf8
      record.appendJSON(to: &out)
    case .jsonl: record.appendJSON(to: &out)
    case .csv: out += CSV.row(Self.cells(record))
    case .cef: CEF.append(record, version: version, to: &out)
    case .ocsf: OCSF.event(record, version: version).append(to: &out, sorted: true)
    }
    isFirst = false
    if format != .json, format != .csv { out.append(0x0A) }
    return out
  }

  /// `SEQ TIME TYPE RESULT[/VERDICT] TARGET ACTOR`, apart by tabs.
  private static func line(_ record: AuditRecord) -> String {
    let entry = record.entry
    let outcome = entry.result.rawValue + (entry.verdict.map { "/" + $0.rawValue } ?? "")
    return [
      String(record.seq), Moment.text(entry.time), Printable.line(entry.type), outcome,
      Printable.line(entry.target), Printable.line(entry.actor),
    ].joined(separator: "\t")
  }

  private static let columns = [
    "seq", "time", "type", "result", "verdict", "target", "actor", "kid", "t", "pc", "ps",
    "payload_state", "leaf_hash",
  ]

  private static func cells(_ record: AuditRecord) -> [String] {
    let entry = record.entry
    return [
      String(record.seq), Moment.text(entry.time), entry.type, entry.result.rawValue,
      entry.verdict?.rawValue ?? "", entry.target, entry.actor, entry.key ?? "",
      String(entry.time), entry.payloadCommitment?.hex ?? "", String(entry.payloadSize),
      record.payloadState.rawValue, record.leafHash.hex,
    ]
  }
}

/// Comma-separated values for spreadsheets. Source: RFC 4180.
package enum CSV {
  /// A row with its CRLF.
  package static func row(_ cells: [String]) -> [UInt8] {
    Array((cells.map(cell).joined(separator: ",") + "\r\n").utf8)
  }

  /// `= + - @`, tab and CR.
  private static func isFormulaMark(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0D: true
    default: false
    }
  }

  private static func needsQuotes(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x22, 0x2C, 0x0A, 0x0D: true
    default: false
    }
  }

  /// A cell, quoted where it must be.
  ///
  /// What a spreadsheet would run as a formula gets a `'` before it. Source: OWASP, "CSV
  /// Injection".
  package static func cell(_ text: String) -> String {
    var text = text
    if let first = text.utf8.first, isFormulaMark(first) { text = "'" + text }
    guard text.utf8.contains(where: needsQuotes) else { return text }
    // By scalars: CR and LF beside each other are one Character.
    var quoted = "\"".unicodeScalars
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted.append(scalar) }
      quoted.append(scalar)
    }
    quoted.append("\"")
    return String(quoted)
  }
}
