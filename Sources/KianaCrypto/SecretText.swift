internal import CSodium
internal import KianaModel

/// Secret keys as the files of other tools, made and kept in guarded memory.
package enum SecretKeyFile {
  /// An unencrypted secret key that minisign reads.
  /// Source: minisign(1), "Secret key format"; the key derivation is none.
  package static func minisign(_ seed: borrowing Secret, _ crypto: Sodium) -> Secret {
    let number = Minisign.keyNumber(crypto.publicKey(ofSeed: seed), crypto)
    let expanded = crypto.expanded(seed)
    let checked = SecretBuilder(2 + 8 + 64)
    checked.append([0x45, 0x64])
    checked.append(number)
    checked.append(expanded)
    let file = SecretBuilder(158)
    file.append([0x45, 0x64, 0x00, 0x00, 0x42, 0x32])
    file.append([UInt8](repeating: 0, count: 32 + 8 + 8))
    file.append(number)
    file.append(expanded)
    file.append(crypto.blake2b(checked.take()))
    return lines("untrusted comment: minisign secret key", file.take())
  }

  /// An unencrypted secret key that signify reads. Source: signify.c, `struct enckey`.
  package static func signify(_ seed: borrowing Secret, _ crypto: Sodium) -> Secret {
    let expanded = crypto.expanded(seed)
    let file = SecretBuilder(104)
    file.append([0x45, 0x64, 0x42, 0x4B, 0, 0, 0, 0])
    file.append([UInt8](repeating: 0, count: 16))
    file.append(crypto.sha512Start(expanded))
    file.append(Minisign.keyNumber(crypto.publicKey(ofSeed: seed), crypto))
    file.append(expanded)
    return lines("untrusted comment: signify secret key", file.take())
  }

  /// PKCS #8 in PEM, for OpenSSL. Source: RFC 8410 section 7.
  package static func pem(_ seed: borrowing Secret) -> Secret {
    let file = SecretBuilder(48)
    file.append([
      0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04,
      0x20,
    ])
    file.append(seed)
    return armored("PRIVATE KEY", file.take())
  }

  /// An unencrypted OpenSSH key. Source: OpenSSH PROTOCOL.key.
  package static func ssh(
    _ seed: borrowing Secret, comment: String, _ crypto: Sodium
  ) -> Secret {
    let key = crypto.publicKey(ofSeed: seed)
    let check = crypto.randomBytes(4)
    let name = Array(comment.utf8)
    func number(_ value: Int) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }
    func string(_ bytes: [UInt8]) -> [UInt8] { number(bytes.count) + bytes }
    let start = check + check + SSH.blob(key) + number(64)
    let end = string(name)
    let padding = (8 - (start.count + 64 + end.count) % 8) % 8
    let inner = start.count + 64 + end.count + padding
    let head =
      Array("openssh-key-v1".utf8) + [0] + string(Array("none".utf8)) + string(Array("none".utf8))
      + string([]) + number(1) + string(SSH.blob(key)) + number(inner)
    let file = SecretBuilder(head.count + inner)
    file.append(head)
    file.append(start)
    file.append(crypto.expanded(seed))
    file.append(end)
    file.append((0..<padding).map { UInt8($0 + 1) })
    return armored("OPENSSH PRIVATE KEY", file.take())
  }

  private static func lines(_ comment: String, _ bytes: borrowing Secret) -> Secret {
    text("\(comment)\n", bytes, "\n", lettersMax: .max)
  }

  private static func armored(_ label: String, _ bytes: borrowing Secret) -> Secret {
    text("-----BEGIN \(label)-----\n", bytes, "\n-----END \(label)-----\n", lettersMax: 70)
  }

  /// Base64 with a newline after so many letters, between two texts.
  private static func text(
    _ before: String, _ bytes: borrowing Secret, _ after: String, lettersMax: Int
  ) -> Secret {
    let letters = (bytes.count + 2) / 3 * 4
    let folds = (letters - 1) / lettersMax
    let out = SecretBuilder(before.utf8.count + letters + folds + after.utf8.count)
    out.append(Array(before.utf8))
    out.appendBase64(bytes, lettersMax: lettersMax)
    out.append(Array(after.utf8))
    return out.take()
  }
}

