package import KianaModel
package import KianaStore

/// Keeps `index.db` in step with `kiana.db`: readers call `catchUp` first, writers never wait for
/// it.
package struct Indexing {
  private let node: Node
  package let index: BlockIndex
  package let words: FullText

  /// FTS5 merges what a transaction added when it ends; large ones make one block cheaper
  /// (measured: 63 µs with 1,000 blocks, 37 µs with 4,000). Only readers of the index wait for
  /// them, which is why the rule of 1,000 rows does not hold here.
  private static let blocksAtOnce = 4000

  /// Opens the index, made anew when it belongs to another store, or to a past that this one lost
  /// in a power cut.
  package init(_ node: Node) throws(KianaError) {
    self.node = node
    var opened = BlockIndex(try node.directory.openIndex())
    let nonce = try node.meta.text(.storeNonce) ?? ""
    let last = try node.meta.integer(.lastBlock)
    let isForeign = try opened.storeNonce() != nonce
    let counted = max(try opened.upto(.labels), try opened.upto(.words))
    var isAhead = counted > last
    // Of an entry that was pruned nothing can be said; no power cut takes those.
    if let (seq, leaf) = try opened.source(), try seq >= node.meta.integer(.auditFirst) {
      isAhead = try node.events.leaf(seq) != leaf
    }
    if isForeign || isAhead {
      if try !opened.storeNonce().isEmpty {
        try node.directory.deleteIndex()
        opened = BlockIndex(try node.directory.openIndex())
      }
      try opened.setStoreNonce(nonce)
    }
    index = opened
    words = FullText(opened)
  }

  /// The index with nothing in it; one that is damaged is made anew.
  package static func fresh(_ node: Node) throws(KianaError) -> Indexing {
    let indexing = try Indexing(node)
    do throws(KianaError) {
      try indexing.index.database.transaction(.normal) { () throws(KianaError) in
        try indexing.index.clear()
      }
      return indexing
    } catch  where error.code == .damaged {
      try node.directory.deleteIndex()
      return try Indexing(node)
    }
  }

  /// Brings labels and times up to the newest block.
  /// - Parameter progress: called with how many blocks are done and how many there are to do.
  package func catchUpLabels(
    progress: (Int64, Int64) throws(KianaError) -> Void = { _, _ in }
  ) throws(KianaError) {
    try catchUp(.labels, progress: progress) { (block) throws(KianaError) in
      let feed = try node.feeds.find(no: block.row.feed)
      for label in try labels(of: block.header, author: feed?.author ?? 0, mayMake: true) {
        try index.insertLabel(label.role, label.value, no: block.no)
      }
      try index.insertMoment(time: block.header.time, no: block.no)
    }
  }

  /// Brings the words up to the newest block.
  package func catchUpWords(
    progress: (Int64, Int64) throws(KianaError) -> Void = { _, _ in }
  ) throws(KianaError) {
    try catchUp(.words, progress: progress) { (block) throws(KianaError) in
      try insertWords(of: block)
    }
    try catchUpChanges()
  }

  /// Looks again at blocks that were hidden, shown or completed after their words were taken in.
  package func catchUpChanges() throws(KianaError) {
    var isGoingOn = true
    while isGoingOn {
      isGoingOn = try index.database.transaction(.normal) { () throws(KianaError) -> Bool in
        let mark = try index.upto(.changes)
        let (numbers, last) = try node.blocks.changes(after: mark, limit: Self.blocksAtOnce)
        guard !numbers.isEmpty else { return false }
        let worded = try index.upto(.words)
        for no in Set(numbers).sorted() where no <= worded {
          guard let row = try node.blocks.find(no: no) else { continue }
          try removeWords(of: row, try BlockReader(node).header(of: row))
          try insertWords(of: try BlockReader(node).read(row))
        }
        try index.setUpto(.changes, last)
        try noteSource()
        return numbers.count == Self.blocksAtOnce
      }
    }
  }

  /// After the rows were read, so that nothing of what was read is younger.
  private func noteSource() throws(KianaError) {
    let seq = try node.events.size() - 1
    if let leaf = try node.events.leaf(seq) { try index.setSource(seq: seq, leaf: leaf) }
  }

  /// Only what readers see is found.
  private func insertWords(of block: StoredBlock) throws(KianaError) {
    guard block.row.standing.isVisible, block.row.hiding == .none else { return }
    try words.insert(Self.words(of: block), no: block.no)
    if block.content == nil { try index.insertBare(no: block.no) }
  }

  /// Takes the words of a block out. What was put in must be what is taken out: with its content,
  /// or without it when that came later.
  package func removeWords(of row: BlockRow, _ header: BlockHeader) throws(KianaError) {
    let wasBare = try index.deleteBare(no: row.no)
    let content = wasBare ? nil : try node.blocks.content(no: row.no)
    try words.remove(Self.words(header, content), no: row.no)
  }

  private func catchUp(
    _ mark: BlockIndex.Mark, progress: (Int64, Int64) throws(KianaError) -> Void,
    _ add: (StoredBlock) throws(KianaError) -> Void
  ) throws(KianaError) {
    let start = try index.upto(mark)
    let last = try node.meta.integer(.lastBlock)
    var done = start
    while done < last {
      done = try index.database.transaction(.normal) { () throws(KianaError) -> Int64 in
        // Another reader may have been faster.
        let from = try index.upto(mark)
        var upto = from
        var rows = [BlockRow]()
        try node.blocks.forEach(after: from, upTo: min(last, from + Int64(Self.blocksAtOnce))) {
          rows.append($0)
          return true
        }
        for row in rows {
          try add(try BlockReader(node).read(row))
          upto = row.no
        }
        // Numbers of purged blocks are skipped.
        upto = max(upto, min(last, from + Int64(Self.blocksAtOnce)))
        try index.setUpto(mark, upto)
        try noteSource()
        return upto
      }
      try progress(done - start, last - start)
    }
  }

  /// The labels of a header.
  /// - Parameter mayMake: gives numbers to words that have none; else those are left out.
  package func labels(
    of header: BlockHeader, author: Int64, mayMake: Bool
  ) throws(KianaError) -> [(role: BlockIndex.Role, value: Int64)] {
    var labels: [(role: BlockIndex.Role, value: Int64)] = [(.author, author)]
    var texts: [(BlockIndex.Role, String)] = [(.feed, header.feed), (.kind, header.kind)]
    if !header.topic.isEmpty { texts.append((.topic, header.topic)) }
    texts += header.tags.map { (.tag, $0) }
    for (role, text) in texts {
      if let value = try mayMake ? index.ensureWord(text) : index.word(text) {
        labels.append((role, value))
      }
    }
    return labels
  }

  /// What is searched of a block: topic, tags, and the content when it is text.
  static func words(of block: StoredBlock) -> FullText.Words {
    words(block.header, block.content)
  }

  static func words(_ header: BlockHeader, _ content: BlockContent?) -> FullText.Words {
    var body = ""
    if let content, isText(header.contentType) {
      body = String(validating: content.bytes, as: UTF8.self) ?? ""
    }
    return FullText.Words(
      topic: header.topic, tags: header.tags.joined(separator: "\n"), body: body)
  }

  private static func isText(_ mediaType: String) -> Bool {
    mediaType.hasPrefix("text/") || mediaType.hasPrefix("application/json")
      || mediaType.hasPrefix("application/xml") || mediaType.contains("+json")
      || mediaType.contains("+xml")
  }
}
