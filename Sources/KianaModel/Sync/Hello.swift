/// The first frame of each side (`docs/PROTOCOL.md` section 2).
package struct Hello: Equatable, Sendable {
  package var capabilities: [String] = []

  /// What a side understands beside the core of the protocol.
  package enum Capability: String, Sendable {
    /// It answers who asks for contents.
    case contents
    /// It shows notes to its operator.
    case notes
    /// It takes freshness notes.
    case fresh
    /// It compares very many feeds by ranges.
    case ranges
    /// It reads in short of which feeds that it named the other one has more.
    case further
  }

  package mutating func offer(_ capability: Capability) {
    capabilities.append(capability.rawValue)
  }

  package func has(_ capability: Capability) -> Bool {
    capabilities.contains(capability.rawValue)
  }

  /// How many bytes of blocks and keys the other side may send before it is given more.
  package var creditBytes: Int64 = 4 << 20
  package var frameBytesMax: Int64 = Int64(Frame.bytesMax)
  /// Nodes of other networks do not talk to each other.
  package var network = "kiana"
  /// How many changes to its feeds the node has counted; nil when it does not compare by changes.
  package var changes: Int64?
  package let node: AID
  /// 16 random bytes.
  package let nonce: [UInt8]
  package let storeNonce: String

  package static let nonceBytes = 16
  private static let changesName = "changes:"
  package static let creditBytesMin: Int64 = 1 << 16
  private static let protocolVersion: Int64 = 1

  package init(node: AID, nonce: [UInt8], storeNonce: String) {
    precondition(nonce.count == Self.nonceBytes, "a session nonce has 16 bytes")
    self.node = node
    self.nonce = nonce
    self.storeNonce = storeNonce
  }

  package var frame: Frame {
    let members = [
      JSONMember(
        "caps",
        .array(
          (capabilities + (changes.map { ["\(Self.changesName)\($0)"] } ?? [])).map {
            .string($0)
          })),
      JSONMember("credit", .integer(creditBytes)),
      JSONMember("max_frame", .integer(frameBytesMax)),
      JSONMember("net", .string(network)),
      JSONMember("node", .string(node.text)),
      JSONMember("nonce", .string(Base64.encode(nonce))),
      JSONMember("proto", .integer(Self.protocolVersion)),
      JSONMember("store_nonce", .string(storeNonce)),
    ]
    return Frame(.hello, JSONValue.object(members).canonical())
  }

  /// - Throws: `hello` when it is malformed or of another protocol.
  package static func parse(_ payload: [UInt8]) throws(SyncFault) -> Hello {
    guard payload.count <= 4096, let value = try? JSONValue.parse(payload),
      value["proto"]?.integer == protocolVersion,
      let node = value["node"]?.string.flatMap({ AID($0) }),
      let nonce = value["nonce"]?.string.flatMap({ Base64.decode($0) }), nonce.count == nonceBytes,
      let credit = value["credit"]?.integer, credit >= creditBytesMin, credit <= 1 << 40,
      let frame = value["max_frame"]?.integer, frame >= creditBytesMin,
      let network = value["net"]?.string, let storeNonce = value["store_nonce"]?.string
    else { throw SyncFault("hello", "the first frame is no HELLO of protocol 1") }
    var hello = Hello(node: node, nonce: nonce, storeNonce: storeNonce)
    hello.creditBytes = credit
    hello.frameBytesMax = min(frame, Int64(Frame.bytesMax))
    hello.network = network
    hello.capabilities = (value["caps"]?.array ?? []).compactMap(\.string)
    hello.changes = hello.capabilities.first { $0.hasPrefix(changesName) }.flatMap {
      Int64($0.dropFirst(changesName.count))
    }
    return hello
  }
}

/// Short names of feeds and heads that nobody can prepare before a session, since both sides'
/// nonces go into them.
package struct SessionSalt: Sendable {
  private let nonces: [UInt8]
  private let crypto: any Cryptography

  package init(_ mine: Hello, _ theirs: Hello, _ crypto: any Cryptography) {
    nonces = Self.isFirst(mine, theirs) ? mine.nonce + theirs.nonce : theirs.nonce + mine.nonce
    self.crypto = crypto
  }

  /// Whether the first one's nonce comes first, and its heads: the smaller node's, or the smaller
  /// nonce's when a node meets its own copy.
  static func isFirst(_ mine: Hello, _ theirs: Hello) -> Bool {
    mine.node == theirs.node
      ? mine.nonce.lexicographicallyPrecedes(theirs.nonce)
      : mine.node.text.utf8.lexicographicallyPrecedes(theirs.node.text.utf8)
  }

  /// SHA-256(nonces || AID || 0x00 || feed)[0..8].
  package func tag(_ author: AID, _ feed: String) -> UInt64 {
    tag(Array(author.text.utf8), feed)
  }

  /// The same with the author's name as text.
  func tag(_ author: [UInt8], _ feed: String) -> UInt64 {
    crypto.sha256(nonces, author, [0], Array(feed.utf8)).prefix8
  }

  /// SHA-256(nonces || head id || digest of key events || flags, when there are any)[0..8].
  package func head(_ head: SyncHead) -> UInt64 {
    digest(of: head).prefix8
  }

  private func digest(of head: SyncHead) -> Hash32 {
    let flags: UInt8 = (head.isContested ? 1 : 0) | (head.hasBadBlock ? 2 : 0)
    return crypto.sha256(
      nonces, head.position.id.bytes, head.keyDigest.bytes, flags == 0 ? [] : [flags])
  }

  /// What ranges compare: the tag, and 24 bytes of the digest that also gives the salted head. So
  /// the old and the new head of a feed stand in one range.
  func rangeId(_ tag: UInt64, _ head: SyncHead) -> Hash32 {
    let words = digest(of: head).words
    return Hash32(tag, words.0, words.1, words.2)
  }
}
