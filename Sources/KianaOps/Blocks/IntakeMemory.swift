internal import KianaModel
internal import KianaStore

/// A feed as it is after what an intake took.
final class IntakeFeed {
  /// Nil until a block of the feed is stored or held.
  var row: FeedRow?
  let rules: FeedRules
  /// Whether blocks are stored that are not visible; most feeds have none.
  var hasProofs = false
  /// Whether a named block came that says something about those.
  var needsSettling = false
  /// Whether `Intake.flush` has to write it.
  var isDirty = false

  init(_ row: FeedRow?, _ rules: FeedRules) {
    self.row = row
    self.rules = rules
  }

  var head: FeedPosition? { row?.head }
  var isContested: Bool { row?.isContested ?? false }
}

/// An author as they are after what an intake took.
final class IntakeAuthor {
  let row: AuthorRow
  let keyLog: KeyLog
  var isAdmitted: Bool
  /// Whether it is noted that a block was refused for want of room.
  var isCrowded = false
  var feeds = [String: IntakeFeed]()
  /// What this intake added and `Intake.flush` has not written yet.
  var newBlocks: Int64 = 0
  var newBytes: Int64 = 0
  /// Everything that counts against the quota.
  private var bytes: Int64
  /// Who vouches for an author whom nobody here let in: they share one more quota with all others
  /// that the same one vouches for.
  var sponsors = [IntakeSponsor]()

  init(row: AuthorRow, keyLog: KeyLog, isAdmitted: Bool) {
    self.row = row
    self.keyLog = keyLog
    self.isAdmitted = isAdmitted
    bytes = row.bytes
  }

  var isOwn: Bool { row.admission == .own }

  func hasRoom(for more: Int64, _ settings: Settings) -> Bool {
    isOwn
      || (bytes + more <= settings.authorBytesMax
        && (sponsors.isEmpty || sponsors.contains { $0.bytes + more <= settings.authorBytesMax }))
  }

  func charge(blocks: Int64, bytes more: Int64) {
    newBlocks += blocks
    newBytes += more
    bytes += more
    for sponsor in sponsors { sponsor.bytes += more }
  }
}

/// What the authors use whom one author vouches for.
final class IntakeSponsor {
  var bytes: Int64

  init(bytes: Int64) {
    self.bytes = bytes
  }
}
