package import KianaModel

/// Texts that many entries of the audit trail share, by number; kept in memory once seen, since
/// there are few and none is ever changed.
package final class NameTable {
  private unowned let database: Database
  private var numbers = [String: Int64]()
  private var texts = [Int64: String]()
  /// What was read or added in a transaction that was undone is forgotten.
  private var rollbacks = 0

  package init(_ database: Database) {
    self.database = database
  }

  private func checkUndone() {
    guard database.rollbacks != rollbacks else { return }
    rollbacks = database.rollbacks
    numbers.removeAll()
    texts.removeAll()
  }

  /// The number of a text; nil when no entry has it.
  package func find(_ text: String) throws(KianaError) -> Int64? {
    checkUndone()
    if let known = numbers[text] { return known }
    let row = try database.statement("SELECT no FROM name WHERE text = ?1")
    row.bind(1, text)
    defer { row.reset() }
    guard try row.step() else { return nil }
    remember(row.int(0), text)
    return row.int(0)
  }

  /// The number of a text, which gets one when it has none.
  package func number(_ text: String) throws(KianaError) -> Int64 {
    if let known = try find(text) { return known }
    let row = try database.statement("INSERT INTO name (text) VALUES (?1)")
    row.bind(1, text)
    try row.run()
    let no = database.lastInsertedRow
    remember(no, text)
    return no
  }

  /// - Throws: `damaged` when an entry names a text that is not here.
  package func text(_ no: Int64) throws(KianaError) -> String {
    checkUndone()
    if let known = texts[no] { return known }
    let row = try database.statement("SELECT text FROM name WHERE no = ?1")
    row.bind(1, no)
    defer { row.reset() }
    guard try row.step() else { throw .damagedRow("name") }
    remember(no, row.text(0))
    return row.text(0)
  }

  /// Numbers of the texts that begin with this.
  package func numbers(prefix: String) throws(KianaError) -> [Int64] {
    let row = try database.statement(
      "SELECT no FROM name WHERE substr(text, 1, length(?1)) = ?1 ORDER BY no")
    row.bind(1, prefix)
    defer { row.reset() }
    var found = [Int64]()
    while try row.step() { found.append(row.int(0)) }
    return found
  }

  private func remember(_ no: Int64, _ text: String) {
    numbers[text] = no
    texts[no] = text
  }
}
