import KianaCrypto
import KianaModel
import KianaTesting
import Testing

@Suite struct NegentropyTests {
  private let crypto = Sodium()

  private func ids(_ count: Int, _ random: inout SeededGenerator) -> Set<Hash32> {
    Set(
      (0..<count).map { _ in
        Hash32((0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })!
      })
  }

  private func side(_ ids: Set<Hash32>, begins: Bool, bytesMax: Int) -> Negentropy {
    Negentropy(ids.sorted(), isInitiator: begins, messageBytesMax: bytesMax, crypto)
  }

  /// What the one who begins learns, and how many bytes and messages it took.
  private func reconcile(
    _ left: Set<Hash32>, _ right: Set<Hash32>, bytesMax: Int = 1 << 20
  ) throws -> (have: Set<Hash32>, need: Set<Hash32>, bytes: Int, messages: Int) {
    let first = side(left, begins: true, bytesMax: bytesMax)
    let second = side(right, begins: false, bytesMax: bytesMax)
    var (have, need) = (Set<Hash32>(), Set<Hash32>())
    var (bytes, messages) = (0, 0)
    var next: [UInt8]? = first.initiate()
    while let message = next {
      let answer = try #require(try second.reconcile(message).answer)
      for one in [message, answer] {
        #expect(one.count <= bytesMax)
        bytes += one.count
        messages += 1
      }
      let found = try first.reconcile(answer)
      have.formUnion(found.have)
      need.formUnion(found.need)
      next = found.answer
      #expect(messages < 2000)
      if messages >= 2000 { break }
    }
    return (have, need, bytes, messages)
  }

  @Test(arguments: 1...60)
  func `who begins learns the whole difference`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let shared = ids(Int.random(in: 0...3000, using: &random), &random)
    let mine = ids(Int.random(in: 0...40, using: &random), &random)
    let theirs = ids(Int.random(in: 0...400, using: &random), &random)
    let bytesMax = seed % 2 == 0 ? 1 << 20 : 4096
    let found = try reconcile(shared.union(mine), shared.union(theirs), bytesMax: bytesMax)
    #expect(found.have == mine && found.need == theirs, "seed \(seed)")
  }

  @Test func `equal sets take one short message each way`() throws {
    var random = SeededGenerator(seed: 1)
    let all = ids(5000, &random)
    let found = try reconcile(all, all)
    #expect(found.have.isEmpty && found.need.isEmpty)
    #expect(found.messages == 2 && found.bytes < 400)
  }

  @Test func `200 changes among 100,000 cost 210 kilobytes and two round trips`() throws {
    var random = SeededGenerator(seed: 2)
    let shared = ids(100_000, &random)
    let old = ids(200, &random)
    // What changed keeps its first eight bytes, as the heads of a feed do.
    let new = Set(old.map { Hash32($0.bytes.prefix(8) + $0.bytes.suffix(24).reversed())! })
    let found = try reconcile(shared.union(old), shared.union(new))
    #expect(found.need == new && found.have == old)
    #expect(found.bytes < 210_000 && found.messages == 4, "\(found.bytes) \(found.messages)")
  }

  /// The first message over two ids, written by hand from the protocol's page.
  @Test func `the bytes are those of version 1`() throws {
    let low = Hash32([UInt8](repeating: 0x11, count: 32))!
    let high = Hash32([UInt8](repeating: 0x99, count: 32))!
    let message = side([low, high], begins: true, bytesMax: 4096).initiate()
    #expect(message == [0x61, 0x00, 0x00, 0x02, 0x02] + low.bytes + high.bytes)
    let many = Set((0..<33).map { index in Hash32([UInt8(index)] + high.bytes.dropFirst())! })
    let buckets = side(many, begins: true, bytesMax: 4096).initiate()
    // 16 ranges of 19 bytes, but for the first byte of the next one in the bounds between them.
    #expect(buckets.count == 1 + 16 * 19 + 15)
    #expect(buckets.prefix(5) == [0x61, 0x01, 0x01, 0x03, 0x01])
    let print = crypto.sha256(sumOfFirstThree(high), [3]).bytes.prefix(16)
    #expect(Array(buckets[5..<21]) == Array(print))
  }

  /// 00 99 99 .., 01 99 99 .. and 02 99 99 .., added byte by byte.
  private func sumOfFirstThree(_ id: Hash32) -> [UInt8] {
    var carry = 0
    return (0..<32).map { place in
      let sum = (place == 0 ? 0 + 1 + 2 : 3 * Int(id.bytes[place])) + carry
      carry = sum >> 8
      return UInt8(sum & 0xFF)
    }
  }

  @Test func `a malformed message is refused, and a changed one never traps`() throws {
    var random = SeededGenerator(seed: 3)
    let all = ids(500, &random)
    let second = side(all, begins: false, bytesMax: 4096)
    for text: [UInt8] in [
      [], [0x60], [0x61, 1], [0x61, 0, 0, 9], [0x61, 1, 33], [0x61, 0, 0, 2, 0x7F],
      [0x61, 1, 1, 9, 0, 1, 1, 8, 0], [0x61, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
    ] {
      #expect(throws: SyncFault.self) { _ = try second.reconcile(text) }
    }
    let good = side(ids(300, &random), begins: true, bytesMax: 4096).initiate()
    for _ in 0..<3000 {
      var bad = good
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bad[Int.random(in: 1..<bad.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      if let found = try? second.reconcile(bad) { #expect(found.answer?.count ?? 0 <= 4096) }
    }
  }
}
