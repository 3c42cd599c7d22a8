import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// The same lines in another order give the same feeds, also where an author says odd things about
/// their own feed; and what is stored then stands as `verify` would have it.
@Suite struct FeedOrderTests {
  private let author = TestAuthor(1)

  /// Gives each order of lines to a node of its own, several times, and compares what they export.
  ///
  /// - Returns: how many blocks are in the feeds.
  @discardableResult
  private func agree(
    _ orders: [[UInt8]]..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Int {
    var views = [Set<[UInt8]>]()
    for lines in orders {
      let node = try TestNode()
      for _ in 0..<3 { try node.take(lines) }
      #expect(try node.findings() == [], sourceLocation: sourceLocation)
      let blocks = try node.export().filter { !$0.starts(with: Array(#"{"author""#.utf8)) }
      views.append(Set(blocks))
    }
    #expect(Set(views).count == 1, sourceLocation: sourceLocation)
    return views[0].count
  }

  private func addKey(_ index: UInt8) {
    author.anchor(.add(.block, author.key(index), notBefore: 0, notAfter: 1))
  }

  private func open(_ epoch: Int64, after block: Block?) {
    author.anchor(.epoch(feed: "main", EpochOpening(epoch: epoch, after: block?.position)))
  }

  /// Blocks of an epoch that begins after a block or from nothing.
  private func chain(_ count: Int, epoch: Int64, after previous: Block?) -> [Block] {
    var blocks = [Block]()
    for seq in 0..<Int64(count) {
      blocks.append(
        author.block("epoch \(epoch) \(seq)", after: blocks.last ?? previous) {
          $0.epoch = epoch
          $0.seq = seq
        })
    }
    return blocks
  }

  private func lines(_ blocks: [Block]...) -> [[UInt8]] { blocks.flatMap { $0.map(\.line) } }

  // MARK: epochs

  @Test func `what a resumed node left behind stays readable when its key is retired`() throws {
    let start = author.line
    let old = author.chain(4)
    open(1, after: old[1])
    let opened = author.line
    let new = chain(2, epoch: 1, after: old[1])
    addKey(11)
    author.anchor(.retire(.block, author.key(10), last: [new[1].position]))
    #expect(
      try agree(
        [start] + lines(old) + [opened] + lines(new) + [author.line],
        [author.line] + lines(old, new)) == 4)
    let node = try TestNode()
    try node.take([start] + lines(old) + [opened] + lines(new) + [author.line])
    #expect(try node.node.blocks.find(id: old[3].id)?.standing == .leftBehind)
  }

  @Test func `what was left behind goes when its key was compromised`() throws {
    let start = author.line
    let old = author.chain(4)
    open(1, after: old[1])
    let opened = author.line
    let new = chain(2, epoch: 1, after: old[1])
    addKey(11)
    author.anchor(.revoke(.block, author.key(10), .compromise, last: [new[1].position]))
    let node = try TestNode()
    try node.take([start] + lines(old) + [opened] + lines(new) + [author.line])
    #expect(try node.node.blocks.find(id: old[3].id)?.standing == .cut)
    #expect(try node.findings() == [])
    #expect(
      try agree(
        [start] + lines(old) + [opened] + lines(new) + [author.line],
        [author.line] + lines(old, new)) == 4)
  }

  @Test func `what was left behind goes when the block that proves its compromise comes late`()
    throws
  {
    let start = author.line
    let old = author.chain(4)
    open(1, after: old[1])
    let opened = author.line
    let new = chain(3, epoch: 1, after: old[1])
    addKey(11)
    author.anchor(.revoke(.block, author.key(10), .compromise, last: [new[2].position]))
    let node = try TestNode()
    try node.take([start] + lines(old) + [opened, author.line])
    #expect(try node.node.blocks.find(id: old[3].id)?.standing == .leftBehind)
    try node.take(lines(new))
    #expect(try node.node.blocks.find(id: old[3].id)?.standing == .cut)
    #expect(try node.findings() == [])
  }

  @Test func `an epoch may begin from nothing, and have no block yet`() throws {
    let start = author.line
    let old = author.chain(3)
    open(1, after: nil)
    let opened = author.line
    #expect(try agree([start] + lines(old) + [opened], [opened] + lines(old)) == 0)
    addKey(11)
    author.anchor(.revoke(.block, author.key(10), .compromise, last: []))
    #expect(
      try agree([start] + lines(old) + [opened, author.line], [author.line] + lines(old)) == 0)
  }

  @Test func `a whole epoch may be left behind`() throws {
    let start = author.line
    let old = author.chain(4)
    open(1, after: old[3])
    let first = author.line
    let left = chain(3, epoch: 1, after: old[3])
    open(2, after: old[1])
    let new = chain(3, epoch: 2, after: old[1])
    #expect(
      try agree(
        [start] + lines(old) + [first] + lines(left) + [author.line] + lines(new),
        [author.line] + lines(old, left, new)) == 5)
  }

