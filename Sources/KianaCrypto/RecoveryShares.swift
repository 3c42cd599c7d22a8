/// Parts of a recovery code, of which so many give it back and fewer say nothing of it.
///
/// Shamir, "How to share a secret" (1979): each byte of the master is the constant of a random
/// polynomial over GF(2^8) (the field of AES, FIPS 197 section 4.2), and part x has its value at x.
/// A part is 36 bytes: 2 random ones that all parts of one split share, how many are needed, x, and
/// 32 values; as text bech32 with the human part `kianapart`.
package struct RecoveryShares: ~Copyable {
  /// What adding a part led to.
  package enum Step: Equatable, Sendable {
    /// So many are still wanted.
    case wanted(Int)
    case complete
    /// It is no part, or mistyped.
    case malformed
    /// It is of another split.
    case foreign
    /// It was given before.
    case repeated
  }

  package static let partsMax = 16
  static let partBytes = headBytes + RecoveryCode.masterBytes
  private static let headBytes = 4

  private var parts = Secret(count: 0, filledBy: { _ in })
  private var count = 0
  private var needed = 0

  package init() {}

  /// Whether a text begins like a part, in whichever case.
  package static func isPart(_ text: borrowing Secret) -> Bool {
    let start = Array("kianapart1".utf8)
    return unsafe text.withPointer { source in
      var matched = 0
      for index in 0..<text.count where matched < start.count {
        let letter = unsafe source[index]
        if letter == 0x20 || letter == 0x2D { continue }
        guard letter | 0x20 == start[matched] || letter == start[matched] else { return false }
        matched += 1
      }
      return matched == start.count
    }
  }

  /// Makes the parts of a master.
  ///
  /// - Parameters:
  ///   - needed: so many give it back; 2 at least.
  ///   - count: so many are made, at least `needed` and at most `partsMax`.
  ///   - each: gets each part as it is written down, in groups of four.
  package static func split<Failure: Error>(
    _ master: borrowing Secret, needed: Int, of count: Int,
    each: (borrowing Secret) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(needed >= 2 && needed <= count && count <= partsMax, "2 to 16 parts")
    precondition(master.count == RecoveryCode.masterBytes, "a master has 32 bytes")
    let size = RecoveryCode.masterBytes
    let higher = Secret(randomCount: size * (needed - 1))
    let mark = Sodium().randomBytes(2)
    for x in 1...UInt8(count) {
      let part = unsafe master.withPointer { constant in
        unsafe higher.withPointer { higher in
          unsafe Secret(
            count: partBytes,
            unsafelyFilledBy: { out in
              unsafe out[0] = mark[0]
              unsafe out[1] = mark[1]
              unsafe out[2] = UInt8(needed)
              unsafe out[3] = x
              for index in 0..<size {
                var value: UInt8 = 0
                for degree in (0..<needed - 1).reversed() {
                  let coefficient = unsafe higher[degree * size + index]
                  value = times(value, x) ^ coefficient
                }
                unsafe out[headBytes + index] = unsafe constant[index] ^ times(value, x)
              }
            })
        }
      }
      try each(RecoveryCode.grouped(RecoveryCode.text(of: part, humanPart: "kianapart")))
    }
  }

  /// Takes one more part, as it was typed.
  package mutating func add(_ text: borrowing Secret) -> Step {
    guard
      let part = RecoveryCode.bytes(fromText: text, humanPart: "kianapart", count: Self.partBytes)
    else { return .malformed }
    let head = part.withBytes { bytes in
      (0..<Self.headBytes).map {
        unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self)
      }
    }
    guard head[2] >= 2, head[2] <= Self.partsMax, head[3] >= 1 else { return .malformed }
    if count == 0 { needed = Int(head[2]) }
    for place in 0..<count {
      let other = (0..<Self.headBytes).map { byte(place, $0) }
      guard other[..<3] == head[..<3] else { return .foreign }
      guard other[3] != head[3] else { return .repeated }
    }
    parts = Self.joined(parts, part)
    count += 1
    return count == needed ? .complete : .wanted(needed - count)
  }

  private func byte(_ place: Int, _ index: Int) -> UInt8 {
    unsafe parts.withPointer { unsafe $0[place * Self.partBytes + index] }
  }

  private static func joined(_ first: borrowing Secret, _ second: borrowing Secret) -> Secret {
    let count = first.count
    let more = second.count
    return unsafe first.withPointer { left in
      unsafe second.withPointer { right in
        unsafe Secret(
          count: count + more,
          unsafelyFilledBy: { out in
            for index in 0..<count { unsafe out[index] = left[index] }
            for index in 0..<more { unsafe out[count + index] = right[index] }
          })
      }
    }
  }

  /// The master that the parts give.
  /// - Precondition: `add` said `complete`.
  package func master() -> Secret {
    precondition(count == needed && needed > 0, "parts are missing")
    let places = (0..<count).map { byte($0, 3) }
    // Lagrange's polynomials at 0; the places are no secret.
    let weights = places.map { x in
      places.filter { $0 != x }.reduce(UInt8(1)) {
        Self.times($0, Self.times($1, Self.inverse(x ^ $1)))
      }
    }
    return unsafe parts.withPointer { parts in
      unsafe Secret(
        count: RecoveryCode.masterBytes,
        unsafelyFilledBy: { out in
          for index in 0..<RecoveryCode.masterBytes {
            var value: UInt8 = 0
            for (place, weight) in weights.enumerated() {
              value ^= Self.times(
                unsafe parts[place * Self.partBytes + Self.headBytes + index], weight)
            }
            unsafe out[index] = value
          }
        })
    }
  }

  // MARK: the field

  /// The product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1, without a branch or a table that would
  /// tell of secret bytes by the time it takes.
  private static func times(_ left: UInt8, _ right: UInt8) -> UInt8 {
    var product: UInt8 = 0
    var left = left
    for bit in 0..<8 {
      product ^= left & (0 &- (right >> UInt8(bit) & 1))
      left = left << 1 ^ (0x1B & (0 &- (left >> 7)))
    }
    return product
  }

  private static func inverse(_ value: UInt8) -> UInt8 {
    precondition(value != 0, "parts have different places")
    // value^254
    return (0..<253).reduce(value) { power, _ in times(power, value) }
  }
}
