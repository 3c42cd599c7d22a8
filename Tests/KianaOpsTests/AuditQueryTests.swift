import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// Whether a query finds what a reader who looks at every entry finds.
@Suite struct AuditQueryTests {
  private static let types = ["door.open", "door.shut", "door.o", "key.rotate", "lab.test-1"]
  private static let actors = ["anna", "bert", "=sum"]
  private static let targets = [
    "state", "hall", "hall:1", "feed:abcdefghijk", "feed:abcdefghijkl", "feed:abcdefghijklm/x",
    "feed:abcdefghijklm/y", "feed%:a", "ü:ünïcödé-letters-are-letters",
    "\u{10FFFF}\u{10FFFF}",
  ]

  /// A trail of random entries, whose clock now and then is set back, in two epochs.
  private func trail(_ random: inout SeededGenerator, _ size: Int64) throws -> TestNode {
    let node = try TestNode()
    let first = try node.node.events.size()
    while try node.node.events.size() < size {
      node.clock.now += Int64.random(in: 0...2000, using: &random)
      if Int.random(in: 0..<40, using: &random) == 0 {
        node.clock.now -= Int64.random(in: 0...400_000, using: &random)
      }
      try record((0..<Int.random(in: 1...90, using: &random)).map { _ in draft(&random) }, node)
    }
    let half = try node.node.events.size()
    try node.node.database.transaction { () throws(KianaError) in
      try TileTable(node.node.database).insert(epoch: 1, first: half)
    }
    for _ in 0..<8 { try record((0..<70).map { _ in draft(&random) }, node) }
    #expect(first == 1)
    return node
  }

  private func record(_ drafts: [Recorder.Draft], _ node: TestNode) throws {
    try node.node.database.transaction { () throws(KianaError) in
      _ = try node.node.recorder.record(drafts, now: node.clock.now)
    }
  }

  private func draft(_ random: inout SeededGenerator) -> Recorder.Draft {
    // The first ones are frequent, the last ones rare.
    func pick(_ words: [String]) -> String {
      words[min(Int.random(in: 0..<words.count, using: &random), words.count - 1)]
    }
    var draft = Recorder.Draft(
      pick(Self.types), target: pick(Self.targets))
    draft.actor = pick(Self.actors)
    if Int.random(in: 0..<9, using: &random) == 0 {
      draft.result = AuditEntry.Result.allCases.randomElement(using: &random)!
    }
    if Int.random(in: 0..<9, using: &random) == 0 {
      draft.verdict = AuditEntry.Verdict.allCases.randomElement(using: &random)!
    }
    if Int.random(in: 0..<4, using: &random) == 0 { draft.payload = .string("x") }
    return draft
  }

  private func all(_ node: TestNode) throws -> [EventRow] {
    var rows = [EventRow]()
    try node.node.events.forEach(0 ..< .max) { (row, _) in
      rows.append(row)
      return true
    }
    return rows
  }

  /// The filters one by one, as a person would check them.
  private func wants(_ query: AuditQuery, _ row: EventRow) -> Bool {
    func fits(_ text: String, _ filter: String) -> Bool {
      let (text, filter) = (Array(text.utf8), Array(filter.utf8))
      return filter.last == 0x2A ? text.starts(with: filter.dropLast()) : text == filter
    }
    let entry = row.entry
    return (query.types.isEmpty || query.types.contains { fits(entry.type, $0) })
      && query.actor.map { fits(entry.actor, $0) } ?? true
      && query.target.map { fits(entry.target, $0) } ?? true
      && query.result.map { entry.result == $0 } ?? true
      && query.verdict.map { entry.verdict == $0 } ?? true
      && query.since.map { entry.time >= $0 } ?? true
      && query.until.map { entry.time < $0 } ?? true && query.places.contains(row.seq)
  }

