/// What a validator found of one block: five checks, each passed, failed, or not made.
package struct BlockChecks: Hashable, Sendable {
  package enum Answer: Int64, Sendable {
    case good = 0
    case bad = 1
    /// Not looked at, or nobody can say yet.
    case open = 2

    var letter: UInt8 {
      switch self {
      case .good: UInt8(ascii: "+")
      case .bad: UInt8(ascii: "-")
      case .open: UInt8(ascii: "?")
      }
    }
  }

  /// The bytes give the id, and the content its hash.
  package var hash: Answer
  package var signature: Answer
  /// The author's key log vouches for the key at this place.
  package var key: Answer
  /// The block follows the one before it.
  package var link: Answer
  /// Its time is not ahead of the validator's clock.
  package var time: Answer

  /// The rules that this version judges by; entries over ranges and statements name them.
  package static let rules: Int64 = 1
  /// Those of an entry over a single block that names none; later rules are to be named.
  package static let unnamedRules: Int64 = 1

  package static let allGood = BlockChecks(
    hash: .good, signature: .good, key: .good, link: .good, time: .good)

  /// Checks of a block that was stored on the word of a later one.
  package static let pending = BlockChecks(
    hash: .good, signature: .open, key: .good, link: .good, time: .good)

  package init(hash: Answer, signature: Answer, key: Answer, link: Answer, time: Answer) {
    self.hash = hash
    self.signature = signature
    self.key = key
    self.link = link
    self.time = time
  }

  /// One failed check says what the block is; one open check leaves it open.
  package var verdict: AuditEntry.Verdict {
    let all = [hash, signature, key, link, time]
    if all.contains(.bad) { return .invalid }
    return all.contains(.open) ? .unknown : .valid
  }

  /// What a refusal says about the block; nil when it is no judgement (a quota, say).
  package init?(_ kind: BlockFault.Kind) {
    self = BlockChecks(hash: .open, signature: .open, key: .open, link: .open, time: .open)
    switch kind {
    case .contentMismatch: hash = .bad
    case .badSignature: (hash, signature) = (.good, .bad)
    case .unknownKey, .keyNotGood: (hash, signature, key) = (.good, .good, .bad)
    case .wrongPrev, .fork: (hash, signature, key, link) = (.good, .good, .good, .bad)
    case .gap, .unknownEpoch, .leftBehind, .contested, .heldBehind:
      (hash, signature) = (.good, .good)
    case .future: (hash, signature, key, time) = (.good, .good, .good, .bad)
    default: return nil
    }
  }

  /// Two bits each, hash first.
  package var packed: Int64 {
    [hash, signature, key, link, time].reduce(0) { $0 << 2 | $1.rawValue }
  }

  package init?(packed: Int64) {
    guard packed >= 0, packed < 1 << 10 else { return nil }
    var answers = [Answer]()
    for place in stride(from: 8, through: 0, by: -2) {
      guard let answer = Answer(rawValue: packed >> Int64(place) & 3) else { return nil }
      answers.append(answer)
    }
    self.init(
      hash: answers[0], signature: answers[1], key: answers[2], link: answers[3],
      time: answers[4])
  }

  /// Five letters, `+`, `-` or `?`: hash, signature, key, link, time.
  package var letters: [UInt8] {
    [hash.letter, signature.letter, key.letter, link.letter, time.letter]
  }

  package var text: String { String(decoding: letters, as: UTF8.self) }

  /// - Returns: nil unless these are the five letters.
  package init?(_ text: String) {
    var packed: Int64 = 0
    guard text.utf8.count == 5 else { return nil }
    for letter in text.utf8 {
      switch letter {
      case UInt8(ascii: "+"): packed = packed << 2
      case UInt8(ascii: "-"): packed = packed << 2 | 1
      case UInt8(ascii: "?"): packed = packed << 2 | 2
      default: return nil
      }
    }
    self.init(packed: packed)
  }

  /// A block's line in the digest of a range:
  /// `{"checks":"+++++","id":HEX64,"verdict":"valid"}`, in JCS.
  package func line(of id: Hash32) -> [UInt8] {
    var line = [UInt8]()
    line.reserveCapacity(128)
    line += #"{"checks":""#.utf8
    line += letters
    line += #"","id":""#.utf8
    Hex.append(id, to: &line)
    line += #"","verdict":""#.utf8
    line += verdict.rawValue.utf8
    line += #""}"#.utf8
    return line
  }
}
