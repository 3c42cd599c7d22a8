import KianaCrypto
import KianaModel
import KianaTesting
import Testing

/// Signed notes and checkpoints, by the vectors of golang.org/x/mod/sumdb/note, C2SP and
/// transparency-dev/formats.
@Suite(.enabled(if: Vectors.isHere, "the folder of published vectors is not here"))
struct NoteTests {
  private let crypto = Sodium()

  private func json(_ name: String) throws -> JSONValue {
    try JSONValue.parse(try Vectors.read("sumdb-note/\(name).json"), .foreign)
  }

  private struct Vector {
    let key: NoteKey
    let text: String
    let line: String
    let secret: String?
  }

  private func vectors() throws -> [Vector] {
    let json = try json("note_vectors")
    let all = (json["vectors"]?.array ?? []) + (json["c2sp_examples"]?.array ?? [])
    return try all.map { one in
      let key = try #require(one["vkey"]?.string)
      return Vector(
        key: try #require(NoteKey(key, crypto)),
        text: try #require(one["text"]?.string), line: try #require(one["sigline"]?.string),
        secret: one["skey"]?.string)
    }
  }

  @Test func `published notes are read, written and believed`() throws {
    let vectors = try vectors()
    print("sumdb-note: \(vectors.count) notes run, 0 skipped")
    #expect(vectors.count == 3)
    for vector in vectors {
      let bytes = Array("\(vector.text)\n\(vector.line)".utf8)
      let note = try #require(SignedNote(bytes))
      #expect(note.bytes == bytes && note.text == vector.text)
      #expect(try note.signers(among: [vector.key], crypto).map(\.key) == [vector.key])
      #expect(try note.signers(among: [], crypto).isEmpty)
    }
  }

  @Test func `what we sign is what the published signer signed`() throws {
    for vector in try vectors() {
      guard let secret = vector.secret else { continue }
      let seed = try #require(
        Base64.decode(String(secret.split(separator: "+", maxSplits: 4).last ?? ""), .standard)
      ).dropFirst()
      let raw = crypto.sign(
        Array(vector.text.utf8),
        seed: Secret(count: 32) { span in
          for (place, byte) in seed.enumerated() {
            span.storeBytes(of: byte, toByteOffset: place, as: UInt8.self)
          }
        })
      #expect(vector.key.signature(raw, time: 0, crypto).line == vector.line)
    }
  }

  @Test func `a key whose hash or type is wrong is none`() throws {
    let bad = try json("note_vectors")["bad_vkeys"]?.array ?? []
    print("sumdb-note: \(bad.count) bad keys run, 0 skipped")
    #expect(bad.count == 2)
    for text in bad { #expect(NoteKey(text.string ?? "", crypto) == nil) }
    for text in ["", "+", "a+b+c", "a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"] {
      #expect(NoteKey(text, crypto) == nil)
    }
  }

  @Test func `a note in another shape is none`() throws {
    let vector = try vectors()[0]
    let good = "\(vector.text)\n\(vector.line)"
    var wrong = [
      "\(vector.text)\n" + String(repeating: vector.line, count: 101),
      String(good.dropLast()), good + "trailing\n", good + "\n", vector.text, "\(vector.text)\n",
      good.replacing("If", with: "I\u{7}f"), good.replacing("\u{2014} ", with: "- "),
      good.replacing("PeterNeumann", with: "Peter Neumann"), "", "\n", "\n\n",
    ].map { Array($0.utf8) }
    wrong.append([0xFF] + Array(good.utf8))
    for bytes in wrong { #expect(SignedNote(bytes) == nil) }
    #expect(SignedNote(Array(good.utf8)) != nil)
    let most = "\(vector.text)\n" + String(repeating: vector.line, count: 100)
    #expect(try SignedNote(Array(most.utf8))?.signers(among: [vector.key], crypto).count == 1)
  }

  @Test func `one wrong signature of a known key makes the whole note worthless`() throws {
    let (first, second) = (try vectors()[0], try vectors()[1])
    let both = try #require(
      SignedNote(Array("\(first.text)\n\(first.line)\(second.line)".utf8)))
    #expect(try both.signers(among: [first.key, second.key], crypto).count == 2)
    let other = try #require(
      SignedNote(Array("another text\n\n\(first.line)\(second.line)".utf8)))
    #expect(throws: NoteFault.badSignature(first.key.name)) {
      try other.signers(among: [first.key], crypto)
    }
    #expect(throws: NoteFault.ambiguous(first.key.name)) {
      try both.signers(among: [first.key, first.key], crypto)
    }
  }

  @Test func `a cosignature says when, and no other time`() throws {
    let seed = { Secret(count: 32) { $0.storeBytes(of: 7, toByteOffset: 0, as: UInt8.self) } }
    let key = NoteKey(
      name: "witness.example", .cosignature, crypto.publicKey(ofSeed: seed()).raw)
    #expect(NoteKey(key.text(crypto), crypto) == key)
    let text = Checkpoint(origin: "o", size: 3, root: .zero).text
    let raw = crypto.sign(key.message(Array(text.utf8), time: 1_700_000_000), seed: seed())
    let note = SignedNote(
      text: text, signatures: [key.signature(raw, time: 1_700_000_000, crypto)])
    #expect(try note.signers(among: [key], crypto).map(\.time) == [1_700_000_000])
    let later = SignedNote(
      text: text, signatures: [key.signature(raw, time: 1_700_000_001, crypto)])
    #expect(throws: NoteFault.self) { try later.signers(among: [key], crypto) }
  }

  @Test func `checkpoints are read as the published cases say`() throws {
    let cases = try json("checkpoint_cases")["cases"]?.array ?? []
    print("checkpoints: \(cases.count) run, 0 skipped")
    #expect(cases.count == 11)
    for one in cases {
      let text = try #require(one["text"]?.string)
      let checkpoint = Checkpoint(text)
      #expect((checkpoint == nil) == (one["wantErr"] == .bool(true)), "\(one["desc"] ?? .null)")
      if let checkpoint { #expect(checkpoint.text == text) }
    }
    for text in ["Log\n01\nYmFuYW5hcw==\n", "Log\n+1\nYmFuYW5hcw==\n", "Log\n1\nYmFuYW5hcw\n"] {
      #expect(Checkpoint(text) == nil)
    }
  }
}
