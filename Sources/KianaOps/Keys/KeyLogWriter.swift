internal import KianaCrypto
internal import KianaModel
internal import KianaStore

/// Appends interactions to this node's own key log, signed by its control key.
struct KeyLogWriter: ~Copyable {
  private let node: Node
  private let author: AuthorRow
  /// Where the control key stands among those in force: a rotation names the one that the recovery
  /// code gave before it.
  private let index: Int
  private let seed: Secret
  let vault: Vault

  /// Opens the control key.
  ///
  /// - Throws: `key` when it cannot be opened, or is not the one in force any more.
  init(_ node: Node, unlockedBy source: borrowing UnlockSource) throws(KianaError) {
    guard let log = try node.keyLog(of: node.aid), let controls = log.establishment?.keys,
      let control = controls.last,
      let author = try node.authors.find(node.aid)
    else {
      throw KianaError(code: .damaged, what: "this node's own key log is not here")
    }
    let name = try KeyFile.control(of: node)
    let vault = try Vault.open(node.directory, owner: node.aid, source: source, like: name)
    let seed = try vault.load(name: name, key: control)
    self.node = node
    self.author = author
    index = controls.count - 1
    self.seed = seed
    self.vault = vault
  }

  /// Appends anchors, in as many events as they need, in the transaction that is open, and judges
  /// the node's own feeds by them.
  ///
  /// - Throws: `refused` when the log is contested, `failed` when an event does not count.
  borrowing func append(_ anchors: [KeyAnchor]) throws(KianaError) {
    guard !anchors.isEmpty else { return }
    let now = node.now()
    let before = try ownLog()
    guard before.contestedFrom == nil, !before.isDuplicitous else {
      throw KianaError(
        code: .refused, what: "cannot change the keys of this node",
        why: "its key log contradicts itself from event \(before.contestedFrom ?? 0) on",
        hint: "'kiana-keys emergency' settles it with the recovery code")
    }
    let first = before.lastS + 1
    for part in split(anchors, before) { try append(part, now: now) }
    let log = try ownLog()
    try node.feeds.touch(author: author.no)
    try node.meta.set(.keyChange, try node.meta.integer(.feedChanges))
    try node.recorder.record(
      "key.events", target: "aid:\(node.aid.text)", verdict: .valid,
      payload: .object([
        JSONMember("events", .integer(log.lastS + 1 - first)), JSONMember("s", .integer(log.lastS)),
      ]), now: now)
    try FeedJudge(node, author, log, before: before).judgeAll()
  }

  private func ownLog() throws(KianaError) -> KeyLog {
    guard let log = try node.keyLog(of: node.aid) else {
      throw KianaError(code: .damaged, what: "this node's own key log is not here")
    }
    return log
  }

  /// Parts that each fit into an event.
  private func split(_ anchors: [KeyAnchor], _ log: KeyLog) -> [[KeyAnchor]] {
    let size = KeyEvent.interaction(
      node.aid, s: .max, prior: .zero, anchors: anchors, node.crypto
    ).bytes.count
    guard size > KeyEvent.bytesMax, anchors.count > 1 else { return [anchors] }
    let middle = anchors.count / 2
    return split(Array(anchors[..<middle]), log) + split(Array(anchors[middle...]), log)
  }

  private borrowing func append(_ anchors: [KeyAnchor], now: Int64) throws(KianaError) {
    let log = try ownLog()
    guard let prior = log.lastSaid else { return }
    let s = log.lastS + 1
    let event = KeyEvent.interaction(
      node.aid, s: s, prior: prior, anchors: anchors, node.crypto)
    let signature = CESR.IndexedSignature(
      index: index, countsForCommitment: true, bytes: node.crypto.sign(event.bytes, seed: seed))
    let message = event.message(signatures: [signature])
    try node.keyEvents.insert(
      author: author.no, s: s, said: event.said, event: message, now: now)
    node.forgetKeyLog(of: node.aid)
    guard try ownLog().lastSaid == event.said else {
      throw KianaError(code: .failed, what: "the new key event does not count")
    }
  }
}
