import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

@Suite struct NodeTests {
  @Test func `a new node has an identity with a key of each use`() throws {
    let node = try TestNode()
    let log = try #require(try node.node.keyLog(of: node.node.aid))
    #expect(log.lastS == 1)
    #expect(Set(log.keys.map(\.use)) == Set(KeyUse.allCases))
    #expect(log.keys.allSatisfy { $0.state == .active })
    let control = try #require(log.establishment?.keys.first)
    #expect(DurableFile.names(in: node.node.directory.keysPath).count == 8)
    let vault = try Vault.open(
      node.node.directory, owner: node.node.aid, source: .credential(path: node.places.credential),
      like: KeyFile.control)
    let seed = try vault.load(name: KeyFile.control, key: control)
    #expect(Sodium().publicKey(ofSeed: seed) == control)
    #expect(try node.findings().isEmpty)
  }

  @Test func `the recovery code opens the next key, and only its file has it`() throws {
    let node = try TestNode()
    let path = RecoveryFile.path(of: node.node.aid, in: node.places)
    let text = try SecretFile.read(path)
    guard let master = RecoveryCode.master(fromText: text) else {
      Issue.record("the file holds no recovery code")
      return
    }
    let next = Sodium().publicKey(ofSeed: RecoveryCode.nextKeySeed(master, index: 1))
    let log = try #require(try node.node.keyLog(of: node.node.aid))
    #expect(log.establishment?.nextDigests == [next.commitment(Sodium())])
    #expect(try node.node.meta.text(.backupRecipient) == RecoveryCode.backupRecipient(master))
    let words = String(
      decoding: try DurableFile.readPrivate(path, sizeBytesMax: 100), as: UTF8.self)
    let group = String(words.split(separator: " ")[3])
    #expect(try TemporaryFolder.files(in: node.places.state, holding: group).isEmpty)
  }

  @Test func `a node is not made twice, and one that was interrupted is finished`() throws {
    let node = try TestNode()
    func make() throws(KianaError) -> NewNode.Result {
      try NewNode.make(
        in: node.places, unlockedBy: .credential(path: node.places.credential),
        isOnTerminal: false, isSmallMachine: true, now: { 0 })
    }
    #expect(throws: KianaError.self) { try make() }
    try DurableFile.delete("\(node.places.guardDirectory)/\(node.node.aid.text).guard")
    #expect(try make().wasFinished)
    #expect(try node.put("fine").count == 1)
    try DurableFile.delete("\(node.places.guardDirectory)/\(node.node.aid.text).guard")
    #expect(throws: KianaError.self) { try make() }
  }

