/// WANT: blocks of a feed from a place on (`docs/PROTOCOL.md` section 1).
struct WantFrame: Equatable, Sendable {
  let tag: UInt64
  let epoch: Int64
  let from: Int64
  /// The last `seq` of that epoch that is wanted; `end` for all that follows, in later epochs too.
  let last: Int64

  static let end: Int64 = 1 << 53

  init(tag: UInt64, epoch: Int64, from: Int64, last: Int64 = end) {
    self.tag = tag
    self.epoch = epoch
    self.from = from
    self.last = last
  }

  init?(_ payload: [UInt8]) {
    var offset = 0
    guard let tag = payload.big(&offset), let epoch = Varint.read(payload, &offset),
      let from = Varint.read(payload, &offset)
    else { return nil }
    var last = Self.end
    if offset < payload.count {
      guard let number = Varint.read(payload, &offset), number >= from else { return nil }
      last = number
    }
    guard offset == payload.count else { return nil }
    self.init(tag: tag, epoch: epoch, from: from, last: last)
  }

  var frame: Frame {
    var payload = [UInt8]()
    payload.append(big: tag)
    Varint.append(epoch, to: &payload)
    Varint.append(from, to: &payload)
    if last != Self.end { Varint.append(last, to: &payload) }
    return Frame(.want, payload)
  }

  func contains(_ header: BlockHeader) -> Bool {
    last == Self.end || (header.epoch == epoch && header.seq <= last)
  }
}
