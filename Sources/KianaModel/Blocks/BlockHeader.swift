/// The signed part of a block (`docs/FORMATS.md`, "Header").
///
/// The bytes that were signed are kept beside it and are what is stored and shipped; this is a view
/// of them. Members that we do not know stay in the bytes, are covered by the signature, and are
/// not looked at.
package struct BlockHeader: Equatable, Sendable {
  /// Whose feed it is in.
  package var author: AID
  /// SHA-256 over salt and content.
  package var contentHash: Hash32
  /// Length of the content in bytes, the salt not counted.
  package var contentSize: Int64
  /// Media type, at most 128 printable ASCII bytes.
  package var contentType: String
  /// Raised when the author starts a branch anew; 0 at first.
  package var epoch: Int64
  /// Name of the feed, `[a-z0-9-]{1,32}`.
  package var feed: String
  /// The key that signed.
  package var key: KeyText
  /// What kind of thing the content is, `[a-z0-9-]{1,32}(/[0-9]{1,4})?`.
  package var kind: String
  /// Id of the block before; nil for the first one.
  package var prev: Hash32?
  /// Ids of blocks that this one speaks of, at most 64.
  package var refs: [Hash32]
  /// Place in the epoch, counted from 0 without gaps.
  package var seq: Int64
  /// At most 32 words to find it by; public for ever.
  package var tags: [String]
  /// Milliseconds since 1970-01-01 UTC, as the author claims.
  package var time: Int64
  /// What it is about, may be empty; public for ever.
  package var topic: String
  /// Format version; 1. Other versions with these members are kept and not interpreted.
  package var version: Int64

  package init(
    author: AID, contentHash: Hash32, contentSize: Int64, contentType: String, epoch: Int64,
    feed: String, key: KeyText, kind: String, prev: Hash32?, refs: [Hash32], seq: Int64,
    tags: [String], time: Int64, topic: String, version: Int64 = 1
  ) {
    self.author = author
    self.contentHash = contentHash
    self.contentSize = contentSize
    self.contentType = contentType
    self.epoch = epoch
    self.feed = feed
    self.key = key
    self.kind = kind
    self.prev = prev
    self.refs = refs
    self.seq = seq
    self.tags = tags
    self.time = time
    self.topic = topic
    self.version = version
  }

  /// The bytes to sign, for a header made here: canonical JSON with exactly our members.
  package func canonical() -> [UInt8] {
    JSONValue.object([
      JSONMember("author", .string(author.text)),
      JSONMember(
        "content",
        .object([
          JSONMember("hash", .string(contentHash.hex)),
          JSONMember("size", .integer(contentSize)),
          JSONMember("type", .string(contentType)),
        ])),
      JSONMember("epoch", .integer(epoch)),
      JSONMember("feed", .string(feed)),
      JSONMember("key", .string(key.text)),
      JSONMember("kind", .string(kind)),
      JSONMember("prev", prev.map { .string($0.hex) } ?? .null),
      JSONMember("refs", .array(refs.map { .string($0.hex) })),
      JSONMember("seq", .integer(seq)),
      JSONMember("tags", .array(tags.map { .string($0) })),
      JSONMember("time", .integer(time)),
      JSONMember("topic", .string(topic)),
      JSONMember("v", .integer(version)),
    ]).canonical()
  }
}

/// The bounds of DESIGN section 4, in one place.
package enum BlockLimits {
  package static let headerBytesMax = 8192
  package static let refsMax = 64
  package static let tagsMax = 32
  /// A topic or a tag, in UTF-8 bytes.
  package static let wordBytesMax = 256
  package static let mediaTypeBytesMax = 128
  package static let feedsOfAuthorMax = 32
  /// A block whose time is further ahead than this is held.
  package static let aheadMillisecondsMax: Int64 = 10 * 60 * 1000
  /// The line form of a block whose content has `contentBytesMax` bytes: each content byte takes
  /// at most six (`\u0000`), and the header, signature and salt come on top.
  package static func lineBytesMax(contentBytesMax: Int) -> Int {
    contentBytesMax * 6 + headerBytesMax + 1024
  }

  /// Whether `name` is `[a-z0-9-]{1,32}`.
  package static func isFeedName(_ name: String) -> Bool {
    (1...32).contains(name.utf8.count) && name.utf8.allSatisfy(isNameByte)
  }

  /// Whether `kind` is `[a-z0-9-]{1,32}(/[0-9]{1,4})?`.
  package static func isKind(_ kind: String) -> Bool {
    let parts = kind.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard let name = parts.first, (1...32).contains(name.count), name.allSatisfy(isNameByte) else {
      return false
    }
    guard parts.count <= 2 else { return false }
    guard parts.count == 2 else { return true }
    return (1...4).contains(parts[1].count) && parts[1].allSatisfy { $0 &- 0x30 < 10 }
  }

  /// Whether `type` is 1 to 128 printable ASCII bytes.
  package static func isMediaType(_ type: String) -> Bool {
    (1...mediaTypeBytesMax).contains(type.utf8.count)
      && type.utf8.allSatisfy { (0x20...0x7E).contains($0) }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    byte &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: "-")
  }
}
