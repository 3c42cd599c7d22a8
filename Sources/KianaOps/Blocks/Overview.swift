package import KianaModel
internal import KianaStore

/// One screen's worth of a node: is it fine, and what would be lost if this disk died now?
///
/// Everything comes from counts that are kept, never from a walk over the blocks.
package struct Overview: Sendable {
  /// Something that a person should look at, with the command that mends it.
  package struct Alarm: Equatable, Sendable {
    package let words: String
    package let remedy: String
  }

  package let aid: AID
  package let state: String
  package let blocks: Int64
  package let contentBytes: Int64
  package let authors: Int
  package let feeds: Int
  /// Authors of whose keys nothing was heard for a week; those of them that are stale.
  package let silentAuthors: (old: Int, stale: Int)
  package let ownBlocks: Int64
  /// Own blocks that no other node is known to have; nil when nothing is known of any.
  package let ownBlocksOnlyHere: Int64?
  /// When the newest own block was made, milliseconds since 1970; nil without one.
  package let ownNewest: Int64?
  package let held: Int64
  package let forkProofs: Int64
  package let contestedFeeds: Int
  package let redactionsWaiting: Int64
  package let auditEntries: Int64
  /// Of those how many this node has not signed, and how many no witness has.
  package let auditUnsigned: Int64
  package let auditUnwitnessed: Int64
  package let keyLogS: Int64
  package let databaseBytes: Int64
  package let walBytes: Int64
  package let indexBytes: Int64
  package let freeBytes: Int64?
  package let alarms: [Alarm]

  private static let freeBytesMin: Int64 = 256 << 20
  private static let walBytesMax: Int64 = 256 << 20

  package init(_ node: Node) throws(KianaError) {
    let authorRows = try node.authors.all().filter { !$0.isPurged }
    let feedRows = try node.feeds.all()
    let own = authorRows.first { $0.aid == node.aid }
    let ownFeeds = feedRows.filter { $0.author == own?.no }
    let sizes = node.directory.sizes()
    aid = node.aid
    state = node.directory.path
    blocks = try node.meta.integer(.blocks)
    contentBytes = try node.meta.integer(.contentBytes)
    authors = authorRows.count
    feeds = feedRows.count
    silentAuthors = try Freshness(node).counts()
    ownBlocks = ownFeeds.reduce(0) { $0 + $1.blocks }
    ownBlocksOnlyHere = try Self.onlyHere(node, ownFeeds)
    ownNewest = ownFeeds.filter { $0.head != nil }.map(\.headTime).max()
    held = try node.held.count()
    forkProofs = try node.blocks.rivals()
    contestedFeeds = feedRows.count { $0.isContested }
    redactionsWaiting = try node.redactions.waiting()
    auditEntries = try node.events.size()
    auditUnsigned = try Checkpoints(node).unsigned()
    auditUnwitnessed = try Checkpoints(node).unwitnessed().count
    keyLogS = try node.keyLog(of: node.aid)?.lastS ?? 0
    databaseBytes = sizes.truth
    walBytes = sizes.wal
    indexBytes = sizes.index
    freeBytes = FileSystem.freeBytes(node.directory.path)
    alarms = try Self.alarms(node, feedRows, walBytes: sizes.wal, freeBytes: freeBytes)
  }

  /// A log that witnesses once signed, and do not any more, may be cut without being caught.
  private static let unwitnessedDaysMax: Int64 = 7

  private static func auditAlarms(_ node: Node) throws(KianaError) -> [Alarm] {
    if let reason = try AuditResume(node).reason() {
      return [
        Alarm(
          words: "the audit log is not signed: \(reason)",
          remedy: "kiana-audit resume --via COMMAND, --tiles DIR or --new-epoch")
      ]
    }
    let unwitnessed = try Checkpoints(node).unwitnessed()
    guard unwitnessed.hasWitness, let since = unwitnessed.since else { return [] }
    let days = (node.now() - since) / 86_400_000
    guard days >= unwitnessedDaysMax else { return [] }
    return [
      Alarm(
        words: "no witness has signed the audit log for \(days) days",
        remedy: "kiana-audit checkpoint --via COMMAND")
    ]
  }

  private static func onlyHere(
    _ node: Node, _ feeds: [FeedRow]
  ) throws(KianaError) -> Int64? {
    let peers = try node.peerHeads.all()
    guard !peers.isEmpty, let log = try node.keyLog(of: node.aid) else { return nil }
    var count: Int64 = 0
    for feed in feeds {
      guard let head = feed.head else { continue }
      let known = peers.map(\.head).filter { $0.feed == feed.name }
      count +=
        known.max { $0.stands(before: $1) }?
        .blocks(upTo: head, log.openings(feed: feed.name)) ?? feed.blocks
    }
    return count
  }

  private static func alarms(
    _ node: Node, _ feeds: [FeedRow], walBytes: Int64, freeBytes: Int64?
  ) throws(KianaError) -> [Alarm] {
    var alarms = [Alarm]()
    if let reason = try RestoredState.reason(node) {
      alarms.append(
        Alarm(
          words: "this node must not sign: \(reason)", remedy: try RestoredState.wayOut(node)))
    }
    try alarms += auditAlarms(node)
    let code = RecoveryFile.path(of: node.aid, in: node.directory.places)
    if DurableFile.exists(code) {
      alarms.append(
        Alarm(
          words: "the recovery code still lies on this machine, in '\(code)'",
          remedy: "write it on paper, keep that elsewhere, then: kiana-keys recovery confirm"))
    }
    for feed in feeds where feed.isContested {
      guard let author = try node.authors.find(no: feed.author) else { continue }
      let isOwn = author.aid == node.aid
      alarms.append(
        Alarm(
          words: "feed '\(feed.name)' of \(author.aid.text) has forked",
          remedy: isOwn
            ? "kiana-node resume --without-peers"
            : "ask its author; only their key log can name the branch"))
    }
    if let freeBytes, freeBytes < freeBytesMin {
      alarms.append(
        Alarm(words: "only \(freeBytes >> 20) MiB are free on the disk", remedy: "free some space"))
    }
    if walBytes > walBytesMax {
      alarms.append(
        Alarm(
          words: "the write-ahead log has \(walBytes >> 20) MiB",
          remedy: "end readers that never finish; 'fuser -v \(node.directory.truthPath)' names them"
        ))
    }
    return alarms
  }
}
