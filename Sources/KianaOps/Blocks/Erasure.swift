package import KianaModel
internal import KianaStore

/// Deletes contents for good: what authors redacted, and what the operator purges.
///
/// The index forgets first and the truth second, each in transactions of its own: whatever moment
/// the power fails, the command can be run again, and nothing is found that is gone.
package struct Erasure {
  private let node: Node
  private static let rowsAtOnce = 500

  package init(_ node: Node) {
    self.node = node
  }

  /// Redacts blocks of this node by a signed wish that travels to everybody who has them.
  ///
  /// - Parameters:
  ///   - isImmediate: deletes the contents here now instead of after the days of the settings.
  /// - Returns: the ids of the `redact/1` blocks.
  package func redact(
    _ ids: [Hash32], reason: String, isImmediate: Bool, with writer: borrowing BlockWriter
  ) throws(KianaError) -> [Hash32] {
    for id in ids { try checkIsOwn(id) }
    let all = ids
    // What is redacted already needs no second wish.
    var ids = [Hash32]()
    for id in all where try node.blocks.find(id: id)?.hiding != .redacted { ids.append(id) }
    var drafts = [Draft]()
    for start in stride(from: 0, to: ids.count, by: BlockLimits.refsMax) {
      drafts.append(
        Draft(
          content: JSONValue.object([JSONMember("reason", .string(reason))]).canonical(),
          kind: "redact/1", mediaType: "application/json",
          refs: Array(ids[start..<min(start + BlockLimits.refsMax, ids.count)])))
    }
    let written = drafts.isEmpty ? [] : try writer.sign(drafts)
    if isImmediate, let own = try node.authors.find(node.aid) {
      let now = node.now()
      try node.database.transaction { () throws(KianaError) in
        for id in all { try node.redactions.setDue(id, by: own.no, now) }
      }
      try deleteDue(now: now)
    } else {
      try Indexing(node).catchUpChanges()
    }
    return written
  }

  private func checkIsOwn(_ id: Hash32) throws(KianaError) {
    let block = try BlockReader(node).read(id)
    guard block.header.author == node.aid else {
      throw KianaError(
        code: .refused, what: "cannot redact block '\(id.hex)'",
        why: "it is by \(block.header.author.text), and only its author can",
        hint: "'kiana-node purge' deletes the content here")
    }
    guard block.header.kind != "redact/1" else {
      throw KianaError(
        code: .refused, what: "cannot redact block '\(id.hex)'", why: "it is a redaction itself")
    }
  }

  /// Deletes the contents whose days are over, and every trace of them.
  /// - Returns: how many went.
  @discardableResult
  package func deleteDue(now: Int64) throws(KianaError) -> Int {
    let due = try node.redactions.due(at: now)
    guard !due.isEmpty else { return 0 }
    let indexing = try Indexing(node)
    try indexing.catchUpChanges()
    let gone = try node.database.transaction { () throws(KianaError) in
      try Redaction(node).deleteDue(now: now)
    }
    try Guard.update(node)
    if gone > 0 { try removeTraces(indexing) }
    return gone
  }

  /// Deletes the contents of blocks here and never takes them again; the headers stay, since the
  /// chain rests on them.
  /// - Returns: how many were not purged before.
  @discardableResult
  package func purge(_ ids: [Hash32]) throws(KianaError) -> Int {
    let now = node.now()
    let indexing = try Indexing(node)
    let count = try node.database.transaction { () throws(KianaError) -> Int in
      var count = 0
      for id in ids {
        guard try !node.redactions.isPurged(id) else { continue }
        count += 1
        if let row = try node.blocks.find(id: id) {
          try node.blocks.setHiding(no: row.no, .purged)
          try node.blocks.noteChange(no: row.no)
          try BlockEffects(node).contentChange(of: row)
        }
        try node.held.deleteContent(id)
        try node.redactions.insertPurge(id, now: now)
        try node.recorder.record("block.purge", target: "blk:\(id.hex)", now: now)
      }
      try AdmissionRules(node).replayStale()
      return count
    }
    try indexing.catchUpChanges()
    try node.database.transaction { () throws(KianaError) in
      for id in ids {
        guard let row = try node.blocks.find(id: id), let feed = try node.feeds.find(no: row.feed)
        else { continue }
        try Redaction(node).deleteContent(of: row, author: feed.author)
      }
    }
    try Guard.update(node)
    try removeTraces(indexing)
    return count
  }

  /// Deletes everything of an author here, and takes nothing of theirs again.
  /// - Returns: how many blocks went.
  package func purge(author aid: AID) throws(KianaError) -> Int {
    guard aid != node.aid else {
      throw KianaError(
        code: .refused, what: "cannot purge '\(aid.text)'", why: "it is this node itself",
        hint: "'kiana-node redact' takes single blocks back")
    }
    guard let author = try node.authors.find(aid) else {
      throw KianaError(code: .notFound, what: "there is no author '\(aid.text)' here")
    }
    let now = node.now()
    try node.database.transaction { () throws(KianaError) in
      try node.authors.setPurged(author.no)
      try node.admissions.deleteAll(admitter: author.no)
      try node.recorder.record("author.purge", target: "aid:\(aid.text)", now: now)
    }
    let gone = try deleteBlocks(of: author)
    try Guard.update(node)
    try removeTraces(try Indexing(node))
    return gone
  }

  /// Deletes what is left of authors that were purged; what a power cut interrupted goes on here.
  func finishPurges() throws(KianaError) {
    for author in try node.authors.all() where author.isPurged {
      guard try !node.feeds.all(author: author.no).isEmpty else { continue }
      _ = try deleteBlocks(of: author)
      try removeTraces(try Indexing(node))
    }
  }

  /// Makes room for authors whose blocks were refused, where something can go.
  func makeRoom() throws(KianaError) {
    for author in try node.authors.crowded() {
      if let log = try node.keyLog(of: author.aid), try Eviction(node, author, log).run() > 0 {
        try removeTraces(try Indexing(node))
      }
      try node.database.transaction { () throws(KianaError) in
        try node.authors.setCrowded(author.no, false)
      }
    }
  }

  private func deleteBlocks(of author: AuthorRow) throws(KianaError) -> Int {
    let indexing = try Indexing(node)
    var gone = 0
    for feed in try node.feeds.all(author: author.no) {
      while true {
        let rows = try node.blocks.some(feed: feed.no, limit: Self.rowsAtOnce)
        if rows.isEmpty { break }
        try forget(rows, of: author, indexing)
        try node.database.transaction { () throws(KianaError) in
          var bytes: Int64 = 0
          for row in rows {
            bytes += try node.blocks.deleteContent(no: row.no)
            try node.blocks.delete(no: row.no)
            try node.lacking.delete(no: row.no)
          }
          try node.meta.set(.blocks, try node.meta.integer(.blocks) - Int64(rows.count))
          try node.meta.set(.contentBytes, try node.meta.integer(.contentBytes) - bytes)
        }
        gone += rows.count
      }
      try node.database.transaction { () throws(KianaError) in
        try node.held.deleteAll(feed: feed.no)
        try node.feeds.delete(feed.no)
      }
    }
    try node.database.transaction { () throws(KianaError) in
      try node.keyEvents.deleteAll(author: author.no)
      try node.redactions.deleteAll(author: author.no)
    }
    node.forgetKeyLog(of: author.aid)
    return gone
  }

  /// Takes blocks out of the index, before they go.
  func forget(
    _ rows: [BlockRow], of author: AuthorRow, _ indexing: Indexing
  ) throws(KianaError) {
    try indexing.index.database.transaction(.normal) { () throws(KianaError) in
      for row in rows {
        let header = try BlockReader(node).read(row).header
        try indexing.removeWords(of: row, header)
        let labels = try indexing.labels(of: header, author: author.no, mayMake: false)
        try indexing.index.deleteLabels(labels, time: header.time, no: row.no)
      }
      try indexing.index.deleteUnusedWords()
    }
  }

  /// Removes what deleted rows leave behind: words in pieces of the full-text index that were not
  /// merged yet, and old pages in the write-ahead logs. (Free pages are overwritten as they become
  /// free.)
  private func removeTraces(_ indexing: Indexing) throws(KianaError) {
    try indexing.words.optimize()
    try indexing.index.database.checkpointAndTruncate()
    try node.database.checkpointAndTruncate()
  }
}
