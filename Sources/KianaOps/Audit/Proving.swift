internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// Proofs that strangers check: that an entry stands in this node's log, and that a later state of
/// the log goes on from an earlier one.
package struct Proving {
  private let node: Node
  private let log: AuditLog

  package init(_ node: Node) {
    self.node = node
    log = AuditLog(node)
  }

  /// The proof of one entry under a checkpoint that covers it (C2SP tlog-proof).
  ///
  /// - Parameters:
  ///   - withPayload: whether the payload and its salt go along.
  ///   - sign: makes a checkpoint of the present state; asked only when none covers the entry.
  /// - Throws: `notFound` when there is no such entry, or it was pruned.
  package func proof(
    of seq: Int64, withPayload: Bool, sign: () throws(KianaError) -> Checkpoints.Signed
  ) throws(KianaError) -> TlogProof {
    guard let epoch = try log.epoch(of: seq), let row = try node.events.find(seq) else {
      throw Self.missing(seq, isPruned: try log.epoch(of: seq) != nil)
    }
    let index = seq - epoch.first
    let signed = try signed(epoch, index, sign)
    guard let entry = try? JSONValue.parse(row.entry.leaf()) else { throw .damagedRow("event") }
    var extra = [JSONMember("entry", entry)]
    if withPayload, let payload = try node.events.payload(seq) {
      extra += [
        JSONMember("payload", .string(Base64.encode(payload.bytes, .standard))),
        JSONMember("salt", .string(payload.salt.hex)),
      ]
    }
    var tree = log.tree(epoch)
    return TlogProof(
      index: index, extra: JSONValue.object(extra).canonical(),
      hashes: try tree.inclusionProof(index: index, size: signed.size, node.crypto),
      checkpoint: signed.note)
  }

  private func signed(
    _ epoch: AuditLog.Epoch, _ index: Int64, _ sign: () throws(KianaError) -> Checkpoints.Signed
  ) throws(KianaError) -> Checkpoints.Signed {
    if let known = try Checkpoints(node).covering(epoch: epoch.number, index: index) {
      return known
    }
    guard epoch.number == (try log.current().number) else {
      throw KianaError(
        code: .notFound, what: "the entry cannot be proved",
        why: "it was never signed in its epoch of the log, which a restore ended",
        hint: "the next epoch begins with an entry that names that epoch's last root")
    }
    return try sign()
  }

  private static func missing(_ seq: Int64, isPruned: Bool) -> KianaError {
    KianaError(
      code: .notFound, what: "there is no entry \(seq)",
      why: isPruned ? "it was pruned" : "the trail is shorter")
  }

  /// The hashes that lead from an older size of the present epoch to a newer one.
  /// - Throws: `usage` when there are not so many entries.
  package func consistency(
    from old: Int64, to new: Int64
  ) throws(KianaError) -> (proof: [Hash32], oldRoot: Hash32, newRoot: Hash32) {
    let epoch = try log.current()
    guard old >= 0, old <= new, new <= epoch.size else {
      throw KianaError(
        code: .usage, what: "there is no step from size \(old) to size \(new)",
        why: "the log has \(epoch.size) entries, and grows")
    }
    var tree = log.tree(epoch)
    return (
      try tree.consistencyProof(oldSize: old, newSize: new, node.crypto),
      try log.root(epoch, size: old), try log.root(epoch, size: new)
    )
  }

  /// Whether this log goes on from a signed state that somebody kept: an exported checkpoint, or
  /// what a witness signed last.
  ///
  /// - Returns: the checkpoint.
  /// - Throws: `damaged` when entries were cut off or changed since, `notFound` when it is of
  ///   another log or not signed by this one's key.
  @discardableResult
  package func check(against note: [UInt8]) throws(KianaError) -> Checkpoint {
    let checkpoint = try OwnLog(node).checkpoint(of: note)
    guard let epoch = try log.epochs().first(where: { log.origin($0.number) == checkpoint.origin })
    else {
      throw KianaError(
        code: .damaged, what: "the log was cut back",
        why: "the checkpoint is of epoch '\(Printable.line(checkpoint.origin))', which is not here")
    }
    guard checkpoint.size <= epoch.size else {
      throw KianaError(
        code: .damaged, what: "the log was cut back",
        why: "it had \(checkpoint.size) entries when the checkpoint was signed, and has "
          + "\(epoch.size): entries \(epoch.first + epoch.size) to "
          + "\(epoch.first + checkpoint.size - 1) are missing",
        hint: "after a restore: kiana-audit resume")
    }
    guard checkpoint.root == (try log.root(epoch, size: checkpoint.size)) else {
      throw KianaError(
        code: .damaged, what: "the log was rewritten",
        why: "its first \(checkpoint.size) entries do not give the root that was signed",
        hint: "'kiana-audit verify --full' may name the entry; an exported copy has the old one")
    }
    return checkpoint
  }
}

