/// A public key in its KERI form: 44 characters, `D` for Ed25519 and `C` for X25519.
package struct KeyText: Hashable, Sendable {
  /// The 32 bytes.
  package let raw: Hash32
  /// Whether it verifies signatures (Ed25519); else it receives sealed data (X25519).
  package let isSigningKey: Bool

  package init(raw: Hash32, isSigningKey: Bool) {
    self.raw = raw
    self.isSigningKey = isSigningKey
  }

  /// - Returns: nil unless `text` is the one spelling of a key.
  package init?(_ text: String) {
    self.init(text.utf8.span)
  }

  /// - Returns: nil unless `text` is the one spelling of a key.
  package init?(_ text: Span<UInt8>) {
    guard let (code, value) = CESR.value(text), code != .blake3 else { return nil }
    raw = value
    isSigningKey = code == .ed25519
  }

  /// 44 characters.
  package var text: String { CESR.text(isSigningKey ? .ed25519 : .x25519, raw) }

  /// What an event that commits to this key holds: BLAKE3-256 of the 44 characters, as a digest
  /// text. Source: KERI v1, pre-rotation.
  package func commitment(_ crypto: any Cryptography) -> Hash32 {
    crypto.blake3(Array(text.utf8))
  }
}

/// What a key may be used for; a key has one use.
package enum KeyUse: String, Sendable, CaseIterable {
  /// Signs blocks.
  case block
  /// Signs checkpoints of this node's audit log.
  case log
  /// Cosigns checkpoints of other logs.
  case witness
  /// Signs files that a caller hands in.
  case file
  /// Signs the manifests of backups.
  case backup
  /// Static key of the transport between nodes.
  case peer
  /// Receives what is sealed to the node.
  case enc

  /// Whether its keys are Ed25519; `peer` and `enc` are X25519.
  package var isSigning: Bool { self != .peer && self != .enc }

  /// `naf` of a key that is never replaced: the largest integer of our JSON.
  package static let never: Int64 = 1 << 53 - 1

  /// Days after which the key is replaced; nil when it never is.
  package var rotationDays: Int? {
    switch self {
    case .peer, .block, .log: 30
    case .witness, .file, .enc: 365
    case .backup: nil
    }
  }
}
