/// The files of minisign and signify: two lines, a comment and base64, and for a `.minisig` two
/// more. Source: minisign(1) "Signature format", signify(1).
package enum Minisign {
  /// `Ed`: the message itself was signed.
  static let plain: [UInt8] = [0x45, 0x64]
  /// `ED`: its BLAKE2b-512 was signed.
  static let hashed: [UInt8] = [0x45, 0x44]
  package static let keyNumberBytes = 8

  /// What a key is found by in a signature: the start of SHA-256 of a prefix and the key, so that
  /// everybody who knows the key knows it.
  package static func keyNumber(_ key: KeyText, _ crypto: any Cryptography) -> [UInt8] {
    Array(crypto.sha256(Array("kiana-keyid-v1".utf8), key.raw.bytes).bytes.prefix(keyNumberBytes))
  }

  /// The key number as minisign prints it: little-endian, upper case.
  static func text(_ keyNumber: [UInt8]) -> String {
    Hex.encode(keyNumber.reversed()).uppercased()
  }

  /// A `.pub` file that minisign and signify read.
  package static func publicKey(
    _ key: KeyText, comment: String, _ crypto: any Cryptography
  ) -> String {
    let bytes = plain + keyNumber(key, crypto) + key.raw.bytes
    return "untrusted comment: \(comment)\n\(Base64.encode(bytes, .standard))\n"
  }
}

/// A detached signature by minisign, or one by signify (which has no trusted comment).
package struct MinisignSignature: Equatable, Sendable {
  /// Whether the BLAKE2b-512 of the file was signed, or the file itself.
  package let isHashed: Bool
  /// 8 bytes.
  package let keyNumber: [UInt8]
  /// 64 bytes.
  package let signature: [UInt8]
  /// Nil for signify.
  package let trusted: Trusted?

  package struct Trusted: Equatable, Sendable {
    package let comment: String
    /// Signs the signature and the comment.
    package let signature: [UInt8]

    package init(comment: String, signature: [UInt8]) {
      self.comment = comment
      self.signature = signature
    }
  }

  package static let bytesMax = 16_384
  private static let trustedStart = "trusted comment: "

  package init(isHashed: Bool, keyNumber: [UInt8], signature: [UInt8], trusted: Trusted?) {
    self.isHashed = isHashed
    self.keyNumber = keyNumber
    self.signature = signature
    self.trusted = trusted
  }

  /// - Returns: nil for anything that is not such a file.
  package init?(_ text: [UInt8]) {
    guard text.count <= Self.bytesMax, let text = String(validating: text, as: UTF8.self) else {
      return nil
    }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(Self.line)
    if lines.last?.isEmpty == true { lines.removeLast() }
    guard lines.count == 2 || lines.count == 4, lines[0].hasPrefix("untrusted comment: "),
      let bytes = Base64.decode(String(lines[1]), .standard), bytes.count == 74
    else { return nil }
    switch Array(bytes[..<2]) {
    case Minisign.plain: isHashed = false
    case Minisign.hashed: isHashed = true
    default: return nil
    }
    keyNumber = Array(bytes[2..<10])
    signature = Array(bytes[10...])
    guard lines.count == 4 else {
      guard !isHashed else { return nil }
      trusted = nil
      return
    }
    guard lines[2].hasPrefix(Self.trustedStart),
      let global = Base64.decode(String(lines[3]), .standard), global.count == 64
    else { return nil }
    trusted = Trusted(
      comment: String(lines[2].dropFirst(Self.trustedStart.count)), signature: global)
  }

  /// A line may end as on Windows.
  private static func line(_ text: Substring) -> Substring {
    text.hasSuffix("\r") ? text.dropLast() : text
  }

  /// What the second signature of a `.minisig` signs.
  package static func globalMessage(_ signature: [UInt8], comment: String) -> [UInt8] {
    signature + Array(comment.utf8)
  }

  /// The file.
  package func text(comment: String) -> String {
    let bytes = (isHashed ? Minisign.hashed : Minisign.plain) + keyNumber + signature
    let start = "untrusted comment: \(comment)\n\(Base64.encode(bytes, .standard))\n"
    guard let trusted else { return start }
    return start + Self.trustedStart + trusted.comment + "\n"
      + Base64.encode(trusted.signature, .standard) + "\n"
  }
}
