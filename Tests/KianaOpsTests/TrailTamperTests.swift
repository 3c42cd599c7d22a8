import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// Whoever has the file can drop the triggers and write what they like: a full verification names
/// the entry or the row.
@Suite struct TrailTamperTests {
  /// A table, how its rows are named, and what may be changed in them.
  struct Table: Sendable, CustomTestStringConvertible {
    let name: String
    let key: [String]
    let columns: [String]
    /// Every so many rows are tried when the tests are to be quick.
    let step: Int
    /// What a finding about a change names.
    let targets: [String]
    var testDescription: String { name }

    init(_ name: String, _ key: [String], _ columns: [String], step: Int, _ targets: [String]) {
      self.name = name
      self.key = key
      self.columns = columns
      self.step = step
      self.targets = targets
    }
  }

  static let tables = [
    Table(
      "event", ["seq"],
      ["seq", "t", "type", "actor", "kid", "target", "result", "verdict", "pc", "ps"], step: 16,
      ["seq:"]),
    Table("name", ["no"], ["no", "text"], step: 4, ["seq:", "day:"]),
    Table("payload", ["seq"], ["seq", "salt", "data"], step: 24, ["seq:"]),
    Table("log_epoch", ["epoch"], ["epoch", "first"], step: 1, ["seq:", "state"]),
    Table("tile", ["no"], ["no", "hashes", "t_min", "t_max"], step: 1, ["seq:", "tile:"]),
    Table(
      "edge", ["epoch", "level", "place"], ["epoch", "level", "place", "hash"], step: 23,
      ["seq:", "tile:"]),
    Table("checkpoint", ["epoch", "size"], ["epoch", "size", "note"], step: 2, ["checkpoint:"]),
    Table(
      "cosignature", ["epoch", "size", "line"], ["epoch", "size", "line"], step: 2,
      ["checkpoint:"]),
    Table("seen", ["origin"], ["origin", "note"], step: 1, ["log:"]),
    Table(
      "daily", ["day", "type", "actor", "result", "verdict"],
      ["day", "type", "actor", "result", "verdict", "n", "first", "last"], step: 2, ["day:"]),
    Table("verdict", ["no", "entry"], ["no", "entry", "checks"], step: 1, ["seq:"]),
    Table(
      "refusal", ["entry", "place"], ["id", "entry", "place", "checks", "reason"], step: 1,
      ["seq:"]),
    Table(
      "statement", ["id", "validator", "t"], ["id", "validator", "t", "line", "own", "entry"],
      step: 1, ["seq:"]),
    Table(
      "validator_day", ["validator", "day"],
      ["validator", "day", "valid", "invalid", "unknown", "agreed", "disagreed"], step: 1,
      ["day:"]),
  ]

  @Test(arguments: tables)
  func `a change of any byte is named`(table: Table) throws {
    let needsTiles = ["tile", "log_epoch", "edge", "checkpoint"].contains(table.name)
    let world = try TrailWorld(entries: needsTiles ? 290 : 200, forked: needsTiles)
    let base = try world.node.trailFindings().filter(\.isFault)
    #expect(base.isEmpty, "\(base)")
    var sweep = try TamperSweep(world.node, table)
    try sweep.run(step: TestRun.isLong ? 1 : table.step)
    print("tamper \(table.name): \(sweep.changes) changes, \(sweep.refused) refused by the table")
    #expect(sweep.changes > 0)
    #expect(sweep.missed.isEmpty, "\(sweep.missed.prefix(20)), \(sweep.missed.count) in all")
    #expect(try world.node.trailFaults().isEmpty)
  }

