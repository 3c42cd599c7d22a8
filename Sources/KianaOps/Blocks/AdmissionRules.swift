package import KianaModel
package import KianaStore

/// Whose blocks this node stores (DESIGN section 4): authors that the operator or a typed `import`
/// let in, and authors that one of those admits by a block of kind `admit/1`, two steps deep.
package struct AdmissionRules {
  private let node: Node
  /// How many `admit/1` steps count from an allow-listed author.
  private static let depthMax = 2
  /// How many names of a list count; each one becomes a row.
  private static let listMax = 1000

  package init(_ node: Node) {
    self.node = node
  }

  /// Whether blocks of this author are stored.
  package func isAdmitted(_ author: AuthorRow) throws(KianaError) -> Bool {
    if author.isPurged { return false }
    if author.admission > .none { return true }
    return try isVouchedFor(author.no, steps: Self.depthMax)
  }

  private func isVouchedFor(_ author: Int64, steps: Int) throws(KianaError) -> Bool {
    for admitter in try node.admissions.admitters(of: author) {
      guard let row = try node.authors.find(no: admitter), !row.isPurged else { continue }
      if row.admission > .none { return true }
      if steps > 1, try isVouchedFor(admitter, steps: steps - 1) { return true }
    }
    return false
  }

  /// The authors that somebody here let in and that vouch for this one.
  func sponsors(of author: Int64) throws(KianaError) -> [AuthorRow] {
    var sponsors = [AuthorRow]()
    var next = [author]
    for _ in 0..<Self.depthMax {
      var further = [Int64]()
      for one in next {
        for admitter in try node.admissions.admitters(of: one) {
          guard let row = try node.authors.find(no: admitter), !row.isPurged else { continue }
          if row.admission > .none { sponsors.append(row) } else { further.append(admitter) }
        }
      }
      next = further
    }
    return sponsors
  }

  /// Whether one of those who vouch for an author whom nobody here let in has room for them.
  func hasSponsorRoom(for author: AuthorRow, bytes: Int64) throws(KianaError) -> Bool {
    guard author.admission == .none else { return true }
    let sponsors = try sponsors(of: author.no)
    for sponsor in sponsors {
      let used = try node.admissions.bytes(admittedBy: sponsor.no)
      if used + bytes <= node.settings.authorBytesMax { return true }
    }
    return sponsors.isEmpty
  }

  /// Reads the content of an `admit/1` block; one that is malformed changes nothing.
  package func apply(_ block: Block, author: Int64, now: Int64) throws(KianaError) {
    guard let content = block.content, let value = try? JSONValue.parse(content.bytes) else {
      return
    }
    try node.peerMemory.forgetAll()
    for (name, isAdded) in [("admit", true), ("remove", false)] {
      for aid in (value[name]?.array ?? []).prefix(Self.listMax).compactMap({
        $0.string.flatMap { AID($0) }
      }) {
        let other = try node.authors.ensure(aid, admission: .none, now: now)
        try node.admissions.set(
          admitter: author, author: other.no, isAdded, epoch: block.header.epoch,
          seq: block.header.seq)
      }
    }
  }

  /// Adds up again what the `admit/1` blocks say of authors one of whose blocks does not count any
  /// more: what was said before it counts then.
  func replayStale() throws(KianaError) {
    while let author = node.staleAdmitters.popFirst() {
      try node.admissions.deleteAll(admitter: author)
      try node.peerMemory.forgetAll()
      guard let main = try node.feeds.find(author: author, name: "main") else { continue }
      try replay(main, of: author)
    }
  }

  private func replay(_ main: FeedRow, of author: Int64) throws(KianaError) {
    var place: (epoch: Int64, seq: Int64) = (0, 0)
    while true {
      var rows = [BlockRow]()
      try node.blocks.forEach(feed: main.no, fromEpoch: place.epoch, seq: place.seq) { row in
        rows.append(row)
        return rows.count < Self.rowsAtOnce
      }
      for row in rows where row.standing == .inFeed {
        guard BlockEffects.admits(try BlockReader(node).header(of: row)) else { continue }
        try apply(try BlockReader(node).read(row).block, author: author, now: node.now())
      }
      guard rows.count == Self.rowsAtOnce, let last = rows.last else { return }
      place = (last.epoch, last.seq + 1)
    }
  }

  private static let rowsAtOnce = 1000

  /// The operator admits an author, or takes that back.
  ///
  /// - Returns: whether anything changed.
  package func setByOperator(_ aid: AID, isAdmitted: Bool) throws(KianaError) -> Bool {
    guard aid != node.aid else {
      throw KianaError(
        code: .refused, what: "cannot change the admission of '\(aid.text)'",
        why: "it is this node itself")
    }
    let now = node.now()
    let wanted: Admission = isAdmitted ? .operatorSaid : .none
    return try node.database.transaction { () throws(KianaError) -> Bool in
      let row = try node.authors.ensure(aid, admission: .none, now: now)
      guard !row.isPurged else {
        throw KianaError(
          code: .refused, what: "cannot change the admission of '\(aid.text)'",
          why: "the author was purged here, and nothing of theirs is taken again")
      }
      guard row.admission != wanted else { return false }
      try node.authors.setAdmission(row.no, wanted)
      try node.peerMemory.forgetAll()
      try node.recorder.record(
        isAdmitted ? "author.admit" : "author.unadmit", target: "aid:\(aid.text)", now: now)
      return true
    }
  }
}
