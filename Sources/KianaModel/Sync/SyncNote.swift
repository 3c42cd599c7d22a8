/// A line from one operator to another, signed and soon forgotten: it is shown, and stored nowhere.
package struct SyncNote: Equatable, Sendable {
  package let author: AID
  /// What it says; one line.
  package let text: String
  /// Milliseconds since 1970; at most a day ahead.
  package let expires: Int64
  package let key: KeyText
  /// Ed25519, 64 bytes, over the domain, a zero byte and the JCS form without `sig`.
  package let signature: [UInt8]

  package static let textBytesMax = 1000
  package static let lifeMillisecondsMax: Int64 = 86_400_000
  private static let payloadBytesMax = 8192
  private static let signatureDomain = Array("kiana/note/v1".utf8) + [0]

  /// - Parameter signature: by `key` over `signedMessage`.
  package init(author: AID, text: String, expires: Int64, key: KeyText, signature: [UInt8]) {
    self.author = author
    self.text = text
    self.expires = expires
    self.key = key
    self.signature = signature
  }

  /// What the author signs.
  package static func signedMessage(
    author: AID, text: String, expires: Int64, key: KeyText
  ) -> [UInt8] {
    signatureDomain + JSONValue.object(body(author, text, expires, key)).canonical()
  }

  private static func body(
    _ author: AID, _ text: String, _ expires: Int64, _ key: KeyText
  ) -> [JSONMember] {
    [
      JSONMember("author", .string(author.text)), JSONMember("expires", .integer(expires)),
      JSONMember("key", .string(key.text)), JSONMember("text", .string(text)),
    ]
  }

  /// NOTE.
  var frame: Frame {
    let members = Self.body(author, text, expires, key)
    let signed = [JSONMember("sig", .string(Base64.encode(signature)))]
    return Frame(.note, JSONValue.object(members + signed).canonical())
  }

  /// Whether the signature is by the key that the note names; says nothing about whether that key
  /// may speak for the author.
  package func hasGoodSignature(_ crypto: any Cryptography) -> Bool {
    let message = Self.signedMessage(author: author, text: text, expires: expires, key: key)
    return key.isSigningKey && crypto.isSignature(signature, of: message, by: key.raw)
  }

  /// - Returns: nil unless the payload is a NOTE as `frame` writes it.
  init?(_ payload: [UInt8]) {
    guard payload.count <= Self.payloadBytesMax, let value = try? JSONValue.parse(payload),
      let author = value["author"]?.string.flatMap({ AID($0) }),
      let expires = value["expires"]?.integer,
      let key = value["key"]?.string.flatMap({ KeyText($0) }),
      let text = value["text"]?.string, text.utf8.count <= Self.textBytesMax,
      let signature = value["sig"]?.string.flatMap({ Base64.decode($0) }),
      signature.count == Block.signatureBytes
    else { return nil }
    self.init(author: author, text: text, expires: expires, key: key, signature: signature)
    guard frame.payload == payload else { return nil }
  }
}

extension SyncMachine {
  mutating func handleNote(_ payload: [UInt8]) throws(KianaError) {
    guard let note = SyncNote(payload) else {
      return end(SyncFault("note", "a NOTE frame is malformed"))
    }
    guard notes.count < Self.notesMax, try store.vouches(for: note) else { return idle() }
    notes.append(note)
  }
}
