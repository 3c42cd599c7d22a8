package import KianaModel

/// Why a content is not shown.
package enum Hiding: Int64, Sendable {
  case none = 0
  /// Its author redacted it.
  case redacted = 1
  /// The operator purged it here.
  case purged = 2
}

/// One block as it lies in the store, its content apart.
package struct BlockRow: Sendable {
  /// Order of arrival in this store.
  package let no: Int64
  package let id: Hash32
  package let feed: Int64
  package let epoch: Int64
  package let seq: Int64
  package let standing: Standing
  package let signatureState: SignatureState
  package let hiding: Hiding
  package let header: [UInt8]
  package let signature: [UInt8]

  package init(
    no: Int64, id: Hash32, feed: Int64, epoch: Int64, seq: Int64, standing: Standing,
    signatureState: SignatureState, hiding: Hiding, header: [UInt8], signature: [UInt8]
  ) {
    self.no = no
    self.id = id
    self.feed = feed
    self.epoch = epoch
    self.seq = seq
    self.standing = standing
    self.signatureState = signatureState
    self.hiding = hiding
    self.header = header
    self.signature = signature
  }
}

/// Blocks and their contents.
package struct BlockTable {
  private let database: Database
  private static let columns =
    "no, id, feed, epoch, seq, standing, sig_state, hidden, header, sig"

  package init(_ database: Database) {
    self.database = database
  }

  /// Adds a block at `no`, with its content when it has one.
  package func insert(
    no: Int64, feed: Int64, _ block: Block, standing: Standing,
    signatureState: SignatureState, hiding: Hiding
  ) throws(KianaError) {
    let row = try database.statement(
      """
      INSERT INTO block (no, id, feed, epoch, seq, standing, sig_state, hidden, header, sig)
      VALUES (?1, ?2, ?3, ?4, ?5, ?10, ?6, ?7, ?8, ?9)
      """)
    row.bind(1, no)
    row.bind(2, block.id)
    row.bind(3, feed)
    row.bind(4, block.header.epoch)
    row.bind(5, block.header.seq)
    row.bind(6, signatureState.rawValue)
    row.bind(7, hiding.rawValue)
    row.bind(8, block.headerBytes)
    row.bind(9, block.signature)
    row.bind(10, standing.rawValue)
    try row.run()
    if let content = block.content { try insert(content: content, no: no) }
  }

  package func insert(content: BlockContent, no: Int64) throws(KianaError) {
    let row = try database.statement(
      "INSERT OR REPLACE INTO content (no, salt, bytes) VALUES (?1, ?2, ?3)")
    row.bind(1, no)
    row.bind(2, content.salt)
    row.bind(3, content.bytes)
    try row.run()
  }

  package func find(id: Hash32) throws(KianaError) -> BlockRow? {
    let row = try database.statement("SELECT \(Self.columns) FROM block WHERE id = ?1")
    row.bind(1, id)
    return try first(row)
  }

  package func find(no: Int64) throws(KianaError) -> BlockRow? {
    let row = try database.statement("SELECT \(Self.columns) FROM block WHERE no = ?1")
    row.bind(1, no)
    return try first(row)
  }

  /// The block at a place of a feed, in it or left behind.
  package func find(feed: Int64, epoch: Int64, seq: Int64) throws(KianaError) -> BlockRow? {
    let row = try database.statement(
      """
      SELECT \(Self.columns) FROM block
      WHERE feed = ?1 AND epoch = ?2 AND seq = ?3 AND standing < 2
      """)
    row.bind(1, feed)
    row.bind(2, epoch)
    row.bind(3, seq)
    return try first(row)
  }

  /// Ids from `low` to `high`, both included; at most `limit`.
  package func ids(
    from low: Hash32, to high: Hash32, limit: Int
  ) throws(KianaError) -> [Hash32] {
    let row = try database.statement(
      "SELECT id FROM block WHERE id >= ?1 AND id <= ?2 ORDER BY id LIMIT ?3")
    row.bind(1, low)
    row.bind(2, high)
    row.bind(3, limit)
    defer { row.reset() }
    var found = [Hash32]()
    while try row.step() { found.append(row.hash(0)) }
    return found
  }

  /// Calls `body` with each block of `no` greater than `after`, in order, until it returns false.
  package func forEach(
    after no: Int64, upTo last: Int64 = .max, _ body: (BlockRow) throws(KianaError) -> Bool
  ) throws(KianaError) {
    let row = try database.statement(
      "SELECT \(Self.columns) FROM block WHERE no > ?1 AND no <= ?2 ORDER BY no")
    row.bind(1, no)
    row.bind(2, last)
    defer { row.reset() }
    while try row.step() {
      guard try body(try read(row)) else { return }
    }
  }

  /// Calls `body` with each block of `no` below `before`, newest first, until it returns false.
  package func forEachBackwards(
    before no: Int64, _ body: (BlockRow) throws(KianaError) -> Bool
  ) throws(KianaError) {
    let row = try database.statement(
      "SELECT \(Self.columns) FROM block WHERE no < ?1 ORDER BY no DESC")
    row.bind(1, no)
    defer { row.reset() }
    while try row.step() {
      guard try body(try read(row)) else { return }
    }
  }

  /// Calls `body` with each block of a feed from a place on, in feed order, until it returns false.
  package func forEach(
    feed: Int64, fromEpoch epoch: Int64, seq: Int64,
    _ body: (BlockRow) throws(KianaError) -> Bool
  ) throws(KianaError) {
    let row = try database.statement(
      """
      SELECT \(Self.columns) FROM block
      WHERE feed = ?1 AND (epoch, seq) >= (?2, ?3) AND standing < 2 ORDER BY epoch, seq
      """)
    row.bind(1, feed)
    row.bind(2, epoch)
    row.bind(3, seq)
    defer { row.reset() }
    while try row.step() {
      guard try body(try read(row)) else { return }
    }
  }

  /// A block that is not visible, by its place and id.
  package func proof(
    feed: Int64, epoch: Int64, seq: Int64, id: Hash32
  ) throws(KianaError) -> BlockRow? {
    let row = try database.statement(
      """
      SELECT \(Self.columns) FROM block
      WHERE feed = ?1 AND epoch = ?2 AND seq = ?3 AND standing >= 2 AND id = ?4
      """)
    row.bind(1, feed)
    row.bind(2, epoch)
    row.bind(3, seq)
    row.bind(4, id)
    return try first(row)
  }

  /// The first place of a feed at which a block stands that is not visible; nil when all are.
  package func firstProof(feed: Int64) throws(KianaError) -> (epoch: Int64, seq: Int64)? {
    let row = try database.statement(
      """
      SELECT epoch, seq FROM block WHERE feed = ?1 AND standing >= 2 ORDER BY epoch, seq LIMIT 1
      """)
    row.bind(1, feed)
    defer { row.reset() }
    return try row.step() ? (row.int(0), row.int(1)) : nil
  }

  /// The last block of a feed that is on another branch.
  package func lastRival(feed: Int64) throws(KianaError) -> BlockRow? {
    let row = try database.statement(
      """
      SELECT \(Self.columns) FROM block
      WHERE feed = ?1 AND standing >= 2 AND standing = 3 ORDER BY epoch DESC, seq DESC LIMIT 1
      """)
    row.bind(1, feed)
    return try first(row)
  }

  /// How many rivals stand at one place; it counts to `limit` at most.
  package func rivals(
    feed: Int64, epoch: Int64, seq: Int64, limit: Int
  ) throws(KianaError) -> Int {
    let row = try database.statement(
      """
      SELECT count(*) FROM (SELECT 1 FROM block
        WHERE feed = ?1 AND epoch = ?2 AND seq = ?3 AND standing >= 2 AND standing = 3 LIMIT ?4)
      """)
    row.bind(1, feed)
    row.bind(2, epoch)
    row.bind(3, seq)
    row.bind(4, limit)
    defer { row.reset() }
    return try row.step() ? Int(row.int(0)) : 0
  }

  /// How many blocks stand on branches of forks that are not their feeds'.
  package func rivals() throws(KianaError) -> Int64 {
    let row = try database.statement(
      "SELECT count(*) FROM block WHERE standing >= 2 AND standing = 3")
    defer { row.reset() }
    return try row.step() ? row.int(0) : 0
  }

  /// Blocks of a feed from a place on whose signatures are not checked, in the order of places.
  package func pending(
    feed: Int64, fromEpoch epoch: Int64, seq: Int64, limit: Int
  ) throws(KianaError) -> [BlockRow] {
    let half =
      "SELECT \(Self.columns) FROM block WHERE feed = ?1 AND (epoch, seq) >= (?2, ?3)"
      + " AND sig_state = 0"
    let row = try database.statement(
      "\(half) AND standing < 2 UNION ALL \(half) AND standing >= 2 ORDER BY epoch, seq LIMIT ?4")
    row.bind(1, feed)
    row.bind(2, epoch)
    row.bind(3, seq)
    row.bind(4, limit)
    defer { row.reset() }
    var found = [BlockRow]()
    while try row.step() { found.append(try read(row)) }
    return found
  }

  /// Calls `body` with each block of a feed that is not visible.
  package func forEachProof(
    feed: Int64, _ body: (BlockRow) throws(KianaError) -> Void
  ) throws(KianaError) {
    let row = try database.statement(
      "SELECT \(Self.columns) FROM block WHERE feed = ?1 AND standing >= 2")
    row.bind(1, feed)
    defer { row.reset() }
    while try row.step() { try body(try read(row)) }
  }

  /// Calls `body` with each block at a place of a feed that is not visible.
  package func forEachProof(
    feed: Int64, epoch: Int64, seq: Int64, _ body: (BlockRow) throws(KianaError) -> Void
  ) throws(KianaError) {
    let row = try database.statement(
      """
      SELECT \(Self.columns) FROM block
      WHERE feed = ?1 AND epoch = ?2 AND seq = ?3 AND standing >= 2
      """)
    row.bind(1, feed)
    row.bind(2, epoch)
    row.bind(3, seq)
    defer { row.reset() }
    while try row.step() { try body(try read(row)) }
  }

  /// Feeds with blocks whose signatures were found bad; it looks at all proofs.
  package func feedsWithBadBlocks() throws(KianaError) -> Set<Int64> {
    let row = try database.statement(
      "SELECT DISTINCT feed FROM block WHERE standing >= 2 AND sig_state = 2")
    defer { row.reset() }
    var found = Set<Int64>()
    while try row.step() { found.insert(row.int(0)) }
    return found
  }

  /// Blocks of a feed whose signatures were found bad, in the order of places.
  package func bad(feed: Int64, limit: Int) throws(KianaError) -> [BlockRow] {
    let row = try database.statement(
      """
      SELECT \(Self.columns) FROM block
      WHERE feed = ?1 AND standing >= 2 AND sig_state = 2 ORDER BY epoch, seq LIMIT ?2
      """)
    row.bind(1, feed)
    row.bind(2, limit)
    defer { row.reset() }
    var found = [BlockRow]()
    while try row.step() { found.append(try read(row)) }
    return found
  }

  /// Calls `body` with each stored block of a feed from a place on, whatever its standing, in the
  /// order of places.
  package func forEachStored(
    feed: Int64, fromEpoch epoch: Int64, seq: Int64, _ body: (BlockRow) throws(KianaError) -> Void
  ) throws(KianaError) {
    // Two partial indexes, merged: most stores have no block that is not visible.
    let half = "SELECT \(Self.columns) FROM block WHERE feed = ?1 AND (epoch, seq) >= (?2, ?3)"
    let row = try database.statement(
      "\(half) AND standing < 2 UNION ALL \(half) AND standing >= 2 ORDER BY epoch, seq")
    row.bind(1, feed)
    row.bind(2, epoch)
    row.bind(3, seq)
    defer { row.reset() }
    while try row.step() { try body(try read(row)) }
  }

  /// Some blocks of a feed, whatever their standing.
  package func some(feed: Int64, limit: Int) throws(KianaError) -> [BlockRow] {
    var found = [BlockRow]()
    for condition in ["standing < 2", "standing >= 2"] where found.count < limit {
      let row = try database.statement(
        "SELECT \(Self.columns) FROM block WHERE feed = ?1 AND \(condition) LIMIT ?2")
      row.bind(1, feed)
      row.bind(2, limit - found.count)
      while try row.step() { found.append(try read(row)) }
      row.reset()
    }
    return found
  }

  /// The last block in a feed before a place.
  package func last(
    feed: Int64, beforeEpoch epoch: Int64, seq: Int64
  ) throws(KianaError) -> BlockRow? {
    let row = try database.statement(
      """
      SELECT \(Self.columns) FROM block
      WHERE feed = ?1 AND (epoch, seq) < (?2, ?3) AND standing < 2 ORDER BY epoch DESC, seq DESC
      """)
    row.bind(1, feed)
    row.bind(2, epoch)
    row.bind(3, seq)
    defer { row.reset() }
    while try row.step() {
      let block = try read(row)
      if block.standing == .inFeed { return block }
    }
    return nil
  }

  /// How many blocks are in a feed, those left behind or cut not counted.
  package func count(feed: Int64) throws(KianaError) -> Int64 {
    let row = try database.statement(
      "SELECT count(*) FROM block WHERE feed = ?1 AND standing = 0")
    row.bind(1, feed)
    defer { row.reset() }
    return try row.step() ? row.int(0) : 0
  }

  /// How many blocks and bytes of content there are; it looks at each of them.
  package func totals() throws(KianaError) -> (blocks: Int64, contentBytes: Int64) {
    let blocks = try database.statement("SELECT count(*) FROM block")
    let contents = try database.statement("SELECT coalesce(sum(length(bytes)), 0) FROM content")
    defer {
      blocks.reset()
      contents.reset()
    }
    return (
      try blocks.step() ? blocks.int(0) : 0, try contents.step() ? contents.int(0) : 0
    )
  }

  package func content(no: Int64) throws(KianaError) -> BlockContent? {
    let row = try database.statement("SELECT salt, bytes FROM content WHERE no = ?1")
    row.bind(1, no)
    defer { row.reset() }
    guard try row.step() else { return nil }
    guard let salt = Hash32(row.blob(0)) else { throw .damagedRow("content") }
    return BlockContent(salt: salt, bytes: row.blob(1))
  }

  /// Deletes a content and its salt; the header stays.
  /// - Returns: how many bytes of content went.
  @discardableResult
  package func deleteContent(no: Int64) throws(KianaError) -> Int64 {
    let size = try database.statement("SELECT length(bytes) FROM content WHERE no = ?1")
    size.bind(1, no)
    let bytes = try size.step() ? size.int(0) : 0
    size.reset()
    let row = try database.statement("DELETE FROM content WHERE no = ?1")
    row.bind(1, no)
    try row.run()
    return bytes
  }

  package func setHiding(no: Int64, _ hiding: Hiding) throws(KianaError) {
    let row = try database.statement("UPDATE block SET hidden = ?2 WHERE no = ?1")
    row.bind(1, no)
    row.bind(2, hiding.rawValue)
    try row.run()
  }

  package func setSignatureState(no: Int64, _ state: SignatureState) throws(KianaError) {
    let row = try database.statement("UPDATE block SET sig_state = ?2 WHERE no = ?1")
    row.bind(1, no)
    row.bind(2, state.rawValue)
    try row.run()
  }

  package func setStanding(no: Int64, _ standing: Standing) throws(KianaError) {
    let row = try database.statement("UPDATE block SET standing = ?2 WHERE no = ?1")
    row.bind(1, no)
    row.bind(2, standing.rawValue)
    try row.run()
  }

  /// Notes that a block is found by other words than before, for whoever keeps an index.
  package func noteChange(no: Int64) throws(KianaError) {
    let row = try database.statement("INSERT INTO changed (no) VALUES (?1)")
    row.bind(1, no)
    try row.run()
  }

  /// The blocks that were noted after a mark, and the mark of the last of them.
  package func changes(after mark: Int64, limit: Int) throws(KianaError) -> (
    no: [Int64], mark: Int64
  ) {
    let row = try database.statement(
      "SELECT seq, no FROM changed WHERE seq > ?1 ORDER BY seq LIMIT ?2")
    row.bind(1, mark)
    row.bind(2, limit)
    defer { row.reset() }
    var found = [Int64]()
    var last = mark
    while try row.step() {
      last = row.int(0)
      found.append(row.int(1))
    }
    return (found, last)
  }

  /// Writes header and signature of a block anew.
  package func rewrite(no: Int64, _ block: Block) throws(KianaError) {
    let row = try database.statement("UPDATE block SET header = ?2, sig = ?3 WHERE no = ?1")
    row.bind(1, no)
    row.bind(2, block.headerBytes)
    row.bind(3, block.signature)
    try row.run()
  }

  /// Deletes a block altogether.
  package func delete(no: Int64) throws(KianaError) {
    for table in ["content", "block"] {
      let row = try database.statement("DELETE FROM \(table) WHERE no = ?1")
      row.bind(1, no)
      try row.run()
    }
  }

  private func first(_ row: Statement) throws(KianaError) -> BlockRow? {
    defer { row.reset() }
    return try row.step() ? try read(row) : nil
  }

  private func read(_ row: Statement) throws(KianaError) -> BlockRow {
    guard let id = Hash32(row.blob(1)), let standing = Standing(rawValue: row.int(5)),
      let hiding = Hiding(rawValue: row.int(7)),
      let signatureState = SignatureState(rawValue: row.int(6))
    else { throw .damagedRow("block") }
    return BlockRow(
      no: row.int(0), id: id, feed: row.int(2), epoch: row.int(3), seq: row.int(4),
      standing: standing, signatureState: signatureState, hiding: hiding,
      header: row.blob(8), signature: row.blob(9))
  }
}
