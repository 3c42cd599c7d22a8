import KianaCrypto
import KianaModel
import Testing

@Suite struct RecoverySharesTests {
  private func copy(_ secret: borrowing Secret) -> [UInt8] {
    secret.withBytes { bytes in
      (0..<bytes.byteCount).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }
  }

  private func secret(_ bytes: [UInt8]) -> Secret {
    Secret(count: bytes.count) { span in
      for (place, byte) in bytes.enumerated() {
        span.storeBytes(of: byte, toByteOffset: place, as: UInt8.self)
      }
    }
  }

  private func split(_ master: borrowing Secret, _ needed: Int, _ count: Int) -> [[UInt8]] {
    var parts = [[UInt8]]()
    RecoveryShares.split(master, needed: needed, of: count) { parts.append(copy($0)) }
    return parts
  }

  @Test(arguments: [(2, 2), (2, 3), (3, 3), (3, 5), (5, 7), (16, 16)])
  func `any parts that are enough give the code back`(needed: Int, count: Int) {
    let master = RecoveryCode.make()
    let parts = split(master, needed, count)
    #expect(Set(parts).count == count)
    for start in 0..<count {
      var shares = RecoveryShares()
      for place in 0..<needed {
        let step = shares.add(secret(parts[(start + place * 2 + place / count) % count]))
        if step == .repeated { continue }
        #expect(step == (place + 1 == needed ? .complete : .wanted(needed - place - 1)))
        if step == .complete {
          let isSame = Sodium().areEqual(shares.master(), master)
          #expect(isSame)
        }
      }
    }
  }

  @Test func `a part says nothing of the code, and is told from others`() {
    let master = RecoveryCode.make()
    let parts = split(master, 2, 3)
    let others = split(master, 2, 3)
    // The same place of two splits of one code has nothing in common.
    #expect(zip(parts[0].dropFirst(20), others[0].dropFirst(20)).count { $0 == $1 } < 40)
    var shares = RecoveryShares()
    #expect(shares.add(secret(parts[0])) == .wanted(1))
    #expect(shares.add(secret(others[1])) == .foreign)
    #expect(shares.add(secret(parts[0])) == .repeated)
    #expect(shares.add(RecoveryCode.groups(of: master)) == .malformed)
    for place in parts[1].indices where parts[1][place] != 0x20 {
      var mistyped = parts[1]
      mistyped[place] = mistyped[place] == UInt8(ascii: "q") ? UInt8(ascii: "p") : UInt8(ascii: "q")
      guard mistyped != parts[1] else { continue }
      #expect(shares.add(secret(mistyped)) == .malformed)
    }
    #expect(shares.add(secret(parts[2].map { $0 >= 0x61 ? $0 & 0xDF : $0 })) == .complete)
    let isPart = RecoveryShares.isPart(secret(parts[0]))
    let isCode = RecoveryShares.isPart(RecoveryCode.groups(of: master))
    #expect(isPart && !isCode)
  }

  /// By hand, in the field of AES.
  @Test func `two parts of a known polynomial give its constant`() {
    // Part x holds 0x42 ^ 0x07 * x: x = 1 gives 0x45, x = 2 gives 0x4C.
    func part(_ x: UInt8, _ value: UInt8) -> Secret {
      let bytes = [0, 0, 2, x] + [UInt8](repeating: value, count: 32)
      return secret(Array(Bech32.encode(humanPart: "kianapart", bytes).utf8))
    }
    var shares = RecoveryShares()
    #expect(shares.add(part(1, 0x42 ^ 0x07)) == .wanted(1))
    #expect(shares.add(part(2, 0x42 ^ 0x0E)) == .complete)
    #expect(copy(shares.master()) == [UInt8](repeating: 0x42, count: 32))
    // 0x80 * 2 overflows the byte: 0x1B.
    var high = RecoveryShares()
    #expect(high.add(part(1, 0x42 ^ 0x80)) == .wanted(1))
    #expect(high.add(part(2, 0x42 ^ 0x1B)) == .complete)
    #expect(copy(high.master()) == [UInt8](repeating: 0x42, count: 32))
  }
}
