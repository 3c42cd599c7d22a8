internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// How the secrets of a node are sealed on its disk: by a credential file or by a passphrase.
package struct Protection {
  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  /// Whether a passphrase opens them now.
  package func isPassphrase() throws(KianaError) -> Bool {
    try Vault.derivation(node.directory, like: try KeyFile.control(of: node)) == .passphrase
  }

  /// Seals all secrets anew.
  ///
  /// - Parameters:
  ///   - old: what opens them now.
  ///   - new: what opens them from then on; a credential file is made when there is none.
  ///   - isSmallMachine: takes the smaller Argon2id costs.
  /// - Throws: `key` when `old` does not open them; nothing is changed then.
  package func change(
    from old: borrowing UnlockSource, to new: borrowing UnlockSource, isSmallMachine: Bool
  ) throws(KianaError) {
    let vault = try Vault.open(
      node.directory, owner: node.aid, source: old, like: try KeyFile.control(of: node))
    let now = node.now()
    try node.database.transaction { () throws(KianaError) in
      try vault.reseal(with: new, isSmallMachine: isSmallMachine)
      try node.recorder.record("key.reseal", target: "state", now: now)
    }
    try Guard.update(node)
  }
}
