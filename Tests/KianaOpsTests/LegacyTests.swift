import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

@Suite struct LegacyTests {
  private func run(
    _ node: TestNode, _ path: String
  ) throws -> (LegacyImport.Summary, [LegacyImport.Judged], [String]) {
    var judged = [LegacyImport.Judged]()
    var skipped = [String]()
    let summary = try LegacyImport(node.node).run(
      [path], writer: try node.writer(), report: { judged.append($0) },
      skip: { (path, _) in skipped.append(path) })
    return (summary, judged, skipped)
  }

  @Test(.enabled(if: Vectors.isLegacyHere, "the original's files are not here"))
  func `the original's own blocks are proved and taken in, once`() throws {
    let node = try TestNode()
    let (summary, judged, _) = try run(node, Vectors.legacyFolder)
    #expect(summary.stored == 28)
    #expect(summary.bad == 0)
    #expect(judged.allSatisfy { $0.hash == .good })
    #expect(
      judged.filter { $0.format == .c || $0.format == .d }.allSatisfy { $0.signature == .good })
    #expect(judged.filter { $0.link == .missing }.map(\.format) == [.b])
    #expect(
      try run(node, Vectors.legacyFolder).0
        == {
          var same = LegacyImport.Summary()
          same.known = 28
          return same
        }())
    #expect(try node.findings().isEmpty)
    let first = try #require(judged.first?.block)
    let bytes = try DurableFile.read(judged[0].path, sizeBytesMax: 10_000)
    #expect(try BlockReader(node.node).read(first).content?.bytes == bytes)
  }

  @Test(.enabled(if: Vectors.isLegacyHere, "the original's files are not here"))
  func `an original block with one letter changed is stored with that verdict`() throws {
    let node = try TestNode()
    let bytes = try DurableFile.read(
      "\(Vectors.legacyFolder)/chain_v3_block_3.json", sizeBytesMax: 10_000)
    let text = String(decoding: bytes, as: UTF8.self)
    let path = try node.folder.write(
      "old/x.json", Array(text.replacing("\"source\": \"", with: "\"source\": \"!").utf8))
    let (summary, judged, _) = try run(node, path)
    #expect(summary.bad == 1)
    #expect(judged[0].hash == .bad)
    #expect(judged[0].signature == .bad)
    #expect(judged[0].block != nil)
  }

  @Test func `files that are none of the formats are named and left`() throws {
    let node = try TestNode()
    for (name, text) in [
      ("a.json", "{"), ("b.json", "{\"name\":\"package\"}"), ("c.json", "[]"), ("d.txt", "x"),
      ("e.json", "{\"a\":1,\"a\":2}"), ("f.json", "{\"content\":\"first words\",\"topic\":\"t\"}"),
    ] {
      try node.folder.write("old/\(name)", Array(text.utf8))
    }
    let (summary, judged, skipped) = try run(node, "\(node.folder.path)/old")
    #expect(summary.stored == 1)
    #expect(judged.map(\.format) == [.f])
    #expect(skipped.count == 4)
  }
}
