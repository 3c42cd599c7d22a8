package import KianaCrypto
package import KianaModel
internal import KianaStore

/// Puts a new recovery code in the place of the old one: a rotation that the old one signs, and
/// that commits to a key of the new one. Control key and keys stay.
package struct RecoveryRenewal {
  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  /// - Parameters:
  ///   - text: the code that is in force, as it was typed.
  ///   - isOnTerminal: shows the new code and asks for parts of it; else it goes into a file.
  /// - Returns: where the new code is.
  /// - Throws: `key` for a wrong code; `refused` when the log is contested, or the code that is in
  ///   force was never confirmed.
  package func renew(
    _ text: borrowing Secret, isOnTerminal: Bool, unlockedBy source: borrowing UnlockSource
  ) throws(KianaError) -> NewNode.RecoveryCodePlace {
    try RestoredState.check(node)
    let check = RecoveryCheck(node)
    let index = try check.index(text)
    guard let old = RecoveryCode.master(fromText: text) else {
      preconditionFailure("the code was read before")
    }
    try checkLog()
    try removeRemains(check)
    let name = try KeyFile.control(of: node)
    let vault = try Vault.open(node.directory, owner: node.aid, source: source, like: name)
    guard let control = try node.keyLog(of: node.aid)?.establishment?.keys.last else {
      throw KianaError(code: .damaged, what: "this node's own key log is not here")
    }
    let seed = try vault.load(name: name, key: control)
    let master = RecoveryCode.make()
    let place = try RecoveryFile.deliver(
      master, of: node.aid, in: node.directory.places, isOnTerminal: isOnTerminal)
    let revealed = RecoveryCode.nextKeySeed(old, index: index)
    let next = node.crypto.publicKey(ofSeed: RecoveryCode.nextKeySeed(master, index: index + 1))
    let recipient = RecoveryCode.backupRecipient(master)
    try node.database.transaction { () throws(KianaError) in
      try rotate(revealed: revealed, control: control, seed, next: next)
      try node.meta.set(.formerRecipients, try formerRecipients())
      try node.meta.set(.backupRecipient, recipient)
    }
    try Guard.update(node)
    return place
  }

  private func checkLog() throws(KianaError) {
    guard let log = try node.keyLog(of: node.aid), log.contestedFrom == nil, !log.isDuplicitous
    else {
      throw KianaError(
        code: .refused, what: "cannot renew the recovery code",
        why: "the key log contradicts itself", hint: "run 'kiana-keys emergency'")
    }
  }

  /// A file of a renewal that died before its rotation holds a code that opens nothing.
  private func removeRemains(_ check: RecoveryCheck) throws(KianaError) {
    guard let path = check.unconfirmed else { return }
    guard (try? check.check(try SecretFile.read(path))) == nil else {
      throw KianaError(
        code: .refused, what: "cannot renew the recovery code",
        why: "the one in force still waits in '\(path)'",
        hint: "write it on paper, then: kiana-keys recovery confirm")
    }
    try RecoveryFile.destroy(of: node.aid, in: node.directory.places)
  }

  private func rotate(
    revealed: borrowing Secret, control: KeyText, _ seed: borrowing Secret, next: KeyText
  ) throws(KianaError) {
    guard let log = try node.keyLog(of: node.aid), let prior = log.lastSaid else {
      throw KianaError(code: .damaged, what: "this node's own key log is not here")
    }
    let event = KeyEvent.recovery(
      node.aid, s: log.lastS + 1, prior: prior, revealed: node.crypto.publicKey(ofSeed: revealed),
      control: control, next: next, anchors: [], node.crypto)
    try RecoveryRotation(node).store(
      event.message(signatures: [
        CESR.IndexedSignature(
          index: 0, countsForCommitment: true,
          bytes: node.crypto.sign(event.bytes, seed: revealed)),
        CESR.IndexedSignature(
          index: 1, countsForCommitment: false, bytes: node.crypto.sign(event.bytes, seed: seed)),
      ]))
  }

  private func formerRecipients() throws(KianaError) -> String {
    let former = try node.meta.text(.formerRecipients) ?? ""
    let current = try node.meta.text(.backupRecipient) ?? ""
    return former.isEmpty ? current : "\(former) \(current)"
  }
}