/// Puts a secret together from parts; its size is known before.
@safe
private final class SecretBuilder {
  private let start: UnsafeMutablePointer<UInt8>
  private let count: Int
  private var offset = 0

  init(_ count: Int) {
    Sodium.ready
    guard let memory = unsafe sodium_malloc(count) else {
      preconditionFailure("no memory left for a secret of \(count) bytes")
    }
    unsafe start = memory.bindMemory(to: UInt8.self, capacity: count)
    self.count = count
  }

  deinit {
    unsafe sodium_free(start)
  }

  private func put(_ byte: UInt8) {
    precondition(offset < count, "a secret has the size that was said")
    unsafe start[offset] = byte
    offset += 1
  }

  func append(_ bytes: [UInt8]) {
    for byte in bytes { put(byte) }
  }

  func append(_ secret: borrowing Secret) {
    let count = secret.count
    unsafe secret.withPointer { source in
      for index in 0..<count { put(unsafe source[index]) }
    }
  }

  /// Without a table, so that the cache does not learn the letters.
  private static func letter(_ value: UInt8) -> UInt8 {
    let value = Int16(value)
    // A-Z, a-z, 0-9, '+', '/': each step adds the distance to the next range.
    var letter = value + 65
    letter += (25 - value) >> 8 & 6
    letter -= (51 - value) >> 8 & 75
    letter -= (61 - value) >> 8 & 15
    letter += (62 - value) >> 8 & 3
    return UInt8(truncatingIfNeeded: letter)
  }

  func appendBase64(_ secret: borrowing Secret, lettersMax: Int) {
    let count = secret.count
    var written = 0
    func emit(_ letter: UInt8) {
      if written > 0, written.isMultiple(of: lettersMax) { put(0x0A) }
      put(letter)
      written += 1
    }
    unsafe secret.withPointer { source in
      for start in stride(from: 0, to: count, by: 3) {
        let first = unsafe source[start]
        let second = start + 1 < count ? unsafe source[start + 1] : 0
        let third = start + 2 < count ? unsafe source[start + 2] : 0
        emit(Self.letter(first >> 2))
        emit(Self.letter((first & 3) << 4 | second >> 4))
        emit(start + 1 < count ? Self.letter((second & 15) << 2 | third >> 6) : 0x3D)
        emit(start + 2 < count ? Self.letter(third & 63) : 0x3D)
      }
    }
  }

  func take() -> Secret {
    precondition(offset == count, "a secret has the size that was said")
    let count = count
    return unsafe Secret(
      count: count,
      unsafelyFilledBy: { out in
        for index in 0..<count { unsafe out[index] = start[index] }
      })
  }
}

extension Sodium {
  /// libsodium's 64-byte form of a secret key: seed and public key.
  func expanded(_ seed: borrowing Secret) -> Secret {
    let builder = SecretBuilder(64)
    builder.append(seed)
    builder.append(publicKey(ofSeed: seed).raw.bytes)
    return builder.take()
  }

  /// BLAKE2b-256 of a secret.
  func blake2b(_ secret: borrowing Secret) -> Secret {
    let count = secret.count
    return unsafe secret.withPointer { source in
      unsafe Secret(
        count: 32,
        unsafelyFilledBy: { out in
          unsafe crypto_generichash(out, 32, source, UInt64(count), nil, 0)
        })
    }
  }

  /// The first 8 bytes of SHA-512 of a secret, which signify writes as a checksum.
  func sha512Start(_ secret: borrowing Secret) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 64)
    let count = secret.count
    unsafe secret.withPointer { source in
      _ = unsafe crypto_hash_sha512(&digest, source, UInt64(count))
    }
    return Array(digest.prefix(8))
  }
}
