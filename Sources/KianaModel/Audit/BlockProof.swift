/// One file that proves to a stranger that a block stood in a node's audit log: the block, the key
/// histories, the entry that took it in, and its place in the signed log.
///
/// A JCS object and a line feed (`docs/FORMATS.md` section 5):
/// `{"block":LINE,"kels":{AID:CESR},"payload":B64,"proof":TLOG_PROOF,"range":{"hashes":[HEX64],
/// "index":N,"size":N},"salt":HEX64,"v":1,"verdict":LINE}`; payload, range, salt and verdict only
/// for a block that came in a range.
package struct BlockProof: Equatable, Sendable {
  /// The block in the line form.
  package let block: JSONValue
  /// Key logs of the author, of the node whose log it is, and of witnesses that signed.
  package let keyLogs: [(aid: AID, stream: [UInt8])]
  package let proof: [UInt8]
  package let range: Range?

  /// The block's place among those that an entry commits to.
  package struct Range: Equatable, Sendable {
    package let index: Int64
    package let size: Int64
    package let hashes: [Hash32]
    /// The line of the block's verdict.
    package let verdict: [UInt8]
    package let payload: [UInt8]
    package let salt: Hash32

    package init(
      index: Int64, size: Int64, hashes: [Hash32], verdict: [UInt8], payload: [UInt8],
      salt: Hash32
    ) {
      self.index = index
      self.size = size
      self.hashes = hashes
      self.verdict = verdict
      self.payload = payload
      self.salt = salt
    }
  }

  package static let bytesMax = 64 << 20

  package init(
    block: JSONValue, keyLogs: [(aid: AID, stream: [UInt8])], proof: [UInt8], range: Range?
  ) {
    self.block = block
    self.keyLogs = keyLogs
    self.proof = proof
    self.range = range
  }

  package static func == (left: BlockProof, right: BlockProof) -> Bool {
    left.bytes == right.bytes
  }

  package var bytes: [UInt8] {
    var members = [
      JSONMember("block", block),
      JSONMember(
        "kels",
        .object(
          keyLogs.map {
            JSONMember($0.aid.text, .string(String(decoding: $0.stream, as: UTF8.self)))
          })),
      JSONMember("proof", .string(String(decoding: proof, as: UTF8.self))),
      JSONMember("v", .integer(1)),
    ]
    if let range {
      members += [
        JSONMember("payload", .string(Base64.encode(range.payload, .standard))),
        JSONMember(
          "range",
          .object([
            JSONMember("hashes", .array(range.hashes.map { .string($0.hex) })),
            JSONMember("index", .integer(range.index)), JSONMember("size", .integer(range.size)),
          ])),
        JSONMember("salt", .string(range.salt.hex)),
        JSONMember("verdict", .string(String(decoding: range.verdict, as: UTF8.self))),
      ]
    }
    return JSONValue.object(members).canonical() + [0x0A]
  }

  /// - Returns: nil when the bytes are no such file.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count <= Self.bytesMax, bytes.last == 0x0A,
      let value = try? JSONValue.parse(Array(bytes.dropLast())), value["v"]?.integer == 1,
      let block = value["block"], let kels = value["kels"]?.members,
      let proof = value["proof"]?.string
    else { return nil }
    var keyLogs = [(aid: AID, stream: [UInt8])]()
    for member in kels {
      guard let aid = AID(member.name), let stream = member.value.string else { return nil }
      keyLogs.append((aid, Array(stream.utf8)))
    }
    var range: Range?
    if let inner = value["range"] {
      range = Self.range(inner, value)
      guard range != nil else { return nil }
    }
    self.init(block: block, keyLogs: keyLogs, proof: Array(proof.utf8), range: range)
    guard self.bytes == bytes else { return nil }
  }

  private static func range(_ inner: JSONValue, _ value: JSONValue) -> Range? {
    guard let index = inner["index"]?.integer, let size = inner["size"]?.integer,
      let texts = inner["hashes"]?.array, texts.count <= TlogProof.hashesMax,
      let verdict = value["verdict"]?.string,
      let payload = value["payload"]?.string.flatMap({ Base64.decode($0, .standard) }),
      let salt = value["salt"]?.string.flatMap({ Hash32(hex: $0) })
    else { return nil }
    let hashes = texts.compactMap { $0.string.flatMap { Hash32(hex: $0) } }
    guard hashes.count == texts.count else { return nil }
    return Range(
      index: index, size: size, hashes: hashes, verdict: Array(verdict.utf8), payload: payload,
      salt: salt)
  }

  package static func looksLike(_ bytes: [UInt8]) -> Bool { bytes.first == UInt8(ascii: "{") }
}
