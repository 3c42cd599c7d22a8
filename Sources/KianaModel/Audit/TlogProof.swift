/// A file that proves offline that an entry stands in a log.
///
/// Source: C2SP tlog-proof. `extra` is the application's: ours is a JCS object with `entry`, and
/// maybe `payload` and `salt` (`docs/FORMATS.md` section 5).
package struct TlogProof: Equatable, Sendable {
  package let index: Int64
  /// Nil when there is none.
  package let extra: [UInt8]?
  /// From the leaf upwards.
  package let hashes: [Hash32]
  /// The signed checkpoint.
  package let checkpoint: [UInt8]

  private static let header = "c2sp.org/tlog-proof@v1"
  package static let bytesMax = 1 << 22
  package static let hashesMax = 63

  package init(index: Int64, extra: [UInt8]?, hashes: [Hash32], checkpoint: [UInt8]) {
    self.index = index
    self.extra = extra
    self.hashes = hashes
    self.checkpoint = checkpoint
  }

  package var bytes: [UInt8] {
    var text = Self.header + "\n"
    if let extra { text += "extra \(Base64.encode(extra, .standard))\n" }
    text += "index \(index)\n"
    for hash in hashes { text += Base64.encode(hash.bytes, .standard) + "\n" }
    return Array(text.utf8) + [0x0A] + checkpoint
  }

  /// - Returns: nil when the bytes are no such proof.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count <= Self.bytesMax,
      let end = bytes.indices.first(where: { $0 > 0 && bytes[$0] == 0x0A && bytes[$0 - 1] == 0x0A }
      ),
      let head = String(validating: bytes[..<(end - 1)], as: UTF8.self)
    else { return nil }
    var lines = head.split(separator: "\n", omittingEmptySubsequences: false)[...]
    guard lines.popFirst() == Self.header[...] else { return nil }
    var extra: [UInt8]?
    if let line = lines.first, line.hasPrefix("extra ") {
      guard let decoded = Base64.decode(String(line.dropFirst(6)), .standard) else { return nil }
      extra = decoded
      lines.removeFirst()
    }
    guard let line = lines.popFirst(), line.hasPrefix("index "),
      let index = Int64(line.dropFirst(6)), index >= 0, String(index) == line.dropFirst(6),
      lines.count <= Self.hashesMax
    else { return nil }
    var hashes = [Hash32]()
    for line in lines {
      guard let hash = Base64.decode(String(line), .standard).flatMap({ Hash32($0) }) else {
        return nil
      }
      hashes.append(hash)
    }
    self.init(index: index, extra: extra, hashes: hashes, checkpoint: Array(bytes[(end + 1)...]))
    guard !checkpoint.isEmpty else { return nil }
  }
}

/// Why a proof proves nothing.
package enum TlogProofFault: Error, Equatable, Sendable {
  /// It has no signed checkpoint, or one of another kind of tree.
  case badCheckpoint
  case note(NoteFault)
  /// None of the policy's logs signed it, or its origin is not the key's.
  case unknownLog(String)
  /// The witnesses that signed are not enough.
  case noQuorum
  /// The hashes do not lead from the entry to the root.
  case notIncluded

  package var words: String {
    switch self {
    case .badCheckpoint: "it holds no signed checkpoint"
    case .note(let fault): fault.words
    case .unknownLog(let origin):
      "no key that counts signed for the log '\(Printable.line(origin))'"
    case .noQuorum: "too few of the policy's witnesses signed"
    case .notIncluded: "the entry is not in the tree of the checkpoint"
    }
  }
}

extension TlogProof {
  /// What a good proof proves.
  package struct Proved: Equatable, Sendable {
    package let checkpoint: Checkpoint
    package let log: NoteKey
    package let witnesses: [NoteSigner]
  }

  /// Checks the proof of a leaf.
  package func verify(
    _ leaf: Hash32, _ policy: TlogPolicy, _ crypto: any Cryptography
  ) throws(TlogProofFault) -> Proved {
    let proved = try policy.verify(checkpoint, crypto)
    guard let root = proved.checkpoint.root,
      MerkleProof.includes(
        leaf, index: index, size: proved.checkpoint.size, root: root, proof: hashes, crypto)
    else { throw .notIncluded }
    return proved
  }
}
