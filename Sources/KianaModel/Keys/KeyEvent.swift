/// One event of a key event log, KERI v1 JSON with its signatures (`docs/FORMATS.md`, "Key
/// events").
package struct KeyEvent: Equatable, Sendable {
  package enum Kind: String, Sendable {
    /// Inception: the first event, whose digest is the AID.
    case icp
    /// Rotation: reveals the keys that were committed to, and commits to the next ones.
    case rot
    /// Interaction: anchors something, changes no control key.
    case ixn
  }

  package let kind: Kind
  /// Digest of the event; its name.
  package let said: Hash32
  package let aid: AID
  /// Place in the log.
  package let s: Int64
  /// The event before; nil for the inception.
  package let prior: Hash32?
  /// Control keys and what the next ones are; nil for an interaction.
  package let establishment: Establishment?
  /// What the event says about keys and feeds; what we do not know is left out.
  package let anchors: [KeyAnchor]
  /// The signed bytes.
  package let bytes: [UInt8]
  package let signatures: [CESR.IndexedSignature]

  package struct Establishment: Equatable, Sendable {
    package let keys: [KeyText]
    package let threshold: Threshold
    /// BLAKE3-256 of the next keys' texts.
    package let nextDigests: [Hash32]
    package let nextThreshold: Threshold
  }

  /// Bounds of an event.
  package static let bytesMax = 8192
  package static let keysMax = 32

  /// The event and its signatures as they travel and lie on disk.
  package var message: [UInt8] { bytes + CESR.group(signatures) }
}

/// How many of a list of keys must sign.
package enum Threshold: Equatable, Sendable {
  case count(Int)
  /// A weight for each key, as fractions; the sum must reach one.
  case weights([Weight])

  package struct Weight: Equatable, Sendable {
    package let numerator: Int
    package let denominator: Int
  }

  /// Reads `"2"` (hex) or `["1/2","1"]`.
  package init?(_ value: JSONValue, of keyCount: Int) {
    if let text = value.string {
      guard let count = Int(text, radix: 16), String(count, radix: 16) == text, count <= keyCount,
        count >= 0, count > 0 || keyCount == 0
      else { return nil }
      self = .count(count)
      return
    }
    guard let items = value.array, items.count == keyCount else { return nil }
    let weights = items.compactMap { $0.string.flatMap(Self.weight) }
    guard weights.count == keyCount else { return nil }
    self = .weights(weights)
    guard isMet(by: Set(0..<keyCount)) else { return nil }
  }

  private static func weight(_ text: String) -> Weight? {
    let parts = text.utf8.split(separator: 0x2F, omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in
      part.count <= 3 ? Int(String(decoding: part, as: UTF8.self)) : nil
    }
    guard numbers.count == parts.count, (1...2).contains(numbers.count) else { return nil }
    let weight = Weight(numerator: numbers[0], denominator: numbers.count == 2 ? numbers[1] : 1)
    guard weight.denominator > 0, (0...weight.denominator).contains(weight.numerator) else {
      return nil
    }
    return weight
  }

  /// Whether signatures by the keys at these places are enough.
  package func isMet(by places: Set<Int>) -> Bool {
    switch self {
    case .count(let count): return count > 0 && places.count >= count
    case .weights(let weights):
      // Fractions have denominators below 1000, and there are at most 32: no sum overflows when it
      // is kept in lowest terms, and one that would is no threshold anybody meets.
      var sum = Weight(numerator: 0, denominator: 1)
      for place in places.sorted() where weights.indices.contains(place) {
        guard let next = sum.adding(weights[place]) else { return false }
        sum = next
      }
      return sum.numerator >= sum.denominator
    }
  }
}

extension Threshold.Weight {
  fileprivate func adding(_ other: Self) -> Self? {
    let (left, overflow1) = numerator.multipliedReportingOverflow(by: other.denominator)
    let (right, overflow2) = other.numerator.multipliedReportingOverflow(by: denominator)
    let (below, overflow3) = denominator.multipliedReportingOverflow(by: other.denominator)
    let (above, overflow4) = left.addingReportingOverflow(right)
    guard !overflow1, !overflow2, !overflow3, !overflow4 else { return nil }
    let divisor = Self.greatestCommonDivisor(above, below)
    return Self(numerator: above / divisor, denominator: below / divisor)
  }

  private static func greatestCommonDivisor(_ left: Int, _ right: Int) -> Int {
    var (left, right) = (left, right)
    while right != 0 { (left, right) = (right, left % right) }
    return max(left, 1)
  }
}

/// Why a key event log was refused.
package struct KeyLogFault: Error, Equatable, Sendable {
  /// "the signature is wrong", without the subject.
  package let reason: String

  package init(_ reason: String) {
    self.reason = reason
  }

  /// The event before this one is missing.
  package static func follows(_ event: KeyEvent) -> KeyLogFault {
    KeyLogFault("event \(event.s) follows no event that is here")
  }
}
