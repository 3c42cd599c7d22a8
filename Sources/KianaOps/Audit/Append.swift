package import KianaModel
internal import KianaStore

/// Takes entries of the operator's own scripts into the trail, a JSON object a line.
///
/// `{"type":S,"target":S,"actor":S,"result":S,"verdict":S,"payload":ANY}`; only `type` must be
/// there. Lines that are wrong are named, and the others go in.
package struct Append {
  private let node: Node
  /// One wait for the disk in so many lines.
  private static let linesInTransaction = 1000
  private static let bytesInTransaction = 4 << 20

  /// What became of a line.
  package enum Outcome: Sendable, Equatable {
    /// Its place in the trail.
    case stored(Int64)
    /// Why not.
    case refused(String)
  }

  package init(_ node: Node) {
    self.node = node
  }

  /// The longest line: a payload and its escapes.
  package static let lineBytesMax = 2 * AuditEntry.payloadBytesMax + 4096

  /// Reads lines until `next` has none.
  ///
  /// - Parameters:
  ///   - isPatient: whether lines are gathered before they are written; else each is on the disk
  ///     before the next one is read.
  ///   - done: called with each line's number, from 1, and its outcome, when it is on the disk.
  package func run(
    isPatient: Bool, next: () throws(KianaError) -> InputLine?,
    done: (Int, Outcome) throws(KianaError) -> Void
  ) throws(KianaError) {
    var number = 0
    var batch = [(line: Int, draft: Result<Recorder.Draft, Refusal>)]()
    var bytes = 0
    while let line = try next() {
      number += 1
      if case .line(let text) = line {
        if text.isEmpty { continue }
        bytes += text.count
      }
      batch.append((number, draft(line)))
      if !isPatient || batch.count >= Self.linesInTransaction || bytes >= Self.bytesInTransaction {
        try write(batch, done)
        batch.removeAll(keepingCapacity: true)
        bytes = 0
      }
    }
    try write(batch, done)
  }

  private struct Refusal: Error {
    let words: String
  }

  private func write(
    _ batch: [(line: Int, draft: Result<Recorder.Draft, Refusal>)],
    _ done: (Int, Outcome) throws(KianaError) -> Void
  ) throws(KianaError) {
    let drafts = batch.compactMap { try? $0.draft.get() }
    var place: Int64 = 0
    if !drafts.isEmpty {
      place = try node.database.transaction { () throws(KianaError) in
        try node.recorder.record(drafts, now: node.now())
      }
      try Guard.update(node)
    }
    place -= Int64(drafts.count) - 1
    for (line, draft) in batch {
      switch draft {
      case .success:
        try done(line, .stored(place))
        place += 1
      case .failure(let refusal): try done(line, .refused(refusal.words))
      }
    }
  }

  // MARK: one line

  private static let members: Set<String> = [
    "type", "target", "actor", "result", "verdict", "payload",
  ]

  private func draft(_ line: InputLine) -> Result<Recorder.Draft, Refusal> {
    guard case .line(let text) = line else { return .failure(Refusal(words: "it is too long")) }
    let value: JSONValue
    do throws(JSONFault) {
      value = try JSONValue.parse(text, .foreign)
    } catch {
      return .failure(Refusal(words: error.reason))
    }
    guard let members = value.members else {
      return .failure(Refusal(words: "it is no JSON object"))
    }
    do throws(Refusal) {
      return .success(try draft(members))
    } catch {
      return .failure(error)
    }
  }

  private func draft(_ members: [JSONMember]) throws(Refusal) -> Recorder.Draft {
    func text(_ name: String) throws(Refusal) -> String? {
      guard let value = members.first(where: { $0.name == name })?.value else { return nil }
      guard let text = value.string else { throw Refusal(words: "'\(name)' is no text") }
      return text
    }
    for member in members where !Self.members.contains(member.name) {
      throw Refusal(
        words: "it has no '\(Printable.line(member.name))'; details belong into 'payload'")
    }
    guard let type = try text("type") else { throw Refusal(words: "'type' is missing") }
    guard AuditEntry.isType(type) else {
      throw Refusal(
        words: "'\(Printable.line(type))' is no type; types are like 'door.open', in a-z, 0-9, -")
    }
    guard !AuditEntry.isOwnType(type) else {
      throw Refusal(words: "'\(type)' is a type of the toolkit's own")
    }
    var draft = Recorder.Draft(type, target: try text("target") ?? "state")
    draft.actor = try text("actor")
    for (name, value) in [("target", draft.target), ("actor", draft.actor ?? "x")]
    where !AuditEntry.isName(value) {
      throw Refusal(
        words: "'\(name)' is not 1 to 256 printable ASCII letters without spaces")
    }
    draft.result = try word(try text("result"), "result", .ok)
    draft.verdict = try word(try text("verdict"), "verdict", nil)
    if let payload = members.first(where: { $0.name == "payload" })?.value, payload != .null {
      let size = payload.text().count
      guard size <= AuditEntry.payloadBytesMax else {
        throw Refusal(
          words: "the payload has \(size) bytes, \(AuditEntry.payloadBytesMax) are allowed")
      }
      draft.payload = payload
    }
    return draft
  }

  private func word<Word: RawRepresentable & CaseIterable>(
    _ text: String?, _ name: String, _ usual: Word
  ) throws(Refusal) -> Word where Word.RawValue == String {
    guard let text else { return usual }
    guard let word = Word(rawValue: text) else { throw Self.noWord(Word.self, text, name) }
    return word
  }

  private func word<Word: RawRepresentable & CaseIterable>(
    _ text: String?, _ name: String, _ usual: Word?
  ) throws(Refusal) -> Word? where Word.RawValue == String {
    guard let text else { return usual }
    guard let word = Word(rawValue: text) else { throw Self.noWord(Word.self, text, name) }
    return word
  }

  private static func noWord<Word: RawRepresentable & CaseIterable>(
    _ type: Word.Type, _ text: String, _ name: String
  ) -> Refusal where Word.RawValue == String {
    let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
    return Refusal(words: "'\(name)' is '\(Printable.line(text))'; it is one of \(words)")
  }
}
