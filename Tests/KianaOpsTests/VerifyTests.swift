import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// Damage is done to the database behind the node's back; `verify` must name it.
@Suite struct VerifyTests {
  /// What is damaged, and the words that `verify` finds for it.
  @Test(arguments: [
    ("UPDATE content SET bytes = x'61' WHERE no = 2", "content-mismatch"),
    ("UPDATE content SET salt = zeroblob(32) WHERE no = 2", "content-mismatch"),
    ("UPDATE block SET sig = zeroblob(64) WHERE no = 2", "bad-signature"),
    (
      "UPDATE block SET header = CAST(replace(CAST(header AS TEXT), '\"seq\":1', '\"seq\":7') AS BLOB) WHERE no = 2",
      "bad-signature"
    ),
    ("UPDATE block SET id = zeroblob(32) WHERE no = 2", "bad-signature"),
    ("DELETE FROM block WHERE no = 2", "gap"),
    ("DELETE FROM block WHERE no = 3", "head"),
    ("UPDATE feed SET blocks = 9", "count"),
    ("UPDATE meta SET value = 9 WHERE name = 'blocks'", "count"),
    ("DELETE FROM key_event", "unknown-author"),
    ("UPDATE key_event SET event = substr(event, 1, 100) WHERE s = 1", "damaged"),
  ])
  func `damage is found and named`(sql: String, kind: String) throws {
    let node = try TestNode()
    try node.put("one", "two", "three")
    #expect(try node.findings().isEmpty)
    try node.node.database.execute(sql)
    try node.reopen()
    #expect(try node.findings().map(\.kind).contains(kind))
  }

  @Test func `an index that does not fit is found`() throws {
    let node = try TestNode()
    try node.put("one", "two")
    _ = try Search(node.node).find("one", BlockQuery(), limit: 1)
    let index = try node.node.directory.openIndex()
    try index.execute("DELETE FROM label WHERE no = 2")
    try index.execute("INSERT INTO words (rowid, topic, tags, body) VALUES (77, '', '', 'ghost')")
    let kinds = try node.findings().map(\.kind)
    #expect(kinds.filter { $0 == "index" }.count >= 2)
  }
}
