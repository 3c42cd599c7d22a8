import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// What moves beside the blocks that one side lacks: contents, proofs, notes; what strangers may
/// bring, and how very many feeds are compared.
@Suite struct SyncExchangeTests {
  // MARK: contents

  @Test func `contents that a sync left out come with the next one`() throws {
    let (first, second) = (try TestNode(), try TestNode())
    try first.put("a", "b", "c")
    let lean = try TestSession(second, first) { side, _ in side.withContent = false }
    #expect(lean.isWhole && lean.left.summary.stored == 3)
    #expect(try second.node.blocks.totals().contentBytes == 0)
    let full = try TestSession(second, first)
    #expect(full.isWhole && full.left.summary.contents == 3)
    #expect(try Set(first.export()) == Set(second.export()))
    let again = try TestSession(second, first)
    #expect(!again.frames.contains { $0.kind == .content })
    #expect(try second.findings().isEmpty)
  }

  @Test func `a content that the other side has not is asked for once a session`() throws {
    let nodes = [try TestNode(), try TestNode(), try TestNode()]
    try nodes[0].put("a", "b")
    for node in nodes.dropFirst() {
      _ = try TestSession(node, nodes[0]) { side, _ in side.withContent = false }
    }
    let session = try TestSession(nodes[1], nodes[2])
    #expect(session.isWhole)
    #expect(session.frames.count { $0.kind == .content } == 4)
    #expect(session.left.summary.contents == 0)
  }

  /// What a peer does to an answer, and the word for it. Nothing travels compressed, so that a
  /// content is never longer than the frame that brought it.
  @Test(arguments: [("changed", "content"), ("expanded", "content"), ("repeated", "unasked")])
  func `a content that is not what its header says ends the session`(
    how: String, code: String
  ) throws {
    let (first, second) = (try TestNode(), try TestNode())
    try first.put("a", "b")
    _ = try TestSession(second, first) { side, _ in side.withContent = false }
    let session = try TestSession(
      second, first,
      toLeft: { frame in
        guard frame.kind == .content, frame.payload.first == 1 else { return [frame] }
        var payload = frame.payload
        switch how {
        case "changed": payload[payload.count - 1] ^= 1
        case "expanded":
          // The length stands before the salt, the content of one byte after it.
          payload[payload.count - 35] = 1
          payload += [UInt8](repeating: 0x61, count: 256)
        default: return [frame, frame]
        }
        return [Frame(.content, payload)]
      })
    #expect(session.left.fault?.code == code)
    #expect(try second.node.blocks.totals().contentBytes == (how == "repeated" ? 1 : 0))
    #expect(try second.findings().isEmpty)
  }

  @Test func `hidden contents are neither asked for nor given`() throws {
    let (first, second) = (try TestNode(), try TestNode())
    let ids = try first.put("keep", "forget", "purge")
    _ = try TestSession(second, first) { side, _ in side.withContent = false }
    try Erasure(second.node).purge([ids[2]])
    _ = try Erasure(first.node).redact(
      [ids[1]], reason: "", isImmediate: false, with: first.writer())
    let session = try TestSession(second, first)
    #expect(session.isWhole && session.left.summary.contents == 1)
    #expect(try BlockReader(second.node).read(ids[0]).content?.bytes == Array("keep".utf8))
    #expect(try BlockReader(second.node).read(ids[1]).content == nil)
    #expect(try BlockReader(second.node).read(ids[2]).content == nil)
  }

  @Test func `more contents than fit into one request all come`() throws {
    let (first, second) = (try TestNode(), try TestNode())
    let author = TestAuthor(1)
    try first.take([author.line] + author.chain(1200).map(\.line))
    _ = try TestSession(second, first) { side, _ in side.withContent = false }
    let session = try TestSession(second, first)
    #expect(session.isWhole && session.left.summary.contents == 1200)
    #expect(try Set(first.export()) == Set(second.export()))
  }

  // MARK: the proof of a bad block

  private func forged(_ block: Block) -> Block {
    let signature = [UInt8](repeating: 7, count: 64)
    return Block(
      headerBytes: block.headerBytes, header: block.header, signature: signature,
      id: Sodium().sha256(block.headerBytes, signature), content: block.content)
  }

