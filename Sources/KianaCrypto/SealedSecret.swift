internal import CSodium
package import KianaModel

/// How a sealing key is made, as written at the start of a sealed secret.
package struct SealParameters: Equatable, Sendable {
  package enum Derivation: UInt8, Sendable {
    /// Argon2id of a passphrase.
    case passphrase = 1
    /// Keyed BLAKE2b of a credential of at least 32 random bytes; fast, for cron and the daemon.
    case credential = 2
  }

  package let derivation: Derivation
  /// Argon2id passes; 0 for a credential.
  package let operations: UInt32
  /// Argon2id memory in bytes; 0 for a credential.
  package let memoryBytes: UInt64
  /// 16 bytes.
  package let salt: [UInt8]

  package static let saltBytes = 16
  /// What a file may ask of us; more would be an attack on the machine that opens it.
  static let operationsMax: UInt32 = 16
  static let memoryBytesMax: UInt64 = 1 << 30

  package init(derivation: Derivation, operations: UInt32, memoryBytes: UInt64, salt: [UInt8]) {
    precondition(salt.count == Self.saltBytes, "the salt has 16 bytes")
    self.derivation = derivation
    self.operations = operations
    self.memoryBytes = memoryBytes
    self.salt = salt
  }

  /// For a credential, with a new salt.
  package static func credential() -> SealParameters {
    SealParameters(
      derivation: .credential, operations: 0, memoryBytes: 0,
      salt: Sodium().randomBytes(saltBytes))
  }

  /// For a passphrase, with a new salt: Argon2id MODERATE (3 passes over 256 MiB), or INTERACTIVE
  /// (2 over 64 MiB) where the machine is small.
  package static func passphrase(isSmallMachine: Bool) -> SealParameters {
    SealParameters(
      derivation: .passphrase, operations: isSmallMachine ? 2 : 3,
      memoryBytes: isSmallMachine ? 64 << 20 : 256 << 20, salt: Sodium().randomBytes(saltBytes))
  }
}

/// The key that seals and opens a node's secrets. Making one from a passphrase takes a second, so
/// all secrets of a node share the salt and one sealing key.
package struct SealingKey: ~Copyable {
  private let key: Secret
  package let parameters: SealParameters

  /// - Parameter secret: the credential's or passphrase's bytes, as `parameters` says.
  /// - Throws: `key` when Argon2id does not get its memory.
  package init(
    from secret: borrowing Secret, _ parameters: SealParameters
  ) throws(KianaError) {
    var status: Int32 = 0
    let salt = parameters.salt
    key = unsafe secret.withPointer { source in
      unsafe Secret(
        count: Int(crypto_aead_xchacha20poly1305_ietf_KEYBYTES),
        unsafelyFilledBy: { out in
          switch parameters.derivation {
          case .credential:
            status = unsafe crypto_generichash(
              out, Int(crypto_aead_xchacha20poly1305_ietf_KEYBYTES), salt, UInt64(salt.count),
              source, min(secret.count, Int(crypto_generichash_KEYBYTES_MAX)))
          case .passphrase:
            status = unsafe source.withMemoryRebound(to: CChar.self, capacity: secret.count) {
              unsafe crypto_pwhash(
                out, UInt64(crypto_aead_xchacha20poly1305_ietf_KEYBYTES), $0,
                UInt64(secret.count), salt, UInt64(parameters.operations),
                Int(parameters.memoryBytes), crypto_pwhash_ALG_ARGON2ID13)
            }
          }
        })
    }
    self.parameters = parameters
    guard status == 0 else {
      throw KianaError(
        code: .key, what: "cannot derive the sealing key from the passphrase",
        why: "Argon2id needs \(parameters.memoryBytes >> 20) MiB of memory",
        hint: "free some memory and try again")
    }
  }

  /// Seals 32 secret bytes for one owner and one purpose; opening with other ones fails.
  ///
  /// - Parameters:
  ///   - owner: the AID.
  ///   - name: the public key the secret belongs to.
  package func seal(_ secret: borrowing Secret, owner: String, name: String) -> SealedSecret {
    precondition(secret.count == SealedSecret.secretBytes, "sealed secrets have 32 bytes")
    let nonce = Sodium().randomBytes(SealedSecret.nonceBytes)
    let associated = SealedSecret.associatedData(parameters, nonce, owner: owner, name: name)
    let sealed = AEAD.xchacha20Poly1305.seal(
      secret, nonce: nonce, associated: associated, key: key)
    return SealedSecret(parameters: parameters, nonce: nonce, sealed: sealed)
  }

  /// Opens what `seal` made.
  /// - Returns: nil when the key, the owner or the name is another, or a byte was changed.
  package func open(_ sealed: SealedSecret, owner: String, name: String) -> Secret? {
    let associated = SealedSecret.associatedData(
      sealed.parameters, sealed.nonce, owner: owner, name: name)
    return AEAD.xchacha20Poly1305.open(
      sealed.sealed, nonce: sealed.nonce, associated: associated, key: key)
  }
}

