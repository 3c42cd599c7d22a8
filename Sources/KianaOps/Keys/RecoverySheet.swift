package import KianaCrypto
package import KianaModel
internal import KianaStore

/// The sheet of paper that a recovery code, or a part of one, is kept on; in English and German.
package struct RecoverySheet {
  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  /// The code that waits to be written down, or the one that somebody gives.
  package func code(
    descriptor: Int32?, files: [String]
  ) throws(KianaError) -> Secret {
    if descriptor == nil, files.isEmpty, let waiting = RecoveryCheck(node).unconfirmed {
      return try SecretFile.read(waiting)
    }
    return try SecretFile.recoveryCode(descriptor: descriptor, files: files)
  }

  /// Writes the sheet of a code that is in force.
  ///
  /// - Throws: `key` when it is not this node's.
  package func write(_ text: borrowing Secret, to file: Int32) throws(KianaError) {
    try RecoveryCheck(node).check(text)
    guard let master = RecoveryCode.master(fromText: text) else {
      preconditionFailure("the code was read before")
    }
    try write(RecoveryCode.groups(of: master), title: "", to: file)
  }

  /// Writes a sheet for each part of a split of a code that is in force.
  package func split(
    _ text: borrowing Secret, needed: Int, of count: Int, to file: Int32
  ) throws(KianaError) {
    try RecoveryCheck(node).check(text)
    guard let master = RecoveryCode.master(fromText: text) else {
      preconditionFailure("the code was read before")
    }
    var number = 0
    try RecoveryShares.split(master, needed: needed, of: count) { (part) throws(KianaError) in
      number += 1
      try write(
        part,
        title: " - part \(number) of \(count), \(needed) are needed"
          + " / Teil \(number) von \(count), \(needed) sind nötig", to: file)
    }
  }

  private func write(
    _ groups: borrowing Secret, title: String, to file: Int32
  ) throws(KianaError) {
    let backupKey = try node.keyLog(of: node.aid)?.signingKey(.backup)?.text ?? ""
    let before = """
      kiana recovery sheet / Wiederherstellungsblatt\(title)

      node / Knoten       \(node.aid.text)
      date / Datum        \(Moment.text(node.now() / 1000 * 1000).prefix(10))
      backups / Sicherung \(try node.meta.text(.backupRecipient) ?? "")
      backup key          \(backupKey)

      code:


      """
    let after = """

      Keep it away from the machine. Whoever has it can take over this identity and
      read its backups. When the machine is lost or stolen: restore the state on
      another one, and run 'kiana-keys emergency'. Once a year, see that it can still
      be read: 'kiana-keys recovery check'.

      Nicht beim Rechner aufbewahren. Wer den Code hat, kann diese Identität
      übernehmen und ihre Sicherungen lesen. Ist der Rechner verloren oder gestohlen:
      den Stand auf einem anderen wiederherstellen und 'kiana-keys emergency' aufrufen.
      Einmal im Jahr prüfen, ob er lesbar ist: 'kiana-keys recovery check'.

      """
    let isWritten =
      SecretFile.write(before, to: file) && SecretFile.write(groups, to: file)
      && SecretFile.write(after, to: file)
    guard isWritten else {
      throw KianaError(code: .inputOutput, what: "cannot write the sheet")
    }
  }
}
