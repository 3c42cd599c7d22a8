import Glibc
import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// Secrets leave no trace in the memory of the process that used them.
@Suite(.serialized) struct SecretMemoryTests {
  /// Looks for bytes in all memory that this process can write, without ever having them in it: the
  /// pattern is kept with each byte turned over.
  private struct Search {
    let turned: [UInt8]

    init(_ secret: borrowing Secret) {
      turned = secret.withBytes { bytes in
        (0..<bytes.byteCount).map {
          ~(unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self))
        }
      }
    }

    /// How many places hold the bytes, or the first half of them.
    func count() throws -> Int {
      let maps = try DurableFile.read("/proc/self/maps", sizeBytesMax: 1 << 24)
      let memory = unsafe open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
      try #require(memory >= 0)
      defer { close(memory) }
      var found = 0
      for line in maps.split(separator: 0x0A) {
        let words = line.split(separator: 0x20)
        guard words.count >= 2, words[1].starts(with: Array("rw".utf8)) else { continue }
        let range = String(decoding: words[0], as: UTF8.self).split(separator: "-")
        guard range.count == 2, let start = UInt64(range[0], radix: 16),
          let end = UInt64(range[1], radix: 16)
        else { continue }
        found += count(memory, start, end)
      }
      return found
    }

    private func count(_ memory: Int32, _ start: UInt64, _ end: UInt64) -> Int {
      let chunk = 1 << 20
      let half = turned.count / 2
      var buffer = [UInt8](repeating: 0, count: chunk)
      var place = start
      var found = 0
      while place < end {
        let wanted = min(UInt64(chunk), end - place)
        let got = unsafe pread(memory, &buffer, Int(wanted), off_t(truncatingIfNeeded: place))
        guard got > half else { return found }
        found += unsafe buffer.withUnsafeBufferPointer { unsafe matches($0, got, half) }
        // What lies across two pieces is seen in the next one.
        if got < Int(wanted) || place + UInt64(got) >= end { return found }
        place += UInt64(got - half)
      }
      return found
    }

    private func matches(_ buffer: UnsafeBufferPointer<UInt8>, _ count: Int, _ half: Int) -> Int {
      var found = 0
      let first = ~turned[0]
      for index in 0..<(count - half) where unsafe buffer[index] == first {
        var matched = 1
        while matched < half, unsafe ~buffer[index + matched] == turned[matched] { matched += 1 }
        if matched == half { found += 1 }
      }
      return found
    }
  }

  private func secret(_ node: TestNode, _ use: KeyUse) throws -> Secret {
    let log = try #require(try node.node.keyLog(of: node.node.aid))
    let key = try #require(log.signingKey(use))
    let name = KeyFile.name(use, key)
    let vault = try Vault.open(
      node.node.directory, owner: node.node.aid,
      source: .credential(path: node.places.credential), like: name)
    return try vault.load(name: name, key: key)
  }

  @Test func `a search finds a secret that lies in plain memory`() throws {
    let secret = Secret(randomCount: 32)
    let search = Search(secret)
    // The one in guarded memory.
    #expect(try search.count() == 1)
    let copy = secret.withBytes { bytes in
      (0..<32).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }
    #expect(try search.count() >= 2)
    #expect(copy.count == 32)
  }

  @Test func `after signing, sealing and opening, no seed is anywhere in memory`() throws {
    let node = try TestNode()
    let source = node.places.credential
    var searches = [Search]()
    for use in [KeyUse.file, .block, .enc] { searches.append(Search(try secret(node, use))) }
    let file = try node.folder.write("f", Array("words".utf8))
    for _ in 0..<3 {
      let signing = try FileSigning(node.node, unlockedBy: .credential(path: source))
      _ = try signing.sign(file, prefix: file, FileSigning.Format.allCases, comment: nil)
      try node.put("a block")
      let key = try #require(try node.node.keyLog(of: node.node.aid)?.signingKey(.enc))
      try Sealing().seal(file, to: "\(file).age", isArmored: true, recipients: [key.raw])
      let opening = try Opening("\(file).age", to: "\(file).out") { _ in
        .node(node.node, .credential(path: source))
      }
      try opening.run()
    }
    for search in searches { #expect(try search.count() == 0) }
  }

  @Test func `after an emergency and a new passphrase, no code and no seed is in memory`() throws {
    let node = try TestNode()
    let path = try #require(RecoveryCheck(node.node).unconfirmed)
    // The master itself, not its text.
    let code = try SecretFile.recoveryCode(descriptor: nil, files: [path])
    guard let master = RecoveryCode.master(fromText: code) else {
      Issue.record("the code is not read")
      return
    }
    let searches = [Search(master), Search(RecoveryCode.nextKeySeed(master, index: 1))]
    try takeBack(node, path)
    let unlock = UnlockSource.credential(path: node.places.credential)
    try Protection(node.node).change(
      from: unlock, to: .credential(path: node.places.credential), isSmallMachine: true)
    let isHeld = master.count + code.count
    // The master of this test is still held, in guarded memory, and nowhere else.
    #expect(try searches[0].count() == 1)
    #expect(try searches[1].count() == 0)
    #expect(isHeld > 0)
  }

  private func takeBack(_ node: TestNode, _ path: String) throws {
    let emergency = Emergency(node.node)
    try emergency.carryOut(
      try emergency.plan(from: nil, last: []),
      code: try SecretFile.recoveryCode(descriptor: nil, files: [path]),
      unlockedBy: .credential(path: node.places.credential))
  }
}
