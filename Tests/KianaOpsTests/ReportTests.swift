import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// Reports over the audit trail: their figures, their edges, and what they must not be silent of.
@Suite struct ReportTests {
  /// A node whose log a key of the test signs.
  final class Trail {
    let test: TestNode
    /// Sizes that were asked for.
    var asked = [Int64]()

    init() throws(KianaError) {
      test = try TestNode()
    }

    var node: Node { test.node }

    func sign(_ size: Int64) throws(KianaError) -> [UInt8] {
      try TestCheckpoint.sign(node, size: size)
    }

    func cosign(_ size: Int64) throws(KianaError) {
      try TestCheckpoint.cosign(node, size: size)
    }

    @discardableResult
    func write(
      _ type: String, target: String = "hall", at time: String,
      _ edit: (inout Recorder.Draft) -> Void = { _ in }
    ) throws -> Int64 {
      let now = try #require(Moment.parse(time, now: 0, offsetSeconds: 0))
      var draft = Recorder.Draft(type, target: target)
      edit(&draft)
      let made = draft
      return try node.database.transaction { () throws(KianaError) in
        try node.recorder.record([made], now: now)
      }
    }

    func report(
      _ period: String, _ template: AuditReport.Template = .access
    ) throws -> AuditReport {
      let making = ReportMaking(node) { (size) throws(KianaError) in
        self.asked.append(size)
        return try self.sign(size)
      }
      return try making.report(template, try #require(ReportPeriod(period)), tool: "kiana-audit 9")
    }

    func json(
      _ period: String, _ template: AuditReport.Template = .access
    ) throws -> JSONValue {
      try JSONValue.parse(try report(period, template).text(.json).dropLast())
    }
  }

  // MARK: figures

  private static let types = [
    "block.accept", "feed.fork", "key.events", "file.sign", "door.open", "door-2.open_x", "state.x",
  ]

  /// Entries on random days around two months, most in order, some with a clock set back.
  private func fill(_ trail: Trail, _ random: inout SeededGenerator) throws {
    var now: Int64 = 1_801_000_000_000
    for _ in 0..<Int.random(in: 50...300, using: &random) {
      now += Int64.random(in: 0...50_000_000, using: &random)
      if Int.random(in: 0..<40, using: &random) == 0 { now -= 200_000_000 }
      var drafts = [Recorder.Draft]()
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        var draft = Recorder.Draft(Self.types.randomElement(using: &random)!, target: "t")
        draft.actor = ["anna", "bert", nil, "carla"].randomElement(using: &random)!
        draft.result = AuditEntry.Result.allCases.randomElement(using: &random)!
        draft.verdict = (AuditEntry.Verdict.allCases.map { $0 } + [nil]).randomElement(
          using: &random)!
        drafts.append(draft)
      }
      let made = drafts
      _ = try trail.node.database.transaction { () throws(KianaError) in
        try trail.node.recorder.record(made, now: now)
      }
    }
  }

  private func naive(
    _ trail: Trail, _ period: ReportPeriod, _ template: AuditReport.Template, before end: Int64,
    _ key: (AuditEntry) -> String
  ) throws -> [String: [Int64]] {
    var sums = [String: [Int64]]()
    try trail.node.events.forEach(0..<end) { (row, _) in
      let entry = row.entry
      guard period.times.contains(entry.time), template.takes(entry.type, entry.verdict) else {
        return true
      }
      var sum = sums[key(entry)] ?? [0, 0, 0, 0, 0]
      sum[0] += 1
      sum[1 + AuditEntry.Result.allCases.firstIndex(of: entry.result)!] += 1
      sums[key(entry)] = sum
      return true
    }
    return sums
  }

  private func table(_ json: JSONValue, _ section: String, _ key: String) -> [String: [Int64]] {
    var found = [String: [Int64]]()
    for row in json[section]?.array ?? [] {
      found[row[key]?.string ?? ""] = ["entries", "ok", "fail", "deny", "error"].map {
        row[$0]?.integer ?? -1
      }
    }
    return found
  }

