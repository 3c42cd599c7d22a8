/// Contents of blocks that came without: asked for by id when all feeds are in step.
///
/// CONTENT is a byte and what belongs to it: 0, an ask: ids; 1, an answer: the wire form of a
/// block; 2, the end of the answers.
extension SyncMachine {
  private static var idsInFrame: Int { 500 }
  private static var contentsMax: Int { 1_000_000 }

  /// - Returns: whether something was asked for, so that the session goes on.
  mutating func askForContents() throws(KianaError) -> Bool {
    guard direction.contains(.pull), feeds == nil, !isPlanOnly, peer?.has(.contents) == true,
      taking.contentsCame, taking.contentsAsked < Self.contentsMax
    else { return false }
    let ids = try store.lackingContents(limit: Self.idsInFrame)
    guard !ids.isEmpty else { return false }
    taking.contents = Set(ids)
    taking.awaitsContents = true
    taking.contentsAsked += ids.count
    taking.contentsCame = false
    var payload: [UInt8] = [0]
    for id in ids { id.append(to: &payload) }
    send(Frame(.content, payload))
    return true
  }

  mutating func handleContent(_ payload: [UInt8]) throws(KianaError) {
    switch payload.first {
    case 0: handleContentAsk(payload)
    case 1: try takeContent(payload)
    case 2 where payload.count == 1 && taking.awaitsContents:
      taking.contents.removeAll()
      taking.awaitsContents = false
      try finishWhenDone()
    default: end(SyncFault("content", "a CONTENT frame is malformed"))
    }
  }

  private mutating func takeContent(_ payload: [UInt8]) throws(KianaError) {
    owe(payload.count)
    var offset = 1
    let block: Block
    do throws(BlockFault) {
      block = try WireBlock.parse(payload, &offset, crypto)
    } catch {
      return end(SyncFault("content", "a block is malformed: \(error.reason)"))
    }
    guard offset == payload.count, block.content != nil, taking.contents.remove(block.id) != nil
    else { return end(SyncFault("unasked", "a content came that nothing asked for")) }
    progress += 1
    switch try store.take([[block]]).first {
    case .stored:
      summary.contents += 1
      taking.contentsCame = true
    case .known, nil: break
    case .aside(let fault), .refused(let fault):
      if fault.kind == .peerQuota { end(SyncFault("quota", fault.reason)) }
      summary.refused += 1
      remark(SyncRemark(id: block.id, author: block.header.author, fault: fault))
    }
  }

  // MARK: the other side asks

  private mutating func handleContentAsk(_ payload: [UInt8]) {
    guard hello.has(.contents), !serving.owesContents else {
      return end(SyncFault("content", "it asks for contents that were not offered"))
    }
    let bytes = payload.dropFirst()
    serving.contentsAsked += bytes.count / Hash32.byteCount
    guard bytes.count.isMultiple(of: Hash32.byteCount), !bytes.isEmpty,
      bytes.count <= Self.idsInFrame * Hash32.byteCount,
      serving.contentsAsked <= Self.contentsMax
    else { return end(SyncFault("content", "it asks for too many contents at once")) }
    for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: Hash32.byteCount) {
      serving.contents.append(Hash32(Array(bytes[start..<start + Hash32.byteCount]))!)
    }
    serving.owesContents = true
  }

  /// Sends the next content that was asked for, or the end of the answers.
  /// - Returns: whether anything was sent.
  mutating func serveContent() throws(KianaError) -> Bool {
    guard serving.owesContents else { return false }
    while let id = serving.contents.popFirst() {
      guard let block = try store.content(of: id) else { continue }
      var payload: [UInt8] = [1]
      WireBlock.append(block, to: &payload)
      guard payload.count < peer?.frameBytesMax ?? 0 else { continue }
      spend(Frame(.content, payload))
      progress += 1
      return true
    }
    serving.owesContents = false
    send(Frame(.content, [2]))
    return true
  }
}
