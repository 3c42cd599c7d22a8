package import KianaModel
internal import KianaStore

/// How contents go away: by their author's wish (`redact/1`), or by the operator's (`purge`).
///
/// A redacted content is hidden at once and deleted with its salt after a while; headers and chain
/// stay valid, because they only hold the hash of salt and content.
package struct Redaction {
  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  /// Notes what a `redact/1` block of `author` asks for. Blocks of other authors that it names are
  /// left alone; blocks that are not here yet are hidden when they come.
  package func apply(_ block: Block, author: Int64, now: Int64) throws(KianaError) {
    let due = now + node.settings.redactAfterMilliseconds
    for id in block.header.refs {
      let target = try node.blocks.find(id: id)
      if let target, try node.feeds.find(no: target.feed)?.author != author { continue }
      try node.redactions.insert(RedactionRow(id: id, author: author, by: block.id, due: due))
      if let target, target.hiding == .none {
        try node.blocks.setHiding(no: target.no, .redacted)
        try node.blocks.noteChange(no: target.no)
        try BlockEffects(node).contentChange(of: target)
      } else if target == nil, let held = try node.held.find(id),
        try node.feeds.find(no: held.feed)?.author == author
      {
        // Nobody sees it before its time, so that nothing is gained by keeping it until then.
        try node.held.deleteContent(id)
      }
    }
  }

  /// Takes back what a `redact/1` block asked for that is not in its feed any more. A content that
  /// is gone may come again.
  func undo(_ block: Block) throws(KianaError) {
    try node.redactions.delete(by: block.id)
    for id in block.header.refs {
      guard let target = try node.blocks.find(id: id), target.hiding == .redacted,
        let feed = try node.feeds.find(no: target.feed),
        try !node.redactions.isWished(id, by: feed.author)
      else { continue }
      try node.blocks.setHiding(no: target.no, .none)
      try node.blocks.noteChange(no: target.no)
      try BlockEffects(node).contentChange(of: target)
    }
  }

  /// Deletes the contents whose time has come, in the transaction that is open.
  ///
  /// Not while the feed of the wish is contested: whoever forked it may not be its author.
  /// - Returns: how many went.
  func deleteDue(now: Int64) throws(KianaError) -> Int {
    var gone = 0
    for wish in try node.redactions.due(at: now) {
      guard let main = try node.feeds.find(author: wish.author, name: "main"), !main.isContested
      else { continue }
      // The wish may have come before the block: only its author's counts.
      if let block = try node.blocks.find(id: wish.id),
        try node.feeds.find(no: block.feed)?.author == wish.author
      {
        try deleteContent(of: block, author: wish.author)
        gone += 1
        try node.recorder.record(
          "block.erase", target: "blk:\(wish.id.hex)",
          payload: .object([JSONMember("by", .string(wish.by.hex))]), now: now)
      }
      try node.redactions.setDone(wish)
    }
    return gone
  }

  /// Deletes one content and its salt, and gives the bytes back to the author's quota.
  func deleteContent(of block: BlockRow, author: Int64) throws(KianaError) {
    let bytes = try node.blocks.deleteContent(no: block.no)
    guard bytes > 0 else { return }
    try node.authors.charge(author, blocks: 0, bytes: -bytes)
    try node.meta.set(.contentBytes, try node.meta.integer(.contentBytes) - bytes)
  }
}
