import KianaCrypto
import KianaModel
import KianaTesting
import Testing

/// Project Wycheproof: what goes wrong in implementations, in our calls of libsodium.
@Suite(.enabled(if: Vectors.isHere, "the folder of published vectors is not here"))
struct WycheproofTests {
  private func cases(_ name: String) throws -> [JSONValue] {
    let file = try JSONValue.parse(try Vectors.read("wycheproof/\(name)_test.json"), .foreign)
    return (file["testGroups"]?.array ?? []).flatMap { group in
      (group["tests"]?.array ?? []).map { test in
        // What the group says of all its tests lies beside them.
        guard case .object(let members) = test, let bits = group["tagSize"] ?? group["ivSize"]
        else { return test }
        return .object(
          members + [JSONMember("tagBits", bits), JSONMember("ivBits", group["ivSize"] ?? bits)])
      }
    }
  }

  private func hex(_ value: JSONValue, _ name: String) throws -> [UInt8] {
    try #require(value[name]?.string.flatMap { Hex.decode($0.utf8) })
  }

  private func secret(_ bytes: [UInt8]) -> Secret {
    Secret(count: bytes.count) { span in
      for (place, byte) in bytes.enumerated() {
        span.storeBytes(of: byte, toByteOffset: place, as: UInt8.self)
      }
    }
  }

  private func bytes(_ secret: borrowing Secret) -> [UInt8] {
    secret.withBytes { bytes in
      (0..<bytes.byteCount).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }
  }

  private func bytesIfAny(_ secret: consuming Secret?) -> [UInt8]? {
    guard let secret else { return nil }
    return bytes(secret)
  }

  @Test(arguments: [
    (AEAD.chacha20Poly1305, "chacha20_poly1305", 316),
    (.xchacha20Poly1305, "xchacha20_poly1305", 306),
  ])
  func `sealed data is opened or refused as it says`(aead: AEAD, name: String, least: Int) throws {
    var run = 0
    var skipped = 0
    for one in try cases(name) {
      let nonce = try hex(one, "iv")
      guard nonce.count == aead.nonceBytes else {
        skipped += 1
        continue
      }
      let key = secret(try hex(one, "key"))
      let associated = try hex(one, "aad")
      let sealed = try hex(one, "ct") + hex(one, "tag")
      let plain = bytesIfAny(
        aead.open(sealed, nonce: nonce, associated: associated, key: key))
      if one["result"]?.string == "valid" {
        let message = try hex(one, "msg")
        #expect(plain == message)
        #expect(
          aead.seal(secret(message), nonce: nonce, associated: associated, key: key) == sealed)
      } else {
        #expect(plain == nil)
      }
      run += 1
    }
    print("wycheproof \(name): \(run) run, \(skipped) skipped for the size of their nonce")
    #expect(run >= least)
  }

  @Test func `X25519 gives the shared secret, and none for points of low order`() throws {
    var run = 0
    for one in try cases("x25519") {
      let key = try #require(Hash32(try hex(one, "public")))
      let expected = try hex(one, "shared")
      let got = bytesIfAny(Sodium().exchange(secret(try hex(one, "private")), key))
      if expected.allSatisfy({ $0 == 0 }) {
        #expect(got == nil)
      } else {
        #expect(got == expected)
      }
      run += 1
    }
    print("wycheproof x25519: \(run) run, 0 skipped")
    #expect(run == 518)
  }

  @Test func `HKDF's first 32 bytes and HMAC are what they should be`() throws {
    var run = 0
    var skipped = 0
    for one in try cases("hkdf_sha256") {
      // More than 255 blocks are none of ours.
      guard one["result"]?.string == "valid" else {
        skipped += 1
        continue
      }
      let info = try hex(one, "info")
      let derived = bytes(
        HKDF.derive(secret(try hex(one, "ikm")), salt: try hex(one, "salt"), info: info))
      #expect(derived.starts(with: try hex(one, "okm").prefix(32)))
      run += 1
    }
    print("wycheproof hkdf_sha256: \(run) run, \(skipped) skipped for their size")
    #expect(run >= 80)
    var macs = 0
    for one in try cases("hmac_sha256") {
      let tag = try hex(one, "tag")
      let isRight = HKDF.authenticate(try hex(one, "msg"), secret(try hex(one, "key")))
        .starts(with: tag)
      #expect(isRight == (one["result"]?.string == "valid"))
      macs += 1
    }
    print("wycheproof hmac_sha256: \(macs) run, 0 skipped")
    #expect(macs == 174)
  }
}
