import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// Whatever the order in which lines arrive, nodes that saw the same lines have the same feeds.
@Suite struct ConvergenceTests {
  private static let seeds = TestRun.seeds(40, long: 3000)

  /// Ten at a time, so that a failing one is named without a line for each.
  @Test(arguments: stride(from: seeds.lowerBound, through: seeds.upperBound, by: 10).map { $0 })
  func `nodes that saw the same lines have the same feeds, whatever the order`(first: UInt64) throws
  {
    for seed in first...min(first + 9, Self.seeds.upperBound) { try converge(seed) }
  }

  private func converge(_ seed: UInt64) throws {
    let story = Story(seed: seed)
    let plain = try TestNode()
    try plain.take(story.honest)
    let expected = try Self.view(plain)
    #expect(expected.contested == 0)
    #expect(try plain.findings() == [])

    var random = SeededGenerator(seed: seed &+ 1_000_000)
    let node = try TestNode()
    var last = try Self.view(node)
    var quiet = 0
    for _ in 0..<200 where quiet < 4 {
      try node.take(story.lines.shuffled(using: &random))
      let view = try Self.view(node)
      quiet = view == last ? quiet + 1 : 0
      last = view
      let found = try node.findings()
      #expect(found == [], "KIANA_SEED=\(seed)")
      if !found.isEmpty { return }
    }
    // Blocks that follow each other may come in their order, too.
    try node.take(story.lines)
    try node.take(story.honest)
    #expect(try node.findings() == [], "KIANA_SEED=\(seed)")
    let view = try Self.view(node)
    #expect(view.lines == expected.lines, "KIANA_SEED=\(seed): \(story.words)")
    #expect(view.contested == 0, "KIANA_SEED=\(seed)")
    #expect(view.isOtherAdmitted == expected.isOtherAdmitted, "KIANA_SEED=\(seed)")
    #expect(view.hidden == expected.hidden, "KIANA_SEED=\(seed)")
  }

  /// What a reader of a node can tell about it.
  private struct View: Equatable {
    var lines: Set<[UInt8]>
    var hidden: Set<Hash32>
    var contested: Int
    var isOtherAdmitted: Bool
  }

  private static func view(_ node: TestNode) throws -> View {
    var hidden = Set<Hash32>()
    try BlockLog(node.node).forEach(BlockQuery(), isNewestFirst: false) { block in
      if block.row.standing == .inFeed, block.contentState == "redacted" { hidden.insert(block.id) }
      return true
    }
    let blocks = try node.export().filter { !$0.starts(with: Array(#"{"author""#.utf8)) }
    return View(
      lines: Set(blocks), hidden: hidden,
      contested: try node.node.feeds.all().count { $0.isContested },
      isOtherAdmitted: try node.node.authors.find(TestAuthor(9).aid).map {
        try AdmissionRules(node.node).isAdmitted($0)
      } ?? false)
  }
}

/// What an author, a thief of their keys, and a stranger write; at its end the author has said what
/// counts.
private final class Story {
  private var random: SeededGenerator
  private let author = TestAuthor(1)
  private let stranger = TestAuthor(2)
  private let feeds = ["main", "side"]
  /// The author's own blocks, by feed.
  private var own = [String: [Block]]()
  private var others = [Block]()
  private var strangers = [Block]()
  private var keyLines = [[UInt8]]()
  private var stolen = Set<UInt8>()
  private var lastKey: UInt8 = 10
  private(set) var words = [String]()

  /// The author's blocks and final key log, in order.
  private(set) var honest = [[UInt8]]()
  /// Everything, the thief's blocks and earlier key logs too.
  private(set) var lines = [[UInt8]]()

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
    keyLines.append(author.line)
    for _ in 0..<Int.random(in: 10...40, using: &random) { step() }
    end()
    let blocks = order(own.values.flatMap { $0 })
    honest = [author.line, stranger.line] + (blocks + strangers).map(\.line)
    lines = [author.line, stranger.line] + keyLines + (blocks + others + strangers).map(\.line)
  }

  private func order(_ blocks: [Block]) -> [Block] {
    blocks.sorted { ($0.header.epoch, $0.header.seq) < ($1.header.epoch, $1.header.seq) }
  }

  private func pick() -> String { feeds.randomElement(using: &random)! }

  private func step() {
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<7: write(pick())
    case 7..<11: steal()
    case 11: rotateKey()
    case 12, 13: stolen.insert(author.blockKey)
    case 14: revoke()
    case 15: openEpoch(pick())
    case 16: redact()
    case 17: strangerRedacts()
    case 18: contradict()
    default: admit()
    }
  }

  private func head(_ feed: String) -> Block? { own[feed]?.last }

  private var heads: [FeedPosition] { feeds.compactMap { head($0)?.position } }

  private func write(_ feed: String, edit: (inout BlockHeader) -> Void = { _ in }) {
    let block = author.block("\(feed) \(own[feed]?.count ?? 0)", after: head(feed), feed: feed) {
      let opened = epochs[feed] ?? 0
      if $0.epoch < opened {
        $0.epoch = opened
        $0.seq = 0
      }
      edit(&$0)
    }
    add(block)
  }

  private func add(_ block: Block) {
    own[block.header.feed, default: []].append(block)
    written[block.header.feed, default: []].append(block)
  }

  private var epochs = [String: Int64]()

  private func note(_ text: String) {
    words.append(text)
    keyLines.append(author.line)
  }

  /// A thief writes after any block there is, with any key they have.
  private func steal() {
    guard let key = stolen.sorted().randomElement(using: &random) else { return }
    let all = (own.values.flatMap { $0 } + others).sorted { $0.id < $1.id }
    guard let parent = all.randomElement(using: &random) else { return }
    let current = author.blockKey
    author.blockKey = key
    var last = parent
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      last = author.block(
        "stolen \(others.count)", after: last, feed: parent.header.feed)
      others.append(last)
    }
    author.blockKey = current
  }

