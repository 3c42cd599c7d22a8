extension BlockHeader {
  /// Reads header bytes: canonical JSON, all thirteen members, each within its bounds.
  ///
  /// - Parameter bytes: the header alone.
  /// - Throws: `json`, `tooLong`, `missingMember` or `badMember`.
  package static func parse(_ bytes: Span<UInt8>) throws(BlockFault) -> BlockHeader {
    guard bytes.count <= BlockLimits.headerBytesMax else {
      throw BlockFault(
        .tooLong, "the header has \(bytes.count) bytes, \(BlockLimits.headerBytesMax) are allowed")
    }
    var reader = HeaderReader()
    do throws(JSONFault) {
      try reader.read(bytes)
    } catch {
      throw BlockFault(error)
    }
    return try reader.header()
  }
}

/// Collects the members of a header; what is wrong with one is remembered, so that the walk, which
/// checks the JSON, always comes first.
private struct HeaderReader {
  private var author: AID?
  private var contentHash: Hash32?
  private var contentSize: Int64?
  private var contentType: String?
  private var epoch: Int64?
  private var feed: String?
  private var key: KeyText?
  private var kind: String?
  private var hasPrev = false
  private var prev: Hash32?
  private var refs: [Hash32]?
  private var seq: Int64?
  private var tags: [String]?
  private var time: Int64?
  private var topic: String?
  private var version: Int64?
  private var badMember: String?

  mutating func read(_ bytes: Span<UInt8>) throws(JSONFault) {
    var offset = 0
    var object = ObjectCursor(depth: 1)
    while let name = try object.next(bytes, &offset) {
      try member(name, bytes, &offset)
    }
    guard offset == bytes.count else { throw JSONFault(.trailingBytes, at: offset) }
  }

  private mutating func member(
    _ name: JSONStringRange, _ bytes: Span<UInt8>, _ offset: inout Int
  ) throws(JSONFault) {
    func named(_ literal: StaticString) -> Bool {
      CanonicalJSON.isText(name, literal, in: bytes)
    }
    switch bytes[name.range.isEmpty ? 0 : name.range.lowerBound] {
    case UInt8(ascii: "a") where named("author"):
      author = try range(bytes, &offset).flatMap { AID(bytes.extracting($0)) } ?? flag("author")
    case UInt8(ascii: "c") where named("content"):
      try content(bytes, &offset)
    case UInt8(ascii: "e") where named("epoch"):
      epoch = try count(bytes, &offset) ?? flag("epoch")
    case UInt8(ascii: "f") where named("feed"):
      feed = try string(bytes, &offset, where: BlockLimits.isFeedName) ?? flag("feed")
    case UInt8(ascii: "k") where named("key"):
      key = try range(bytes, &offset).flatMap { KeyText(bytes.extracting($0)) } ?? flag("key")
    case UInt8(ascii: "k") where named("kind"):
      kind = try string(bytes, &offset, where: BlockLimits.isKind) ?? flag("kind")
    case UInt8(ascii: "p") where named("prev"):
      try previous(bytes, &offset)
    case UInt8(ascii: "r") where named("refs"):
      refs = try references(bytes, &offset) ?? flag("refs")
    case UInt8(ascii: "s") where named("seq"):
      seq = try count(bytes, &offset) ?? flag("seq")
    case UInt8(ascii: "t") where named("tags"):
      tags = try words(bytes, &offset) ?? flag("tags")
    case UInt8(ascii: "t") where named("time"):
      time = try count(bytes, &offset) ?? flag("time")
    case UInt8(ascii: "t") where named("topic"):
      topic = try string(bytes, &offset, where: isWord) ?? flag("topic")
    case UInt8(ascii: "v") where named("v"):
      version = try count(bytes, &offset) ?? flag("v")
    default:
      try CanonicalJSON.skipValue(bytes, &offset, depth: 1)
    }
  }

  /// Remembers the first member that is wrong.
  private mutating func flag<Value>(_ name: String) -> Value? {
    badMember = badMember ?? name
    return nil
  }

  private func isWord(_ text: String) -> Bool { text.utf8.count <= BlockLimits.wordBytesMax }

  /// The string at `offset`; nil when something else stands there or it fails the test.
  private func string(
    _ bytes: Span<UInt8>, _ offset: inout Int, where isGood: (String) -> Bool = { _ in true }
  ) throws(JSONFault) -> String? {
    guard try CanonicalJSON.byte(bytes, offset) == 0x22 else {
      try CanonicalJSON.skipValue(bytes, &offset, depth: 1)
      return nil
    }
    let range = try CanonicalJSON.string(bytes, &offset)
    // Nothing in a header that has a bound is longer than this, escapes included.
    guard range.range.count <= BlockLimits.wordBytesMax * 6 else { return nil }
    let text = CanonicalJSON.text(of: range, in: bytes)
    return isGood(text) ? text : nil
  }

