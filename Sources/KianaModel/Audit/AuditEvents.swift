/// How much an entry matters to who watches, in the words of OCSF.
package enum AuditSeverity: Int64, Sendable {
  case informational = 1
  /// Something was refused, failed, or was found to be invalid.
  case medium = 3
  /// The toolkit itself could not do its work.
  case high = 4

  package init(_ entry: AuditEntry) {
    switch entry.result {
    case .error: self = .high
    case .fail, .deny: self = .medium
    case .ok: self = entry.verdict == .invalid ? .medium : .informational
    }
  }

  /// From 0 to 10, as CEF has it.
  var outOfTen: Int {
    switch self {
    case .informational: 2
    case .medium: 5
    case .high: 8
    }
  }

  var caption: String {
    switch self {
    case .informational: "Informational"
    case .medium: "Medium"
    case .high: "High"
    }
  }
}

/// Lines in the Common Event Format, which SIEMs read.
/// Source: ArcSight, "Common Event Format Implementation Standard", version 0.
package enum CEF {
  /// A line without its end.
  package static func line(_ record: AuditRecord, version: String) -> String {
    let entry = record.entry
    let severity = AuditSeverity(entry).outOfTen
    let head = ["CEF:0", "kiana", "kiana-audit", version, entry.type, name(entry.type)]
    return (head.map(headerField) + [String(severity), fields(record)]).joined(separator: "|")
  }

  private static func fields(_ record: AuditRecord) -> String {
    let entry = record.entry
    var fields = [
      ("rt", String(entry.time)), ("suser", entry.actor), ("act", entry.type),
      ("outcome", entry.result == .ok ? "success" : "failure"), ("reason", entry.result.rawValue),
      ("cs1", entry.target), ("cs1Label", "target"),
      ("cs2", record.leafHash.hex), ("cs2Label", "leafHash"),
      ("cs3", record.origin), ("cs3Label", "log"),
      ("cn1", String(record.seq)), ("cn1Label", "seq"),
    ]
    let more = [
      ("cs4", "verdict", entry.verdict?.rawValue), ("cs5", "key", entry.key),
      ("cs6", "payloadCommitment", entry.payloadCommitment?.hex),
    ]
    for (key, label, value) in more {
      guard let value else { continue }
      fields += [(key, value), ("\(key)Label", label)]
    }
    return fields.map { "\($0)=\(value($1))" }.joined(separator: " ")
  }

  private static func name(_ type: String) -> String { type.replacing(".", with: " ") }

  /// In the header `\` and `|` are escaped; line ends have no place in it.
  package static func headerField(_ text: String) -> String {
    escape(Printable.line(text), ["\\": "\\\\", "|": "\\|"])
  }

  /// In a value `\`, `=` and line ends are escaped.
  package static func value(_ text: String) -> String {
    escape(text, ["\\": "\\\\", "=": "\\=", "\n": "\\n", "\r": "\\r"])
  }

  private static func escape(
    _ text: String, _ escapes: [Unicode.Scalar: String]
  ) -> String {
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if let escaped = escapes[scalar] {
        out.append(contentsOf: escaped.unicodeScalars)
      } else {
        out.append(scalar)
      }
    }
    return String(out)
  }
}