  private func newKey() -> UInt8 {
    lastKey += 1
    author.anchor(.add(.block, author.key(lastKey), notBefore: 0, notAfter: 1))
    return lastKey
  }

  private func rotateKey() {
    let old = author.blockKey
    let next = newKey()
    author.anchor(.grace(.block, author.key(old)))
    author.anchor(.retire(.block, author.key(old), last: pin(heads)))
    author.blockKey = next
    gone.insert(author.key(old))
    note("rotate")
  }

  /// The positions that an event pins; only the last one of a feed counts.
  private func pin(_ positions: [FeedPosition]) -> [FeedPosition] {
    var said = [FeedPosition]()
    for position in positions {
      if Int.random(in: 0..<4, using: &random) == 0, let first = own[position.feed]?.first {
        said.append(first.position)
      }
      said.append(position)
      if pinned[position.feed]?.stands(before: position) ?? true {
        pinned[position.feed] = position
      }
    }
    return said
  }

  /// The last position of each feed that a key event pins; no epoch goes on from before it.
  private var pinned = [String: FeedPosition]()

  private func revoke() {
    guard let key = stolen.sorted().randomElement(using: &random) else { return }
    if key == author.blockKey { author.blockKey = newKey() }
    author.anchor(.revoke(.block, author.key(key), .compromise, last: pin(lastBy(key))))
    gone.insert(author.key(key))
    note("revoke \(key)")
  }

  /// The last own block by a key, in each feed, and what stood before it then.
  private func lastBy(_ key: UInt8) -> [FeedPosition] {
    feeds.compactMap { feed in own[feed]?.last { $0.header.key == author.key(key) }?.position }
  }

  /// An epoch that goes on from any block that the author ever wrote, left behind or not, or from
  /// nothing.
  private func openEpoch(_ feed: String) {
    let epoch = (epochs[feed] ?? 0) + 1
    let pin = pinned[feed]
    let present = Set((own[feed] ?? []).map(\.id))
    let choices = (written[feed] ?? []).filter { block in
      // What a pin does not lead to, and a key that is gone signed, is nobody's any more.
      (pin.map { !block.position.stands(before: $0) } ?? true)
        && chain(to: block).allSatisfy { present.contains($0.id) || !gone.contains($0.header.key) }
    }
    let isFromNothing = pin == nil && Int.random(in: 0..<6, using: &random) == 0
    let after = isFromNothing ? nil : choices.randomElement(using: &random)
    guard isFromNothing || after != nil else { return }
    let line = after.map { chain(to: $0) } ?? []
    let staying = Set(line.map(\.id))
    others += (own[feed] ?? []).filter { !staying.contains($0.id) }
    others.removeAll { staying.contains($0.id) }
    own[feed] = line.reversed()
    epochs[feed] = epoch
    author.anchor(.epoch(feed: feed, EpochOpening(epoch: epoch, after: after?.position)))
    note("epoch \(feed) \(epoch)")
  }

  /// A block and those before it, the last one first.
  private func chain(to block: Block) -> [Block] {
    var chain = [Block]()
    var next: Block? = block
    while let block = next {
      chain.append(block)
      next = written[block.header.feed]?.first { $0.id == block.header.prev }
    }
    return chain
  }

  /// Keys that were retired or revoked.
  private var gone = Set<KeyText>()
  /// All blocks of the author by feed, those that were left behind too.
  private var written = [String: [Block]]()

  private func redact() {
    guard
      let target = own.values.flatMap({ $0 }).sorted(by: { $0.id < $1.id })
        .randomElement(using: &random), target.header.kind != "redact/1"
    else { return }
    write("main") {
      $0.kind = "redact/1"
      $0.refs = [target.id]
    }
  }

  private func strangerRedacts() {
    let all = (own.values.flatMap { $0 } + others).sorted { $0.id < $1.id }
    guard let target = all.randomElement(using: &random) else { return }
    strangers.append(
      stranger.block("no", after: strangers.last) {
        $0.kind = "redact/1"
        $0.refs = [target.id]
      })
  }

  private func admit() {
    let list = #"{"admit":["\#(TestAuthor(9).aid.text)"],"remove":[]}"#
    let block = author.block(list, after: head("main")) {
      let opened = epochs["main"] ?? 0
      if $0.epoch < opened {
        $0.epoch = opened
        $0.seq = 0
      }
      $0.kind = "admit/1"
    }
    add(block)
  }

  /// A thief of the control key says something, the author contradicts, and a rotation ends it.
  private func contradict() {
    guard rotations < 1 else { return }
    rotations += 1
    let place = (s: author.s + 1, prior: author.end)
    let honest = own["main"]?.first?.position
    author.anchor(
      .revoke(.block, author.key(author.blockKey), .compromise, last: honest.map { [$0] } ?? []),
      at: place)
    keyLines.append(author.line)
    author.anchor(
      .epoch(feed: "main", EpochOpening(epoch: (epochs["main"] ?? 0) + 1, after: nil)), at: place)
    keyLines.append(author.line)
    author.rotate(at: place)
    note("rot")
  }

  private var rotations = 0

  /// The author names the blocks that count.
  private func end() {
    for feed in feeds where head(feed) != nil { write(feed) }
    rotateKey()
  }
}
