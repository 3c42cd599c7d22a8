/// How much an entry matters to who watches, in the words of OCSF.
package enum AuditSeverity: Int64, Sendable {
  case informational = 1
  /// Something was refused, failed, or was found to be invalid.
  case medium = 3
  /// The toolkit itself could not do its work.
  case high = 4

  /// By result, and by verdict where the action worked.
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
  /// Appends a line without its end.
  package static func append(_ record: AuditRecord, version: String, to out: inout [UInt8]) {
    let entry = record.entry
    for field in ["CEF:0", "kiana", "kiana-audit", version, entry.type, name(entry.type)] {
      out += headerField(field).utf8
      out.append(UInt8(ascii: "|"))
    }
    out += "\(AuditSeverity(entry).outOfTen)|rt=\(entry.time)".utf8
    func field(_ key: StaticString, _ text: String, _ label: StaticString? = nil) {
      out += " \(key)=".utf8
      out += value(text).utf8
      if let label { out += " \(key)Label=\(label)".utf8 }
    }
    field("suser", entry.actor)
    field("act", entry.type)
    field("outcome", entry.result == .ok ? "success" : "failure")
    field("reason", entry.result.rawValue)
    field("cs1", entry.target, "target")
    field("cs2", record.leafHash.hex, "leafHash")
    field("cs3", record.origin, "log")
    field("cn1", String(record.seq), "seq")
    if let verdict = entry.verdict { field("cs4", verdict.rawValue, "verdict") }
    if let key = entry.key { field("cs5", key, "key") }
    if let commitment = entry.payloadCommitment {
      field("cs6", commitment.hex, "payloadCommitment")
    }
  }

  private static func name(_ type: String) -> String {
    String(decoding: type.utf8.map { $0 == 0x2E ? 0x20 : $0 }, as: UTF8.self)
  }

  /// In the header `\` and `|` are escaped; line ends have no place in it.
  package static func headerField(_ text: String) -> String {
    escape(Printable.line(text), also: UInt8(ascii: "|"))
  }

  /// In a value `\`, `=` and line ends are escaped.
  package static func value(_ text: String) -> String {
    escape(text, also: UInt8(ascii: "="))
  }

  private static func escape(_ text: String, also mark: UInt8) -> String {
    let needsEscape = { (byte: UInt8) in
      byte == 0x5C || byte == mark || byte == 0x0A || byte == 0x0D
    }
    guard text.utf8.contains(where: needsEscape) else { return text }
    var out = [UInt8]()
    for byte in text.utf8 {
      if needsEscape(byte) { out.append(0x5C) }
      switch byte {
      case 0x0A: out.append(UInt8(ascii: "n"))
      case 0x0D: out.append(UInt8(ascii: "r"))
      default: out.append(byte)
      }
    }
    return String(decoding: out, as: UTF8.self)
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

  /// The event of a record; `version` is the program's.
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
