import KianaModel
import KianaTesting
import Testing

@Suite struct ValueTests {
  private let now: Int64 = 1_795_443_223_037  // 2026-11-23T14:13:43.037Z

  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (1_795_443_223_037, "2026-11-23T14:13:43.037Z"),
    (951_782_400_000, "2000-02-29T00:00:00Z"), (-1000, "1969-12-31T23:59:59Z"),
    (253_402_300_799_000, "9999-12-31T23:59:59Z"),
  ])
  func `a moment is written and read back`(milliseconds: Int64, text: String) {
    #expect(Moment.text(milliseconds) == text)
    #expect(Moment.parse(text, now: 0, offsetSeconds: 3600) == milliseconds)
  }

  @Test(arguments: [
    ("now", 1_795_443_223_037), ("2h ago", 1_795_436_023_037), ("3 days ago", 1_795_184_023_037),
    ("today", 1_795_388_400_000), ("yesterday", 1_795_302_000_000),
    ("2026-11-23", 1_795_388_400_000), ("2026-11-23T15:13:43+01:00", 1_795_443_223_000),
    ("2026-11-23 14:13:43Z", 1_795_443_223_000),
  ])
  func `time words are read in local time, here an hour ahead of UTC`(text: String, value: Int64) {
    #expect(Moment.parse(text, now: now, offsetSeconds: 3600) == value)
  }

  @Test(arguments: [
    "", "soon", "ago", "2x ago", "2026-13-01", "2026-02-30", "2026-11-23T25:00:00Z",
    "2026-11-23T14:13:43", "99999999999999999999h ago", "2026-11-23T14:13:43+1:00",
  ])
  func `what is no time is refused`(text: String) {
    #expect(Moment.parse(text, now: now, offsetSeconds: 0) == nil)
  }

  @Test(arguments: [
    ("serach", "search"), ("exprot", "export"), ("imp", nil), ("xyzzy", nil), ("logg", "log"),
  ])
  func `did you mean finds the near word and no far one`(typed: String, meant: String?) {
    #expect(Nearest.to(typed, among: ["search", "export", "import", "log"]) == meant)
  }

  @Test func `text of others cannot steer a terminal`() {
    #expect(Printable.line("a\u{1B}[31mb\nc\u{202E}d") == "a\u{FFFD}[31mb c\u{FFFD}d")
    #expect(Printable.text("a\n\tb\u{9B}") == "a\n\tb\u{FFFD}")
    #expect(Printable.summary("\n \n first \nsecond", lettersMax: 20) == " first ")
  }

  @Test(arguments: [
    ("well", #""well""#), ("well 1911", #""well" AND "1911""#),
    ("\"dug in\" -tree", #"("dug in") NOT ("tree")"#),
    ("be*", #""be"*"#), ("a\"b", #""a" AND "b""#), ("NEAR(x) OR y", #""NEAR(x)" AND "OR" AND "y""#),
  ])
  func `a search is words and never syntax`(typed: String, match: String) {
    #expect(SearchText.match(typed) == match)
  }

  @Test(arguments: ["", "  ", "-well", "\"\"", "*", "--"])
  func `a search without a word that must be there is refused`(typed: String) {
    #expect(SearchText.match(typed) == nil)
  }

  @Test func `base64 and hex have one spelling`() {
    #expect(Base64.decode("AA") == [0])
    for text in ["AB", "A", "AA==", "A A", "AAAAA", "+A"] { #expect(Base64.decode(text) == nil) }
    #expect(Base64.decode("AA==", .standard) == [0])
    for text in ["AA", "AB==", "AA=", "_A=="] { #expect(Base64.decode(text, .standard) == nil) }
    #expect(Hash32(hex: String(repeating: "A", count: 64)) == nil)
    var random = SeededGenerator(seed: 7)
    for length in 0..<80 {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
      #expect(Base64.decode(Base64.encode(bytes, .standard), .standard) == bytes)
      #expect(Hex.decode(Hex.encode(bytes).utf8) == bytes)
    }
  }

  @Test func `the hex of an id is made of sixteen letters, wherever they stand`() {
    let digits = Array("0123456789abcdef".utf8)
    for letter in UInt8.min...UInt8.max {
      for place in 0..<64 {
        var text = [UInt8](repeating: 0x37, count: 64)
        text[place] = letter
        let hash = Hash32(hex: text.span)
        #expect((hash != nil) == digits.contains(letter))
        if let hash { #expect(Array(hash.hex.utf8) == text) }
      }
    }
  }

  @Test func `a guard record tells a restored state from the one that wrote it`() throws {
    let head = FeedPosition(epoch: 0, feed: "main", id: .zero, seq: 5)
    func record(
      audit: Int64 = 9, heads: [FeedPosition] = [], inode: UInt64 = 3, keys: Int64 = 1,
      signed: GuardRecord.SignedLog? = GuardRecord.SignedLog(epoch: 1, size: 7)
    ) -> GuardRecord {
      GuardRecord(
        auditSize: audit, birthNanoseconds: 1_795_443_223_037_000_000, heads: heads, inode: inode,
        keyLogS: keys, signed: signed)
    }
    let kept = record(heads: [head])
    #expect(GuardRecord(bytes: kept.bytes()) == kept)
    #expect(GuardRecord(bytes: kept.bytes().dropLast(4)) == nil)
    #expect(kept.restoredReason(comparedTo: kept) == nil)
    #expect(kept.restoredReason(comparedTo: nil) != nil)
    #expect(record(audit: 8, heads: [head]).restoredReason(comparedTo: kept) != nil)
    #expect(record(heads: [head], inode: 4).restoredReason(comparedTo: kept) != nil)
    #expect(record(heads: [head], keys: 0).restoredReason(comparedTo: kept) != nil)
    #expect(record(heads: []).restoredReason(comparedTo: kept) != nil)
    let cases: [([Int64]?, Bool)] = [
      (nil, true), ([1, 6], true), ([0, 9], true), ([2, 1], false),
    ]
    for (numbers, isBehind) in cases {
      let signed = numbers.map { GuardRecord.SignedLog(epoch: $0[0], size: $0[1]) }
      let reason = record(heads: [head], signed: signed).restoredReason(comparedTo: kept)
      #expect((reason != nil) == isBehind)
    }
    let unsigned = record(heads: [head], signed: nil)
    #expect(GuardRecord(bytes: unsigned.bytes()) == unsigned)
    #expect(kept.restoredReason(comparedTo: unsigned) == nil)
    let behind = FeedPosition(epoch: 0, feed: "main", id: .zero, seq: 4)
    #expect(record(heads: [behind]).restoredReason(comparedTo: kept) != nil)
    let newEpoch = FeedPosition(epoch: 1, feed: "main", id: .zero, seq: 0)
    #expect(record(audit: 10, heads: [newEpoch]).restoredReason(comparedTo: kept) == nil)
  }
}
