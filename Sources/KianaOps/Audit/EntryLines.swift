internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// Checks entries that came through a pipe, as `kiana-audit query --json` prints them, against the
/// tree of this node.
package struct EntryLines {
  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  private static let members = [
    "actor", "kid", "pc", "ps", "result", "t", "target", "type", "v", "verdict",
  ]

  /// What is wrong with a line; nil when the entry stands in the tree as it came, with its payload
  /// where there is one.
  package func fault(_ line: [UInt8]) throws(KianaError) -> String? {
    guard let value = try? JSONValue.parse(line, .foreign), let seq = value["seq"]?.integer else {
      return "it is no entry"
    }
    let leaf = JSONValue.object(
      Self.members.compactMap { name in value[name].map { JSONMember(name, $0) } }
    ).text()
    guard let entry = AuditEntry(leaf: leaf) else { return "it is no entry" }
    let log = AuditLog(node)
    guard let epoch = try log.epoch(of: seq) else { return "there is no entry \(seq)" }
    var tree = log.tree(epoch)
    let hash = try tree.subtree(level: 0, index: seq - epoch.first)
    guard hash == node.crypto.treeLeaf(leaf) else {
      return "entry \(seq) was changed: it does not give its hash in the tree"
    }
    guard let text = value["payload_b64"]?.string else { return nil }
    guard let payload = Base64.decode(text, .standard),
      let salt = value["salt"]?.string.flatMap({ Hash32(hex: $0) }),
      entry.payloadCommitment == node.crypto.payloadCommitment(salt: salt, payload)
    else { return "the payload of entry \(seq) was changed: the entry commits to another one" }
    return nil
  }
}
