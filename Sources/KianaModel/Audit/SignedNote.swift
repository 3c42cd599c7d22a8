/// A text with signatures under it, as the transparency-log world exchanges checkpoints.
///
/// Source: C2SP signed-note. The text is UTF-8 without control characters but line feeds, and ends
/// with a line feed; an empty line follows, then a line for each signature.
package struct SignedNote: Equatable, Sendable {
  package struct Signature: Equatable, Sendable {
    /// Not empty, without white space and plus signs.
    package let name: String
    /// The first four bytes of SHA-256(name || 0x0A || type || key).
    package let keyHash: UInt32
    package let bytes: [UInt8]

    package init(name: String, keyHash: UInt32, bytes: [UInt8]) {
      self.name = name
      self.keyHash = keyHash
      self.bytes = bytes
    }

    /// With the line feed at its end.
    package var line: String {
      var payload = [UInt8]()
      for shift: UInt32 in [24, 16, 8, 0] { payload.append(UInt8(keyHash >> shift & 0xFF)) }
      return "\u{2014} \(name) \(Base64.encode(payload + bytes, .standard))\n"
    }

    /// - Parameter line: without the line feed; nil when it is no signature line.
    package init?(line: Substring) {
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      guard words.count == 3, words[0] == "\u{2014}", NoteKey.isName(words[1]),
        let payload = Base64.decode(String(words[2]), .standard), payload.count > 4
      else { return nil }
      name = String(words[1])
      keyHash = payload[..<4].reduce(0) { $0 << 8 | UInt32($1) }
      bytes = Array(payload[4...])
    }
  }

  package static let bytesMax = 1 << 20
  /// More signatures than anybody checks are an attack.
  package static let signaturesMax = 100

  /// Ends with a line feed.
  package let text: String
  package var signatures: [Signature]

  package init(text: String, signatures: [Signature] = []) {
    self.text = text
    self.signatures = signatures
  }

  package var bytes: [UInt8] {
    Array((text + "\n" + signatures.map(\.line).joined()).utf8)
  }

  /// - Returns: nil when the bytes are no signed note.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count <= Self.bytesMax, bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0A }),
      let split = bytes.indices.last(where: { $0 > 0 && bytes[$0] == 0x0A && bytes[$0 - 1] == 0x0A }
      ),
      let text = String(validating: bytes[..<split], as: UTF8.self),
      let tail = String(validating: bytes[(split + 1)...], as: UTF8.self)
    else { return nil }
    var lines = tail.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.popLast() == "", !lines.isEmpty, lines.count <= Self.signaturesMax else {
      return nil
    }
    var signatures = [Signature]()
    for line in lines {
      guard let signature = Signature(line: line) else { return nil }
      signatures.append(signature)
    }
    self.init(text: text, signatures: signatures)
  }

  /// Which of the keys signed the note, each once; other signatures are passed over.
  ///
  /// - Throws: when a signature that one of the keys should have made is wrong, or two keys have
  ///   one name and hash: then nothing of the note counts.
  package func signers(
    among keys: [NoteKey], _ crypto: any Cryptography
  ) throws(NoteFault) -> [NoteSigner] {
    var signers = [NoteSigner]()
    for signature in signatures {
      let named = keys.filter {
        $0.name.isSpelled(like: signature.name) && $0.hash(crypto) == signature.keyHash
      }
      guard let key = named.first else { continue }
      guard named.count == 1 else { throw .ambiguous(key.name) }
      guard !signers.contains(where: { $0.key == key }) else { continue }
      guard let time = key.verify(signature.bytes, Array(text.utf8), crypto) else {
        throw .badSignature(key.name)
      }
      signers.append(NoteSigner(key: key, time: time == 0 ? nil : time))
    }
    return signers
  }
}

extension SignedNote {
  /// The signatures that the keys made, each line by itself: one of each key, in their order.
  package func signatures(
    among keys: [NoteKey], _ crypto: any Cryptography
  ) -> [Signature] {
    var found = [(key: NoteKey, signature: Signature)]()
    for signature in signatures {
      let note = SignedNote(text: text, signatures: [signature])
      guard let key = try? note.signers(among: keys, crypto).first?.key,
        !found.contains(where: { $0.key == key })
      else { continue }
      found.append((key, signature))
    }
    return found.map(\.signature)
  }
}

