package import KianaModel
internal import KianaStore

/// Which entries of the audit trail a reader wants to see; every filter must hold.
package struct AuditQuery: Sendable {
  /// One of them; a `*` at the end stands for anything. Empty for all.
  package var types = [String]()
  /// Exactly this one.
  package var actor: String?
  /// A `*` at the end stands for anything.
  package var target: String?
  /// Whether the action worked.
  package var result: AuditEntry.Result?
  /// What was found; entries where nothing was judged have none.
  package var verdict: AuditEntry.Verdict?
  /// Milliseconds since 1970, as the entry says; included.
  package var since: Int64?
  /// Not included.
  package var until: Int64?
  /// Places in the trail, through all epochs.
  package var places: Range<Int64> = 0 ..< .max

  /// All entries.
  package init() {}

  /// Places as people write them: `5`, `5..9`, `5..`, `..9`; the last one is included.
  /// - Returns: nil when it is none of these.
  package static func places(_ text: String) -> Range<Int64>? {
    func number(_ part: Substring) -> Int64? {
      part.utf8.allSatisfy { $0 &- 0x30 < 10 } ? Int64(part).flatMap { $0 < .max ? $0 : nil } : nil
    }
    guard let dots = text.firstRange(of: "..") else {
      return number(text[...]).map { $0..<$0 + 1 }
    }
    let (low, high) = (text[..<dots.lowerBound], text[dots.upperBound...])
    guard !(low.isEmpty && high.isEmpty), let first = low.isEmpty ? 0 : number(low),
      let last = high.isEmpty ? .max - 1 : number(high), first <= last
    else { return nil }
    return first..<last + 1
  }

  /// Whether a type can be asked for: as types are, or the beginning of one and a `*`.
  package static func isTypeFilter(_ text: String) -> Bool {
    guard text.hasSuffix("*") else { return AuditEntry.isType(text) }
    return text.dropLast().utf8.allSatisfy { byte in
      byte &- 0x61 < 26 || byte &- 0x30 < 10 || [0x2D, 0x2E, 0x5F].contains(byte)
    }
  }

  var times: ClosedRange<Int64>? {
    guard since != nil || until != nil else { return nil }
    let first = since ?? .min
    let last = until.map { $0 - 1 } ?? .max
    // A range that nobody's time is in, when the bounds exclude each other.
    return first <= last ? first...last : Int64.min...Int64.min
  }
}

/// One filter as SQL.
struct AuditTerm {
  let condition: String
  let values: [EventValue]
  /// Which index finds the entries that it lets through; `none` when no index does.
  let index: EventIndex
  /// Whether the index has the entries of a range of places side by side.
  var isByPlace = true

  init(_ condition: String, _ values: [EventValue] = [], _ index: EventIndex = .none) {
    self.condition = condition
    self.values = values
    self.index = index
  }
}

extension AuditQuery {
  /// The filters as SQL, without time and place.
  /// - Returns: nil when a type or actor was never seen, so that nothing can match.
  func terms(_ names: NameTable) throws(KianaError) -> [AuditTerm]? {
    var terms = [AuditTerm]()
    if !types.isEmpty {
      guard let term = try typeTerm(names) else { return nil }
      terms.append(term)
    }
    if let actor {
      guard let term = try actorTerm(actor, names) else { return nil }
      terms.append(term)
    }
    if let target { terms.append(Self.targetTerm(target)) }
    if let result {
      // The index is of results above 0, and SQLite takes it only when the condition says so.
      terms.append(
        result == .ok
          ? AuditTerm("result = 0")
          : AuditTerm("result > 0 AND result = \(result.number)", [], .result))
    }
    if let verdict {
      terms.append(
        AuditTerm("verdict = \(verdict.number)", [], verdict == .invalid ? .invalid : .none))
    }
    return terms
  }

  private func actorTerm(_ actor: String, _ names: NameTable) throws(KianaError) -> AuditTerm? {
    guard actor.hasSuffix("*") else {
      return try names.find(actor).map { AuditTerm("actor = ?", [.integer($0)], .actor) }
    }
    let numbers = try names.numbers(prefix: String(actor.dropLast()))
    guard !numbers.isEmpty else { return nil }
    let list = numbers.map(String.init).joined(separator: ",")
    return AuditTerm("actor IN (\(list))", [], .actor)
  }

  private func typeTerm(_ names: NameTable) throws(KianaError) -> AuditTerm? {
    var numbers = Set<Int64>()
    for type in types {
      if type.hasSuffix("*") {
        numbers.formUnion(try names.numbers(prefix: String(type.dropLast())))
      } else if let no = try names.find(type) {
        numbers.insert(no)
      }
    }
    guard !numbers.isEmpty else { return nil }
    let list = numbers.sorted().map(String.init).joined(separator: ",")
    return AuditTerm("type IN (\(list))", [], .type)
  }

  /// Letters of a target that the index has.
  private static let indexedLetters = 16

  private static func targetTerm(_ target: String) -> AuditTerm {
    let head = "substr(target, 1, \(indexedLetters))"
    guard target.hasSuffix("*") else {
      return AuditTerm(
        // Without the plus, SQLite puts the target into the expression, and the index is lost.
        "\(head) = substr(?, 1, \(indexedLetters)) AND +target = ?",
        [.text(target), .text(target)], .target)
    }
    let prefix = String(target.dropLast())
    let begins = "substr(target, 1, length(?)) = ?"
    let twice = [EventValue.text(prefix), .text(prefix)]
    guard !prefix.isEmpty else { return AuditTerm("1") }
    guard prefix.unicodeScalars.count < indexedLetters else {
      return AuditTerm(
        "\(head) = substr(?, 1, \(indexedLetters)) AND \(begins)", [.text(prefix)] + twice, .target)
    }
    var term = AuditTerm("\(begins) AND \(head) >= ?", twice + [.text(prefix)], .target)
    if let end = successor(prefix) {
      term = AuditTerm(
        "\(begins) AND \(head) >= ? AND \(head) < ?", twice + [.text(prefix), .text(end)], .target)
    }
    term.isByPlace = false
    return term
  }

  /// The first text that comes after all that begin with this one; nil when there is none.
  private static func successor(_ prefix: String) -> String? {
    var scalars = prefix.unicodeScalars
    guard let last = scalars.popLast() else { return nil }
    // Surrogates are no scalars.
    guard let next = Unicode.Scalar(last.value == 0xD7FF ? 0xE000 : last.value + 1) else {
      return nil
    }
    scalars.append(next)
    return String(scalars)
  }
}
