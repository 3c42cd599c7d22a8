import KianaCrypto
import KianaModel
import KianaTesting
import Testing

/// Published vectors; `scripts/test.sh` says how many tests were skipped where the folder is absent.
@Suite(.enabled(if: Vectors.isHere, "the folder of published vectors is not here"))
struct VectorTests {
  private let crypto = Sodium()

  private func json(_ name: String) throws -> JSONValue {
    try JSONValue.parse(try Vectors.read(name), .foreign)
  }

  @Test func `BLAKE3 gives what the official vectors say`() throws {
    let cases = try json("blake3/test_vectors.json")["cases"]?.array ?? []
    print("blake3: \(cases.count) run, 0 skipped")
    #expect(cases.count >= 35)
    for one in cases {
      let length = try #require(one["input_len"]?.integer)
      let input = (0..<Int(length)).map { UInt8($0 % 251) }
      let expected = try #require(one["hash"]?.string).prefix(64)
      #expect(BLAKE3.hash(input).hex == String(expected), "input of \(length) bytes")
    }
  }

  /// Verifiers differ on these, and two of them would split the network: ours is pinned.
  @Test func `of the 914 edge cases of Ed25519 exactly those are accepted that libsodium accepts`()
    throws
  {
    let cases = try json("cctv-ed25519/ed25519vectors.json").array ?? []
    #expect(cases.count == 914)
    var accepted = 0
    for one in cases {
      let key = try #require(one["key"]?.string.flatMap { Hash32(hex: $0) })
      let signature = try #require(one["sig"]?.string.flatMap { Hex.decode($0.utf8) })
      let message = Array(try #require(one["msg"]?.string).utf8)
      if crypto.isSignature(signature, of: message, by: key) { accepted += 1 }
    }
    print("cctv-ed25519: \(cases.count) run, 0 skipped, \(accepted) accepted")
    #expect(accepted == 43)
  }

  @Test func `Wycheproof's Ed25519 cases are judged as they say`() throws {
    let groups = try json("wycheproof/ed25519_test.json")["testGroups"]?.array ?? []
    var count = 0
    for group in groups {
      let key = try #require(group["publicKey"]?["pk"]?.string.flatMap { Hash32(hex: $0) })
      for one in group["tests"]?.array ?? [] {
        let message = try #require(one["msg"]?.string.flatMap { Hex.decode($0.utf8) })
        let signature = try #require(one["sig"]?.string.flatMap { Hex.decode($0.utf8) })
        let isValid = one["result"]?.string == "valid"
        #expect(crypto.isSignature(signature, of: message, by: key) == isValid)
        count += 1
      }
    }
    print("wycheproof ed25519: \(count) run, 0 skipped")
    #expect(count >= 150)
  }

  /// The anchors inside are of an older draft; the files test CESR, digests and KERI's rules.
  @Test(arguments: [
    ("kiana_kel.cesr", true), ("kiana_kel_recover.cesr", true), ("kiana_kel_evil.cesr", false),
  ])
  func `of key event logs those are accepted that keripy accepted`(name: String, isGood: Bool)
    throws
  {
    let stream = try Vectors.read("keri/\(name)")
    let events = try KeyEvent.parse(stream: stream, eventsMax: 100, crypto)
    let aid = try #require(events.first?.aid)
    #expect(((try? KeyLog.replay(stream, aid: aid, crypto)) != nil) == isGood)
    for place in stride(from: 20, to: stream.count, by: 97) {
      var changed = stream
      changed[place] ^= 1
      #expect(throws: KeyLogFault.self) { try KeyLog.replay(changed, aid: aid, crypto) }
    }
  }
}