/// 32 secret bytes as they lie on disk (`docs/FORMATS.md`, "Sealed secrets"): one comment line, one
/// line of base64 over `KSEC`, version, derivation, passes, memory, salt, nonce, ciphertext.
package struct SealedSecret: Equatable, Sendable {
  package let parameters: SealParameters
  let nonce: [UInt8]
  let sealed: [UInt8]

  static let secretBytes = 32
  static let nonceBytes = Int(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
  static let sealedBytes = secretBytes + Int(crypto_aead_xchacha20poly1305_ietf_ABYTES)
  private static let magic = Array("KSEC".utf8)
  private static let version: UInt8 = 1
  /// magic 4, version 1, derivation 1, operations 4, memory 8, salt 16
  private static let headBytes = 34

  fileprivate init(parameters: SealParameters, nonce: [UInt8], sealed: [UInt8]) {
    self.parameters = parameters
    self.nonce = nonce
    self.sealed = sealed
  }

  /// Reads the text of a file.
  /// - Returns: nil for anything that `text(comment:)` would not write, and for costs beyond our
  ///   bounds (16 passes, 1 GiB).
  package init?(text: [UInt8]) {
    let lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
    guard lines.count == 3, lines[2].isEmpty,
      let bytes = Base64.decode(String(decoding: lines[1], as: UTF8.self), .standard),
      bytes.count == Self.headBytes + Self.nonceBytes + Self.sealedBytes,
      bytes.starts(with: Self.magic), bytes[4] == Self.version,
      let derivation = SealParameters.Derivation(rawValue: bytes[5])
    else { return nil }
    func little(_ range: Range<Int>) -> UInt64 {
      range.reversed().reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
    }
    let operations = UInt32(little(6..<10))
    let memory = little(10..<18)
    guard operations <= SealParameters.operationsMax, memory <= SealParameters.memoryBytesMax
    else { return nil }
    parameters = SealParameters(
      derivation: derivation, operations: operations, memoryBytes: memory,
      salt: Array(bytes[18..<Self.headBytes]))
    nonce = Array(bytes[Self.headBytes..<Self.headBytes + Self.nonceBytes])
    sealed = Array(bytes[(Self.headBytes + Self.nonceBytes)...])
  }

  /// The two lines of the file.
  /// - Parameter comment: what it is, for a person who finds it; without newlines.
  package func text(comment: String) -> [UInt8] {
    precondition(!comment.utf8.contains(0x0A), "the comment is one line")
    let bytes = Self.head(parameters) + nonce + sealed
    return Array("\(comment)\n\(Base64.encode(bytes, .standard))\n".utf8)
  }

  /// What the seal binds besides the secret: how it was made, for whom, which key.
  static func associatedData(
    _ parameters: SealParameters, _ nonce: [UInt8], owner: String, name: String
  ) -> [UInt8] {
    head(parameters) + nonce + Array(owner.utf8) + Array(name.utf8)
  }

  private static func head(_ parameters: SealParameters) -> [UInt8] {
    var out = magic + [version, parameters.derivation.rawValue]
    for shift in 0..<4 {
      out.append(UInt8(truncatingIfNeeded: parameters.operations >> (8 * shift)))
    }
    for shift in 0..<8 {
      out.append(UInt8(truncatingIfNeeded: parameters.memoryBytes >> (8 * shift)))
    }
    return out + parameters.salt
  }
}