  /// Counts are all that is left of what was pruned. Of the last place of a kind of which nothing
  /// is left only the range is known.
  @Test(arguments: [
    Table(
      "daily", ["day", "type", "actor", "result", "verdict"],
      ["day", "type", "actor", "result", "verdict", "n", "first"], step: 3, ["day:"]),
    Table(
      "validator_day", ["validator", "day"],
      ["validator", "day", "valid", "invalid", "unknown", "agreed", "disagreed"], step: 1,
      ["day:"]),
    Table("name", ["no"], ["no", "text"], step: 3, ["seq:", "day:"]),
    Table("event", ["seq"], ["t", "type", "target"], step: 40, ["seq:"]),
  ])
  func `a change of any byte is named after a prune too`(table: Table) throws {
    let node = try TrailWorld(entries: 260).node
    node.clock.now += 86_400_000
    try node.append(20, saying: "another day")
    node.clock.now += 86_400_000
    try node.append(3, saying: "the last day")
    let erasure = TrailErasure(node.node)
    try erasure.release(3...9, reason: "closed")
    _ = try node.sign()
    try erasure.prune(try erasure.plan(before: node.clock.now, onlyPayloads: false))
    #expect(try node.node.meta.integer(.auditFirst) == 256)
    #expect(try node.trailFaults().isEmpty)
    var sweep = try TamperSweep(node, table)
    try sweep.run(step: TestRun.isLong ? 1 : table.step)
    print("tamper pruned \(table.name): \(sweep.changes) changes")
    #expect(sweep.missed.isEmpty, "\(sweep.missed.prefix(20)), \(sweep.missed.count) in all")
    try node.node.database.execute("UPDATE daily SET n = n + 1 WHERE first = 0")
    node.clock.now += 86_400_000
    try node.append(300, saying: "more")
    _ = try node.sign()
    #expect(throws: KianaError.self) {
      try erasure.prune(try erasure.plan(before: .max, onlyPayloads: false))
    }
  }

  @Test func `marks of the beginning and of a restore are not moved`() throws {
    let world = try TrailWorld()
    func faults(_ sql: String...) throws -> [String] {
      try world.node.tampered(sql).filter(\.isFault).map(\.target)
    }
    func set(_ name: String, _ value: String) -> String {
      "INSERT OR REPLACE INTO meta (name, value) VALUES ('\(name)', \(value))"
    }
    for first in ["1", "5", "199", "1000", "-1", "256"] {
      #expect(try !faults(set("audit_first", first)).isEmpty, "\(first)")
    }
    try world.node.node.meta.set(.restored, "put back by hand")
    try Resume(world.node.node).finish()
    #expect(try world.node.trailFaults().isEmpty)
    let entry = try world.node.lastEntry("state.resume")
    #expect(try faults(set("audit_restored", "''")) == ["seq:\(entry)"])
    _ = try AuditResume(world.node.node).run(
      against: [
        try #require(
          try Checkpoints(world.node.node).newest()
        ).note
      ], copy: nil)
    #expect(try world.node.trailFaults().isEmpty)
  }

  @Test func `rows that are deleted or swapped are named`() throws {
    let node = try TrailWorld().node
    let size = try node.node.events.size()
    func targets(_ sql: String...) throws -> [String] {
      try node.tampered(sql).filter(\.isFault).map(\.target)
    }
    for seq in [0, 7, size / 2, size - 1] {
      #expect(try targets("DELETE FROM event WHERE seq = \(seq)").contains("seq:\(seq)"))
    }
    let some = try node.lastEntry("door.open")
    #expect(try targets("DELETE FROM payload WHERE seq = \(some)") == ["seq:\(some)"])
    for table in ["verdict", "refusal", "statement", "validator_day", "seen", "daily", "edge"] {
      #expect(try !targets("DELETE FROM \(table)").isEmpty, "\(table)")
    }
    #expect(
      try !targets("DELETE FROM verdict WHERE entry = (SELECT min(entry) FROM verdict)").isEmpty)
    #expect(try !targets("DELETE FROM checkpoint WHERE size = 20 OR size < 100").isEmpty)
    let swapped = try targets(
      "UPDATE event SET seq = -1 WHERE seq = 50", "UPDATE event SET seq = 50 WHERE seq = 51",
      "UPDATE event SET seq = 51 WHERE seq = -1")
    #expect(swapped.contains("seq:50") && swapped.contains("seq:51"))
    #expect(try node.trailFaults().isEmpty)
  }

  /// Entries from a place on, with their hashes and all that hangs on them.
  private static func cut(from seq: Int64) -> [String] {
    ["event", "payload"].map { "DELETE FROM \($0) WHERE seq >= \(seq)" }
  }

  @Test(arguments: [1, 2, 30])
  func `the last entries cannot be cut off`(count: Int64) throws {
    let world = try TrailWorld()
    let node = world.node
    let size = try node.node.events.size()
    let seq = size - count
    let cut = Self.cut(from: seq)
    #expect(try node.tampered(cut).contains { $0.isFault && $0.target == "seq:\(seq)" })
    let hashes = cut + ["DELETE FROM edge WHERE level = 0 AND place >= \(seq)"]
    let found = try node.tampered(hashes)
    #expect(found.contains { $0.isFault && $0.kind == "cut" }, "by the guard file")
    #expect(found.contains { $0.kind == "checkpoint" || $0.kind == "cut" })
    // With every table made to agree, and the guard file gone: kept checkpoints still tell.
    try DurableFile.delete("\(node.places.guardDirectory)/\(node.node.aid.text).guard")
    let all =
      hashes + ["DELETE FROM checkpoint WHERE size > \(seq)"]
      + ["DELETE FROM cosignature WHERE size > \(seq)"] + TamperSQL.recount
    let origin = try node.node.auditOrigin()
    let kept = try #require(try Witnessed(world.friend.node).note(origin))
    try node.tampering(all) {
      let faults = try node.trailFindings().filter(\.isFault)
      #expect(faults.isEmpty, "a file that agrees with itself is no proof: \(faults)")
      if count == 1 {
        #expect(try Proving(node.node).check(against: kept).size == size - 1)
      } else {
        #expect(throws: KianaError.self) { try Proving(node.node).check(against: kept) }
      }
    }
  }

  @Test func `who recomputes every hash is found by what was signed`() throws {
    let world = try TrailWorld(entries: 290, forked: true)
    let node = world.node
    let kept = try #require(try Checkpoints(node.node).first(epoch: 0, from: 1)).note
    let edit = "UPDATE event SET result = 1 - result WHERE seq = 4"
    let faults = try node.tampered([edit]).filter(\.isFault).map(\.target)
    #expect(faults.contains("seq:4"))
    try node.tampering([edit] + TamperSQL.recount) {
      try TamperSQL.rehash(node.node, epoch: 0)
      let found = try node.trailFindings().filter(\.isFault)
      #expect(!found.isEmpty && found.allSatisfy { $0.target.hasPrefix("checkpoint:") }, "\(found)")
      try node.node.database.execute("DELETE FROM checkpoint WHERE epoch = 0")
      try node.node.database.execute("DELETE FROM cosignature WHERE epoch = 0")
      #expect(try node.trailFindings().filter(\.isFault).map(\.target) == [])
      #expect(throws: KianaError.self) { try Proving(node.node).check(against: kept) }
    }
    #expect(try node.trailFaults().isEmpty)
  }

  @Test func `a clock that was set back is said where it was`() throws {
    let node = try TrailWorld().node
    node.clock.now -= 3_600_000
    try node.append(1, saying: "backdated")
    let last = try node.node.events.size() - 1
    #expect(try node.lastEntry("audit.clock") == last - 1)
    #expect(
      try node.trailFindings().contains { $0.kind == "clock" && $0.target == "seq:\(last - 1)" })
    #expect(try node.trailFaults().isEmpty)
    let seq = try node.lastEntry("door.open") - 8
    let found = try node.tampered(["UPDATE event SET t = t - 86400000 WHERE seq = \(seq)"])
    #expect(found.contains { $0.isFault && $0.target == "seq:\(seq)" })
  }

  @Test func `the triggers refuse what nobody has to do`() throws {
    let node = try TrailWorld().node
    for sql in [
      "UPDATE event SET t = 0 WHERE seq = 3", "DELETE FROM event WHERE seq = 3",
      "UPDATE tile SET t_min = 0", "DELETE FROM event",
    ] where !sql.hasPrefix("UPDATE tile") {
      #expect(throws: KianaError.self) { try node.node.database.execute(sql) }
    }
  }
}