  @Test func `keys whose database is gone are not replaced`() throws {
    let node = try TestNode()
    let before = DurableFile.names(in: node.node.directory.keysPath)
    for suffix in ["", "-wal", "-shm"] {
      try DurableFile.delete(node.node.directory.truthPath + suffix)
    }
    #expect(throws: KianaError.self) {
      try NewNode.make(
        in: node.places, unlockedBy: .credential(path: node.places.credential),
        isOnTerminal: false, isSmallMachine: true, now: { 0 })
    }
    #expect(DurableFile.names(in: node.node.directory.keysPath) == before)
  }

  @Test func `a state that was put back from a copy does not sign`() throws {
    let node = try TestNode()
    try node.put("one")
    #expect(try RestoredState.reason(node.node) == nil)
    let guardPath = "\(node.places.guardDirectory)/\(node.node.aid.text).guard"
    let kept = try DurableFile.read(guardPath, sizeBytesMax: 10_000)
    try node.put("two")
    let newer = try DurableFile.read(guardPath, sizeBytesMax: 10_000)
    #expect(kept != newer)
    // A copy lies in another file.
    let bytes = try DurableFile.read(node.node.directory.truthPath, sizeBytesMax: 1 << 26)
    try node.node.database.checkpointAndTruncate()
    try DurableFile.write(bytes, to: node.node.directory.truthPath, mode: 0o600)
    try node.reopen()
    do throws(KianaError) {
      try node.put("three")
      Issue.record("signed")
    } catch {
      #expect(error.code == .refused)
    }
  }

  @Test func `keys sealed with a passphrase open with it and with nothing else`() throws {
    let folder = TemporaryFolder()
    let places = Places(
      state: "\(folder.path)/state", guardDirectory: "\(folder.path)/guard",
      credential: "\(folder.path)/credential")
    func phrase(_ text: String) throws(KianaError) -> UnlockSource {
      let path = try folder.write("phrase", Array((text + "\n").utf8))
      return try UnlockSource.read(.file(path), places: places)
    }
    _ = try NewNode.make(
      in: places, unlockedBy: try phrase("correct horse"), isOnTerminal: false,
      isSmallMachine: true, now: { 1_800_000_000_000 })
    let node = try Node.open(try StateDirectory.existing(places), now: { 1_800_000_000_000 })
    func put(_ source: borrowing UnlockSource) -> KianaError.Code? {
      do throws(KianaError) {
        _ = try BlockWriter(node, unlockedBy: source).put([Draft(content: [1])])
        return nil
      } catch {
        return error.code
      }
    }
    #expect(put(try phrase("correct horse")) == nil)
    #expect(put(try phrase("wrong horse")) == .key)
    #expect(put(.credential(path: places.credential)) == .key)
    #expect(!DurableFile.exists(places.credential))
  }

  @Test func `blocks are found by prefix, and an ambiguous one is not guessed`() throws {
    let node = try TestNode()
    let ids = try node.put("a", "b")
    let reader = BlockReader(node.node)
    #expect(try reader.resolve(ids[0].hex) == ids[0])
    #expect(try reader.resolve(String(ids[0].hex.prefix(12))) == ids[0])
    for text in ["zzzz", "abc", ids[0].hex + "0", "ABCD"] {
      #expect(throws: KianaError.self) { try reader.resolve(text) }
    }
    #expect(throws: KianaError.self) { try reader.resolve("0000000000000000") }
  }

  @Test func `filters and time find what they name`() throws {
    let node = try TestNode()
    let writer = try node.writer()
    _ = try writer.put([
      Draft(content: Array("a".utf8), tags: ["x", "y"], topic: "one"),
      Draft(content: Array("b".utf8), kind: "recipe/1", tags: ["x"], topic: "two"),
      Draft(content: Array("c".utf8), feed: "side"),
    ])
    func found(_ edit: (inout BlockQuery) -> Void) throws -> String {
      var query = BlockQuery()
      edit(&query)
      var words = ""
      try BlockLog(node.node).forEach(query, isNewestFirst: false) { (block) throws(KianaError) in
        words += String(decoding: block.content?.bytes ?? [], as: UTF8.self)
        return true
      }
      return words
    }
    #expect(try found { _ in } == "abc")
    #expect(try found { $0.tags = ["x"] } == "ab")
    #expect(try found { $0.tags = ["x", "y"] } == "a")
    #expect(try found { $0.topic = "two" } == "b")
    #expect(try found { $0.kind = "recipe/1" } == "b")
    #expect(try found { $0.feed = "side" } == "c")
    #expect(
      try found {
        $0.author = node.node.aid
        $0.feed = "main"
      } == "ab")
    #expect(try found { $0.topic = "never" } == "")
    #expect(try found { $0.author = TestAuthor(1).aid } == "")
    #expect(try found { $0.since = node.clock.now } == "abc")
    #expect(try found { $0.until = node.clock.now } == "")
    #expect(
      try found {
        $0.since = node.clock.now
        $0.tags = ["y"]
      } == "a")
  }

  @Test func `search finds words, phrases and beginnings, the best first`() throws {
    let node = try TestNode()
    let ids = try node.put(
      "The well was dug in 1911, a deep well", "A tree by the well", "Über den Brunnen")
    func search(_ text: String) throws -> [Hash32] {
      try Search(node.node).find(text, BlockQuery(), limit: 10).hits.map(\.block.id)
    }
    #expect(try search("well") == [ids[0], ids[1]])
    #expect(try search("tree well") == [ids[1]])
    #expect(try search("\"dug in\"") == [ids[0]])
    #expect(try search("uber brun*") == [ids[2]])
    #expect(try search("well -tree") == [ids[0]])
    #expect(try search("nothing").isEmpty)
    let hit = try Search(node.node).find("dug", BlockQuery(), limit: 1).hits.first
    #expect(hit?.snippet.contains("[dug]") == true)
  }

  @Test func `an index that is lost, old or damaged is made again`() throws {
    let node = try TestNode()
    try node.put("the well")
    func count() throws -> Int {
      try Search(node.node).find("well", BlockQuery(), limit: 10).hits.count
    }
    #expect(try count() == 1)
    try node.node.directory.deleteIndex()
    #expect(try count() == 1)
    for suffix in ["-wal", "-shm"] {
      try DurableFile.delete(node.node.directory.indexPath + suffix)
    }
    try DurableFile.write(
      Array(repeating: 0x41, count: 5000), to: node.node.directory.indexPath, mode: 0o600)
    #expect(try count() == 1)
    #expect(try node.findings().isEmpty)
  }

  @Test func `what a person may give wrong is refused before anything is signed`() throws {
    let node = try TestNode()
    let long = String(repeating: "x", count: 257)
    let drafts = [
      Draft(content: [], feed: "Main"), Draft(content: [], kind: "a b"),
      Draft(content: [], kind: "redact/1"), Draft(content: [], mediaType: "ü"),
      Draft(content: [], tags: [long]), Draft(content: [], topic: long),
      Draft(content: [], tags: Array(repeating: "t", count: 33)),
      Draft(content: [UInt8](repeating: 0, count: 1 << 20 + 1)),
    ]
    for draft in drafts {
      #expect(throws: KianaError.self) { try node.writer().put([draft]) }
    }
    #expect(try node.node.meta.integer(.blocks) == 0)
    // A way out is named only where there is one.
    for (kind, command) in [("redact/1", "kiana-node redact"), ("admit/1", "no command")] {
      let error = #expect(throws: KianaError.self) {
        try node.writer().put([Draft(content: [], kind: kind)])
      }
      #expect(error?.hint.contains(command) == true)
    }
  }
}
