// The parsers of the audit trail: notes, proofs, policies, requests to a witness, statements, and
// the lines that scripts append.

internal import KianaCrypto
internal import KianaModel

private let crypto = Sodium()
/// The public key of the seed 07 00 .. 00, under a name that notes may have.
private let key = NoteKey(
  name: "o", .note,
  crypto.publicKey(
    ofSeed: Secret(count: 32) { $0.storeBytes(of: 7, toByteOffset: 0, as: UInt8.self) }
  ).raw)

func note(_ input: [UInt8]) {
  if let read = SignedNote(input) {
    precondition(read.bytes == input, "another spelling was accepted")
    _ = try? read.signers(among: [key], crypto)
    if let checkpoint = Checkpoint(read.text) {
      precondition(checkpoint.text == read.text, "another spelling was accepted")
    }
  }
  if let text = String(validating: input, as: UTF8.self), let read = NoteKey(text, crypto) {
    precondition(read.text(crypto) == text, "another spelling was accepted")
  }
}

func tlogProof(_ input: [UInt8]) {
  guard let read = TlogProof(input) else { return }
  precondition(read.bytes == input, "another spelling was accepted")
  _ = try? read.verify(crypto.sha256(input), TlogPolicy(logs: [key]), crypto)
}

func policy(_ input: [UInt8]) {
  guard let read = try? TlogPolicy(input, crypto) else { return }
  let all = Set(read.witnesses.values.map(\.key))
  precondition(read.isQuorum(all), "a quorum that nobody can reach was accepted")
  precondition(read.witnessesMin <= all.count, "a quorum wants more than there are")
  precondition(read.isQuorum([]) == (read.witnessesMin == 0), "nobody is a quorum")
}

func witness(_ input: [UInt8]) {
  guard let read = WitnessRequest(input) else { return }
  precondition(
    WitnessRequest.body(oldSize: read.oldSize, proof: read.proof, note: read.note.bytes) == input,
    "another spelling was accepted")
  let seen = WitnessRequest.Seen(size: Int64(input.count), root: crypto.sha256(input))
  _ = read.answer(keys: [key], seen: nil, crypto)
  _ = read.answer(keys: [key], seen: seen, crypto)
  _ = read.answer(keys: [], seen: seen, crypto)
  // Also what no signature lets in.
  guard let root = read.checkpoint.root else { return }
  _ = MerkleProof.isConsistent(
    oldSize: read.oldSize, oldRoot: root, newSize: read.checkpoint.size, newRoot: seen.root,
    proof: read.proof, acceptsEmpty: true, crypto)
  if let leaf = read.proof.first {
    _ = MerkleProof.includes(
      leaf, index: read.oldSize, size: read.checkpoint.size, root: root, proof: read.proof, crypto)
  }
}

/// A leaf, and what scripts append before it becomes one.
func appendLine(_ input: [UInt8]) {
  if let entry = AuditEntry(leaf: input) {
    precondition(entry.leaf() == input, "another spelling was accepted")
  }
  guard let value = try? JSONValue.parse(input, .foreign) else { return }
  for member in value.members ?? [] {
    guard let text = member.value.string else { continue }
    if AuditEntry.isType(text) {
      precondition(AuditEntry.isName(text), "a type that is no name")
      _ = AuditEntry.isOwnType(text)
    }
  }
  // A payload is stored as this text, whatever the order of its members was.
  let text = value.text()
  precondition(
    (try? JSONValue.parse(text, .foreign))?.text() == text, "what was read does not read back")
}

func statement(_ input: [UInt8]) {
  guard let read = ValidationStatement(line: input) else { return }
  precondition(read.line == input, "another spelling was accepted")
  _ = read.hasGoodSignature(crypto)
}

func blockProof(_ input: [UInt8]) {
  guard let read = BlockProof(input) else { return }
  precondition(read.bytes == input, "another spelling was accepted")
  _ = TlogProof(read.proof)
}
