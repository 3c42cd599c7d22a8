internal import KianaCrypto
package import KianaModel

/// Checks proof files; with a policy no database is needed.
package struct ProofChecking {
  private let crypto = Sodium()

  package init() {}

  /// What a good proof proves.
  package struct Finding: Sendable, Equatable {
    package let checkpoint: Checkpoint
    package let index: Int64
    /// The entry, canonical JSON.
    package let entry: [UInt8]
    /// What the entry commits to, when the proof brings it.
    package let payload: [UInt8]?
    /// Names of the witnesses that signed.
    package let witnesses: [String]
    /// When each of them did, in seconds since 1970; the witness's word.
    package let witnessTimes: [Int64]
  }

  /// - Parameter verify: which checkpoints count.
  /// - Throws: `damaged` when the proof is wrong, `notFound` when it is of another log or too few
  ///   witnesses signed.
  package func check(
    _ bytes: [UInt8], verify: ([UInt8]) throws(KianaError) -> TlogProof.Proved
  ) throws(KianaError) -> Finding {
    guard let proof = TlogProof(bytes) else {
      throw KianaError(
        code: .damaged, what: "this is no proof",
        why: "it does not begin with 'c2sp.org/tlog-proof@v1', or is cut short")
    }
    guard let extra = proof.extra.flatMap({ try? JSONValue.parse($0) }),
      let entry = extra["entry"]?.canonical(), AuditEntry(leaf: entry) != nil
    else {
      throw KianaError(
        code: .damaged, what: "the proof brings no entry",
        why: "its 'extra' line holds none; proofs by 'kiana-audit prove' do")
    }
    let proved = try verify(proof.checkpoint)
    guard let root = proved.checkpoint.root,
      MerkleProof.includes(
        crypto.treeLeaf(entry), index: proof.index, size: proved.checkpoint.size, root: root,
        proof: proof.hashes, crypto)
    else { throw TlogProofFault.notIncluded.asError("the proof") }
    return Finding(
      checkpoint: proved.checkpoint, index: proof.index, entry: entry,
      payload: try payload(extra, entry), witnesses: proved.witnesses.map(\.key.name),
      witnessTimes: proved.witnesses.map { $0.time ?? 0 })
  }

  private func payload(
    _ extra: JSONValue, _ entry: [UInt8]
  ) throws(KianaError) -> [UInt8]? {
    guard extra["payload"] != nil || extra["salt"] != nil else { return nil }
    guard let bytes = extra["payload"]?.string.flatMap({ Base64.decode($0, .standard) }),
      let salt = extra["salt"]?.string.flatMap({ Hash32(hex: $0) }),
      let leaf = AuditEntry(leaf: entry), leaf.payloadSize == bytes.count,
      leaf.payloadCommitment == crypto.payloadCommitment(salt: salt, bytes)
    else {
      throw KianaError(
        code: .damaged, what: "the payload is not the one of the entry",
        why: "the entry commits to another one")
    }
    return bytes
  }

  /// Reads a policy file.
  /// - Throws: `usage` with the line.
  package static func policy(_ bytes: [UInt8], path: String) throws(KianaError) -> TlogPolicy {
    do throws(TlogPolicyFault) {
      return try TlogPolicy(bytes, Sodium())
    } catch {
      throw KianaError(
        code: .usage,
        what: error.line > 0 ? "\(path):\(error.line): \(error.words)" : "\(path): \(error.words)",
        hint: "the form of a policy: https://c2sp.org/tlog-policy")
    }
  }
}

/// A policy that others can use: this node's log, and who witnesses it.
package struct PolicyText {
  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  /// - Parameter witnesses: those of whom a majority must sign; everybody known when empty.
  package func text(witnesses chosen: [AID]) throws(KianaError) -> String {
    guard let log = try node.keyLog(of: node.aid) else {
      throw KianaError(code: .damaged, what: "this node's own key log is not here")
    }
    let origin = try node.auditOrigin()
    var lines = log.keys.filter {
      $0.use == .log && ($0.state == .active || $0.state == .grace)
    }.map { "log \(NoteKey(name: origin, .note, $0.key.raw).text(node.crypto))" }
    var groups = [String]()
    let identities = try chosen.isEmpty ? WitnessKeys(node).identities() : chosen
    for aid in identities {
      let keys = try WitnessKeys(node).of(aid)
      guard !keys.isEmpty else { continue }
      let name = "w\(groups.count + 1)"
      for (index, key) in keys.enumerated() {
        lines.append("witness \(name)-\(index + 1) \(key.text(node.crypto))")
      }
      lines.append(
        "group \(name) any " + keys.indices.map { "\(name)-\($0 + 1)" }.joined(separator: " "))
      groups.append(name)
    }
    if groups.isEmpty {
      lines.append("quorum none")
    } else {
      lines.append("group peers \(groups.count / 2 + 1) \(groups.joined(separator: " "))")
      lines.append("quorum peers")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
