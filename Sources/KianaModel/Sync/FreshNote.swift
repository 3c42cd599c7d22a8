/// "At this time my key log ended here": signed daily, so that whoever hides a later event from
/// others (a revocation above all) cannot hide that nothing was heard (`docs/PROTOCOL.md` section
/// 8).
package struct FreshNote: Equatable, Sendable {
  package let author: AID
  /// The place of the last event of the author's key log.
  package let s: Int64
  /// Its digest.
  package let said: Hash32
  /// When it was signed, milliseconds since 1970, by the author's clock.
  package let time: Int64
  /// The block key that signed.
  package let key: KeyText
  /// Ed25519, 64 bytes, over the domain, a zero byte and the JCS form without `sig`.
  package let signature: [UInt8]

  /// A frame has so many at most.
  package static let perFrame = 100
  private static let payloadBytesMax = 64 << 10
  private static let signatureDomain = Array("kiana/fresh/v1".utf8) + [0]

  /// - Parameter signature: by `key` over `signedMessage`.
  package init(
    author: AID, s: Int64, said: Hash32, time: Int64, key: KeyText, signature: [UInt8]
  ) {
    self.author = author
    self.s = s
    self.said = said
    self.time = time
    self.key = key
    self.signature = signature
  }

  /// What the author signs.
  package static func signedMessage(
    author: AID, s: Int64, said: Hash32, time: Int64, key: KeyText
  ) -> [UInt8] {
    let note = FreshNote(author: author, s: s, said: said, time: time, key: key, signature: [])
    return note.signedMessage
  }

  private var signedMessage: [UInt8] {
    Self.signatureDomain + JSONValue.object(body).canonical()
  }

  private var body: [JSONMember] {
    [
      JSONMember("author", .string(author.text)), JSONMember("d", .string(AID(digest: said).text)),
      JSONMember("key", .string(key.text)), JSONMember("s", .integer(s)),
      JSONMember("time", .integer(time)),
    ]
  }

  /// Whether the signature is by the key that the note names; says nothing about whether that key
  /// may speak for the author.
  package func hasGoodSignature(_ crypto: any Cryptography) -> Bool {
    key.isSigningKey && crypto.isSignature(signature, of: signedMessage, by: key.raw)
  }

  /// FRESH.
  package static func frame(_ notes: some Collection<FreshNote>) -> Frame {
    let objects = notes.map { note in
      let members = note.body + [JSONMember("sig", .string(Base64.encode(note.signature)))]
      return JSONValue.object(members.sorted { $0.name < $1.name })
    }
    return Frame(.fresh, JSONValue.array(objects).canonical())
  }

  /// - Returns: nil unless the payload is as `frame` writes it.
  package static func parse(_ payload: [UInt8]) -> [FreshNote]? {
    guard payload.count <= payloadBytesMax,
      let values = (try? JSONValue.parse(payload))?.array, !values.isEmpty,
      values.count <= perFrame
    else { return nil }
    var notes = [FreshNote]()
    for value in values {
      guard let note = FreshNote(value) else { return nil }
      notes.append(note)
    }
    return frame(notes).payload == payload ? notes : nil
  }

  private init?(_ value: JSONValue) {
    guard let author = value["author"]?.string.flatMap({ AID($0) }),
      let said = value["d"]?.string.flatMap({ AID($0) })?.digest,
      let key = value["key"]?.string.flatMap({ KeyText($0) }),
      let s = value["s"]?.integer, s >= 0,
      let time = value["time"]?.integer, time >= 0,
      let signature = value["sig"]?.string.flatMap({ Base64.decode($0) }),
      signature.count == Block.signatureBytes
    else { return nil }
    self.init(author: author, s: s, said: said, time: time, key: key, signature: signature)
  }
}

extension SyncMachine {
  /// So many notes a session at most, either way; the others go out in the next one.
  static var freshMax: Int { 1000 }

  /// Tells what the other side has not heard from this one. Before BYE, so that it costs no round
  /// trip; a note whose key log is not there yet is dropped, and tomorrow's comes.
  mutating func sendFreshNotes() throws(KianaError) {
    guard let peer, peer.has(.fresh), direction.contains(.push), !isPlanOnly, feeds == nil else {
      return
    }
    var notes = try store.freshNotes(for: peer, limit: Self.freshMax)[...]
    while !notes.isEmpty {
      let frame = FreshNote.frame(notes.prefix(FreshNote.perFrame))
      // They are about keys, as key events are.
      summary.keyBytes += frame.payload.count
      send(frame)
      notes = notes.dropFirst(FreshNote.perFrame)
    }
  }

  mutating func handleFresh(_ payload: [UInt8]) throws(KianaError) {
    guard let peer, hello.has(.fresh), let notes = FreshNote.parse(payload) else {
      return end(SyncFault("fresh", "a FRESH frame is malformed"))
    }
    taking.freshNotes += notes.count
    guard taking.freshNotes <= Self.freshMax else {
      return end(SyncFault("fresh", "it sent more than \(Self.freshMax) freshness notes"))
    }
    // Key events that came before it are in the store, blocks need not be.
    try store.take(fresh: notes, from: peer)
  }
}