  /// An author who signed over a bad block, and a node that found out.
  private func suspect() throws -> (author: TestAuthor, start: [Block], bad: Block, TestNode) {
    let author = TestAuthor(1)
    let start = author.chain(2)
    let bad = forged(author.block("bad", after: start[1]))
    let node = try TestNode()
    try node.take([author.line])
    var store = NodeSyncStore(node.node, admits: true, withContent: true, workers: 1)
    _ = try store.take([start + [bad] + author.chain(3, from: bad)])
    store.close()
    try PendingSignatures(node.node).finish(workers: 1)
    return (author, start, bad, node)
  }

  @Test func `that an author signed over a bad block becomes known to all who have the feed`()
    throws
  {
    let (author, start, bad, witness) = try suspect()
    let others = [try TestNode(), try TestNode()]
    for node in others { try node.take([author.line] + start.map(\.line)) }
    for (left, right) in [(witness, others[0]), (others[0], others[1])] {
      let session = try TestSession(left, right)
      #expect(session.isWhole && session.frames.contains { $0.kind == .proof })
    }
    for node in others {
      let row = try #require(try node.node.blocks.find(id: bad.id))
      #expect(row.standing == .cut && row.signatureState == .bad)
      #expect(try node.findings().isEmpty)
      #expect(try Set(node.export()) == Set(witness.export()))
    }
    for _ in 0..<2 { _ = try TestSession(witness, others[1]) }
    let quiet = try TestSession(witness, others[1])
    #expect(quiet.bytes < 700)
    // The feed goes on: the proof takes nobody's word away.
    let next = author.block("next", after: start[1])
    try others[1].take([next.line])
    _ = try TestSession(witness, others[1])
    #expect(try witness.node.blocks.find(id: next.id)?.standing == .inFeed)
    #expect(try witness.findings().isEmpty)
  }

  @Test func `what a thief signed proves nothing against the author`() throws {
    let (author, start, bad, witness) = try suspect()
    author.anchor(.add(.block, author.key(11), notBefore: 0, notAfter: 1))
    author.anchor(.revoke(.block, author.key(10), .compromise, last: [start[1].position]))
    let other = try TestNode()
    try other.take([author.line] + start.map(\.line))
    for _ in 0..<3 { #expect(try TestSession(witness, other).isWhole) }
    #expect(try other.node.blocks.find(id: bad.id) == nil)
    #expect(try TestSession(witness, other).bytes < 700)
  }

  @Test func `a proof that proves nothing is refused, whoever sends it`() throws {
    let author = TestAuthor(1)
    let chain = author.chain(4)
    let stranger = TestAuthor(1)
    stranger.blockKey = 99
    let node = try TestNode()
    try node.take([author.line, chain[0].line])
    var store = NodeSyncStore(node.node, admits: true, withContent: true, workers: 1)
    defer { store.close() }
    let bad = forged(chain[1])
    for proof in [
      [chain[1], chain[2]], [bad, stranger.block("x", after: bad)], [bad, chain[2]],
      [bad, forged(author.block("y", after: bad))],
    ] {
      guard case .refused = try store.take(proof: proof) else {
        Issue.record("a proof that proves nothing was taken")
        continue
      }
    }
    #expect(try store.take(proof: [bad]) == .known)
    #expect(try store.take(proof: [forged(chain[3]), chain[3]]) == .known)
    #expect(try node.node.meta.integer(.blocks) == 1)
    #expect(try node.findings().isEmpty)
  }

  // MARK: notes

  @Test func `a note is shown to the other operator, and a forged or old one is not`() throws {
    let (first, second) = (try TestNode(), try TestNode())
    try first.put("so that the second one knows the first")
    _ = try TestSession(second, first)
    let note = try first.writer().note("down from 22:00", lifeMilliseconds: 3_600_000)
    let session = try TestSession(first, second) { side, _ in side.notes = [note] }
    #expect(session.isWhole)
    #expect(session.right.notes.map(\.text) == ["down from 22:00"])
    let forged = SyncNote(
      author: note.author, text: "up", expires: note.expires, key: note.key,
      signature: note.signature)
    let long = try first.writer().note("x", lifeMilliseconds: 999_999_999)
    for bad in [forged, long] {
      let session = try TestSession(first, second) { side, _ in side.notes = [bad] }
      #expect(session.isWhole && session.right.notes.isEmpty)
    }
    first.clock.now += 7_200_000
    second.clock.now += 7_200_000
    let late = try TestSession(first, second) { side, _ in side.notes = [note] }
    #expect(late.isWhole && late.right.notes.isEmpty)
  }

  @Test func `a note is one line that says something`() throws {
    let node = try TestNode()
    for text in ["", "a\nb", "\u{1B}[2J", String(repeating: "x", count: 1001)] {
      #expect(throws: KianaError.self) {
        _ = try node.writer().note(text, lifeMilliseconds: 1)
      }
    }
  }