/// Why a note that can be read counts for nothing.
package enum NoteFault: Error, Equatable, Sendable {
  case badSignature(String)
  /// Two of the keys that were given cannot be told apart.
  case ambiguous(String)

  package var words: String {
    switch self {
    case .badSignature(let name): "the signature of '\(Printable.line(name))' is wrong"
    case .ambiguous(let name): "two keys of '\(Printable.line(name))' have the same hash"
    }
  }
}

/// Who signed a note.
package struct NoteSigner: Equatable, Sendable {
  package let key: NoteKey
  /// When, for a cosignature, in seconds since 1970; the witness's word.
  package let time: Int64?
}

/// A key that signs notes: `name+hash+base64(type || key)`.
///
/// Source: C2SP signed-note, "Verifier keys"; type 0x01 for Ed25519 signatures of notes, 0x04 for
/// cosignatures (C2SP tlog-cosignature).
package struct NoteKey: Hashable, Sendable {
  package enum Kind: UInt8, Sendable {
    case note = 0x01
    case cosignature = 0x04
  }

  package let name: String
  package let kind: Kind
  /// The Ed25519 public key.
  package let key: Hash32

  /// - Parameter name: as `isName` says.
  package init(name: String, _ kind: Kind, _ key: Hash32) {
    self.name = name
    self.kind = kind
    self.key = key
  }

  package static func isName(_ name: some StringProtocol) -> Bool {
    !name.isEmpty && !name.contains("+")
      && !name.unicodeScalars.contains { $0.properties.isWhitespace }
  }

  package static func == (left: NoteKey, right: NoteKey) -> Bool {
    left.kind == right.kind && left.key == right.key && left.name.isSpelled(like: right.name)
  }

  private var typed: [UInt8] { [kind.rawValue] + key.bytes }

  package func hash(_ crypto: any Cryptography) -> UInt32 {
    crypto.sha256(Array(name.utf8) + [0x0A], typed).bytes.prefix(4).reduce(0) {
      $0 << 8 | UInt32($1)
    }
  }

  /// The text form.
  package func text(_ crypto: any Cryptography) -> String {
    let hash = hash(crypto)
    let digits = [24, 16, 8, 0].map { UInt8(hash >> UInt32($0) & 0xFF) }
    return "\(name)+\(Hex.encode(digits))+\(Base64.encode(typed, .standard))"
  }

  /// - Returns: nil when the text is no verifier key of a kind that is known, or its hash is wrong.
  package init?(_ text: some StringProtocol, _ crypto: any Cryptography) {
    let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, Self.isName(parts[0]),
      let typed = Base64.decode(String(parts[2]), .standard), typed.count == 33,
      let kind = Kind(rawValue: typed[0]), let key = Hash32(Array(typed[1...]))
    else { return nil }
    self.init(name: String(parts[0]), kind, key)
    guard self.text(crypto) == String(text) else { return nil }
  }

  /// What the key signs for a text.
  ///
  /// - Parameter time: seconds since 1970, of a cosignature.
  package func message(_ text: [UInt8], time: Int64) -> [UInt8] {
    switch kind {
    case .note: text
    case .cosignature: Array("cosignature/v1\ntime \(time)\n".utf8) + text
    }
  }

  /// The bytes of a signature line for a raw signature over `message`.
  package func signature(
    _ raw: [UInt8], time: Int64, _ crypto: any Cryptography
  ) -> SignedNote.Signature {
    var bytes = [UInt8]()
    if kind == .cosignature { bytes.append(big: UInt64(time)) }
    return SignedNote.Signature(name: name, keyHash: hash(crypto), bytes: bytes + raw)
  }

  /// - Returns: nil when the signature is wrong; else its time in seconds, 0 when it has none.
  func verify(_ bytes: [UInt8], _ text: [UInt8], _ crypto: any Cryptography) -> Int64? {
    switch kind {
    case .note:
      return crypto.isSignature(bytes, of: text, by: key) ? 0 : nil
    case .cosignature:
      guard bytes.count == 72 else { return nil }
      let time = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard time > 0, time <= UInt64(Int64.max) else { return nil }
      let message = message(text, time: Int64(time))
      return crypto.isSignature(Array(bytes[8...]), of: message, by: key) ? Int64(time) : nil
    }
  }
}

extension StringProtocol {
  /// Whether two texts have the same bytes.
  ///
  /// Names of logs and witnesses are bytes. `==` would take one for another that Unicode holds for
  /// the same: the sign of kelvin, U+212A, for K, so that a log could have two histories under
  /// what looks like one name.
  package func isSpelled(like other: some StringProtocol) -> Bool {
    utf8.elementsEqual(other.utf8)
  }
}
