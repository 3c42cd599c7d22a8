package import KianaModel
internal import KianaStore

/// Full-text search over topics, tags and contents.
package struct Search {
  /// One block that was found.
  package struct Hit: Sendable {
    package let block: StoredBlock
    /// The part of the content around what matched; empty when the match is in topic or tags.
    package let snippet: String
  }

  package struct Answer: Sendable {
    package let hits: [Hit]
    /// Whether all that match were ranked; else only the newest of them.
    package let isComplete: Bool
  }

  /// Of more matches the newest are ranked: BM25 looks at each one, some 5 µs a block.
  package static let rankedMatchesMax = 3000

  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  /// - Parameters:
  ///   - text: words that must all be there; `"a phrase"`, `begin*`, `-not`.
  ///   - marks: put before and after what matched in a snippet.
  ///   - progress: of bringing the index up to date.
  /// - Throws: `usage` when the text has no word.
  package func find(
    _ text: String, _ query: BlockQuery, limit: Int, marks: (String, String) = ("[", "]"),
    progress: (Int64, Int64) throws(KianaError) -> Void = { _, _ in }
  ) throws(KianaError) -> Answer {
    guard let match = SearchText.match(text) else {
      throw KianaError(
        code: .usage, what: "there is nothing to search for in '\(text)'",
        why: "it has no word that must be there", hint: "give at least one word")
    }
    let indexing = try Indexing(node)
    try indexing.catchUpLabels()
    try indexing.catchUpWords(progress: progress)
    guard let labels = try BlockLog(node).labels(query, indexing) else {
      return Answer(hits: [], isComplete: true)
    }
    let first = try indexing.words.newest(match, labels: labels, count: Self.rankedMatchesMax + 1)
    var blocks = [StoredBlock]()
    var offset = 0
    while blocks.count < limit {
      let wanted = limit - blocks.count + 16
      let numbers = try indexing.words.find(
        match, labels: labels, from: first.map { $0 + 1 } ?? 0, limit: wanted, offset: offset)
      for no in numbers where blocks.count < limit {
        guard let row = try node.blocks.find(no: no), row.standing.isVisible, row.hiding == .none
        else { continue }
        let block = try BlockReader(node).read(row)
        if let times = query.times, !times.contains(block.header.time) { continue }
        blocks.append(block)
      }
      guard numbers.count == wanted else { break }
      offset += wanted
    }
    let snippets = try indexing.words.snippets(
      blocks.map(Indexing.words(of:)), match: match, open: marks.0, close: marks.1)
    return Answer(
      hits: zip(blocks, snippets).map { Hit(block: $0, snippet: $1) }, isComplete: first == nil)
  }
}
