/// The few CESR primitives (KERI v1 text domain) that our key event logs use: 32-byte values with a
/// one-letter code, and indexed Ed25519 signatures.
///
/// Source: CESR, "Composable Event Streaming Representation", master code table. Reading is strict:
/// the padding bits, which the code letter covers only in part, must be zero.
package enum CESR {
  /// Codes of 32-byte values.
  package enum Code: UInt8, Sendable {
    /// X25519 public encryption key.
    case x25519 = 0x43
    /// Ed25519 public key, transferable.
    case ed25519 = 0x44
    /// BLAKE3-256 digest.
    case blake3 = 0x45
  }

  /// Characters of a 32-byte value with its code.
  package static let textBytes = 44
  /// Characters of an indexed Ed25519 signature.
  package static let indexedSignatureBytes = 88

  /// The 44 characters of `value`.
  package static func text(_ code: Code, _ value: Hash32) -> String {
    var out = [UInt8]()
    Base64.append([0] + value.bytes, to: &out)
    out[0] = code.rawValue
    return String(decoding: out, as: UTF8.self)
  }

  /// - Returns: nil unless `text` is exactly what `text(_:_:)` writes for some value.
  package static func value(_ text: Span<UInt8>) -> (code: Code, value: Hash32)? {
    guard text.count == textBytes, let code = Code(rawValue: text[0]) else { return nil }
    // 43 letters are 258 bits: two that must be zero, since they pad the value, and the value.
    guard let first = Base64.value(text[1]), first < 16 else { return nil }
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, UInt64(first))
    for index in 2..<textBytes {
      guard let letter = Base64.value(text[index]) else { return nil }
      words.0 = words.0 << 6 | words.1 >> 58
      words.1 = words.1 << 6 | words.2 >> 58
      words.2 = words.2 << 6 | words.3 >> 58
      words.3 = words.3 << 6 | UInt64(letter)
    }
    return (code, Hash32(words.0, words.1, words.2, words.3))
  }

  /// A signature and which key of the list made it.
  package struct IndexedSignature: Equatable, Sendable {
    /// Place in the event's list of keys.
    package let index: Int
    /// Whether it also counts for the key's place in the commitment before (code `A`), or for the
    /// current list only (code `B`).
    package let countsForCommitment: Bool
    /// 64 bytes.
    package let bytes: [UInt8]

    package init(index: Int, countsForCommitment: Bool, bytes: [UInt8]) {
      self.index = index
      self.countsForCommitment = countsForCommitment
      self.bytes = bytes
    }
  }

  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  /// The attachment of an event: group code `-A`, the count, the signatures.
  package static func group(_ signatures: [IndexedSignature]) -> [UInt8] {
    precondition(signatures.count < 64, "a group counts with one letter here")
    var out = Array("-AA".utf8) + [digits[signatures.count]]
    for signature in signatures {
      var letters = [UInt8]()
      Base64.append([0, 0] + signature.bytes, to: &letters)
      letters[0] = signature.countsForCommitment ? 0x41 : 0x42
      letters[1] = digits[signature.index]
      out += letters
    }
    return out
  }

  /// Reads the group at the start of `text`.
  /// - Returns: nil when it is no such group or a signature is malformed.
  package static func readGroup(
    _ text: ArraySlice<UInt8>
  ) -> (signatures: [IndexedSignature], end: Int)? {
    guard text.starts(with: Array("-AA".utf8)), text.count >= 4,
      let count = digits.firstIndex(of: text[text.startIndex + 3])
    else { return nil }
    var offset = text.startIndex + 4
    var signatures = [IndexedSignature]()
    for _ in 0..<count {
      guard offset + indexedSignatureBytes <= text.endIndex,
        let signature = signature(Array(text[offset..<offset + indexedSignatureBytes]))
      else { return nil }
      signatures.append(signature)
      offset += indexedSignatureBytes
    }
    return (signatures, offset)
  }

  private static func signature(_ text: [UInt8]) -> IndexedSignature? {
    guard text[0] == 0x41 || text[0] == 0x42, let index = digits.firstIndex(of: text[1]) else {
      return nil
    }
    let letters: [UInt8] = [0x41, 0x41] + text[2...]
    guard let bytes = Base64.decode(letters.span), bytes[0] == 0, bytes[1] == 0 else { return nil }
    return IndexedSignature(
      index: index, countsForCommitment: text[0] == 0x41, bytes: Array(bytes[2...]))
  }
}