  // MARK: strangers and quotas

  @Test func `of a stranger's feed a server asks for one block, and takes none`() throws {
    let (first, second) = (try TestNode(), try TestNode())
    let author = TestAuthor(1)
    try first.take([author.line] + author.chain(300).map(\.line))
    let session = try TestSession(first, second) { _, side in side.quotaName = "club" }
    #expect(session.isWhole)
    #expect(session.left.summary.sent == 1)
    #expect(try second.node.meta.integer(.blocks) == 0)
    // It is not asked again until somebody admits the author.
    _ = try TestSession(first, second) { _, side in side.quotaName = "club" }
    let quiet = try TestSession(first, second) { _, side in side.quotaName = "club" }
    #expect(quiet.isWhole && quiet.bytes < 700)
    _ = try AdmissionRules(second.node).setByOperator(author.aid, isAdmitted: true)
    _ = try TestSession(first, second) { _, side in side.quotaName = "club" }
    #expect(try Set(first.export()).isSubset(of: Set(second.export())))
  }

  @Test func `what a peer brings counts against its day, and tomorrow is another one`() throws {
    let author = TestAuthor(1)
    let (first, second) = (
      try TestNode(), try TestNode(settings: "[limits]\npeer_day_bytes_max = 9K")
    )
    try first.take([author.line] + author.chain(300).map(\.line))
    _ = try AdmissionRules(second.node).setByOperator(author.aid, isAdmitted: true)
    func serve(_ name: String) throws -> TestSession {
      try TestSession(first, second) { _, side in side.quotaName = name }
    }
    let refused = try serve("club")
    #expect(refused.right.fault?.code == "quota")
    #expect(refused.left.fault?.words.contains("quota") == true)
    let taken = try second.node.meta.integer(.blocks)
    #expect(taken < 30)
    _ = try serve("club")
    #expect(try second.node.peerCharges.find("club", day: day(second)).bytes <= 9 << 10)
    second.clock.now += 86_400_000
    first.clock.now += 86_400_000
    #expect(try second.node.peerCharges.find("club", day: day(second)) == PeerCharge())
    // A sync that somebody typed has no such bound.
    #expect(try TestSession(second, first).isWhole)
    #expect(try second.node.meta.integer(.blocks) == 300)
  }

  private func day(_ node: TestNode) -> Int64 { node.clock.now / 86_400_000 }