/// Statements of somebody who knows the tables.
enum TamperSQL {
  static let triggers = [
    "event_no_update", "event_no_delete", "tile_no_update", "tile_no_delete",
  ]

  /// The day's counts, and those of validators, as the entries that are left have them.
  static let recount = [
    "DELETE FROM daily",
    """
    INSERT INTO daily SELECT t / 86400000, type, actor, result, coalesce(verdict, -1), count(*),
      min(seq), max(seq) FROM event GROUP BY 1, 2, 3, 4, 5
    """,
  ]

  /// All hashes of a small epoch from its entries.
  static func rehash(_ node: Node, epoch number: Int64) throws {
    let database = node.database
    let epoch = try #require(try AuditLog(node).epochs().first { $0.number == number })
    var hashes = [Hash32]()
    try node.events.forEach(epoch.first..<epoch.first + epoch.size) { (row, _) in
      hashes.append(node.crypto.treeLeaf(row.entry.leaf()))
      return true
    }
    let full = Array(hashes.prefix(256))
    try database.execute(
      "UPDATE tile SET hashes = X'\(Hex.encode(Tile.bytes(full)))' WHERE no = \(number << 56)")
    let root = Tile.root(full, node.crypto)
    try database.execute(
      "UPDATE edge SET hash = X'\(root.hex)' WHERE epoch = \(number) AND level = 1")
    for (place, hash) in hashes.dropFirst(256).enumerated() {
      try database.execute(
        """
        UPDATE edge SET hash = X'\(hash.hex)'
        WHERE epoch = \(number) AND level = 0 AND place = \(place)
        """)
    }
  }
}