  private func query(_ random: inout SeededGenerator, _ rows: [EventRow]) -> AuditQuery {
    var query = AuditQuery()
    func isChosen() -> Bool { Int.random(in: 0..<3, using: &random) == 0 }
    if isChosen() {
      let filters = Self.types + ["door.*", "door.o*", "key.*", "*", "none.*", "none.such"]
      query.types = (0...Int.random(in: 0...1, using: &random)).map { _ in
        filters.randomElement(using: &random)!
      }
    }
    if isChosen() {
      query.actor = (Self.actors + ["nobody", "a*", "E*", "zz*"]).randomElement(using: &random)
    }
    if isChosen() {
      let target = Self.targets.randomElement(using: &random)!
      let letters = Int.random(in: 0...target.unicodeScalars.count, using: &random)
      query.target =
        isChosen()
        ? target : String(String.UnicodeScalarView(target.unicodeScalars.prefix(letters))) + "*"
    }
    if isChosen() { query.result = AuditEntry.Result.allCases.randomElement(using: &random) }
    if isChosen() { query.verdict = AuditEntry.Verdict.allCases.randomElement(using: &random) }
    let moments = (0..<2).map { _ in rows.randomElement(using: &random)!.entry.time }
    if isChosen() { query.since = moments[0] }
    if isChosen() { query.until = moments[1] }
    if isChosen() {
      let low = Int64.random(in: 0..<Int64(rows.count), using: &random)
      query.places = low..<Int64.random(in: low + 1...Int64(rows.count) + 9, using: &random)
    }
    return query
  }

