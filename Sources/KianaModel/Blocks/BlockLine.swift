/// The line form of blocks: one canonical JSON object a line, for pipes (`docs/FORMATS.md`).
///
/// The header stands in the line as the very bytes that were signed, since canonical JSON inside
/// canonical JSON is itself; so reading cuts them out and writing puts them in.
package enum BlockLine: Sendable {
  case block(Block)
  /// A block whose content, of that many bytes, is longer than we keep; it goes on without it.
  case longBlock(Block, contentBytes: Int)
  /// An author's key event log, which comes before the author's first block.
  case author(AID, kel: [UInt8])

  /// Reads one line without its newline.
  ///
  /// Checks the JSON, the header, and that content, salt and their hash belong together. The
  /// signature is not checked here: that is the dear part, and who checks it when is the caller's.
  package static func parse(
    _ line: [UInt8], contentBytesMax: Int, _ crypto: any Cryptography
  ) throws(BlockFault) -> BlockLine {
    guard line.count <= BlockLimits.lineBytesMax(contentBytesMax: contentBytesMax) else {
      throw BlockFault(.tooLong, "the line has \(line.count) bytes")
    }
    var reader = LineReader()
    do throws(JSONFault) {
      try reader.read(line.span)
    } catch {
      throw BlockFault(error)
    }
    return try reader.value(line, contentBytesMax: contentBytesMax, crypto)
  }

  /// The line of a block, without a newline.
  package static func bytes(of block: Block) -> [UInt8] {
    var out = [UInt8]()
    append(block, to: &out)
    return out
  }

  /// Appends the line of a block, without a newline.
  package static func append(_ block: Block, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "{"))
    if let content = block.content {
      if UTF8Check.isUTF8(content.bytes.span) {
        out.append(contentsOf: #""content":"#.utf8)
        JSONWriter.append(utf8: content.bytes, to: &out)
      } else {
        out.append(contentsOf: #""content_b64":""#.utf8)
        Base64.append(content.bytes, to: &out)
        out.append(0x22)
      }
      out.append(UInt8(ascii: ","))
    }
    out.append(contentsOf: #""header":"#.utf8)
    out.append(contentsOf: block.headerBytes)
    if let content = block.content {
      out.append(contentsOf: #","salt":""#.utf8)
      Base64.append(content.salt.bytes, to: &out)
      out.append(0x22)
    }
    out.append(contentsOf: #","sig":""#.utf8)
    Base64.append(block.signature, to: &out)
    out.append(contentsOf: #""}"#.utf8)
  }

  /// The line that brings an author's key event log, without a newline.
  package static func bytes(author: AID, kel: [UInt8]) -> [UInt8] {
    JSONValue.object([
      JSONMember("author", .string(author.text)),
      JSONMember("kel", .string(String(decoding: kel, as: UTF8.self))),
    ]).canonical()
  }
}

/// Where the members of a line stand; cut out only when the whole line is known to be canonical.
private struct LineReader {
  private var author: JSONStringRange?
  private var kel: JSONStringRange?
  private var content: JSONStringRange?
  private var contentBase64: JSONStringRange?
  private var header: Range<Int>?
  private var salt: JSONStringRange?
  private var signature: JSONStringRange?
  private var foreignMember: String?

  mutating func read(_ line: Span<UInt8>) throws(JSONFault) {
    var offset = 0
    var object = ObjectCursor(depth: 1)
    while let name = try object.next(line, &offset) {
      try member(name, line, &offset)
    }
    guard offset == line.count else { throw JSONFault(.trailingBytes, at: offset) }
  }

  private mutating func member(
    _ name: JSONStringRange, _ line: Span<UInt8>, _ offset: inout Int
  ) throws(JSONFault) {
    if CanonicalJSON.isText(name, "header", in: line) {
      let start = offset
      // The header counts its own levels when it is read, so it starts at none here.
      try CanonicalJSON.skipValue(line, &offset, depth: 0)
      header = start..<offset
      return
    }
    guard try CanonicalJSON.byte(line, offset) == 0x22 else {
      foreignMember = foreignMember ?? CanonicalJSON.text(of: name, in: line)
      try CanonicalJSON.skipValue(line, &offset, depth: 1)
      return
    }
    let value = try CanonicalJSON.string(line, &offset)
    switch CanonicalJSON.text(of: name, in: line) {
    case "author": author = value
    case "content": content = value
    case "content_b64": contentBase64 = value
    case "kel": kel = value
    case "salt": salt = value
    case "sig": signature = value
    case let other: foreignMember = foreignMember ?? other
    }
  }

  func value(
    _ line: [UInt8], contentBytesMax: Int, _ crypto: any Cryptography
  ) throws(BlockFault) -> BlockLine {
    if let foreignMember {
      throw BlockFault(.badMember, "'\(foreignMember)' does not belong into a line")
    }
    if author != nil || kel != nil { return try authorLine(line) }
    guard let header else { throw BlockFault(.missingMember, "the member 'header' is missing") }
    let view = try BlockHeader.parse(line.span.extracting(header))
    guard let signature else { throw BlockFault(.missingMember, "the member 'sig' is missing") }
    guard let signatureBytes = decoded(signature, line),
      signatureBytes.count == Block.signatureBytes
    else { throw BlockFault(.badMember, "'sig' is not 64 bytes in base64url") }
    let found = try blockContent(line)
    try found?.check(against: view, crypto)
    let headerBytes = Array(line[header])
    let block = Block(
      headerBytes: headerBytes, header: view, signature: signatureBytes,
      id: crypto.sha256(headerBytes, signatureBytes), content: found)
    if let found, found.bytes.count > contentBytesMax {
      return .longBlock(block.withoutContent, contentBytes: found.bytes.count)
    }
    return .block(block)
  }

  private func authorLine(_ line: [UInt8]) throws(BlockFault) -> BlockLine {
    guard let author, let kel, header == nil, signature == nil, salt == nil, content == nil,
      contentBase64 == nil
    else { throw BlockFault(.badMember, "a line brings either a key log or a block") }
    guard let aid = AID(CanonicalJSON.text(of: author, in: line.span)) else {
      throw BlockFault(.badMember, "'author' is not an AID")
    }
    return .author(aid, kel: CanonicalJSON.utf8(of: kel, in: line.span))
  }

  private func blockContent(_ line: [UInt8]) throws(BlockFault) -> BlockContent? {
    guard content != nil || contentBase64 != nil else {
      guard salt == nil else { throw BlockFault(.badMember, "'salt' without content") }
      return nil
    }
    guard content == nil || contentBase64 == nil else {
      throw BlockFault(.badMember, "'content' and 'content_b64' exclude each other")
    }
    guard let salt, let saltBytes = decoded(salt, line), let saltValue = Hash32(saltBytes) else {
      throw BlockFault(.badMember, "'salt' is not 32 bytes in base64url")
    }
    let bytes: [UInt8]
    if let content {
      bytes =
        content.hasEscapes
        ? CanonicalJSON.utf8(of: content, in: line.span) : Array(line[content.range])
    } else if let contentBase64, let raw = decoded(contentBase64, line),
      !UTF8Check.isUTF8(raw.span)
    {
      bytes = raw
    } else {
      throw BlockFault(.badMember, "'content_b64' is not base64url, or holds UTF-8")
    }
    return BlockContent(salt: saltValue, bytes: bytes)
  }

  private func decoded(_ string: JSONStringRange, _ line: [UInt8]) -> [UInt8]? {
    string.hasEscapes ? nil : Base64.decode(line.span.extracting(string.range))
  }
}