/// Who may sign for this node's own log: its `log` keys, each for as far as the key log vouches.
package struct OwnLog {
  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  /// Reads a signed checkpoint of this node's log.
  ///
  /// - Throws: `notFound` when it is not by a log key of this node, `damaged` when a signature is
  ///   wrong or the key was gone before.
  package func checkpoint(of note: [UInt8]) throws(KianaError) -> Checkpoint {
    try verify(note).checkpoint
  }

  /// The same, with who signed.
  package func verify(_ note: [UInt8]) throws(KianaError) -> TlogProof.Proved {
    guard let keys = try node.keyLog(of: node.aid) else {
      throw KianaError(code: .damaged, what: "this node's own key log is not here")
    }
    let parsed = SignedNote(note).flatMap { Checkpoint($0.text) }
    guard let parsed, Self.owner(parsed.origin) == node.aid else {
      throw KianaError(
        code: .notFound, what: "this is no checkpoint of this node's log",
        why: parsed.map { "it is of '\(Printable.line($0.origin))'" }
          ?? "it is no signed checkpoint at all",
        hint: parsed == nil ? "" : "'verify PROOF --policy FILE' checks the proofs of other logs")
    }
    return try Self.verify(note, parsed, keys, node.crypto)
  }

  /// Whose log an origin names; nil when it is none of kiana's.
  static func owner(_ origin: String) -> AID? {
    let parts = origin.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "kiana", parts[2] == "audit", let epoch = Int64(parts[3]),
      (0...AuditLog.epochMax).contains(epoch), String(epoch) == parts[3]
    else { return nil }
    return AID(String(parts[1]))
  }

  /// Checks a checkpoint by the key log of its node: one of the log keys that signed it must be in
  /// use, or vouched for in a log of that size.
  static func verify(
    _ note: [UInt8], _ checkpoint: Checkpoint, _ keys: KeyLog, _ crypto: any Cryptography
  ) throws(KianaError) -> TlogProof.Proved {
    let all = keys.keys.filter { $0.use == .log }
    let place = LogPosition(origin: checkpoint.origin, size: max(0, checkpoint.size - 1))
    var fault = TlogProofFault.unknownLog(checkpoint.origin)
    var isGone = false
    for record in all {
      let name = NoteKey(name: checkpoint.origin, .note, record.key.raw)
      do throws(TlogProofFault) {
        let proved = try TlogPolicy(logs: [name]).verify(note, crypto)
        if keys.verdict(of: record.key, use: .log, index: place).isAcceptable { return proved }
        isGone = true
      } catch {
        if case .unknownLog = error { continue }
        fault = error
      }
    }
    guard isGone else { throw fault.asError("the checkpoint") }
    throw KianaError(
      code: .damaged, what: "the checkpoint does not count",
      why: "its key was retired or revoked before the log had \(checkpoint.size) entries")
  }
}

extension TlogProofFault {
  /// - Parameter subject: "the checkpoint", "the proof 'x'".
  package func asError(_ subject: String) -> KianaError {
    let code: KianaError.Code =
      switch self {
      case .unknownLog, .noQuorum: .notFound
      case .badCheckpoint, .note, .notIncluded: .damaged
      }
    return KianaError(code: code, what: "\(subject) proves nothing", why: words)
  }
}
