internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps

/// Which entries: the filters that `query` and `tail` share.
struct AuditFilters: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only entries of this type, 'key.*' for all that begin so; may be repeated.",
      valueName: "type"))
  var type: [String] = []

  @Option(help: ArgumentHelp("Only what this identity or script did.", valueName: "actor"))
  var actor: String?

  @Option(
    help: ArgumentHelp("Only entries about this; 'feed:*' for all that begin so.", valueName: "of"))
  var target: String?

  @Option(help: ArgumentHelp("Only this result: ok, fail, deny, error.", valueName: "word"))
  var result: String?

  @Option(help: ArgumentHelp("Only this verdict: valid, invalid, unknown.", valueName: "word"))
  var verdict: String?

  @Option(
    help: ArgumentHelp(
      "Only entries from then on: 'today', '2h ago', RFC 3339.", valueName: "when"))
  var since: String?

  @Option(help: ArgumentHelp("Only entries before then.", valueName: "when"))
  var until: String?

  @Option(
    help: ArgumentHelp("Only these places: '7', '7..9', '7..', '..9'.", valueName: "places"))
  var seq: String?

  @Option(
    help: ArgumentHelp(
      "How to write them: text, json, jsonl, csv, cef, ocsf (default: text).", valueName: "format"))
  var format: String?

  @Flag(help: "Write payloads and their salts, too; in json and jsonl.")
  var payload = false

  func query() throws(KianaError) -> AuditQuery {
    var query = AuditQuery()
    for type in type where !AuditQuery.isTypeFilter(type) {
      throw KianaError(
        code: .usage, what: "'\(type)' is not a type", why: "types are like 'key.rotate'",
        hint: AuditEntry.isType(type + ".x") ? "'\(type).*' has all that begin so" : "")
    }
    query.types = type
    query.actor = actor
    query.target = target
    query.result = try result.map { (text) throws(KianaError) in try Self.word(text, "a result") }
    query.verdict = try verdict.map { (text) throws(KianaError) in
      try Self.word(text, "a verdict")
    }
    query.since = try since.map { (text) throws(KianaError) in try Self.moment(text) }
    query.until = try until.map { (text) throws(KianaError) in try Self.moment(text) }
    if let seq {
      guard let places = AuditQuery.places(seq) else {
        throw KianaError(
          code: .usage, what: "'\(seq)' is no range of places",
          why: "ranges are like '7', '7..9', '7..' or '..9'")
      }
      query.places = places
    }
    return query
  }

  /// - Parameter isJSON: whether `--json` was given, which stands for `jsonl`.
  func format(isJSON: Bool) throws(KianaError) -> AuditFormat {
    var found: AuditFormat = isJSON ? .jsonl : .text
    if let format {
      found = try Self.word(format, "a format")
      guard !isJSON || found == .jsonl || found == .json else {
        throw KianaError(code: .usage, what: "--json and '--format \(format)' exclude each other")
      }
    }
    guard !payload || found.hasPayloads else {
      throw KianaError(
        code: .usage, what: "the format '\(found.rawValue)' has no place for payloads",
        hint: "use --format jsonl with --payload")
    }
    return found
  }

  /// What a format and `--payload` want to know of each entry.
  func detail(_ format: AuditFormat) -> AuditTrail.Detail {
    payload ? .payload : format.hasProofs ? .payloadState : .entry
  }

  private static func word<Word: RawRepresentable & CaseIterable>(
    _ text: String, _ name: String
  ) throws(KianaError) -> Word where Word.RawValue == String {
    if let word = Word(rawValue: text) { return word }
    let known = Word.allCases.map(\.rawValue)
    throw KianaError(
      code: .usage, what: "'\(text)' is not \(name)",
      why: "it is one of \(known.joined(separator: ", "))",
      hint: Nearest.to(text, among: known).map { "did you mean '\($0)'?" } ?? "")
  }

  private static func moment(_ text: String) throws(KianaError) -> Int64 {
    let now = Clock.milliseconds()
    guard
      let moment = Moment.parse(text, now: now, offsetSeconds: Clock.localOffsetSeconds(at: now))
    else {
      throw KianaError(
        code: .usage, what: "'\(text)' is not a time",
        why: "times are like 'today', '2h ago', '2026-11-23' or '2026-11-23T13:00:00Z'")
    }
    return moment
  }
}
