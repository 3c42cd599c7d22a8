package import KianaModel

/// What became of one original KI_ana block.
package struct LegacyRow: Sendable {
  /// SHA-256 of the original bytes.
  package let digest: Hash32
  /// The block of kind `legacy/1` that holds them.
  package let block: Hash32
  /// `A` to `F`, or `genesis`.
  package let format: String
  package let hash: String
  package let signature: String
  package let link: String

  package init(
    digest: Hash32, block: Hash32, format: String, hash: String, signature: String, link: String
  ) {
    self.digest = digest
    self.block = block
    self.format = format
    self.hash = hash
    self.signature = signature
    self.link = link
  }
}

/// Original KI_ana blocks that were taken in, so that a second import adds nothing.
package struct LegacyTable {
  private let database: Database

  package init(_ database: Database) {
    self.database = database
  }

  package func find(_ digest: Hash32) throws(KianaError) -> LegacyRow? {
    let row = try database.statement(
      "SELECT sha256, block_id, format, hash, signature, link FROM legacy WHERE sha256 = ?1")
    row.bind(1, digest)
    defer { row.reset() }
    guard try row.step() else { return nil }
    return LegacyRow(
      digest: row.hash(0), block: row.hash(1), format: row.text(2), hash: row.text(3),
      signature: row.text(4), link: row.text(5))
  }

  package func insert(_ legacy: LegacyRow) throws(KianaError) {
    let row = try database.statement(
      """
      INSERT OR REPLACE INTO legacy (sha256, block_id, format, hash, signature, link)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      """)
    row.bind(1, legacy.digest)
    row.bind(2, legacy.block)
    row.bind(3, legacy.format)
    row.bind(4, legacy.hash)
    row.bind(5, legacy.signature)
    row.bind(6, legacy.link)
    try row.run()
  }
}
