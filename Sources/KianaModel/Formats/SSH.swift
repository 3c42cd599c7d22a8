/// What OpenSSH reads and writes of Ed25519 keys. Sources: RFC 4251 section 5 (strings), RFC 8709
/// (ssh-ed25519), OpenSSH PROTOCOL.sshsig, PROTOCOL.krl, ssh-keygen(1) "ALLOWED SIGNERS".
package enum SSH {
  static let keyType = "ssh-ed25519"

  static func uint32(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }

  static func uint64(_ value: Int64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
  }

  static func string(_ bytes: [UInt8]) -> [UInt8] { uint32(bytes.count) + bytes }

  static func string(_ text: String) -> [UInt8] { string(Array(text.utf8)) }

  /// The key as it lies in files and signatures.
  package static func blob(_ key: KeyText) -> [UInt8] {
    string(keyType) + string(key.raw.bytes)
  }

  /// `ssh-ed25519 AAAA...`
  package static func publicKey(_ key: KeyText) -> String {
    "\(keyType) \(Base64.encode(blob(key), .standard))"
  }

  /// A line of an `allowed_signers` file.
  ///
  /// - Parameters:
  ///   - before: when signatures by it end to count; nil when they do not. Milliseconds since 1970.
  package static func allowedSigner(
    _ principal: String, _ key: KeyText, namespaces: String, after: Int64, before: Int64?,
    comment: String
  ) -> String {
    var options = "namespaces=\"\(namespaces)\",valid-after=\"\(time(after))\""
    if let before { options += ",valid-before=\"\(time(before))\"" }
    return "\(principal) \(options) \(publicKey(key)) \(comment)"
  }

  /// `YYYYMMDDHHMMSSZ`
  private static func time(_ milliseconds: Int64) -> String {
    Moment.text(milliseconds / 1000 * 1000).filter { $0.isNumber } + "Z"
  }

  /// A key revocation list that names keys. Source: PROTOCOL.krl, section type 2.
  package static func revocationList(
    _ keys: [KeyText], comment: String, version: Int64, now: Int64
  ) -> [UInt8] {
    var out: [UInt8] = [0x53, 0x53, 0x48, 0x4B, 0x52, 0x4C, 0x0A, 0x00]
    out += uint32(1) + uint64(version) + uint64(now / 1000) + uint64(0)
    out += string([UInt8]()) + string(comment)
    guard !keys.isEmpty else { return out }
    // In order of their bytes, as ssh-keygen writes them.
    let blobs = keys.map(blob).sorted { $0.lexicographicallyPrecedes($1) }
    return out + [2] + string(blobs.flatMap { string($0) })
  }

  /// Base64 between two lines, folded at 70 letters as OpenSSH does.
  static func armor(_ bytes: [UInt8], _ label: String) -> String {
    let letters = Array(Base64.encode(bytes, .standard).utf8)
    var out = "-----BEGIN \(label)-----\n"
    for start in stride(from: 0, to: letters.count, by: 70) {
      let line = letters[start..<min(start + 70, letters.count)]
      out += String(decoding: line, as: UTF8.self) + "\n"
    }
    return out + "-----END \(label)-----\n"
  }
}

/// A signature that `ssh-keygen -Y` makes and verifies. Source: OpenSSH PROTOCOL.sshsig.
package struct SSHSignature: Equatable, Sendable {
  package enum Hash: String, Sendable {
    case sha256, sha512
  }

  package let key: KeyText
  package let namespace: String
  package let hash: Hash
  /// 64 bytes.
  package let signature: [UInt8]

  package static let bytesMax = 16_384
  private static let magic = Array("SSHSIG".utf8)
  private static let label = "SSH SIGNATURE"

  package init(key: KeyText, namespace: String, hash: Hash, signature: [UInt8]) {
    self.key = key
    self.namespace = namespace
    self.hash = hash
    self.signature = signature
  }

  /// What is signed.
  package static func message(namespace: String, hash: Hash, digest: [UInt8]) -> [UInt8] {
    magic + SSH.string(namespace) + SSH.string([UInt8]()) + SSH.string(hash.rawValue)
      + SSH.string(digest)
  }

  /// - Returns: nil for anything that is not such a file, or by a key that is not Ed25519.
  package init?(_ text: [UInt8]) {
    guard text.count <= Self.bytesMax, let text = String(validating: text, as: UTF8.self) else {
      return nil
    }
    let lines = text.split(whereSeparator: { $0 == "\n" || $0 == "\r\n" })
    guard lines.count >= 3, lines[0] == "-----BEGIN \(Self.label)-----",
      lines.last == "-----END \(Self.label)-----",
      let bytes = Base64.decode(lines[1..<lines.count - 1].joined(), .standard)
    else { return nil }
    var reader = SSHReader(bytes)
    guard reader.bytes(6) == Self.magic, reader.uint32() == 1, let blob = reader.string(),
      let namespace = reader.text(), reader.string() != nil,
      let hash = reader.text().flatMap({ Hash(rawValue: $0) }), let signed = reader.string(),
      reader.isAtEnd, !namespace.isEmpty
    else { return nil }
    var keyReader = SSHReader(blob)
    var signatureReader = SSHReader(signed)
    guard keyReader.text() == SSH.keyType, let raw = keyReader.string().flatMap({ Hash32($0) }),
      keyReader.isAtEnd, signatureReader.text() == SSH.keyType,
      let signature = signatureReader.string(), signature.count == 64, signatureReader.isAtEnd
    else { return nil }
    key = KeyText(raw: raw, isSigningKey: true)
    self.namespace = namespace
    self.hash = hash
    self.signature = signature
  }

  /// The file.
  package var text: String {
    let bytes =
      Self.magic + SSH.uint32(1) + SSH.string(SSH.blob(key)) + SSH.string(namespace)
      + SSH.string([UInt8]()) + SSH.string(hash.rawValue)
      + SSH.string(SSH.string(SSH.keyType) + SSH.string(signature))
    return SSH.armor(bytes, Self.label)
  }
}

/// Takes an SSH structure apart.
private struct SSHReader {
  private let all: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8]) {
    all = bytes
  }

  var isAtEnd: Bool { offset == all.count }

  mutating func bytes(_ count: Int) -> [UInt8]? {
    guard all.count - offset >= count else { return nil }
    defer { offset += count }
    return Array(all[offset..<offset + count])
  }

  mutating func uint32() -> Int? {
    bytes(4).map { $0.reduce(0) { $0 << 8 | Int($1) } }
  }

  mutating func string() -> [UInt8]? {
    uint32().flatMap { bytes($0) }
  }

  mutating func text() -> String? {
    string().flatMap { String(validating: $0, as: UTF8.self) }
  }
}
