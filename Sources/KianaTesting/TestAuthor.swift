internal import KianaCrypto
package import KianaModel

/// An author outside any store: a key log and blocks, good and bad, made by hand from a seed.
///
/// The same number makes the same author with the same keys, so tests need no files.
package final class TestAuthor {
  private let crypto = Sodium()
  private let number: UInt32
  package let aid: AID
  /// The key events as they travel, in order.
  package private(set) var events: [[UInt8]]
  private var lastSaid: Hash32
  package private(set) var s: Int64 = 1
  private var control: UInt8 = 1
  private var rotations: UInt8 = 0
  /// Which block key signs now.
  package var blockKey: UInt8 = 10

  package init(_ number: some BinaryInteger) {
    let number = UInt32(number)
    self.number = number
    let crypto = Sodium()
    func key(_ index: UInt8) -> KeyText { crypto.publicKey(ofSeed: Self.seed(number, index)) }
    let inception = KeyEvent.inception(control: key(1), next: key(2), crypto)
    aid = AID(digest: inception.said)
    let interaction = KeyEvent.interaction(
      aid, s: 1, prior: inception.said,
      anchors: [.add(.block, key(10), notBefore: 0, notAfter: KeyUse.never)], crypto)
    events = [inception, interaction].map {
      $0.message(signature: crypto.sign($0.bytes, seed: Self.seed(number, 1)))
    }
    lastSaid = interaction.said
  }

  private static func seed(_ number: UInt32, _ index: UInt8) -> Secret {
    Secret(count: 32) { span in
      span.storeBytes(of: UInt8(number & 0xFF), toByteOffset: 0, as: UInt8.self)
      span.storeBytes(of: index, toByteOffset: 1, as: UInt8.self)
      span.storeBytes(of: UInt8(number >> 8 & 0xFF), toByteOffset: 2, as: UInt8.self)
      span.storeBytes(of: UInt8(number >> 16 & 0xFF), toByteOffset: 3, as: UInt8.self)
    }
  }

  package func key(_ index: UInt8) -> KeyText {
    crypto.publicKey(ofSeed: Self.seed(number, index))
  }

  /// The key log as a stream.
  package var stream: [UInt8] { events.flatMap { $0 } }

  /// The line that brings the key log.
  package var line: [UInt8] { BlockLine.bytes(author: aid, kel: stream) }

  /// Appends an interaction.
  ///
  /// - Parameters:
  ///   - at: another place than the next one, for a contradiction; the event is not the new end.
  package func anchor(_ anchors: KeyAnchor..., at place: (s: Int64, prior: Hash32)? = nil) {
    let draft = KeyEvent.interaction(
      aid, s: place?.s ?? s + 1, prior: place?.prior ?? lastSaid, anchors: anchors, crypto)
    events.append(
      draft.message(signature: crypto.sign(draft.bytes, seed: Self.seed(number, control))))
    guard place == nil else { return }
    s += 1
    lastSaid = draft.said
  }

  /// The digest of the newest event.
  package var end: Hash32 { lastSaid }

  /// Appends a rotation that reveals the committed key and commits to the next one.
  package func rotate(
    _ anchors: KeyAnchor..., at place: (s: Int64, prior: Hash32)? = nil, commitTo next: UInt8 = 3
  ) {
    let draft = KeyEvent.rotation(
      aid, s: place?.s ?? s + 1, prior: place?.prior ?? lastSaid, control: key(2 + rotations),
      next: key(next), anchors: anchors, crypto)
    events.append(
      draft.message(signature: crypto.sign(draft.bytes, seed: Self.seed(number, 2 + rotations))))
    s = place?.s ?? s + 1
    lastSaid = draft.said
    control = 2 + rotations
    rotations += 1
  }

  /// A signed block.
  ///
  /// - Parameters:
  ///   - edit: changes the header before it is signed.
  package func block(
    _ text: String = "words", after previous: Block? = nil, feed: String = "main",
    time: Int64 = 1_799_999_000_000, edit: (inout BlockHeader) -> Void = { _ in }
  ) -> Block {
    let content = BlockContent(
      salt: crypto.sha256(Array(text.utf8), [UInt8(number & 0xFF)]), bytes: Array(text.utf8))
    var header = BlockHeader(
      author: aid, contentHash: content.hash(crypto), contentSize: Int64(content.bytes.count),
      contentType: "text/plain", epoch: previous?.header.epoch ?? 0, feed: feed,
      key: key(blockKey), kind: "note", prev: previous?.id, refs: [],
      seq: previous.map { $0.header.seq + 1 } ?? 0, tags: [], time: time, topic: "")
    edit(&header)
    return sign(header.canonical(), header, content)
  }

  /// Signs header bytes as they are.
  package func sign(_ bytes: [UInt8], _ header: BlockHeader, _ content: BlockContent?) -> Block {
    let signature = crypto.sign(
      Block.signedMessage(bytes), seed: Self.seed(number, blockKey))
    return Block(
      headerBytes: bytes, header: header, signature: signature,
      id: crypto.sha256(bytes, signature), content: content)
  }

  /// What the author says of where the key log ends; signed by a block key.
  package func freshNote(
    s: Int64? = nil, said: Hash32? = nil, time: Int64, signedBy index: UInt8 = 10
  ) -> FreshNote {
    let message = FreshNote.signedMessage(
      author: aid, s: s ?? self.s, said: said ?? lastSaid, time: time, key: key(index))
    return FreshNote(
      author: aid, s: s ?? self.s, said: said ?? lastSaid, time: time, key: key(index),
      signature: crypto.sign(message, seed: Self.seed(number, index)))
  }

  /// Blocks of a chain.
  package func chain(_ count: Int, feed: String = "main", from first: Block? = nil) -> [Block] {
    var blocks = [Block]()
    var last = first
    for index in 0..<count {
      let block = block("\(feed) \(index)", after: last, feed: feed)
      blocks.append(block)
      last = block
    }
    return blocks
  }
}

extension Block {
  package var line: [UInt8] { BlockLine.bytes(of: self) }
}
