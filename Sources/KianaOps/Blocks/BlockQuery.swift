package import KianaModel
internal import KianaStore

/// Which blocks a reader wants to see; every filter must hold.
package struct BlockQuery: Sendable {
  package var author: AID?
  package var feed: String?
  package var kind: String?
  package var topic: String?
  /// All of them must be there.
  package var tags = [String]()
  /// Milliseconds since 1970, as the block claims; included.
  package var since: Int64?
  /// Not included.
  package var until: Int64?

  package init() {}

  package var isEmpty: Bool {
    author == nil && feed == nil && kind == nil && topic == nil && tags.isEmpty && since == nil
      && until == nil
  }

  var times: ClosedRange<Int64>? {
    guard since != nil || until != nil else { return nil }
    let first = since ?? .min
    let last = until.map { $0 - 1 } ?? .max
    // A range that nobody's time is in, when the bounds exclude each other.
    return first <= last ? first...last : Int64.min...Int64.min
  }
}

/// Lists blocks in the order in which they arrived here.
package struct BlockLog {
  private let node: Node
  private static let pageRows = 200

  package init(_ node: Node) {
    self.node = node
  }

  /// Calls `body` with each block that the query wants, until it returns false.
  ///
  /// It reads pages, so that no read transaction lasts longer than one page.
  ///
  /// - Parameters:
  ///   - isNewestFirst: else the oldest first.
  ///   - start: only blocks beyond this number in the direction of reading; nil for all.
  package func forEach(
    _ query: BlockQuery, isNewestFirst: Bool, beyond start: Int64? = nil,
    _ body: (StoredBlock) throws(KianaError) -> Bool
  ) throws(KianaError) {
    var bound = start ?? (isNewestFirst ? .max : 0)
    if query.isEmpty {
      while true {
        let rows = try page(beyond: bound, isNewestFirst: isNewestFirst)
        for row in rows where row.standing.isVisible {
          guard try body(try BlockReader(node).read(row)) else { return }
        }
        guard let last = rows.last else { return }
        bound = last.no
      }
    }
    let indexing = try Indexing(node)
    try indexing.catchUpLabels()
    guard let labels = try labels(query, indexing) else { return }
    while true {
      let numbers =
        labels.isEmpty
        ? try indexing.index.blocks(
          times: query.times ?? .min ... .max, beyond: bound, isNewestFirst: isNewestFirst,
          limit: Self.pageRows)
        : try indexing.index.blocks(
          labels: labels, beyond: bound, isNewestFirst: isNewestFirst, limit: Self.pageRows)
      for no in numbers {
        guard let row = try node.blocks.find(no: no), row.standing.isVisible else { continue }
        let block = try BlockReader(node).read(row)
        if let times = query.times, !times.contains(block.header.time) { continue }
        guard try body(block) else { return }
      }
      guard let last = numbers.last, numbers.count == Self.pageRows else { return }
      bound = last
    }
  }

  private func page(beyond bound: Int64, isNewestFirst: Bool) throws(KianaError) -> [BlockRow] {
    var rows = [BlockRow]()
    let collect: (BlockRow) -> Bool = { row in
      rows.append(row)
      return rows.count < Self.pageRows
    }
    if isNewestFirst {
      try node.blocks.forEachBackwards(before: bound) { (row) throws(KianaError) in collect(row) }
    } else {
      try node.blocks.forEach(after: bound) { (row) throws(KianaError) in collect(row) }
    }
    return rows
  }

  /// The query's labels, the one that is probably the rarest first.
  /// - Returns: nil when one of them was never seen, so that nothing can match.
  func labels(
    _ query: BlockQuery, _ indexing: Indexing
  ) throws(KianaError) -> [(role: BlockIndex.Role, value: Int64)]? {
    var wanted = [(BlockIndex.Role, String)]()
    wanted += query.tags.map { (.tag, $0) }
    if let topic = query.topic { wanted.append((.topic, topic)) }
    if let kind = query.kind { wanted.append((.kind, kind)) }
    if let feed = query.feed { wanted.append((.feed, feed)) }
    var labels = [(role: BlockIndex.Role, value: Int64)]()
    for (role, text) in wanted {
      guard let value = try indexing.index.word(text) else { return nil }
      labels.append((role, value))
    }
    if let author = query.author {
      guard let row = try node.authors.find(author) else { return nil }
      labels.append((.author, row.no))
    }
    return labels
  }
}