/// Events of the Open Cybersecurity Schema Framework, version 1.7.0, class Entity Management: a
/// party did something to a thing that is managed here, a block, a feed, a key.
///
/// The `record_integrity` profile is in no published schema yet, so its `attestation` stands under
/// `unmapped`; `raw_data` is the leaf, whose hash that is.
/// Source: https://schema.ocsf.io/1.7.0/classes/entity_management
package enum OCSF {
  private static let schemaVersion = "1.7.0"
  private static let category: Int64 = 3
  private static let classUID: Int64 = 3004

  package static func event(_ record: AuditRecord, version: String) -> JSONValue {
    let entry = record.entry
    let activity = activity(entry.type)
    let severity = AuditSeverity(entry)
    let isDone = entry.result == .ok
    return .object([
      JSONMember("activity_id", .integer(activity.id)),
      JSONMember("activity_name", .string(activity.name ?? entry.type)),
      JSONMember("actor", object([("user", object([("uid", .string(entry.actor))]))])),
      JSONMember("category_name", .string("Identity & Access Management")),
      JSONMember("category_uid", .integer(category)),
      JSONMember("class_name", .string("Entity Management")),
      JSONMember("class_uid", .integer(classUID)),
      JSONMember("entity", entity(entry.target)),
      JSONMember("message", .string(message(entry))),
      JSONMember("metadata", metadata(record, version)),
      JSONMember("raw_data", .string(String(decoding: entry.leaf(), as: UTF8.self))),
      JSONMember("severity", .string(severity.caption)),
      JSONMember("severity_id", .integer(severity.rawValue)),
      JSONMember("status", .string(isDone ? "Success" : "Failure")),
      JSONMember("status_code", .string(entry.result.rawValue)),
      JSONMember("status_id", .integer(isDone ? 1 : 2)),
      JSONMember("time", .integer(entry.time)),
      JSONMember(
        "type_name", .string("Entity Management: \(activity.name ?? "Other")")),
      JSONMember("type_uid", .integer(classUID * 100 + activity.id)),
      JSONMember("unmapped", unmapped(record)),
    ])
  }

  /// The activity that a type's last word means; 99, which has no name of its own, for most.
  private static func activity(_ type: String) -> (id: Int64, name: String?) {
    switch type.split(separator: ".").last {
    case "accept", "create", "init": (1, "Create")
    case "validate", "verify", "query": (2, "Read")
    case "erase", "purge", "remove", "redact", "prune", "evict": (4, "Delete")
    case "admit": (6, "Enroll")
    case "unadmit": (7, "Unenroll")
    case "resume": (13, "Resume")
    default: (99, nil)
    }
  }

  /// What it was about; the type is what stands before a colon: `blk`, `feed`, `key`.
  private static func entity(_ target: String) -> JSONValue {
    let type = target.firstIndex(of: ":").map { String(target[..<$0]) } ?? "Other"
    return object([
      ("name", .string(target)), ("type", .string(type)), ("type_id", .integer(99)),
      ("uid", .string(target)),
    ])
  }

  private static func message(_ entry: AuditEntry) -> String {
    let verdict = entry.verdict.map { ", found \($0.rawValue)" } ?? ""
    return "\(entry.type) \(entry.target): \(entry.result.rawValue)\(verdict)"
  }

  private static func metadata(_ record: AuditRecord, _ version: String) -> JSONValue {
    object([
      ("event_code", .string(record.entry.type)),
      ("log_name", .string(record.origin)),
      (
        "product",
        object([
          ("name", .string("kiana-audit")), ("vendor_name", .string("kiana")),
          ("version", .string(version)),
        ])
      ),
      ("sequence", .integer(record.seq)),
      ("uid", .string(record.leafHash.hex)),
      ("version", .string(schemaVersion)),
    ])
  }

  /// The proof, and the members that the class has no place for.
  private static func unmapped(_ record: AuditRecord) -> JSONValue {
    let entry = record.entry
    let fingerprint = object([
      ("algorithm", .string("SHA-256")), ("algorithm_id", .integer(3)),
      ("value", .string(record.leafHash.hex)),
    ])
    let authority = record.origin.split(separator: "/").dropFirst().first.map(String.init) ?? ""
    var members = [
      (
        "attestation",
        object([
          ("authority_uid", .string(authority)), ("chain_uid", .string(record.origin)),
          ("fingerprint", fingerprint),
        ])
      ),
      ("payload_state", JSONValue.string(record.payloadState.rawValue)),
    ]
    if let verdict = entry.verdict { members.append(("verdict", .string(verdict.rawValue))) }
    if let key = entry.key { members.append(("kid", .string(key))) }
    return object(members)
  }

  private static func object(_ members: [(String, JSONValue)]) -> JSONValue {
    .object(members.map { JSONMember($0, $1) })
  }
}
