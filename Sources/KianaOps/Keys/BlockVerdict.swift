package import KianaModel
internal import KianaStore

/// What this node answers to "is this block good?", with what it rests on.
package struct BlockVerdict: Sendable {
  package enum Outcome: Equatable, Sendable {
    /// The signature is wrong.
    case badSignature
    /// The block is no part of its feed: it follows a bad one, or is on another branch of a fork.
    case notInFeed
    case verdict(KeyVerdict)
  }

  package let block: StoredBlock
  package let outcome: Outcome
  /// What the author's log says of the key; nil when it does not have it.
  package let key: KeyRecord?
  /// The place of the last event of the author's log that counts.
  package let logS: Int64
  /// The place from which two events contradict each other; nil when none do.
  package let contestedFrom: Int64?
  /// When the author was heard last to say where the log ends.
  package let confirmation: Freshness.Confirmation?

  /// One word for programs.
  package var word: String {
    switch outcome {
    case .badSignature: "bad-signature"
    case .notInFeed: block.row.standing.word
    case .verdict(let verdict): verdict.rawValue
    }
  }

  package var words: String {
    switch outcome {
    case .badSignature: "its signature is wrong"
    case .notInFeed:
      block.row.standing == .rival
        ? "it is on a branch of a fork that is not the feed's"
        : "it follows a block that is not good"
    case .verdict(let verdict): verdict.words
    }
  }

  /// What a command ends with; nil when the answer is yes.
  package var error: KianaError.Code? {
    switch outcome {
    case .badSignature, .notInFeed: .damaged
    case .verdict(.unproven), .verdict(.unknownKey): .notFound
    case .verdict(let verdict): verdict.isAcceptable ? nil : .damaged
    }
  }

  /// - Throws: `notFound` when the block is not here.
  package init(_ node: Node, _ id: Hash32) throws(KianaError) {
    block = try BlockReader(node).read(id)
    let header = block.header
    let row = block.row
    guard let log = try node.keyLog(of: header.author),
      let feed = try node.feeds.find(no: row.feed)
    else {
      throw KianaError(
        code: .damaged, what: "block '\(id.hex)' has no feed or key log here",
        hint: "run 'kiana-node verify', and restore from a backup")
    }
    key = log.record(of: header.key)
    logS = log.lastS
    contestedFrom = log.contestedFrom
    confirmation = try Freshness(node).confirmation(of: header.author)
    guard block.block.hasGoodSignature(node.crypto) else {
      outcome = .badSignature
      return
    }
    let lineage = FeedLineage(node, feed)
    let position = FeedPosition(epoch: row.epoch, feed: feed.name, id: id, seq: row.seq)
    let isLeft = FeedRules(log, feed: feed.name).isLeftBehind(epoch: row.epoch, seq: row.seq)
    let verdict = try log.verdict(on: position, key: header.key, isLeftBehind: isLeft) {
      (pin) throws(KianaError) in
      try lineage.relation(of: position, row.standing, to: pin)
    }
    outcome =
      verdict.isAcceptable && !row.standing.isVisible ? .notInFeed : .verdict(verdict)
  }
}