/// What went wrong while a transaction was open that is undone anyway.
private final class TamperOutcome {
  private var failure: (any Error)?

  func run(_ body: () throws -> Void) {
    do { try body() } catch { failure = error }
  }

  func rethrow() throws {
    if let failure { throw failure }
  }
}

extension TestNode {
  /// Runs `body` after statements of an attacker, and puts everything back.
  func tampering(_ sql: [String], _ body: () throws -> Void) throws {
    let outcome = TamperOutcome()
    do {
      try node.database.transaction { () throws(KianaError) -> Void in
        for name in TamperSQL.triggers { try node.database.execute("DROP TRIGGER \(name)") }
        for one in sql { try node.database.execute(one) }
        outcome.run(body)
        throw KianaError(code: .interrupted, what: "put back")
      }
    } catch {
      guard error.code == .interrupted else { throw error }
    }
    try outcome.rethrow()
  }

  /// What a full verification finds after statements of an attacker.
  func tampered(_ sql: [String]) throws -> [AuditVerify.Finding] {
    var found = [AuditVerify.Finding]()
    try tampering(sql) { () throws in found += try self.trailFindings() }
    return found
  }
}

/// Changes the values of a table one after the other, and asks each time what is found.
private struct TamperSweep {
  private let node: TestNode
  private let table: TrailTamperTests.Table
  private(set) var changes = 0
  /// The table itself does not let two rows have one name.
  private(set) var refused = 0
  private(set) var missed = [String]()
  private var usedNames = Set<Int64>()

  private enum Value {
    case null
    case integer(Int64)
    case text([UInt8])
    case blob([UInt8])

