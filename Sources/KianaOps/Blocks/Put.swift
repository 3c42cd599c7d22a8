internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// What a new block of this node should say.
package struct Draft: Sendable {
  package var content: [UInt8]
  package var feed: String
  package var kind: String
  /// Empty: text or bytes, as the content is.
  package var mediaType: String
  package var refs: [Hash32]
  package var tags: [String]
  package var topic: String

  package init(
    content: [UInt8], feed: String = "main", kind: String = "note",
    mediaType: String = "", refs: [Hash32] = [], tags: [String] = [],
    topic: String = ""
  ) {
    self.content = content
    self.feed = feed
    self.kind = kind
    self.mediaType = mediaType
    self.refs = refs
    self.tags = tags
    self.topic = topic
  }

  /// What the header says.
  var contentType: String {
    guard mediaType.isEmpty else { return mediaType }
    return String(validating: content, as: UTF8.self) != nil
      ? "text/plain; charset=utf-8" : "application/octet-stream"
  }
}

/// Makes signed blocks of this node.
///
/// A block is acknowledged when its commit is on the disk (`synchronous=FULL`): after that it
/// survives a power cut.
package struct BlockWriter: ~Copyable {
  private let node: Node
  private let key: KeyText
  private let seed: Secret

  /// Kinds whose content has rules, and the commands that write them; nil while there is none.
  private static let kindsWithRules: [String: String?] = [
    "redact/1": "kiana-node redact", "legacy/1": "kiana-node import --legacy", "admit/1": nil,
    "vote/1": nil, "trust/1": nil, "checkpoint/1": nil,
  ]

  /// Opens the signing key.
  /// - Throws: `refused` when this node's state was restored and must not sign yet, `key` when the
  ///   key cannot be opened.
  package init(_ node: Node, unlockedBy source: borrowing UnlockSource) throws(KianaError) {
    try RestoredState.check(node)
    guard let log = try node.keyLog(of: node.aid), let key = log.signingKey(.block) else {
      throw KianaError(
        code: .key, what: "cannot sign a block", why: "no block key of this node is active",
        hint: "'kiana-node id --json' shows the keys that are active")
    }
    let vault = try Vault.open(
      node.directory, owner: node.aid, source: source, like: KeyFile.name(.block, key))
    let opened = try vault.load(name: KeyFile.name(.block, key), key: key)
    self.node = node
    self.key = key
    seed = opened
  }

  /// Checks what a person may give wrong, before anything is signed.
  package static func check(_ draft: Draft, _ settings: Settings) throws(KianaError) {
    func bad(_ what: String, _ why: String) -> KianaError {
      KianaError(code: .usage, what: what, why: why)
    }
    if let command = kindsWithRules[draft.kind] {
      throw KianaError(
        code: .usage, what: "cannot put a block of kind '\(draft.kind)'",
        why: "its content has rules of its own",
        hint: command.map { "use '\($0)'" } ?? "no command of this version writes them")
    }
    guard draft.content.count <= settings.contentBytesMax else {
      throw KianaError(
        code: .refused, what: "the content is too long",
        why: "it has \(draft.content.count) bytes, \(settings.contentBytesMax) are allowed",
        hint: "split it, or raise 'content_bytes_max' in kiana.conf on every node")
    }
    guard BlockLimits.isKind(draft.kind) else {
      throw bad("'\(draft.kind)' is not a kind", "kinds are like 'note' or 'vote/1'")
    }
    guard BlockLimits.isFeedName(draft.feed) else {
      throw bad("'\(draft.feed)' is not a feed name", "1 to 32 of a-z, 0-9 and '-'")
    }
    guard draft.mediaType.isEmpty || isMediaType(draft.mediaType) else {
      throw bad(
        "'\(draft.mediaType)' is not a media type", "they are like 'text/plain' or 'image/png'")
    }
    guard draft.refs.count <= BlockLimits.refsMax, draft.tags.count <= BlockLimits.tagsMax else {
      throw bad("too many references or tags", "64 references and 32 tags are allowed")
    }
    for word in draft.tags + [draft.topic] {
      guard word.utf8.count <= BlockLimits.wordBytesMax else {
        throw bad("a topic or tag is too long", "256 bytes are allowed")
      }
      guard Printable.line(word) == word else {
        throw bad("'\(Printable.line(word))' is no topic or tag", "it has control characters")
      }
    }
    guard !draft.tags.contains("") else { throw bad("a tag is empty", "a tag is a word") }
  }

  /// Stricter than the format, which takes what others write.
  private static func isMediaType(_ type: String) -> Bool {
    let names = type.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    return BlockLimits.isMediaType(type) && names.count == 2 && !names[0].isEmpty
      && !names[0].contains(" ") && names[1].first.map { $0 != " " } ?? false
  }

  /// Signs and stores drafts in one transaction; they are acknowledged together.
  ///
  /// - Returns: the ids, in the order of the drafts.
  package borrowing func put(_ drafts: [Draft]) throws(KianaError) -> [Hash32] {
    for draft in drafts { try Self.check(draft, node.settings) }
    return try sign(drafts)
  }

  /// The same for kinds that have commands of their own.
  /// - Parameter alongside: what else belongs into the transaction.
  borrowing func sign(
    _ drafts: [Draft], alongside: ([Hash32]) throws(KianaError) -> Void = { _ in }
  ) throws(KianaError) -> [Hash32] {
    let now = node.now()
    let ids = try node.database.transaction { () throws(KianaError) -> [Hash32] in
      let intake = try Intake(node, isOwnWork: true)
      var ids = [Hash32]()
      var verdicts = RangeVerdicts(node)
      for draft in drafts {
        let block = try makeBlock(draft, head: try intake.head(feed: draft.feed), now: now)
        switch try intake.take(block, signature: .good) {
        case .stored:
          ids.append(block.id)
          verdicts.add(block.id, no: intake.lastNo, intake.lastChecks)
        case .known, .contentAdded: ids.append(block.id)
        case .aside(let fault), .refused(let fault):
          throw KianaError(
            code: .refused, what: "cannot add a block to feed '\(draft.feed)'", why: fault.reason)
        }
      }
      try intake.flush()
      try record(verdicts, ids, now: now)
      try alongside(ids)
      try Freshness(node).renew(self)
      return ids
    }
    try Guard.update(node)
    return ids
  }

  private borrowing func record(
    _ verdicts: RangeVerdicts, _ ids: [Hash32], now: Int64
  ) throws(KianaError) {
    guard verdicts.count == 1, let id = ids.first else {
      return try verdicts.record("block.accept", target: "aid:\(node.aid.text)", now: now)
    }
    let entry = try node.recorder.record(
      "block.accept", target: "blk:\(id.hex)", verdict: .valid, key: key, now: now)
    try verdicts.record(under: entry, now: now)
  }

  /// A note for the operators of other nodes.
  /// - Throws: `usage` when it is no line of at most 1,000 bytes.
  package borrowing func note(
    _ text: String, lifeMilliseconds: Int64
  ) throws(KianaError) -> SyncNote {
    guard !text.isEmpty, text.utf8.count <= SyncNote.textBytesMax, Printable.line(text) == text
    else {
      throw KianaError(
        code: .usage, what: "the note is not one line of 1 to \(SyncNote.textBytesMax) bytes")
    }
    let expires = node.now() + lifeMilliseconds
    let message = SyncNote.signedMessage(
      author: node.aid, text: text, expires: expires, key: key)
    return SyncNote(
      author: node.aid, text: text, expires: expires, key: key,
      signature: node.crypto.sign(message, seed: seed))
  }

  /// What this node says of a block that it judged.
  func statement(
    _ id: Hash32, _ checks: BlockChecks, rules: Int64, time: Int64
  ) -> ValidationStatement {
    let message = ValidationStatement.signedMessage(
      node.aid, id, checks, rules: rules, time: time, key)
    return ValidationStatement(
      validator: node.aid, id: id, checks: checks, rules: rules, time: time, key: key,
      signature: node.crypto.sign(message, seed: seed))
  }

  func freshNote(s: Int64, said: Hash32, time: Int64) -> FreshNote {
    let message = FreshNote.signedMessage(
      author: node.aid, s: s, said: said, time: time, key: key)
    return FreshNote(
      author: node.aid, s: s, said: said, time: time, key: key,
      signature: node.crypto.sign(message, seed: seed))
  }

  private borrowing func makeBlock(
    _ draft: Draft, head: (position: FeedPosition?, epoch: Int64), now: Int64
  ) throws(KianaError) -> Block {
    let content = BlockContent(salt: node.crypto.randomHash(), bytes: draft.content)
    let isNewEpoch = head.position == nil || head.position?.epoch != head.epoch
    let header = BlockHeader(
      author: node.aid, contentHash: content.hash(node.crypto),
      contentSize: Int64(draft.content.count), contentType: draft.contentType, epoch: head.epoch,
      feed: draft.feed, key: key, kind: draft.kind, prev: head.position?.id, refs: draft.refs,
      seq: isNewEpoch ? 0 : head.position!.seq + 1, tags: draft.tags, time: now,
      topic: draft.topic)
    let bytes = header.canonical()
    guard bytes.count <= BlockLimits.headerBytesMax else {
      throw KianaError(
        code: .usage, what: "the header is too long",
        why: "topic, tags and references take \(bytes.count) bytes of "
          + "\(BlockLimits.headerBytesMax)",
        hint: "give fewer or shorter ones")
    }
    let signature = node.crypto.sign(Block.signedMessage(bytes), seed: seed)
    return Block(
      headerBytes: bytes, header: header, signature: signature,
      id: node.crypto.sha256(bytes, signature), content: content)
  }
}
