/// Bech32 (BIP 173) without its limit of 90 characters, as age uses it: text that survives being
/// read aloud and typed again, with a checksum that finds any four wrong characters.
///
/// Bytes come in and characters go out one by one through closures, so that KianaCrypto can encode
/// a secret inside guarded memory.
package enum Bech32 {
  private static let digits = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)

  /// How many characters `encode` emits for `count` bytes.
  package static func length(humanPart: StaticString, count: Int) -> Int {
    humanPart.utf8CodeUnitCount + 1 + (count * 8 + 4) / 5 + 6
  }

  /// - Parameters:
  ///   - humanPart: lower-case ASCII.
  ///   - count: how many bytes `byte` has.
  ///   - emit: called with each ASCII character in order.
  package static func encode(
    humanPart: StaticString, count: Int, byte: (Int) -> UInt8, emit: (UInt8) -> Void
  ) {
    var checksum = Checksum(humanPart: Array(humanPart.description.utf8))
    for letter in humanPart.description.utf8 { emit(letter) }
    emit(UInt8(ascii: "1"))
    var bits: UInt32 = 0
    var bitCount = 0
    func put(_ value: UInt8) {
      checksum.add(value)
      emit(digits[Int(value)])
    }
    for index in 0..<count {
      bits = (bits << 8 | UInt32(byte(index))) & 0xFFF
      bitCount += 8
      while bitCount >= 5 {
        bitCount -= 5
        put(UInt8(bits >> UInt32(bitCount) & 31))
      }
    }
    if bitCount > 0 { put(UInt8(bits << UInt32(5 - bitCount) & 31)) }
    for value in checksum.finish() { emit(digits[Int(value)]) }
  }

  /// The text for bytes that are public.
  package static func encode(humanPart: StaticString, _ bytes: [UInt8]) -> String {
    var out = [UInt8]()
    encode(humanPart: humanPart, count: bytes.count, byte: { bytes[$0] }, emit: { out.append($0) })
    return String(decoding: out, as: UTF8.self)
  }

  /// Reads `count` characters and gives the bytes one by one to `emit`.
  ///
  /// - Returns: false when the human part, a character, the checksum or the padding is wrong; what
  ///   was emitted then is worthless. Mixed case is refused, all upper case is read.
  package static func decode(
    humanPart: StaticString, count: Int, character: (Int) -> UInt8, emit: (UInt8) -> Void
  ) -> Bool {
    let expected = Array(humanPart.description.utf8)
    guard count >= expected.count + 7 else { return false }
    let isUpper = (0..<count).contains { (0x41...0x5A).contains(character($0)) }
    let isLower = (0..<count).contains { (0x61...0x7A).contains(character($0)) }
    guard !(isUpper && isLower) else { return false }
    func lower(_ index: Int) -> UInt8 { isUpper ? character(index) | 0x20 : character(index) }
    for (index, letter) in expected.enumerated() where lower(index) != letter { return false }
    guard character(expected.count) == UInt8(ascii: "1") else { return false }
    var checksum = Checksum(humanPart: expected)
    var bits: UInt32 = 0
    var bitCount = 0
    for index in expected.count + 1..<count {
      guard let value = digits.firstIndex(of: lower(index)) else { return false }
      checksum.add(UInt8(value))
      guard index < count - 6 else { continue }
      bits = (bits << 5 | UInt32(value)) & 0xFFF
      bitCount += 5
      if bitCount >= 8 {
        bitCount -= 8
        emit(UInt8(bits >> UInt32(bitCount) & 255))
      }
    }
    return checksum.isGood && bitCount < 5 && bits & (1 << UInt32(bitCount) - 1) == 0
  }

  /// The BCH code of BIP 173.
  private struct Checksum {
    private var state: UInt32 = 1

    init(humanPart: [UInt8]) {
      for letter in humanPart { add(letter >> 5) }
      add(0)
      for letter in humanPart { add(letter & 31) }
    }

    mutating func add(_ value: UInt8) {
      let top = state >> 25
      state = (state & 0x1FF_FFFF) << 5 ^ UInt32(value)
      let generators: [UInt32] = [
        0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3,
      ]
      for (bit, generator) in generators.enumerated() where top >> UInt32(bit) & 1 == 1 {
        state ^= generator
      }
    }

    var isGood: Bool { state == 1 }

    mutating func finish() -> [UInt8] {
      for _ in 0..<6 { add(0) }
      let value = state ^ 1
      return (0..<6).map { UInt8(value >> UInt32(5 * (5 - $0)) & 31) }
    }
  }
}
