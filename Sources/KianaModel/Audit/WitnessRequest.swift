/// What a log sends to a witness: a checkpoint, and the proof that it goes on from the last one
/// that the witness signed.
///
/// Source: C2SP tlog-witness, `add-checkpoint`.
package struct WitnessRequest: Equatable, Sendable {
  package let oldSize: Int64
  package let proof: [Hash32]
  package let note: SignedNote
  package let checkpoint: Checkpoint

  package static let bytesMax = 1 << 16

  /// - Returns: nil when the body is none.
  package init?(_ body: [UInt8]) {
    guard body.count <= Self.bytesMax,
      let end = body.indices.first(where: { $0 > 0 && body[$0] == 0x0A && body[$0 - 1] == 0x0A }),
      let head = String(validating: body[..<(end - 1)], as: UTF8.self),
      let note = SignedNote(Array(body[(end + 1)...])), let checkpoint = Checkpoint(note.text)
    else { return nil }
    let lines = head.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines[0].hasPrefix("old "), let size = Int64(lines[0].dropFirst(4)), size >= 0,
      String(size) == lines[0].dropFirst(4), lines.count <= 64
    else { return nil }
    var proof = [Hash32]()
    for line in lines.dropFirst() {
      guard let hash = Base64.decode(String(line), .standard).flatMap({ Hash32($0) }) else {
        return nil
      }
      proof.append(hash)
    }
    oldSize = size
    self.proof = proof
    self.note = note
    self.checkpoint = checkpoint
  }

  /// A request of our own.
  package static func body(
    oldSize: Int64, proof: [Hash32], note: [UInt8]
  ) -> [UInt8] {
    let lines = ["old \(oldSize)"] + proof.map { Base64.encode($0.bytes, .standard) }
    return Array((lines.joined(separator: "\n") + "\n\n").utf8) + note
  }

  /// What a witness has signed of a log last.
  package struct Seen: Equatable, Sendable {
    package let size: Int64
    package let root: Hash32

    package init(size: Int64, root: Hash32) {
      self.size = size
      self.root = root
    }
  }

  /// What a witness answers, each with its HTTP status.
  package enum Answer: Equatable, Sendable {
    /// 200: it is to be remembered, and then signed.
    case cosign
    /// 400
    case malformed
    /// 403: no key of the log signed it.
    case badSignature
    /// 404
    case unknownLog
    /// 409: the last one has this size.
    case conflict(size: Int64)
    /// 422: the proof does not show that the tree goes on from the last one.
    case inconsistent

    package var status: Int {
      switch self {
      case .cosign: 200
      case .malformed: 400
      case .badSignature: 403
      case .unknownLog: 404
      case .conflict: 409
      case .inconsistent: 422
      }
    }
  }

  /// Judges the request.
  ///
  /// - Parameters:
  ///   - keys: of the log that the checkpoint names; none when it is not known.
  ///   - seen: nil when nothing of the log was signed yet.
  package func answer(
    keys: [NoteKey], seen: Seen?, _ crypto: any Cryptography
  ) -> Answer {
    guard !keys.isEmpty else { return .unknownLog }
    guard let signers = try? note.signers(among: keys, crypto), !signers.isEmpty else {
      return .badSignature
    }
    guard oldSize <= checkpoint.size, let root = checkpoint.root else { return .malformed }
    let last = seen ?? Seen(size: 0, root: crypto.sha256())
    guard oldSize == last.size else { return .conflict(size: last.size) }
    if checkpoint.size == last.size, root != last.root { return .conflict(size: last.size) }
    let isConsistent = MerkleProof.isConsistent(
      oldSize: oldSize, oldRoot: last.root, newSize: checkpoint.size, newRoot: root, proof: proof,
      acceptsEmpty: true, crypto)
    return isConsistent ? .cosign : .inconsistent
  }
}