  @Test func `those whom one author vouches for share a quota`() throws {
    let node = try TestNode(settings: "[limits]\nauthor_bytes_max = 20K")
    let sponsor = TestAuthor(1)
    let guests = (2...6).map { TestAuthor($0) }
    let names = guests.map { "\"\($0.aid.text)\"" }.joined(separator: ",")
    let admission = sponsor.block("{\"admit\":[\(names)],\"remove\":[]}") { $0.kind = "admit/1" }
    try node.take([sponsor.line, admission.line])
    var store = NodeSyncStore(
      node.node, admits: false, withContent: true, workers: 1, quotaName: "club")
    defer { store.close() }
    var stored = 0
    for guest in guests {
      // Key logs count, too.
      guard try store.take(keys: guest.stream, of: guest.aid).fault == nil else { continue }
      for block in guest.chain(20) where try store.take([[block]]) == [.stored] { stored += 1 }
    }
    let used = try node.node.admissions.bytes(
      admittedBy: try #require(try node.node.authors.find(sponsor.aid)).no)
    #expect(used <= 20 << 10)
    #expect(stored > 10 && stored < 50)
  }

  // MARK: what heads cost

  @Test func `of which feeds the second side has more is said in a few bytes each`() throws {
    var sizes = Set<Int>()
    for isAheadOnTheLeft in [true, false] {
      let (behind, ahead) = (try TestNode(), try TestNode())
      let authors = (1...10).map { TestAuthor($0) }
      var lines = authors.map(\.line)
      var news = [[UInt8]]()
      for author in authors {
        for feed in 0..<30 {
          let chain = author.chain(feed % 3 == 0 ? 3 : 2, feed: "f\(feed)")
          lines += chain.prefix(2).map(\.line)
          news += chain.dropFirst(2).map(\.line)
        }
      }
      try behind.take(lines)
      try ahead.take(lines + news)
      let session =
        isAheadOnTheLeft ? try TestSession(ahead, behind) : try TestSession(behind, ahead)
      #expect(session.isWhole)
      #expect(try Set(behind.export()) == Set(ahead.export()))
      // A hundred feeds: with its kind, four bytes each.
      let short = session.frames.filter { $0.kind == .heads && $0.payload.first == 2 }
      sizes.formUnion(short.map(\.payload.count))
      if ahead.node.aid.text > behind.node.aid.text { #expect(short.count == 1) }
    }
    #expect(sizes.isSubset(of: [301]))
  }

  @Test(arguments: [
    // A place beyond the list, a feed twice, a number cut off, and no feed at all.
    [2, 9, 0, 9], [2, 0, 0, 9, 0x80], [2, 0], [2],
    // A feed of which it has less than it says.
    [2, 0, 0, 0],
  ])
  func `a short list of feeds that is not true ends the session`(payload: [UInt8]) throws {
    let node = try TestNode()
    try node.put("a")
    let store = NodeSyncStore(node.node, admits: true, withContent: true, workers: 1)
    defer { store.close() }
    var machine = try store.session([.pull, .push], feeds: nil)
    // The other node's name comes last, so that this one names its feeds.
    let last = try #require(AID("EP" + String(repeating: "z", count: 42)))
    var bytes = [UInt8]()
    var theirs = Hello(node: last, nonce: [UInt8](repeating: 1, count: 16), storeNonce: "x")
    theirs.offer(.further)
    theirs.frame.append(to: &bytes)
    Frame(.heads, payload).append(to: &bytes)
    try machine.receive(bytes)
    #expect(machine.fault?.code == "heads")
  }

  // MARK: very many feeds

  @Test func `more than a thousand feeds are compared by ranges, and all differences move`() throws
  {
    let (first, second) = (try TestNode(), try TestNode())
    let authors = (1...40).map { TestAuthor($0) }
    var lines = authors.map(\.line)
    for author in authors {
      for feed in 0..<30 { lines.append(author.block("x", feed: "f\(feed)").line) }
    }
    try first.take(lines)
    try second.take(lines)
    try first.put("own")
    try second.put("own")
    for (index, author) in authors.enumerated() where index % 4 == 0 {
      let node = index % 8 == 0 ? first : second
      try node.take(
        [author.block("y", after: author.block("x", feed: "f7"), feed: "f7").line])
    }
    authors[5].anchor(.add(.block, authors[5].key(11), notBefore: 0, notAfter: 1))
    try second.take([authors[5].line])
    let session = try TestSession(first, second)
    #expect(session.isWhole)
    #expect(session.frames.contains { $0.kind == .rangeReconciliation })
    _ = try TestSession(first, second)
    #expect(try Set(first.export()) == Set(second.export()))
    #expect(try first.node.keyLog(of: authors[5].aid)?.lastS == 2)
    // One that takes nothing, and one that gives nothing.
    for direction in [SyncDirection.pull, .push] {
      try first.put("a")
      try second.put("b")
      let session = try TestSession(first, second) { side, _ in side.direction = direction }
      #expect(session.isWhole)
      #expect(session.left.summary.stored == (direction == .pull ? 1 : 0))
      // The second push has the block of the first turn, too.
      #expect(session.right.summary.stored == (direction == .push ? 2 : 0))
    }
    // A node that has nothing yet.
    let third = try TestNode()
    #expect(try TestSession(first, third).isWhole)
    #expect(try Set(first.export()).subtracting(third.export()).isEmpty)
  }
}
