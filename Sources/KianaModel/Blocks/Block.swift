/// A knowledge block: the signed header, its signature, and the content when it is here.
package struct Block: Sendable {
  /// The exact bytes that were signed.
  package let headerBytes: [UInt8]
  /// What they say.
  package let header: BlockHeader
  /// Ed25519, 64 bytes.
  package let signature: [UInt8]
  /// SHA-256(header || signature).
  package let id: Hash32
  /// Nil when it is redacted, not wanted, too large or not here yet.
  package let content: BlockContent?

  package init(
    headerBytes: [UInt8], header: BlockHeader, signature: [UInt8], id: Hash32,
    content: BlockContent?
  ) {
    self.headerBytes = headerBytes
    self.header = header
    self.signature = signature
    self.id = id
    self.content = content
  }

  package static let signatureBytes = 64

  /// What the author signs: the domain, a zero byte, the header. The domain keeps a signature for
  /// one purpose from ever being one for another.
  package static func signedMessage(_ headerBytes: [UInt8]) -> [UInt8] {
    signatureDomain + headerBytes
  }

  private static let signatureDomain = Array("kiana/block/v1".utf8) + [0]

  /// The block without its content.
  package var withoutContent: Block {
    Block(
      headerBytes: headerBytes, header: header, signature: signature, id: id, content: nil)
  }

  /// Where it stands in its feed.
  package var position: FeedPosition {
    FeedPosition(epoch: header.epoch, feed: header.feed, id: id, seq: header.seq)
  }

  /// Whether the signature is by the key that the header names; says nothing about whether that key
  /// may speak for the author.
  package func hasGoodSignature(_ crypto: any Cryptography) -> Bool {
    header.key.isSigningKey
      && crypto.isSignature(
        signature, of: Self.signedMessage(headerBytes), by: header.key.raw)
  }
}

/// The words of a block and the salt that hides what they were once they are gone.
package struct BlockContent: Equatable, Sendable {
  /// Random; travels with the content and dies with it.
  package let salt: Hash32
  package let bytes: [UInt8]

  package init(salt: Hash32, bytes: [UInt8]) {
    self.salt = salt
    self.bytes = bytes
  }

  /// What a header says of this content.
  package func hash(_ crypto: any Cryptography) -> Hash32 {
    crypto.sha256(salt.bytes, bytes)
  }

  /// - Throws: `contentMismatch` when size or hash differ from what the header promises.
  package func check(
    against header: BlockHeader, _ crypto: any Cryptography
  ) throws(BlockFault) {
    guard Int64(bytes.count) == header.contentSize else {
      throw BlockFault(
        .contentMismatch,
        "the content has \(bytes.count) bytes, the header says \(header.contentSize)")
    }
    guard hash(crypto) == header.contentHash else { throw BlockFault(.contentMismatch) }
  }
}
