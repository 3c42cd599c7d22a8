package import KianaCrypto
package import KianaModel
internal import KianaStore

/// Whether a recovery code is this node's; nothing of it is kept.
package struct RecoveryCheck {
  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  /// Compares a code, as a person typed it, with what the node knows of it.
  ///
  /// - Throws: `key` when it is mistyped, another node's, or one that a rotation has used up.
  package func check(_ text: borrowing Secret) throws(KianaError) {
    _ = try index(text)
  }

  /// Which of the code's keys the log is committed to, counted from 1.
  func index(_ text: borrowing Secret) throws(KianaError) -> UInt64 {
    guard let master = RecoveryCode.master(fromText: text) else {
      throw KianaError(
        code: .key, what: "this is no recovery code", why: "its checksum says that it is mistyped",
        hint: "it has 16 groups of four; look at each letter again")
    }
    let recipient = RecoveryCode.backupRecipient(master)
    let former = (try node.meta.text(.formerRecipients) ?? "").split(separator: " ")
    guard !former.contains(Substring(recipient)) else { throw Self.replaced }
    guard recipient == (try node.meta.text(.backupRecipient)) else {
      throw KianaError(
        code: .key, what: "this is not the recovery code of this node",
        why: "it is well typed, and belongs to another one",
        hint: "this node is \(node.aid.text)")
    }
    guard let log = try node.keyLog(of: node.aid), let index = try index(of: master, log) else {
      throw Self.replaced
    }
    return index
  }

  private static var replaced: KianaError {
    KianaError(
      code: .key, what: "this recovery code cannot take the identity back any more",
      why: "a rotation has put another code in its place",
      hint: "take the newest recovery sheet; this code still opens the backups of its time")
  }

  /// Which of its keys the log is committed to, counted from 1; nil when none.
  private func index(
    of master: borrowing Secret, _ log: KeyLog
  ) throws(KianaError) -> UInt64? {
    let rotations = log.events.count { $0.kind == .rot }
    let index = UInt64(rotations + 1)
    let key = node.crypto.publicKey(ofSeed: RecoveryCode.nextKeySeed(master, index: index))
    let isCommitted = log.establishment?.nextDigests.contains(key.commitment(node.crypto))
    return isCommitted == true ? index : nil
  }

  /// Where the code waits that nobody has written down yet; nil when it does not.
  package var unconfirmed: String? {
    let path = RecoveryFile.path(of: node.aid, in: node.directory.places)
    return DurableFile.exists(path) ? path : nil
  }

  /// Somebody has it on paper: the file that holds it is destroyed.
  ///
  /// - Parameter text: the code as it was typed off the paper.
  /// - Throws: `key` when it is not the one.
  package func confirm(_ text: borrowing Secret) throws(KianaError) {
    try check(text)
    guard unconfirmed != nil else { return }
    try RecoveryFile.destroy(of: node.aid, in: node.directory.places)
    let now = node.now()
    try node.database.transaction { () throws(KianaError) in
      _ = try node.recorder.record("key.recovery-confirmed", target: "state", now: now)
    }
    try Guard.update(node)
  }
}

extension SecretFile {
  /// A recovery code: from a descriptor or a file, or asked for on the terminal, where it is not
  /// shown; or so many parts of one that was split.
  ///
  /// - Parameters:
  ///   - descriptor: a line of it holds the code or a part.
  ///   - files: the first one holds the code, or each one a part.
  package static func recoveryCode(
    descriptor: Int32?, files: [String]
  ) throws(KianaError) -> Secret {
    var rest = files[...]
    let first = try nextCode(descriptor, &rest, isMore: false)
    guard RecoveryShares.isPart(first) else { return first }
    var shares = RecoveryShares()
    var step = shares.add(first)
    while true {
      switch step {
      case .complete: return RecoveryCode.text(of: shares.master())
      case .wanted: step = shares.add(try nextCode(descriptor, &rest, isMore: true))
      case .malformed: throw part("its checksum says that it is mistyped")
      case .foreign: throw part("it is of another split than the first one")
      case .repeated: throw part("it was given before")
      }
    }
  }

  private static func nextCode(
    _ descriptor: Int32?, _ files: inout ArraySlice<String>, isMore: Bool
  ) throws(KianaError) -> Secret {
    if let descriptor { return try read(descriptor, name: "descriptor \(descriptor)") }
    if let file = files.popFirst() { return try read(file) }
    guard let terminal = Terminal() else {
      throw KianaError(
        code: .key,
        what:
          "cannot ask for \(isMore ? "another part of the recovery code" : "the recovery code")",
        why: "there is no terminal", hint: "give it with --code-file or --code-fd")
    }
    return try terminal.ask(isMore ? "Another part: " : "Recovery code: ")
  }

  private static func part(_ why: String) -> KianaError {
    KianaError(
      code: .key, what: "cannot use this part of a recovery code", why: why,
      hint: "it begins with 'kianapart1'; look at each letter again")
  }
}
