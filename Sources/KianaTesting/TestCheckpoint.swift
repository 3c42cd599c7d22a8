internal import KianaCrypto
package import KianaModel
package import KianaOps
internal import KianaStore

/// Checkpoints of a node's log by a key of the test's own.
package enum TestCheckpoint {
  private static func seed() -> Secret {
    Secret(count: 32) { $0.storeBytes(of: 9, toByteOffset: 0, as: UInt8.self) }
  }

  private static func signature(
    _ kind: NoteKey.Kind, _ name: String, _ text: String, time: Int64
  ) -> SignedNote.Signature {
    let crypto = Sodium()
    let key = NoteKey(name: name, kind, crypto.publicKey(ofSeed: seed()).raw)
    let raw = crypto.sign(key.message(Array(text.utf8), time: time), seed: seed())
    return key.signature(raw, time: time, crypto)
  }

  /// Signs and stores a checkpoint of the current epoch.
  /// - Returns: the note.
  @discardableResult
  package static func sign(_ node: Node, size: Int64) throws(KianaError) -> [UInt8] {
    let log = AuditLog(node)
    let epoch = try log.current()
    let origin = log.origin(epoch.number)
    let root = try log.root(epoch, size: size)
    let text = Checkpoint(origin: origin, size: size, root: root).text
    let note = SignedNote(text: text, signatures: [signature(.note, origin, text, time: 0)]).bytes
    try node.database.transaction { () throws(KianaError) in
      let row = try node.database.statement(
        "INSERT INTO checkpoint (epoch, size, note) VALUES (?1, ?2, ?3)")
      row.bind(1, epoch.number)
      row.bind(2, size)
      row.bind(3, note)
      try row.run()
    }
    return note
  }

  /// A witness signs the checkpoint of that size.
  package static func cosign(_ node: Node, size: Int64) throws(KianaError) {
    let epoch = try AuditLog(node).current().number
    let table = CheckpointTable(node.database)
    guard let row = try table.find(epoch: epoch, size: size), let note = SignedNote(row.note) else {
      preconditionFailure("a witness signs what was signed")
    }
    let made = signature(.cosignature, "witness.example", note.text, time: 1_700_000_000)
    try node.database.transaction { () throws(KianaError) in
      _ = try table.insert(cosignature: made.line, epoch: epoch, size: size)
    }
  }

  /// Signs the whole log of the node that commands made in a home.
  package static func sign(home: String) throws(KianaError) {
    let places = try Places.find(option: nil, environment: { $0 == "HOME" ? home : nil })
    let node = try Node.open(try StateDirectory.existing(places), now: { 0 })
    try sign(node, size: try node.events.size())
  }
}