  @Test(arguments: TestRun.seeds(4, long: 60))
  func `figures are those of a count over all entries`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let trail = try Trail()
    try fill(trail, &random)
    let size = try trail.node.events.size()
    for text in ["2027-02", "2027-01-28..2027-02-14", "2027", "2026"] {
      let period = try #require(ReportPeriod(text))
      for template in AuditReport.Template.allCases {
        let json = try trail.json(text, template)
        for (section, key, of) in [
          ("by_type", "type", { $0.type }), ("by_actor", "actor", { $0.actor }),
          ("by_day", "day", { Moment.dayText(Moment.day($0.time)) }),
        ] as [(String, String, (AuditEntry) -> String)] {
          let expected = try naive(trail, period, template, before: size, of)
          #expect(table(json, section, key) == expected, "seed \(seed), \(text), \(section)")
        }
        let all = try naive(trail, period, .access, before: size) { _ in "" }
        #expect(json["report"]?["entries_period"]?.integer == all[""]?[0] ?? 0)
      }
    }
  }

  @Test(arguments: TestRun.seeds(3, long: 30))
  func `entries beyond the checkpoint do not count`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let trail = try Trail()
    try fill(trail, &random)
    let size = try trail.node.events.size()
    let period = try #require(ReportPeriod("2027"))
    // The one who signs stops in the middle: no figure may go further than that.
    let part = Int64.random(in: 1...size, using: &random)
    let making = ReportMaking(trail.node) { (_) throws(KianaError) in try trail.sign(part) }
    let report = try making.report(.access, period, tool: "t")
    let json = try JSONValue.parse(report.text(.json).dropLast())
    for (section, key, of) in [
      ("by_type", "type", { $0.type }), ("by_actor", "actor", { $0.actor }),
    ] as [(String, String, (AuditEntry) -> String)] {
      #expect(
        try table(json, section, key) == naive(trail, period, .access, before: part, of),
        "seed \(seed)")
    }
    #expect(json["report"]?["place_last"]?.integer ?? 0 < part)
    #expect(json["signed"]?["size"]?.integer == part)
  }

  // MARK: edges

  @Test func `a period begins and ends at midnight UTC, leap days included`() throws {
    let trail = try Trail()
    for time in [
      "2028-02-28T23:59:59.999Z", "2028-02-29T00:00:00Z", "2028-02-29T23:59:59.999Z",
      "2028-03-01T00:00:00Z", "2028-12-31T23:59:59.999Z", "2029-01-01T00:00:00Z",
    ] { try trail.write("door.open", at: time) }
    for (period, entries) in [
      ("2028-02-29", 2), ("2028-02", 3), ("2028-03", 1), ("2028-02-29..2028-03-01", 3),
      ("2028", 5), ("2029", 1), ("2028-03-02", 0), ("2028-01", 0),
    ] as [(String, Int64)] {
      let json = try trail.json(period)
      #expect(json["report"]?["entries"]?.integer == entries, "\(period)")
    }
  }

  @Test func `an empty period is a report with a gap, before, within and after the log`() throws {
    let trail = try Trail()
    try trail.write("door.open", at: "2027-03-01T00:00:00Z")
    try trail.write("door.open", at: "2027-05-01T00:00:00Z")
    for (period, why) in [
      ("1999", "before the log begins"), ("2027-04", "no entry"),
      ("2031", "after the last entry under the checkpoint"),
    ] {
      let json = try trail.json(period)
      #expect(json["report"]?["place_first"] == .null)
      #expect(json["gaps"]?.array?.count == 1)
      #expect(json["gaps"]?.array?.first?["why"]?.string == why)
      #expect(json["ranges"] == .array([]))
      for format in AuditReport.Format.allCases {
        #expect(!(try trail.report(period)).text(format).isEmpty)
      }
    }
  }

  // MARK: the checkpoint

  @Test func `the smallest checkpoint that covers the period is taken, else one is signed`() throws
  {
    let trail = try Trail()
    for day in 1...9 { try trail.write("door.open", at: "2027-03-0\(day)T12:00:00Z") }
    let size = try trail.node.events.size()
    let third = size - 6
    for size in [third - 1, third, third + 2] { _ = try trail.sign(size) }
    #expect(try trail.json("2027-03-03")["signed"]?["size"]?.integer == third)
    #expect(try trail.json("2027-03-04")["signed"]?["size"]?.integer == third + 2)
    #expect(trail.asked.isEmpty)
    let report = try trail.report("2027-03")
    #expect(trail.asked == [size])
    #expect(report.seal.checkpoint.size == size)
    for format in [AuditReport.Format.html, .md] {
      let text = String(decoding: report.text(format), as: UTF8.self)
      let note = try #require(text.ranges(of: report.seal.note).last)
      #expect(text[note.upperBound...].count < 60, "a report ends with its checkpoint")
    }
  }

  @Test func `a checkpoint of another tree is not tied to`() throws {
    let trail = try Trail()
    try trail.write("door.open", at: "2027-03-01T12:00:00Z")
    let origin = try trail.node.auditOrigin()
    let text = Checkpoint(
      origin: origin, size: try trail.node.events.size(), root: .zero
    ).text
    let note = SignedNote(
      text: text, signatures: [SignedNote.Signature(name: "x", keyHash: 1, bytes: [1])])
    let making = ReportMaking(trail.node) { (_) throws(KianaError) in note.bytes }
    let error = try #require(throws: KianaError.self) {
      try making.report(.access, ReportPeriod(first: 20_800, last: 20_900), tool: "t")
    }
    #expect(error.code == .damaged)
  }

  @Test func `the same log, checkpoint and period give the same bytes`() throws {
    var random = SeededGenerator(seed: 5)
    let trail = try Trail()
    try fill(trail, &random)
    try trail.write("door.open", at: "2027-12-01T00:00:00Z")
    func all() throws -> [[UInt8]] {
      var texts = [[UInt8]]()
      for template in AuditReport.Template.allCases {
        for format in AuditReport.Format.allCases {
          texts.append(try trail.report("2027-02", template).text(format))
        }
      }
      return texts
    }
    let before = try all()
    #expect(try all() == before)
    try trail.test.reopen()
    #expect(try all() == before)
    // More entries, another checkpoint with a witness, another clock.
    for _ in 0..<300 { try trail.write("block.accept", at: "2027-12-02T00:00:00Z") }
    _ = try trail.sign(try trail.node.events.size())
    trail.test.clock.now += 1_000_000_000
    #expect(try all() == before)
    #expect(trail.asked.count == 1)
  }

  /// Signing leaves an entry itself, and blocks come in meanwhile.
  @Test func `what is written while a checkpoint is signed is not counted, or the report waits`()
    throws
  {
    let trail = try Trail()
    func making(_ type: String, times: Int) -> ReportMaking {
      var rest = times
      return ReportMaking(trail.node) { (size) throws(KianaError) in
        let note = try trail.sign(size)
        defer { rest -= 1 }
        guard rest > 0 else { return note }
        _ = try trail.node.database.transaction { () throws(KianaError) in
          try trail.node.recorder.record(
            type, target: "state", verdict: type == "block.accept" ? .valid : nil,
            now: 1_805_544_000_000)
        }
        return note
      }
    }
    let period = try #require(ReportPeriod("2027-03"))
    for template in AuditReport.Template.allCases {
      let first = try trail.write("block.accept", at: "2027-03-20T12:00:00Z") {
        $0.verdict = .valid
      }
      let report = try making("audit.checkpoint", times: 9).report(template, period, tool: "t")
      #expect(report.seal.checkpoint.size == first + 1)
      #expect(report.counts.map(\.last).max() == first)
    }
    // A block was judged meanwhile: another checkpoint covers it, unless that goes on and on.
    try trail.write("block.accept", at: "2027-03-20T12:00:00Z")
    let later = try making("block.accept", times: 1).report(.validator, period, tool: "t")
    #expect(later.seal.checkpoint.size == (try trail.node.events.size()))
    try trail.write("block.accept", at: "2027-03-20T12:00:00Z")
    let error = #expect(throws: KianaError.self) {
      try making("block.accept", times: 9).report(.validator, period, tool: "t")
    }
    #expect(error?.code == .stateLocked)
  }

  // MARK: what is not whole

  @Test func `gaps, redactions, prunes, clock jumps and forks are named in every template`() throws
  {
    let trail = try Trail()
    let node = trail.node
    func details(_ draft: inout Recorder.Draft) { draft.payload = .string("a name") }
    for day in 1...9 {
      try trail.write("door.open", at: "2027-03-0\(day)T12:00:00Z", details)
    }
    let last = try trail.write("door.open", at: "2027-03-20T12:00:00Z", details)
    try trail.write("audit.clock", target: "state", at: "2027-03-19T12:00:00Z") {
      $0.payload = .object([
        JSONMember("from", .integer(1_805_544_000_000)),
        JSONMember("to", .integer(1_805_457_600_000)),
      ])
    }
    try trail.write("audit.redact", target: "seq:\(last)", at: "2027-03-20T13:00:00Z")
    let here = last - 7
    let bare = last - 4
    try trail.write("audit.prune", target: "seq:..\(bare)", at: "2027-03-20T14:00:00Z")
    try trail.write("audit.fork", target: "log:1", at: "2027-03-20T15:00:00Z") {
      $0.payload = .object([
        JSONMember("prev_origin", .string("kiana/x/audit/0")), JSONMember("reason", .string("why")),
      ])
    }
    try node.database.transaction { () throws(KianaError) in
      _ = try node.events.deletePayload(last)
      _ = try node.events.deletePayloads(from: 0, before: bare)
      try node.meta.set(.auditFirst, here)
      try node.events.delete(before: here)
    }
    for template in AuditReport.Template.allCases {
      let json = try trail.json("2027-03", template)
      let named = try #require(json["named"])
      #expect(named["gap_days"]?.integer == 20)
      #expect(named["pruned_places"]?.string == "\(last - 9) to \(here - 1)")
      #expect(named["pruned_payloads"]?.string == "\(here) to \(bare - 1)")
      #expect(named["erased_payloads"]?.integer == 1)
      for key in ["redactions", "prunes", "clock_jumps", "forks"] {
        // The recorder notes that the clock went back, which it did.
        let expected: Int64 = key == "clock_jumps" ? 2 : 1
        #expect(named[key]?.integer == expected, "\(key)")
        #expect(json[key]?.array?.count == Int(expected))
      }
      #expect(json["redactions"]?.array?.first?["target"]?.string == "seq:\(last)")
      #expect(json["clock_jumps"]?.array?.last?["from"]?.string == "2027-03-20T12:00:00Z")
      #expect(json["forks"]?.array?.first?["reason"]?.string == "why")
      #expect(json["missing"]?.array?.count == 2)
      for format in [AuditReport.Format.html, .md] {
        let text = String(
          decoding: try trail.report("2027-03", template).text(format), as: UTF8.self)
        for words in [
          "Days without an entry", "Redactions", "Prunes", "Clock jumps", "Forks and new epochs",
          "nobody has witnessed this log",
        ] { #expect(text.contains(words), "\(words) in \(format)") }
      }
    }
  }

  @Test func `places that nobody witnessed or signed are ranges`() throws {
    let trail = try Trail()
    let node = trail.node
    try trail.write("door.open", at: "2027-03-01T12:00:00Z")
    let first = try node.events.size() - 1
    for _ in 0..<9 { try trail.write("door.open", at: "2027-03-02T12:00:00Z") }
    let size = try node.events.size()
    _ = try trail.sign(size - 5)
    _ = try trail.sign(size)
    let silent = try trail.json("2027-03")
    #expect(
      silent["named"]?["unwitnessed"]?.string
        == "nobody has witnessed this log: \(first) to \(size - 1)")
    try trail.cosign(size - 5)
    let half = try trail.json("2027-03")
    #expect(half["named"]?["unwitnessed"]?.string == "\(size - 5) to \(size - 1)")
    #expect(half["named"]?["unsigned"]?.string == "none")
    #expect(
      half["ranges"]?.array?.map { $0["state"]?.string }
        == ["signed and witnessed", "signed, not witnessed"])
    try trail.cosign(size)
    let whole = try trail.json("2027-03")
    #expect(whole["named"]?["unwitnessed"]?.string == "none")
    #expect(whole["signed"]?["cosignatures"]?.integer == 1)
    #expect(whole["checkpoint"]?.string?.contains("\u{2014} witness.example ") == true)
    // The end of an epoch that was cut off by a restore stays unsigned.
    for _ in 0..<3 { try trail.write("door.open", at: "2027-03-03T12:00:00Z") }
    try node.database.transaction { () throws(KianaError) in
      try TileTable(node.database).insert(epoch: 1, first: size + 3)
    }
    let fork = try trail.write("audit.fork", target: "log", at: "2027-03-04T12:00:00Z")
    #expect(fork == size + 3)
    let forked = try trail.json("2027-03")
    #expect(forked["named"]?["unsigned"]?.string == "\(size) to \(size + 2)")
    #expect(forked["signed"]?["origin"]?.string?.hasSuffix("/audit/1") == true)
    #expect(
      forked["ranges"]?.array?.map { $0["state"]?.string }
        == ["signed and witnessed", "not signed", "signed, not witnessed"])
  }

  // MARK: templates

  @Test func `validators have their rates, refusals their reasons`() throws {
    let trail = try Trail()
    let node = trail.node
    let entry = try trail.write("block.reject", at: "2027-03-01T12:00:00Z") {
      $0.result = .deny
      $0.verdict = .invalid
    }
    let day = try #require(ReportPeriod("2027-03-01")).first
    let other = TestAuthor(1).aid
    try node.database.transaction { () throws(KianaError) in
      let table = ValidationTable(node.database)
      try table.add(
        .init(validator: other, day: day, valid: 9, invalid: 1, agreed: 2, disagreed: 1))
      try table.add(.init(validator: other, day: day + 1, unknown: 5))
      try table.add(.init(validator: node.aid, day: day, valid: 7))
      try table.add(.init(validator: other, day: day + 40, valid: 1000, agreed: 1000))
      for place in 0..<3 {
        try VerdictTable(node.database).insert(
          refusal: Hash32.zero, entry: entry, place: place, .allGood,
          reason: place == 0 ? "gap" : "fork")
      }
    }
    let rows = try #require(try trail.json("2027-03", .validator)["validators"]?.array)
    let theirs = try #require(rows.first { $0["validator"]?.string == other.text })
    #expect(rows.count == 2)
    #expect(theirs["agreement_per_mille"]?.integer == 666)
    #expect(theirs["valid"]?.integer == 9 && theirs["unknown"]?.integer == 5)
    let ours = try #require(rows.first { $0["validator"]?.string == node.aid.text })
    #expect(ours["own"]?.string == "this node" && ours["agreement_per_mille"] == .null)
    #expect(try trail.json("2027-03", .validator)["validators_by_day"]?.array?.count == 3)
    let refusals = try #require(try trail.json("2027-03", .blockValidation)["refusals"]?.array)
    #expect(refusals.map { $0["reason"]?.string } == ["fork", "gap"])
    #expect(refusals.map { $0["blocks"]?.integer } == [2, 1])
    #expect(try trail.json("2027-03", .blockValidation)["judged_by_day"]?.array?.count == 1)
  }

  @Test func `a long list says how much of it is left out`() throws {
    let trail = try Trail()
    for index in 0..<1003 {
      try trail.write(
        index.isMultiple(of: 2) ? "key.events" : "file.sign", at: "2027-03-01T12:00:00Z")
    }
    let json = try trail.json("2027-03", .keys)
    #expect(json["events"]?.array?.count == 1000)
    #expect(json["left_out"]?["events"]?.integer == 3)
    #expect(json["events"]?.array?.last?["actor"]?.string == trail.node.aid.text)
    let places = json["events"]?.array?.compactMap { $0["place"]?.integer } ?? []
    #expect(places == places.sorted() && Set(places).count == 1000)
    let text = String(decoding: try trail.report("2027-03", .keys).text(.md), as: UTF8.self)
    #expect(text.contains("3 more are not listed"))
    #expect(text.contains(" | key.events | this node | hall | ok |\n"))
    #expect(try trail.json("2027-03", .access)["denials"] == .array([]))
  }
}
