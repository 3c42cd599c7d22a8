import KianaCrypto
import KianaModel
import KianaTesting
import Testing

@Suite struct KeyLogTests {
  private let crypto = Sodium()

  private func replay(_ author: TestAuthor) throws -> KeyLog {
    try KeyLog.replay(author.stream, aid: author.aid, crypto)
  }

  private func verdict(
    _ log: KeyLog, _ block: Block, _ relation: Ancestry = .isNot
  ) throws -> KeyVerdict {
    try log.verdict(on: block.position, key: block.header.key, isLeftBehind: false) { _ in relation
    }
  }

  @Test func `a fresh log has its key, and one spelling`() throws {
    let author = TestAuthor(1)
    let log = try replay(author)
    #expect(log.lastS == 1)
    #expect(log.signingKey(.block) == author.key(10))
    #expect(log.has(author.key(10), for: .block))
    #expect(!log.has(author.key(10), for: .file))
    #expect(
      try KeyEvent.parse(stream: author.stream, eventsMax: 9, crypto).flatMap(\.message)
        == author.stream)
  }

  @Test func `no byte of a log can be changed`() throws {
    let author = TestAuthor(1)
    author.rotate()
    let stream = author.stream
    for place in stride(from: 0, to: stream.count, by: 7) {
      var changed = stream
      changed[place] ^= 1
      #expect(throws: KeyLogFault.self, "byte \(place)") {
        try KeyLog.replay(changed, aid: author.aid, crypto)
      }
    }
    for length in stride(from: 1, to: stream.count, by: 31) {
      let isWhole =
        length == author.events[0].count
        || length == author.events[0].count + author.events[1].count
      if isWhole { continue }
      #expect(throws: KeyLogFault.self, "\(length) bytes") {
        try KeyLog.replay(Array(stream.prefix(length)), aid: author.aid, crypto)
      }
    }
    #expect(throws: KeyLogFault.self) { try KeyLog.replay(stream, aid: TestAuthor(2).aid, crypto) }
  }

  @Test func `the order of arrival makes no difference`() throws {
    let author = TestAuthor(1)
    author.anchor(.grace(.block, author.key(10)))
    author.rotate()
    author.anchor(.add(.block, author.key(11), notBefore: 0, notAfter: 1))
    let log = try replay(author)
    let reversed = try KeyLog.replay(
      author.events.reversed().flatMap { $0 }, aid: author.aid, crypto)
    #expect(reversed.events == log.events)
    #expect(reversed.keys == log.keys)
  }

  @Test func `two interactions at one place suspend what follows, and a rotation settles it`()
    throws
  {
    let author = TestAuthor(1)
    let fork = (s: author.s + 1, prior: author.end)
    author.anchor(.add(.block, author.key(11), notBefore: 0, notAfter: 1))
    author.anchor(.add(.block, author.key(12), notBefore: 0, notAfter: 1), at: fork)
    let contested = try replay(author)
    #expect(contested.contestedFrom == 2)
    #expect(contested.lastS == 1)
    #expect(!contested.has(author.key(11), for: .block))
    #expect(contested.evidence.count == 2)
    author.rotate(.add(.block, author.key(13), notBefore: 0, notAfter: 1), at: fork)
    let settled = try replay(author)
    #expect(settled.contestedFrom == nil)
    #expect(settled.lastS == 2)
    #expect(settled.has(author.key(13), for: .block))
    #expect(!settled.has(author.key(11), for: .block))
    #expect(!settled.has(author.key(12), for: .block))
  }

  @Test func `a rotation takes the log back from a thief`() throws {
    let author = TestAuthor(1)
    let before = (s: author.s + 1, prior: author.end)
    author.anchor(.add(.block, author.key(66), notBefore: 0, notAfter: 1))
    author.anchor(.revoke(.block, author.key(10), .lost, last: []))
    author.rotate(.add(.block, author.key(11), notBefore: 0, notAfter: 1), at: before)
    let log = try replay(author)
    #expect(!log.has(author.key(66), for: .block))
    #expect(log.has(author.key(11), for: .block))
    #expect(try verdict(log, author.block()) == .valid)
  }

  @Test func `two rotations of one commitment are duplicity`() throws {
    let author = TestAuthor(1)
    let fork = (s: author.s + 1, prior: author.end)
    author.rotate(commitTo: 3)
    let twin = TestAuthor(1)
    twin.rotate(at: fork, commitTo: 4)
    let both = author.stream + twin.events[2]
    let log = try KeyLog.replay(both, aid: author.aid, crypto)
    #expect(log.isDuplicitous)
    #expect(log.lastS == 0)
    #expect(try verdict(log, author.block()) == .duplicitous)
  }

  @Test func `a rotation with a key that nobody committed to is refused`() {
    let author = TestAuthor(1)
    author.rotate()
    let draft = KeyEvent.rotation(
      author.aid, s: author.s + 1, prior: author.end, control: author.key(99), next: author.key(98),
      anchors: [], crypto)
    let seed = Secret(count: 32) { span in
      span.storeBytes(of: 1, toByteOffset: 0, as: UInt8.self)
      span.storeBytes(of: 99, toByteOffset: 1, as: UInt8.self)
    }
    let forged = draft.message(signature: crypto.sign(draft.bytes, seed: seed))
    #expect(throws: KeyLogFault.self) {
      try KeyLog.replay(author.stream + forged, aid: author.aid, crypto)
    }
  }

  @Test func `the verdict follows the state of the key and the order of the feed`() throws {
    let author = TestAuthor(1)
    let chain = author.chain(3)
    let pin = chain[1].position
    let key = author.key(10)
    func log(_ anchors: KeyAnchor...) throws -> KeyLog {
      let author = TestAuthor(1)
      for anchor in anchors { author.anchor(anchor) }
      return try replay(author)
    }
    #expect(try verdict(try log(), chain[0]) == .valid)
    #expect(try verdict(try log(.grace(.block, key)), chain[0]) == .valid)
    let retired = try log(.retire(.block, key, last: [pin]))
    #expect(try verdict(retired, chain[0], .isAncestorOrSame) == .validRetired)
    #expect(try verdict(retired, chain[0], .unknown) == .unproven)
    #expect(try verdict(retired, chain[2], .isNot) == .notVouched)
    let unlisted = try log(.retire(.block, key, last: []))
    #expect(try verdict(unlisted, chain[0], .isAncestorOrSame) == .notVouched)
    let stolen = try log(.revoke(.block, key, .compromise, last: [pin]))
    #expect(try verdict(stolen, chain[0], .isAncestorOrSame) == .validBeforeCompromise)
    #expect(try verdict(stolen, chain[2], .isNot) == .compromised)
    let lost = try log(.retire(.block, key, last: []), .revoke(.block, key, .lost, last: [pin]))
    #expect(try verdict(lost, chain[0], .isAncestorOrSame) == .validRetired)
    let final = try log(
      .revoke(.block, key, .compromise, last: [pin]), .add(.block, key, notBefore: 0, notAfter: 1))
    #expect(try verdict(final, chain[2], .isNot) == .compromised)
    author.blockKey = 77
    #expect(try verdict(try log(), author.block()) == .unknownKey)
  }

  @Test func `a malformed anchor is ignored and never fatal`() throws {
    let texts = [
      #"{"kiana":"key/1","op":"add","use":"block","key":"D","nbf":1,"naf":2}"#,
      #"{"kiana":"key/1","op":"add","use":"peer","key":"\#(TestAuthor(1).key(5).text)","nbf":1,"naf":2}"#,
      #"{"kiana":"key/1","op":"vanish","use":"block","key":"\#(TestAuthor(1).key(5).text)"}"#,
      #"{"kiana":"feed/1","op":"epoch","feed":"main","epoch":0,"after":null}"#,
      #"{"kiana":"feed/1","op":"epoch","feed":"main","epoch":1}"#, #"{"other":1}"#, "1", "[]",
    ]
    for text in texts {
      #expect(KeyAnchor(try JSONValue.parse(Array(text.utf8))) == nil, "\(text)")
    }
  }

  @Test func `every anchor is read as it was written`() throws {
    let author = TestAuthor(1)
    let position = author.block().position
    let anchors: [KeyAnchor] = [
      .add(.block, author.key(1), notBefore: 1, notAfter: 2), .grace(.file, author.key(1)),
      .retire(.block, author.key(1), last: [position]),
      .revoke(.block, author.key(1), .compromise, last: [position]),
      .epoch(feed: "main", EpochOpening(epoch: 1, after: position)),
      .epoch(feed: "main", EpochOpening(epoch: 2, after: nil)),
    ]
    for anchor in anchors {
      #expect(KeyAnchor(anchor.json) == anchor)
      #expect(anchor.json.compact() == anchor.json.canonical())
    }
  }

  @Test func `epochs are numbered without gaps and never start below a pin`() throws {
    let author = TestAuthor(1)
    let chain = author.chain(3)
    author.anchor(.epoch(feed: "main", EpochOpening(epoch: 2, after: nil)))
    #expect(try replay(author).openings(feed: "main").isEmpty)
    author.anchor(.epoch(feed: "main", EpochOpening(epoch: 1, after: chain[2].position)))
    #expect(try replay(author).openings(feed: "main").map(\.epoch) == [1])
    author.anchor(.retire(.block, author.key(10), last: [chain[2].position]))
    author.anchor(.epoch(feed: "main", EpochOpening(epoch: 2, after: chain[0].position)))
    #expect(try replay(author).openings(feed: "main").map(\.epoch) == [1])
  }

  @Test(arguments: [
    (#""1""#, 1, [0], true), (#""2""#, 2, [0], false), (#""2""#, 2, [0, 1], true),
    (#"["1/2","1/2","1/2"]"#, 3, [0, 2], true), (#"["1/2","1/2","1/2"]"#, 3, [1], false),
    (#"["0","1"]"#, 2, [0], false), (#"["0","1"]"#, 2, [1], true),
    (#"["1/3","1/3","1/3"]"#, 3, [0, 1, 2], true),
  ])
  func `thresholds count signatures or add weights`(
    text: String, keys: Int, places: [Int], isMet: Bool
  ) throws {
    let threshold = try #require(Threshold(try JSONValue.parse(Array(text.utf8)), of: keys))
    #expect(threshold.isMet(by: Set(places)) == isMet)
  }

  @Test func `a threshold is met or not, in whatever order the places are given`() throws {
    let text = #"["199/997","198/991","196/983","195/977","194/971","193/967","199/997"]"#
    let value = try JSONValue.parse(Array(text.utf8))
    let answers = (0..<200).map { round in
      Threshold(value, of: 7).map { threshold in
        threshold.isMet(by: Set((0..<7).map { ($0 + round) % 7 }))
      }
    }
    #expect(Set(answers).count == 1)
  }

  @Test(arguments: [
    (#""0""#, 1), (#""2""#, 1), (#""01""#, 1), (#"["1/2"]"#, 1), (#"["1"]"#, 2), (#"["2/1"]"#, 1),
    (#"["1/0"]"#, 1), ("1", 1), (#"["x"]"#, 1),
  ])
  func `thresholds that nobody can meet are refused`(text: String, keys: Int) throws {
    #expect(Threshold(try JSONValue.parse(Array(text.utf8)), of: keys) == nil)
  }
}
