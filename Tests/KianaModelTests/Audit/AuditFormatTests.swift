import KianaCrypto
import KianaModel
import Testing

/// What leaves the audit trail, in the formats of others.
@Suite struct AuditFormatTests {
  private let crypto = Sodium()

  private func record(
    target: String = "hall", actor: String = "anna", type: String = "door.open",
    result: AuditEntry.Result = .ok, verdict: AuditEntry.Verdict? = nil,
    payload: [UInt8]? = nil
  ) -> AuditRecord {
    let content = payload.map { BlockContent(salt: .zero, bytes: $0) }
    let entry = AuditEntry(
      actor: actor, payloadCommitment: content.map { crypto.sha256([2], $0.salt.bytes, $0.bytes) },
      payloadSize: payload?.count ?? 0, result: result, time: 1_800_000_000_123, target: target,
      type: type, verdict: verdict)
    return AuditRecord(
      seq: 7, entry: entry, leafHash: crypto.treeLeaf(entry.leaf()), origin: "kiana/E1/audit/0",
      payloadState: content == nil ? .none : .here, payload: content)
  }

  private func text(_ format: AuditFormat, _ records: [AuditRecord]) -> String {
    var writer = AuditWriter(format, version: "1.2|3")
    var out = writer.opening
    for record in records { out += writer.record(record) }
    return String(decoding: out + writer.closing, as: UTF8.self)
  }

  @Test(arguments: [
    ("a", "a"), ("", ""), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("a\nb", "\"a\nb\""),
    ("a\r\nb", "\"a\r\nb\""), ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"),
    ("\tx", "'\tx"), ("\rx", "\"'\rx\""), ("=\"a\",1", "\"'=\"\"a\"\",1\""), ("a=1", "a=1"),
    ("=\u{301}1", "'=\u{301}1"),
  ])
  func `no cell is a formula, and commas, quotes and line ends stay in their cell`(
    cell: String, written: String
  ) {
    #expect(CSV.cell(cell) == written)
  }

  @Test func `a table has a header, and as many cells in each row`() {
    let rows = text(.csv, [record(), record(target: "a")]).split(separator: "\r\n")
    #expect(rows.count == 3)
    #expect(
      Set(rows.map { $0.split(separator: ",", omittingEmptySubsequences: false).count }) == [13])
    #expect(text(.csv, []).hasSuffix("payload_state,leaf_hash\r\n"))
  }

  @Test(arguments: [
    ("a|b\\c", "a\\|b\\\\c", "a|b\\\\c"), ("a=b", "a=b", "a\\=b"),
    ("a\nb\rc", "a b c", "a\\nb\\rc"), ("a\r\nb", "a  b", "a\\r\\nb"),
  ])
  func `CEF escapes what would end a field`(text: String, header: String, value: String) {
    #expect(CEF.headerField(text) == header)
    #expect(CEF.value(text) == value)
  }

  @Test func `a CEF line has seven bars that are not escaped, and one end`() {
    let line = text(.cef, [record(target: "a|b=c\\d", result: .deny, verdict: .invalid)])
    #expect(
      line.hasPrefix("CEF:0|kiana|kiana-audit|1.2\\|3|door.open|door open|5|rt=1800000000123 "))
    #expect(line.contains(" cs1=a|b\\=c\\\\d cs1Label=target "))
    #expect(line.contains(" outcome=failure reason=deny ") && line.contains(" cs4=invalid "))
    #expect(line.split(separator: "\n").count == 1)
  }

  @Test func `the leaf can be put together from a JSON line, and hashed`() throws {
    for record in [record(), record(verdict: .unknown, payload: Array("{\"a\":1.50}".utf8))] {
      let object = try JSONValue.parse(Array(text(.jsonl, [record]).utf8), .foreign)
      let names = ["actor", "kid", "pc", "ps", "result", "t", "target", "type", "v", "verdict"]
      let leaf = JSONValue.object(try #require(object.members).filter { names.contains($0.name) })
      #expect(leaf.canonical() == record.entry.leaf())
      #expect(object["leaf_hash"]?.string == crypto.treeLeaf(leaf.canonical()).hex)
      #expect(try #require(object.members).map(\.name).sorted() == object.members?.map(\.name))
    }
  }

  @Test(arguments: [
    (Array("{\"a\":1.50}".utf8), true), (Array("\"x\"".utf8), true), ([0xFF, 0], false),
    (Array("{\"a\":1,\"a\":2}".utf8), false), ([], false),
  ])
  func `a payload's exact bytes are always there, and readable when they are JSON`(
    bytes: [UInt8], isJSON: Bool
  ) throws {
    let object = try JSONValue.parse(
      Array(text(.jsonl, [record(payload: bytes)]).utf8), .foreign)
    #expect(object["payload_b64"]?.string == Base64.encode(bytes, .standard))
    #expect((object["payload"] != nil) == isJSON)
    #expect(object["salt"]?.string == Hash32.zero.hex)
  }

  @Test func `an array is one JSON value, however many entries are in it`() throws {
    for count in 0...3 {
      let all = text(.json, (0..<count).map { _ in record() })
      #expect(try JSONValue.parse(Array(all.utf8)).array?.count == count)
    }
  }

  @Test func `control characters do not reach a terminal`() {
    let line = text(.text, [record(target: "a\u{1B}[2Jb\tc", verdict: .valid)])
    #expect(
      line == "7\t2027-01-15T08:00:00.123Z\tdoor.open\tok/valid\ta\u{FFFD}[2Jb c\tanna\n")
  }

  @Test func `the attestation of an OCSF event is the hash of its raw data`() throws {
    let event = OCSF.event(record(), version: "1")
    let raw = try #require(event["raw_data"]?.string)
    #expect(
      event["unmapped"]?["attestation"]?["fingerprint"]?["value"]?.string
        == crypto.treeLeaf(Array(raw.utf8)).hex)
    #expect(event["unmapped"]?["attestation"]?["authority_uid"]?.string == "E1")
    let refused = OCSF.event(record(type: "block.purge", result: .deny), version: "1")
    #expect(refused["type_uid"]?.integer == 300_404 && refused["status_id"]?.integer == 2)
  }

  @Test(
    arguments: [
      ("ab12.7", 7), ("ab12.0", 0), ("ab12.-1", nil), ("ab12.07", nil), ("ab12.+7", nil),
      ("AB12.7", nil), (".7", nil), ("ab12", nil), ("ab12.7 ", nil), ("", nil),
      ("ab12.99999999999999999999", nil),
    ] as [(String, Int64?)])
  func `a cursor has one spelling`(text: String, next: Int64?) {
    #expect(StoreCursor(text)?.next == next)
  }
}
