internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// Proofs that a block stood in this node's log, and their checking by anybody.
package struct BlockProving {
  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  /// - Parameters:
  ///   - sign: makes a checkpoint of the present state; asked only when none covers the entry.
  /// - Throws: `notFound` when the block is not here, or its entry was pruned or redacted.
  package func proof(
    of id: Hash32, sign: () throws(KianaError) -> Checkpoints.Signed
  ) throws(KianaError) -> BlockProof {
    guard let row = try node.blocks.find(id: id) else {
      throw KianaError(code: .notFound, what: "there is no block '\(id.hex)'")
    }
    guard let verdict = try VerdictTable(node.database).all(no: row.no).last,
      let entry = try node.events.find(verdict.entry)
    else {
      throw KianaError(
        code: .notFound, what: "block '\(id.hex)' has no place in the audit log",
        why: "the entry that took it in was pruned")
    }
    let stored = try BlockReader(node).read(row)
    guard let line = try? JSONValue.parse(BlockLine.bytes(of: stored.block)) else {
      throw .damagedRow("block")
    }
    var range: BlockProof.Range?
    if entry.entry.target != "blk:\(id.hex)" {
      range = try place(of: row.no, in: verdict.entry, verdict.checks.line(of: id))
    }
    let proof = try Proving(node).proof(of: verdict.entry, withPayload: false, sign: sign)
    return BlockProof(
      block: line, keyLogs: try keyLogs(stored.header.author, proof.checkpoint),
      proof: proof.bytes, range: range)
  }

  /// The block's place among those that the entry commits to.
  private func place(
    of no: Int64, in entry: Int64, _ line: [UInt8]
  ) throws(KianaError) -> BlockProof.Range {
    guard let payload = try node.events.payload(entry),
      let value = try? JSONValue.parse(payload.bytes), let count = value["blocks"]?.integer
    else {
      throw KianaError(
        code: .notFound, what: "the block cannot be proved",
        why: "the payload of entry \(entry), which took it in, was erased")
    }
    let first = max(0, no - count)
    let rows = try VerdictTable(node.database).of(entry: entry, from: first, limit: Int(count))
    var leaves = [Hash32]()
    var index: Int64?
    for row in rows {
      guard let id = row.id else {
        throw KianaError(
          code: .notFound, what: "the block cannot be proved",
          why: "blocks that came with it were deleted here")
      }
      if row.no == no { index = Int64(leaves.count) }
      leaves.append(node.crypto.treeLeaf(row.checks.line(of: id)))
    }
    guard let index, leaves.count == count else { throw .damagedRow("verdict") }
    var nodes = LeafTree(leaves)
    return BlockProof.Range(
      index: index, size: count,
      hashes: try nodes.inclusionProof(index: index, size: count, node.crypto),
      verdict: line, payload: payload.bytes, salt: payload.salt)
  }

  private func keyLogs(
    _ author: AID, _ checkpoint: [UInt8]
  ) throws(KianaError) -> [(aid: AID, stream: [UInt8])] {
    var wanted = [author]
    if node.aid != author { wanted.append(node.aid) }
    let names = Set(SignedNote(checkpoint)?.signatures.map(\.name) ?? [])
    for aid in try WitnessKeys(node).identities()
    where names.contains(WitnessKeys.name(aid)) && !wanted.contains(aid) {
      wanted.append(aid)
    }
    var found = [(aid: AID, stream: [UInt8])]()
    for aid in wanted {
      guard let row = try node.authors.find(aid) else { continue }
      found.append((aid, try node.keyEvents.stream(author: row.no)))
    }
    return found
  }
}

/// A tree over leaves in memory: a range has at most some thousand.
struct LeafTree: MerkleSource {
  private let leaves: [Hash32]
  private let crypto = Sodium()

  init(_ leaves: [Hash32]) {
    self.leaves = leaves
  }

  func subtree(level: Int, index: Int64) throws(KianaError) -> Hash32 {
    Tile.root(leaves[Int(index) << level..<Int(index + 1) << level], crypto)
  }
}

