/// The wire form of a block (`docs/PROTOCOL.md` section 1): what frames carry.
package enum WireBlock {
  /// `u32` in place of a content's length when there is none.
  private static let absent: UInt32 = 0xFFFF_FFFF
  /// Bytes beside header and content.
  package static let overheadBytes = 2 + Block.signatureBytes + 4 + Hash32.byteCount

  /// Appends a block.
  package static func append(_ block: Block, to out: inout [UInt8]) {
    out.append(UInt8(truncatingIfNeeded: block.headerBytes.count >> 8))
    out.append(UInt8(truncatingIfNeeded: block.headerBytes.count))
    out += block.headerBytes
    out += block.signature
    guard let content = block.content else {
      append(absent, to: &out)
      return
    }
    append(UInt32(content.bytes.count), to: &out)
    content.salt.append(to: &out)
    out += content.bytes
  }

  /// PROOF: blocks of a feed, with their contents when the frame has room.
  static func proof(_ tag: UInt64, _ blocks: [Block], bytesMax: Int) -> [UInt8] {
    var proof = [UInt8]()
    proof.append(big: tag)
    for block in blocks {
      let size = proof.count + (block.content?.bytes.count ?? 0) + Self.headersBytes
      append(size < bytesMax ? block : block.withoutContent, to: &proof)
    }
    return proof
  }

  /// Enough for the headers of a proof.
  private static let headersBytes = 1 << 15

  private static func append(_ number: UInt32, to out: inout [UInt8]) {
    for shift in [24, 16, 8, 0] { out.append(UInt8(truncatingIfNeeded: number >> UInt32(shift))) }
  }

  /// Reads the block at `offset` and moves behind it.
  ///
  /// Checks what `BlockLine.parse` checks: canonical header, content against its hash.
  /// - Throws: `json` for bytes that are no wire form, else as `BlockLine.parse`.
  package static func parse(
    _ bytes: [UInt8], _ offset: inout Int, _ crypto: any Cryptography
  ) throws(BlockFault) -> Block {
    var place = offset
    func take(_ count: Int) throws(BlockFault) -> ArraySlice<UInt8> {
      guard count <= bytes.count - place else {
        throw BlockFault(.json, "the block ends inside a frame")
      }
      defer { place += count }
      return bytes[place..<place + count]
    }
    let headerLength = try take(2).reduce(0) { $0 << 8 | Int($1) }
    let headerBytes = Array(try take(headerLength))
    let signature = Array(try take(Block.signatureBytes))
    let length = try take(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    var content: BlockContent?
    if length != absent {
      guard let salt = Hash32(Array(try take(Hash32.byteCount))) else {
        throw BlockFault(.json, "the block ends inside a frame")
      }
      content = BlockContent(salt: salt, bytes: Array(try take(Int(length))))
    }
    let header = try BlockHeader.parse(headerBytes.span)
    try content?.check(against: header, crypto)
    offset = place
    return Block(
      headerBytes: headerBytes, header: header, signature: signature,
      id: crypto.sha256(headerBytes, signature), content: content)
  }
}
