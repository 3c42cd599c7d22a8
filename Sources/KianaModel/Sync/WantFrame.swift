/// WANT: blocks of a feed from a place on (`docs/PROTOCOL.md` section 1).
struct WantFrame: Equatable, Sendable {
  let tag: UInt64
  let epoch: Int64
  let from: Int64
  /// The last `seq` of that epoch that is wanted; `end` for all that follows, in later epochs too.
  let last: Int64

  static let end: Int64 = 1 << 53

  /// The first block of a feed, whatever its place.
  static func firstBlock(tag: UInt64) -> WantFrame {
    WantFrame(tag: tag, epoch: 0, from: 0, last: 0)
  }

  var isFirstBlock: Bool { epoch == 0 && from == 0 && last == 0 }

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

  /// Whether an answer is over with this block, of a feed that the sender named with that head.
  func isEnd(_ header: BlockHeader, head: (epoch: Int64, seq: Int64)) -> Bool {
    isFirstBlock || (header.epoch, header.seq) == head
      || (header.epoch, header.seq) == (epoch, last)
  }

  func contains(_ header: BlockHeader) -> Bool {
    last == Self.end || (header.epoch == epoch && header.seq <= last)
  }
}

/// A feed that the other side wants, and how far it was sent.
struct Serving {
  let head: SyncHead
  let range: WantFrame
  var epoch: Int64
  var seq: Int64
}

/// A feed that this side asked for.
struct Wanting {
  let range: WantFrame
  /// What the other side said of the feed.
  let claim: HeadClaim
  /// How far back it looks for a block that both have; 0 when it does not.
  var stepBack: Int64 = 0
  /// Whether what came follows a block that is not here.
  var isLost = false
  /// Where the first block that came stands, when that one was asked for.
  var firstPlace: (epoch: Int64, seq: Int64)?
  /// Whether what came was turned away, so that nothing that follows is of use.
  var isRefused = false

  /// The same further back: the last 1, 8, 64, ... places before the own head, and at last all.
  func furtherBack(from head: FeedPosition) -> Wanting {
    let isAtBeginning = stepBack > 0 && range.from == 0
    let step = max(stepBack * 8, 1)
    let next = WantFrame(
      tag: range.tag, epoch: isAtBeginning ? 0 : head.epoch,
      from: isAtBeginning ? 0 : max(0, head.seq - step),
      last: isAtBeginning ? WantFrame.end : head.seq)
    return Wanting(range: next, claim: claim, stepBack: step)
  }
}