  @Test(arguments: TestRun.seeds(2, long: 30))
  func `filters in any combination find what a look at every entry finds`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let node = try trail(&random, 3000)
    let rows = try all(node)
    let reader = AuditTrail(node.node)
    for round in 0..<150 {
      let query = query(&random, rows)
      let isNewestFirst = round % 2 == 0
      let limit = round % 3 == 0 ? Int.random(in: 0...300, using: &random) : Int.max
      let cursor =
        round % 5 == 0
        ? StoreCursor(
          nonce: try reader.end().nonce,
          next: Int64.random(in: 0...Int64(rows.count), using: &random))
        : nil
      let wanted = rows.filter { wants(query, $0) && $0.seq >= cursor?.next ?? 0 }.map(\.seq)
      var found = [Int64]()
      let end = try reader.forEach(
        query, after: cursor, isNewestFirst: isNewestFirst, limit: limit
      ) { found.append($0.seq) }
      let ordered = isNewestFirst ? wanted.reversed() : wanted
      #expect(found == Array(ordered.prefix(limit)), "seed \(seed), \(query)")
      guard !isNewestFirst, found != Array(ordered.prefix(limit)) || limit < ordered.count else {
        continue
      }
      // Going on from the cursor brings the rest, each once.
      try reader.forEach(query, after: end) { found.append($0.seq) }
      #expect(found == wanted, "seed \(seed), \(query)")
    }
  }

  @Test func `each index is searched for its filter, and never scanned`() throws {
    var random = SeededGenerator(seed: 1)
    let node = try trail(&random, 600)
    let reader = AuditTrail(node.node)
    let byPlace = "rowid>? AND rowid<?"
    for (words, change) in [
      ("USING INDEX event_type (type=? AND \(byPlace))", { $0.types = ["door.open"] }),
      ("USING INDEX event_type (type=? AND \(byPlace))", { $0.types = ["door.*", "key.rotate"] }),
      ("USING INDEX event_actor (actor=? AND \(byPlace))", { $0.actor = "anna" }),
      ("USING INDEX event_target (<expr>=? AND \(byPlace))", { $0.target = "hall" }),
      (
        "USING INDEX event_target (<expr>=? AND \(byPlace))",
        { $0.target = "feed:abcdefghijklm/*" }
      ),
      ("USING INDEX event_target (<expr>>? AND <expr><?)", { $0.target = "feed:abc*" }),
      ("USING INDEX event_result (result=? AND \(byPlace))", { $0.result = .deny }),
      ("USING INDEX event_invalid (seq>? AND seq<?)", { $0.verdict = .invalid }),
      ("USING INTEGER PRIMARY KEY (\(byPlace))", { $0.result = .ok }),
      ("USING INTEGER PRIMARY KEY (\(byPlace))", { $0.since = 1 }),
      // The rarer one leads.
      (
        "USING INDEX event_result (result=? AND \(byPlace))",
        {
          $0.types = ["door.*"]
          $0.result = .error
        }
      ),
    ] as [(String, (inout AuditQuery) -> Void)] {
      var query = AuditQuery()
      change(&query)
      let found = try reader.steps(query).words
      #expect(found.first == "SEARCH event \(words)", "\(found)")
    }
  }

  @Test func `a time is looked for in the tiles that have it, also when the clock was set back`()
    throws
  {
    let node = try TestNode()
    let start = node.clock.now
    let hour: Int64 = 3_600_000
    // Ten hours of a tile each, with the fifth one a second time after the tenth.
    for offset in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 4] as [Int64] {
      for _ in 0..<40 {
        node.clock.now = start + offset * hour
        try record((0..<256).map { _ in Recorder.Draft("door.open", target: "hall") }, node)
      }
    }
    let size = try node.node.events.size()
    var query = AuditQuery()
    query.since = start + 4 * hour
    query.until = start + 5 * hour
    var found = [Int64]()
    try AuditTrail(node.node).forEach(query) { found.append($0.seq) }
    #expect(found.count == 2 * 40 * 256 + 1, "and the entry that says that the clock was set back")
    #expect(found.first == 1 + 4 * 40 * 256 && found.last == size - 1)
    let looked = try AuditTrail(node.node).steps(query).places
    #expect(looked < 2 * 41 * 256 + 512 && looked >= found.count)
    query.since = start + 20 * hour
    query.until = nil
    #expect(try AuditTrail(node.node).steps(query).places < 512)
  }

  @Test func `a cursor of another copy of the store is refused`() throws {
    var random = SeededGenerator(seed: 1)
    let node = try trail(&random, 50)
    let cursor = try AuditTrail(node.node).forEach(AuditQuery()) { _ in }
    try node.reopen()
    try AuditTrail(node.node).forEach(AuditQuery(), after: cursor) { _ in
      Issue.record("nothing is new")
    }
    try record([draft(&random)], node)
    var count = 0
    try AuditTrail(node.node).forEach(AuditQuery(), after: cursor) { _ in count += 1 }
    #expect(count == 1)
    func refused(_ cursor: StoreCursor) -> KianaError.Code? {
      do throws(KianaError) {
        try AuditTrail(node.node).forEach(AuditQuery(), after: cursor) { _ in }
        return nil
      } catch { return error.code }
    }
    #expect(refused(StoreCursor(nonce: cursor.nonce, next: cursor.next + 2)) == .refused)
    try node.node.database.transaction { () throws(KianaError) in
      try node.node.meta.set(.storeNonce, "0123456789abcdef")
    }
    #expect(refused(cursor) == .refused)
  }

  @Test func `a store that changes under a reader stops it`() throws {
    var random = SeededGenerator(seed: 1)
    let node = try trail(&random, 5000)
    var count = 0
    let error = #expect(throws: KianaError.self) {
      try AuditTrail(node.node).forEach(AuditQuery()) { (_) throws(KianaError) in
        count += 1
        guard count == 10 else { return }
        try node.node.database.transaction { () throws(KianaError) in
          try node.node.meta.set(.storeNonce, "0123456789abcdef")
        }
      }
    }
    #expect(error?.code == .refused && count < 5000)
  }

  @Test func `payloads come with their salt, and an erased one is said to be`() throws {
    let node = try TestNode()
    var draft = Recorder.Draft("door.open", target: "hall")
    draft.payload = .object([JSONMember("by", .string("anna"))])
    try record([draft, draft, Recorder.Draft("door.shut", target: "hall")], node)
    try node.node.database.transaction { () throws(KianaError) in
      _ = try node.node.events.deletePayload(2)
    }
    var query = AuditQuery()
    query.places = 1..<4
    var found = [AuditRecord]()
    try AuditTrail(node.node).forEach(query, detail: .payload) { found.append($0) }
    #expect(found.map(\.payloadState) == [.here, .erased, .none])
    let payload = try #require(found[0].payload)
    #expect(
      node.node.crypto.payloadCommitment(salt: payload.salt, payload.bytes)
        == found[0].entry.payloadCommitment)
    #expect(found[1].payload == nil && found[0].leafHash != found[2].leafHash)
    #expect(found.allSatisfy { $0.origin == "kiana/\(node.node.aid.text)/audit/0" })
  }

  @Test(
    arguments: [
      ("5", 5..<6), ("5..9", 5..<10), ("..9", 0..<10), ("0", 0..<1), ("7..7", 7..<8),
      ("5..", 5 ..< .max), ("..", nil), ("9..5", nil), ("-1", nil), ("+1", nil), ("", nil),
      ("5...9", nil), ("5..x", nil), ("9223372036854775807", nil), ("1..99999999999999999999", nil),
    ] as [(String, Range<Int64>?)])
  func `places are one, or from one to another`(text: String, places: Range<Int64>?) {
    #expect(AuditQuery.places(text) == places)
  }
}
