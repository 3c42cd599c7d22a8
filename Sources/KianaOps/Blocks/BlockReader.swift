package import KianaModel
package import KianaStore

/// A block as a reader sees it: what is stored, and why the content is not there when it is not.
package struct StoredBlock: Sendable {
  package let no: Int64
  package let header: BlockHeader
  package let row: BlockRow
  /// Nil when it is hidden, or was never here.
  package let content: BlockContent?

  package var id: Hash32 { row.id }

  /// Why there is or is no content: `here`, `redacted`, `purged`, `absent`.
  package var contentState: String {
    switch row.hiding {
    case .redacted: "redacted"
    case .purged: "purged"
    case .none: content == nil ? "absent" : "here"
    }
  }

  /// What the content begins with; in brackets why there is none.
  package func beginning(lettersMax: Int) -> String {
    guard let content else { return "[\(contentState)]" }
    guard let text = String(validating: content.bytes, as: UTF8.self) else {
      return "[\(content.bytes.count) bytes of \(Printable.line(header.contentType))]"
    }
    return Printable.summary(text, lettersMax: lettersMax)
  }

  /// The block as it travels.
  package var block: Block {
    Block(
      headerBytes: row.header, header: header, signature: row.signature, id: row.id,
      content: content)
  }
}

/// Finds blocks by id and reads them.
package struct BlockReader {
  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  /// The id that `text` names: 64 hex digits, or the first ones of exactly one block here.
  ///
  /// - Parameter evenHeld: also a block that waits until its time comes.
  /// - Throws: `notFound` when none or several blocks begin so, `usage` when it is no hex.
  package func resolve(_ text: String, evenHeld: Bool = false) throws(KianaError) -> Hash32 {
    let digits = Array(text.utf8)
    guard (4...64).contains(digits.count), digits.allSatisfy({ Hex.value($0) != nil }) else {
      throw KianaError(
        code: .usage, what: "'\(text)' is not a block id",
        why: "an id is 64 lower-case hex digits, or at least the first 4 of them")
    }
    let fill = 64 - digits.count
    let low = digits + [UInt8](repeating: UInt8(ascii: "0"), count: fill)
    let high = digits + [UInt8](repeating: UInt8(ascii: "f"), count: fill)
    guard let from = Hash32(hex: low.span), let to = Hash32(hex: high.span) else {
      preconditionFailure("hex digits make a hash")
    }
    var found = try node.blocks.ids(from: from, to: to, limit: 2)
    if evenHeld { found += try node.held.ids(from: from, to: to, limit: 2) }
    guard let id = found.first else {
      guard let held = try node.held.ids(from: from, to: to, limit: 1).first,
        let row = try node.held.find(held)
      else {
        throw KianaError(
          code: .notFound, what: "there is no block '\(text)'",
          hint: "'kiana-node search' and 'kiana-node log' list the blocks that are here")
      }
      throw KianaError(
        code: .notFound, what: "block '\(held.hex)' is held",
        why: "it is dated in the future and enters its feed at \(Moment.text(row.due))")
    }
    guard found.count == 1 else {
      throw KianaError(
        code: .notFound, what: "'\(text)' names several blocks",
        why: "at least \(found[0].hex.prefix(digits.count + 8)) and "
          + "\(found[1].hex.prefix(digits.count + 8))",
        hint: "give more digits")
    }
    return id
  }

  /// The block of that id.
  /// - Throws: `notFound`.
  package func read(_ id: Hash32) throws(KianaError) -> StoredBlock {
    guard let row = try node.blocks.find(id: id) else {
      throw KianaError(code: .notFound, what: "there is no block '\(id.hex)'")
    }
    return try read(row)
  }

  /// The rest of a block whose row was read.
  package func read(_ row: BlockRow) throws(KianaError) -> StoredBlock {
    let header = try header(of: row)
    let content = row.hiding == .none ? try node.blocks.content(no: row.no) : nil
    return StoredBlock(no: row.no, header: header, row: row, content: content)
  }

  /// The block of a row, its content checked against its hash: for whoever hands it on.
  /// - Returns: without the content when the disk changed it.
  package func readChecked(_ row: BlockRow) throws(KianaError) -> (StoredBlock, isDamaged: Bool) {
    let block = try read(row)
    guard let content = block.content else { return (block, false) }
    do throws(BlockFault) {
      try content.check(against: block.header, node.crypto)
      return (block, false)
    } catch {
      return (StoredBlock(no: block.no, header: block.header, row: row, content: nil), true)
    }
  }

  /// The block of that id, its content checked.
  /// - Throws: `notFound`, or `damaged`.
  package func readChecked(_ id: Hash32) throws(KianaError) -> StoredBlock {
    guard let row = try node.blocks.find(id: id) else { return try read(id) }
    let (block, isDamaged) = try readChecked(row)
    guard !isDamaged else {
      throw KianaError(
        code: .damaged, what: "the content of block '\(id.hex)' is damaged",
        why: "it does not match its hash",
        hint: "import the block again from a node that has it, or restore from a backup")
    }
    return block
  }

  /// What the header bytes of a row say.
  package func header(of row: BlockRow) throws(KianaError) -> BlockHeader {
    do throws(BlockFault) {
      return try BlockHeader.parse(row.header.span)
    } catch {
      throw KianaError(
        code: .damaged, what: "block '\(row.id.hex)' is damaged", why: error.reason,
        hint: "run 'kiana-node verify', and restore from a backup")
    }
  }
}