  @Test(arguments: [true, false])
  func `the newest epoch decides what stays, also what an older one had left behind`(
    isFromNothing: Bool
  ) throws {
    let start = author.line
    let old = author.chain(6)
    open(1, after: isFromNothing ? nil : old[1])
    let first = author.line
    open(2, after: old[4])
    let second = author.line
    let new = chain(2, epoch: 2, after: old[4])
    #expect(
      try agree(
        [start] + lines(old) + [first, second] + lines(new),
        [second] + lines(old, new),
        [start] + lines(old) + [second] + lines(new)) == 7)
  }

  // MARK: keys

  @Test func `of two pins of a feed in one event the last one counts`() throws {
    let start = author.line
    let blocks = author.chain(6)
    let other = author.block("another", after: blocks[0])
    author.anchor(
      .retire(.block, author.key(10), last: [other.position, blocks[4].position]))
    #expect(
      try agree([start] + lines(blocks) + [author.line], [author.line] + lines(blocks)) == 5)
  }

  @Test func `a key may come and go, and its pin name a block, in one line`() throws {
    let blocks = author.chain(4)
    let other = author.block("another", after: blocks[0])
    let start = author.line
    addKey(11)
    author.anchor(.retire(.block, author.key(11), last: [other.position]))
    #expect(
      try agree(
        [start] + lines(blocks) + [author.line, other.line],
        [author.line] + lines(blocks, [other])) == 2)
  }

  @Test func `a rotation may give a key another use`() throws {
    let author = TestAuthor(3)
    let place = (s: author.s + 1, prior: author.end)
    let start = author.line
    author.anchor(.add(.block, author.key(11), notBefore: 0, notAfter: 1))
    let added = author.line
    author.blockKey = 11
    let blocks = author.chain(3)
    author.rotate(.add(.log, author.key(11), notBefore: 0, notAfter: 1), at: place)
    #expect(
      try agree(
        [start, added] + lines(blocks) + [author.line],
        [start, author.line] + lines(blocks)) == 0)
  }

  // MARK: duplicity

  /// Two rotations of one commitment, of which one follows an interaction that the other makes
  /// void.
  private func twoRotations() -> (start: [UInt8], before: [UInt8], after: [UInt8], last: [UInt8]) {
    let place = (s: author.s + 1, prior: author.end)
    let start = author.line
    let twin = TestAuthor(1)
    twin.anchor()
    let before = twin.line
    twin.rotate(commitTo: 4)
    author.rotate(at: place)
    return (start, before, author.line, twin.events[3])
  }

  @Test func `two rotations are duplicity, whichever comes first`() throws {
    let (start, before, after, last) = twoRotations()
    let block = author.block().line
    let second = BlockLine.bytes(author: author.aid, kel: last)
    #expect(
      try agree(
        [start, block, before, after, second], [start, block, before, second, after],
        [start, block, after, second]) == 0)
  }

  @Test func `a node needs two rotations to know of duplicity, and passes them on`() throws {
    let (start, before, after, last) = twoRotations()
    let second = BlockLine.bytes(author: author.aid, kel: last)
    let block = author.block()
    let node = try TestNode()
    try node.take([start, before, after, second, block.line])
    let row = try #require(try node.node.authors.find(author.aid))
    #expect(try node.node.keyEvents.count(author: row.no) == 3)
    for isSync in [false, true] {
      let other = try TestNode()
      try other.take([start, block.line])
      if isSync {
        _ = try TestSession(other, node)
      } else {
        try other.take(try node.export())
      }
      #expect(try other.node.keyLog(of: author.aid)?.isDuplicitous == true)
      #expect(try other.node.blocks.find(id: block.id)?.standing == .cut)
    }
  }

  @Test func `a rotation reaches a node that has more events, which it makes void`() throws {
    let place = (s: author.s + 1, prior: author.end)
    let block = author.block()
    let start = author.line
    let thief = TestAuthor(1)
    for _ in 0..<50 { thief.anchor() }
    author.rotate(at: place)
    let (behind, ahead) = (try TestNode(), try TestNode())
    try behind.take([author.line])
    try ahead.take([start, thief.line, block.line])
    _ = try TestSession(behind, ahead)
    for node in [behind, ahead] {
      #expect(try node.node.keyLog(of: author.aid)?.events.count == 3)
    }
    #expect(try behind.export() == ahead.export())
  }

  @Test func `rotations without end are kept twice`() throws {
    let node = try TestNode()
    let place = (s: author.s + 1, prior: author.end)
    try node.take([author.line, author.block().line])
    for next in UInt8(3)..<40 {
      let twin = TestAuthor(1)
      twin.rotate(at: place, commitTo: next)
      try node.take([twin.line])
    }
    let row = try #require(try node.node.authors.find(author.aid))
    #expect(try node.node.keyEvents.count(author: row.no) == 3)
    #expect(row.bytes < 10_000)
    #expect(try node.findings() == [])
  }

  @Test func `a rotation that follows nothing here, and contradicts none, is refused`() throws {
    let (start, _, _, last) = twoRotations()
    let node = try TestNode()
    let second = BlockLine.bytes(author: author.aid, kel: last)
    let (_, remarks) = try node.take([start, second])
    #expect(remarks.map(\.fault.kind) == [.badKeyLog])
    #expect(try node.node.keyLog(of: author.aid)?.isDuplicitous == false)
  }

  // MARK: admissions

  @Test func `an admission counts or not whatever the order of headers, contents and redactions`()
    throws
  {
    let guests = (3...5).map { TestAuthor($0).aid }
    func list(_ added: [AID], _ removed: [AID], after previous: Block?) -> Block {
      let text = { (names: [AID]) in names.map { "\"\($0.text)\"" }.joined(separator: ",") }
      return author.block(
        #"{"admit":[\#(text(added))],"remove":[\#(text(removed))]}"#, after: previous
      ) { $0.kind = "admit/1" }
    }
    let first = list([guests[0], guests[1]], [], after: nil)
    let wish = author.block("{}", after: first) {
      $0.kind = "redact/1"
      $0.refs = [first.id]
    }
    let second = list([guests[1]], [], after: wish)
    let third = list([guests[2]], [guests[1]], after: second)
    let blocks = [first, wish, second, third]
    let headers = blocks.map(\.withoutContent)
    for lines in [
      lines(blocks), lines(headers, blocks), lines(headers, blocks.reversed()),
      lines([headers[0]], blocks),
    ] {
      let node = try TestNode()
      for _ in 0..<2 { try node.take([author.line] + lines) }
      let admitted = try guests.map { aid in
        try node.node.authors.find(aid).map { try AdmissionRules(node.node).isAdmitted($0) }
          ?? false
      }
      #expect(admitted == [false, false, true])
    }
  }
}