  /// Where the string at `offset` stands; nil when something else does.
  private func range(
    _ bytes: Span<UInt8>, _ offset: inout Int
  ) throws(JSONFault) -> Range<Int>? {
    guard try CanonicalJSON.byte(bytes, offset) == 0x22 else {
      try CanonicalJSON.skipValue(bytes, &offset, depth: 1)
      return nil
    }
    return try CanonicalJSON.string(bytes, &offset).range
  }

  /// The whole number at `offset`; nil when it is negative or something else.
  private func count(_ bytes: Span<UInt8>, _ offset: inout Int) throws(JSONFault) -> Int64? {
    let first = try CanonicalJSON.byte(bytes, offset)
    guard first == UInt8(ascii: "-") || first &- 0x30 < 10 else {
      try CanonicalJSON.skipValue(bytes, &offset, depth: 1)
      return nil
    }
    let number = try CanonicalJSON.integer(bytes, &offset)
    return number >= 0 ? number : nil
  }

  /// The 64 hex digits at `offset`; nil for anything else.
  private func hash(_ bytes: Span<UInt8>, _ offset: inout Int) throws(JSONFault) -> Hash32? {
    try range(bytes, &offset).flatMap { Hash32(hex: bytes.extracting($0)) }
  }

  private mutating func content(
    _ bytes: Span<UInt8>, _ offset: inout Int
  ) throws(JSONFault) {
    guard try CanonicalJSON.byte(bytes, offset) == UInt8(ascii: "{") else {
      try CanonicalJSON.skipValue(bytes, &offset, depth: 1)
      let _: Int? = flag("content")
      return
    }
    var object = ObjectCursor(depth: 2)
    while let name = try object.next(bytes, &offset) {
      if CanonicalJSON.isText(name, "hash", in: bytes) {
        contentHash = try hash(bytes, &offset) ?? flag("content.hash")
      } else if CanonicalJSON.isText(name, "size", in: bytes) {
        contentSize = try count(bytes, &offset) ?? flag("content.size")
      } else if CanonicalJSON.isText(name, "type", in: bytes) {
        contentType =
          try string(bytes, &offset, where: BlockLimits.isMediaType) ?? flag("content.type")
      } else {
        try CanonicalJSON.skipValue(bytes, &offset, depth: 2)
      }
    }
  }

  private mutating func previous(
    _ bytes: Span<UInt8>, _ offset: inout Int
  ) throws(JSONFault) {
    hasPrev = true
    if try CanonicalJSON.byte(bytes, offset) == UInt8(ascii: "n") {
      try CanonicalJSON.skipValue(bytes, &offset, depth: 1)
    } else {
      prev = try hash(bytes, &offset) ?? flag("prev")
    }
  }

  private func references(
    _ bytes: Span<UInt8>, _ offset: inout Int
  ) throws(JSONFault) -> [Hash32]? {
    guard try CanonicalJSON.byte(bytes, offset) == UInt8(ascii: "[") else {
      try CanonicalJSON.skipValue(bytes, &offset, depth: 1)
      return nil
    }
    var found = [Hash32]()
    var isGood = true
    var array = ArrayCursor(depth: 2)
    while try array.next(bytes, &offset) {
      if let id = try hash(bytes, &offset) { found.append(id) } else { isGood = false }
    }
    return isGood && found.count <= BlockLimits.refsMax ? found : nil
  }

  private func words(
    _ bytes: Span<UInt8>, _ offset: inout Int
  ) throws(JSONFault) -> [String]? {
    guard try CanonicalJSON.byte(bytes, offset) == UInt8(ascii: "[") else {
      try CanonicalJSON.skipValue(bytes, &offset, depth: 1)
      return nil
    }
    var found = [String]()
    var isGood = true
    var array = ArrayCursor(depth: 2)
    while try array.next(bytes, &offset) {
      if let tag = try string(bytes, &offset, where: isWord) {
        found.append(tag)
      } else {
        isGood = false
      }
    }
    return isGood && found.count <= BlockLimits.tagsMax ? found : nil
  }

  /// The header, when every member was there and good.
  func header() throws(BlockFault) -> BlockHeader {
    if let badMember {
      throw BlockFault(.badMember, "'\(badMember)' has a value that is not allowed")
    }
    guard let author else { throw missing("author") }
    guard let contentHash, let contentSize, let contentType else { throw missing("content") }
    guard let epoch else { throw missing("epoch") }
    guard let feed else { throw missing("feed") }
    guard let key else { throw missing("key") }
    guard let kind else { throw missing("kind") }
    guard hasPrev else { throw missing("prev") }
    guard let refs else { throw missing("refs") }
    guard let seq else { throw missing("seq") }
    guard let tags else { throw missing("tags") }
    guard let time else { throw missing("time") }
    guard let topic else { throw missing("topic") }
    guard let version else { throw missing("v") }
    return BlockHeader(
      author: author, contentHash: contentHash, contentSize: contentSize,
      contentType: contentType, epoch: epoch, feed: feed, key: key, kind: kind, prev: prev,
      refs: refs, seq: seq, tags: tags, time: time, topic: topic, version: version)
  }

  private func missing(_ name: String) -> BlockFault {
    BlockFault(.missingMember, "the member '\(name)' is missing")
  }
}