/// Checks a block's proof; nothing but the file and the policy is needed.
package struct BlockProofChecking {
  private let crypto = Sodium()

  package init() {}

  /// What a good proof proves.
  package struct Finding: Sendable, Equatable {
    package let id: Hash32
    package let author: AID
    package let verdict: KeyVerdict
    /// What the node found when it took the block in.
    package let checks: BlockChecks
    package let entry: ProofChecking.Finding
    /// Whose log it is.
    package let node: AID?
  }

  /// - Parameters:
  ///   - policy: whose checkpoints count; nil takes the node's own key log from the file, so that
  ///     only what that node says is proved.
  package func check(
    _ proof: BlockProof, policy: TlogPolicy?
  ) throws(KianaError) -> Finding {
    let block = try readBlock(proof)
    let header = block.header
    guard let log = try keyLog(header.author, proof) else {
      throw Self.wrong("the key log of the author is not in it")
    }
    guard block.hasGoodSignature(crypto) else {
      throw Self.wrong("the signature of the block is wrong")
    }
    // Without the feed nobody can say more of a key that is gone than that it was the author's.
    let verdict = try log.verdict(on: block.position, key: header.key, isLeftBehind: false) {
      (pin) throws(KianaError) in
      pin.id == block.id ? .isAncestorOrSame : .unknown
    }
    guard verdict.isAcceptable else { throw Self.wrong(verdict.words) }
    let finding = try ProofChecking().check(proof.proof) { (note) throws(KianaError) in
      try verify(note, proof, policy)
    }
    let checks = try place(block.id, finding.entry, proof.range)
    return Finding(
      id: block.id, author: header.author, verdict: verdict, checks: checks, entry: finding,
      node: OwnLog.owner(finding.checkpoint.origin))
  }

  private static func wrong(_ why: String) -> KianaError {
    KianaError(code: .damaged, what: "the proof of the block is wrong", why: why)
  }

  private func readBlock(_ proof: BlockProof) throws(KianaError) -> Block {
    do throws(BlockFault) {
      switch try BlockLine.parse(
        proof.block.canonical(), contentBytesMax: BlockProof.bytesMax, crypto)
      {
      case .block(let block), .longBlock(let block, _): return block
      case .author: throw BlockFault(.missingMember)
      }
    } catch {
      throw Self.wrong("the block: \(error.reason)")
    }
  }

  private func keyLog(_ aid: AID, _ proof: BlockProof) throws(KianaError) -> KeyLog? {
    guard let stream = proof.keyLogs.first(where: { $0.aid == aid })?.stream else { return nil }
    do throws(KeyLogFault) {
      return try KeyLog.replay(stream, aid: aid, crypto)
    } catch {
      throw Self.wrong("the key log of \(aid.text): \(error.reason)")
    }
  }

  private func verify(
    _ note: [UInt8], _ proof: BlockProof, _ policy: TlogPolicy?
  ) throws(KianaError) -> TlogProof.Proved {
    do throws(TlogProofFault) {
      if let policy { return try policy.verify(note, crypto) }
    } catch {
      throw error.asError("the proof")
    }
    guard let checkpoint = SignedNote(note).flatMap({ Checkpoint($0.text) }),
      let aid = OwnLog.owner(checkpoint.origin), let log = try keyLog(aid, proof)
    else { throw Self.wrong("the key log of the node whose log it is is not in it") }
    return try OwnLog.verify(note, checkpoint, log, crypto)
  }

  /// Types of entries that say what was found of blocks. Scripts append entries of their own, with
  /// any target and payload.
  private static let judgements: Set<String> = [
    "block.accept", "block.validate", "feed.cut", "feed.return",
  ]

  /// That the entry is about the block, alone or in its range.
  private func place(
    _ id: Hash32, _ entry: [UInt8], _ range: BlockProof.Range?
  ) throws(KianaError) -> BlockChecks {
    guard let leaf = AuditEntry(leaf: entry) else { throw Self.wrong("the entry is malformed") }
    guard Self.judgements.contains(leaf.type) else {
      throw Self.wrong("the entry is no judgement of blocks")
    }
    guard let range else {
      guard leaf.target == "blk:\(id.hex)", leaf.verdict == .valid else {
        throw Self.wrong("the entry is about something else")
      }
      return .allGood
    }
    guard leaf.payloadSize == range.payload.count,
      leaf.payloadCommitment == crypto.payloadCommitment(salt: range.salt, range.payload),
      let root = (try? JSONValue.parse(range.payload))?["root"]?.string.flatMap({ Hash32(hex: $0) }
      ),
      MerkleProof.includes(
        crypto.treeLeaf(range.verdict), index: range.index, size: range.size, root: root,
        proof: range.hashes, crypto)
    else { throw Self.wrong("the block is not among those of the entry") }
    guard let line = try? JSONValue.parse(range.verdict),
      let checks = line["checks"]?.string.flatMap({ BlockChecks($0) }),
      checks.line(of: id) == range.verdict
    else { throw Self.wrong("the verdict is on another block") }
    return checks
  }
}
