internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

/// Blocks as people and scripts see them (`docs/CLI.md`).
enum BlockText {
  static let idDigits = 16
  private static let summaryLetters = 72

  /// One line: id, time, author, feed and kind, topic, what it begins with; apart by tabs.
  static func line(_ block: StoredBlock, summary: String? = nil) -> String {
    let header = block.header
    return [
      String(block.id.hex.prefix(idDigits)), Moment.text(header.time / 1000 * 1000),
      String(header.author.text.prefix(9)), "\(header.feed):\(Printable.line(header.kind))",
      Printable.line(header.topic), summary ?? beginning(block),
    ].joined(separator: "\t")
  }

  static func beginning(_ block: StoredBlock) -> String {
    block.beginning(lettersMax: summaryLetters)
  }

  /// The fields of a block in JSON, without its content.
  static func members(_ block: StoredBlock) -> [JSONMember] {
    let header = block.header
    return [
      JSONMember("author", .string(header.author.text)),
      JSONMember("content_hash", .string(header.contentHash.hex)),
      JSONMember("content_size", .integer(header.contentSize)),
      JSONMember("content_state", .string(block.contentState)),
      JSONMember("content_type", .string(header.contentType)),
      JSONMember("epoch", .integer(header.epoch)),
      JSONMember("feed", .string(header.feed)),
      JSONMember("id", .string(block.id.hex)),
      JSONMember("key", .string(header.key.text)),
      JSONMember("kind", .string(header.kind)),
      JSONMember("prev", header.prev.map { .string($0.hex) } ?? .null),
      JSONMember("refs", .array(header.refs.map { .string($0.hex) })),
      JSONMember("seq", .integer(header.seq)),
      JSONMember("standing", .string(block.row.standing.word)),
      JSONMember("tags", .array(header.tags.map { .string($0) })),
      JSONMember("time", .string(Moment.text(header.time))),
      JSONMember("time_ms", .integer(header.time)),
      JSONMember("topic", .string(header.topic)),
    ]
  }

  /// The content as a JSON member: text, or base64 when it is not UTF-8; nothing when it is not
  /// here.
  static func content(_ block: StoredBlock) -> [JSONMember] {
    guard let content = block.content else { return [] }
    guard let text = String(validating: content.bytes, as: UTF8.self) else {
      return [JSONMember("content_b64", .string(Base64.encode(content.bytes)))]
    }
    return [JSONMember("content", .string(text))]
  }

  /// The whole block for a person.
  static func page(_ block: StoredBlock) -> String {
    let header = block.header
    var lines = [
      "id      \(block.id.hex)", "author  \(header.author.text)",
      "feed    \(header.feed), block \(header.seq) of epoch \(header.epoch)",
      "kind    \(header.kind)", "time    \(Moment.text(header.time))",
    ]
    if !header.topic.isEmpty { lines.append("topic   \(Printable.line(header.topic))") }
    if !header.tags.isEmpty {
      lines.append("tags    \(header.tags.map(Printable.line).joined(separator: ", "))")
    }
    lines += header.refs.map { "ref     \($0.hex)" }
    lines.append(
      "content \(header.contentSize) bytes, \(Printable.line(header.contentType)), "
        + block.contentState)
    guard let content = block.content else { return lines.joined(separator: "\n") + "\n" }
    guard let text = String(validating: content.bytes, as: UTF8.self) else {
      lines.append("        not text; 'kiana-node get --content' writes the bytes")
      return lines.joined(separator: "\n") + "\n"
    }
    var shown = Printable.text(text)
    if !shown.hasSuffix("\n") { shown += "\n" }
    return lines.joined(separator: "\n") + "\n\n" + shown
  }
}
