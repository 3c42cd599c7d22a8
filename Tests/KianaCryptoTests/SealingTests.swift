import KianaCrypto
import KianaModel
import Testing

@Suite struct SealingTests {
  private let crypto = Sodium()

  private func key(_ parameters: SealParameters, fill: UInt8 = 7) throws -> SealingKey {
    let credential = Secret(count: 32) { span in
      for index in 0..<32 { span.storeBytes(of: fill, toByteOffset: index, as: UInt8.self) }
    }
    return try SealingKey(from: credential, parameters)
  }

  private func isSame(_ opened: consuming Secret?, _ secret: borrowing Secret) -> Bool {
    guard let opened else { return false }
    return crypto.areEqual(opened, secret)
  }

  @Test func `a sealed secret opens for its owner and key, and for nobody else`() throws {
    let parameters = SealParameters.credential()
    let sealing = try key(parameters)
    let secret = Secret(randomCount: 32)
    let sealed = sealing.seal(secret, owner: "E-owner", name: "D-key")
    let isOpened = isSame(sealing.open(sealed, owner: "E-owner", name: "D-key"), secret)
    #expect(isOpened)
    do {
      let isRefused = sealing.open(sealed, owner: "E-other", name: "D-key") == nil
      #expect(isRefused)
    }
    do {
      let isRefused = sealing.open(sealed, owner: "E-owner", name: "D-other") == nil
      #expect(isRefused)
    }
    let stranger = try key(parameters, fill: 8)
    do {
      let isRefused = stranger.open(sealed, owner: "E-owner", name: "D-key") == nil
      #expect(isRefused)
    }
  }

  @Test func `no byte of a sealed file can be changed`() throws {
    let sealing = try key(.credential())
    let text = sealing.seal(Secret(randomCount: 32), owner: "E", name: "D").text(comment: "a key")
    let start = try #require(text.firstIndex(of: 0x0A)) + 1
    for place in start..<text.count {
      var changed = text
      changed[place] ^= 1
      guard let read = SealedSecret(text: changed) else { continue }
      do {
        let isRefused = sealing.open(read, owner: "E", name: "D") == nil
        #expect(isRefused, "byte \(place)")
      }
    }
  }

  @Test func `a file cannot ask for more work than our bounds`() throws {
    let parameters = SealParameters(
      derivation: .passphrase, operations: 17, memoryBytes: 1 << 20,
      salt: [UInt8](repeating: 0, count: 16))
    let text = try key(.credential()).seal(Secret(randomCount: 32), owner: "E", name: "D")
      .text(comment: "a key")
    #expect(SealedSecret(text: text) != nil)
    let costly = try SealingKey(
      from: Secret(randomCount: 32),
      SealParameters(
        derivation: .passphrase, operations: 1, memoryBytes: 8 << 20, salt: parameters.salt))
    var bytes = try #require(
      Base64.decode(
        String(
          decoding: costly.seal(Secret(randomCount: 32), owner: "E", name: "D")
            .text(comment: "x").split(separator: 0x0A)[1], as: UTF8.self), .standard))
    bytes[6] = 17
    let line = Array("x\n\(Base64.encode(bytes, .standard))\n".utf8)
    #expect(SealedSecret(text: line) == nil)
  }

  @Test func `a recovery code survives being typed in groups, and no typing error`() {
    let master = RecoveryCode.make()
    let text = RecoveryCode.text(of: master)
    #expect(text.count == 64)
    let isReadBack = isSame(RecoveryCode.master(fromText: text), master)
    #expect(isReadBack)
    let groups = RecoveryCode.groups(of: master)
    let isReadFromGroups = isSame(RecoveryCode.master(fromText: groups), master)
    #expect(isReadFromGroups)
    for place in 0..<64 {
      let mistyped = text.withBytes { source in
        Secret(count: 64) { span in
          for index in 0..<64 {
            var letter = unsafe source.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            if index == place { letter = letter == 0x71 ? 0x70 : 0x71 }
            span.storeBytes(of: letter, toByteOffset: index, as: UInt8.self)
          }
        }
      }
      do {
        let isRefused = RecoveryCode.master(fromText: mistyped) == nil
        #expect(isRefused, "letter \(place)")
      }
    }
  }

  @Test func `the first next key and the backup key of a code never change`() {
    let master = Secret(count: 32) { span in
      for index in 0..<32 { span.storeBytes(of: UInt8(index), toByteOffset: index, as: UInt8.self) }
    }
    let next = crypto.publicKey(ofSeed: RecoveryCode.nextKeySeed(master, index: 1))
    let second = crypto.publicKey(ofSeed: RecoveryCode.nextKeySeed(master, index: 2))
    #expect(next != second)
    #expect(RecoveryCode.backupRecipient(master).hasPrefix("age1"))
    #expect(RecoveryCode.backupRecipient(master).count == 62)
  }

  /// RFC 8032 section 7.1, test 2.
  @Test func `Ed25519 signs as RFC 8032 says`() throws {
    let seedBytes = try #require(
      Hex.decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb".utf8))
    let seed = Secret(count: 32) { span in
      for (index, byte) in seedBytes.enumerated() {
        span.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
      }
    }
    let publicKey = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    let signature =
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    #expect(crypto.publicKey(ofSeed: seed).raw.hex == publicKey)
    #expect(Hex.encode(crypto.sign([0x72], seed: seed)) == signature)
  }
}