    var sql: String {
      switch self {
      case .null: "NULL"
      case .integer(let number): String(number)
      case .text(let bytes): "CAST(X'\(Hex.encode(bytes))' AS TEXT)"
      case .blob(let bytes): "X'\(Hex.encode(bytes))'"
      }
    }

    /// Each byte in turn, the length, or the number up and down.
    var others: [Value] {
      switch self {
      case .null: [.integer(0), .integer(1), .blob([UInt8](repeating: 0, count: 32))]
      case .integer(let number):
        [number + 1, number - 1, number ^ 1 << 20, .max, .min].map { .integer($0) }
      case .text(let bytes): Self.changed(bytes).map { .text($0) }
      case .blob(let bytes): Self.changed(bytes).map { .blob($0) }
      }
    }

    private static func changed(_ bytes: [UInt8]) -> [[UInt8]] {
      // A tile has 8 KiB.
      let step = TestRun.isLong || bytes.count < 1024 ? 1 : 29
      var all = stride(from: 0, to: bytes.count, by: step).map { index in
        var copy = bytes
        copy[index] ^= 1 << UInt8(index % 7)
        return copy
      }
      all.append(bytes + [0x61])
      if !bytes.isEmpty { all.append(Array(bytes.dropLast())) }
      return all
    }
  }

  init(_ node: TestNode, _ table: TrailTamperTests.Table) throws {
    self.node = node
    self.table = table
    let row = try node.node.database.statement(
      """
      SELECT type FROM event UNION SELECT actor FROM event UNION SELECT kid FROM event
      UNION SELECT type FROM daily UNION SELECT actor FROM daily
      """)
    while try row.step() { usedNames.insert(row.int(0)) }
    row.reset()
  }

  private func rows() throws -> [(key: [Value], values: [Value])] {
    let names = table.key + table.columns
    let row = try node.node.database.statement(
      "SELECT \(names.map { "typeof(\($0)), \($0)" }.joined(separator: ", ")) FROM \(table.name)")
    var rows = [(key: [Value], values: [Value])]()
    while try row.step() {
      let all = names.indices.map { index -> Value in
        let column = Int32(2 * index + 1)
        return switch row.text(Int32(2 * index)) {
        case "null": .null
        case "integer": .integer(row.int(column))
        case "text": .text(row.blob(column))
        default: .blob(row.blob(column))
        }
      }
      rows.append((Array(all.prefix(table.key.count)), Array(all.dropFirst(table.key.count))))
    }
    row.reset()
    return rows
  }

  mutating func run(step: Int) throws {
    let rows = try rows()
    let chosen = stride(from: 0, to: rows.count, by: step).map { $0 } + [rows.count - 1]
    for index in Set(chosen).sorted() where index >= 0 {
      let place = zip(table.key, rows[index].key).map { "\($0) = \($1.sql)" }
        .joined(separator: " AND ")
      for (column, value) in zip(table.columns, rows[index].values) {
        for other in value.others { try change(column, to: other, place, rows[index].key) }
      }
    }
  }

  private mutating func change(
    _ column: String, to value: Value, _ place: String, _ key: [Value]
  ) throws {
    let sql = "UPDATE \(table.name) SET \(column) = \(value.sql) WHERE \(place)"
    var found: [AuditVerify.Finding]
    do {
      found = try node.tampered([sql])
    } catch let error as KianaError
      where error.why.contains("constraint") || error.why.contains("cannot store")
    {
      refused += 1
      return
    } catch {
      missed.append("\(sql): \(error)")
      return
    }
    changes += 1
    // A text that no entry has says nothing.
    if table.name == "name", case .integer(let no) = key[0], !usedNames.contains(no) { return }
    // A witness that nobody knows is said and does not count; only known ones can be wrong.
    let isNamed = found.contains { finding in
      (finding.isFault || table.name == "cosignature")
        && table.targets.contains { finding.target.hasPrefix($0) }
    }
    if !isNamed { missed.append("\(sql.prefix(160)): \(found)") }
  }
}
