internal import KianaCrypto
package import KianaModel
package import KianaStore

/// Who judged which block, and how: this node's verdicts, and the statements of others.
package struct Validations {
  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  /// One verdict on a block.
  package struct Verdict: Sendable, Equatable {
    package let validator: AID
    /// Milliseconds since 1970, by the validator's clock.
    package let time: Int64
    /// The version of the rules it judged by; nil when the entry that says it is gone.
    package let rules: Int64?
    package let checks: BlockChecks
    /// Why the block was refused; empty elsewhere.
    package let reason: String
    /// The entry of this node's trail that commits to it.
    package let entry: Int64
  }

  /// All verdicts on a block, this node's first, each validator's in order.
  ///
  /// - Throws: `notFound` when nobody judged such a block.
  package func of(_ id: Hash32) throws(KianaError) -> [Verdict] {
    var found = [Verdict]()
    let table = VerdictTable(node.database)
    var rows = try table.refusals(of: id)
    if let block = try node.blocks.find(id: id) { rows += try table.all(no: block.no) }
    for row in rows.sorted(by: { $0.entry < $1.entry }) {
      // The entry may be pruned; then only the verdict is left.
      let entry = try node.events.find(row.entry)
      found.append(
        Verdict(
          validator: node.aid, time: entry?.entry.time ?? 0, rules: try rules(entry),
          checks: row.checks, reason: row.reason, entry: row.entry))
    }
    for row in try ValidationTable(node.database).statements(about: id) {
      guard let statement = ValidationStatement(line: row.line) else {
        throw .damagedRow("statement")
      }
      found.append(
        Verdict(
          validator: statement.validator, time: statement.time, rules: statement.rules,
          checks: statement.checks, reason: "", entry: row.entry))
    }
    guard !found.isEmpty else {
      throw KianaError(code: .notFound, what: "nobody judged a block '\(id.hex)' here")
    }
    return found
  }

  /// By which rules an entry judged.
  private func rules(_ row: EventRow?) throws(KianaError) -> Int64? {
    guard let row else { return nil }
    guard row.entry.payloadCommitment != nil else { return BlockChecks.unnamedRules }
    let payload = try node.events.payload(row.seq).flatMap { try? JSONValue.parse($0.bytes) }
    return payload?["rules"]?.integer
  }

  /// A validator and what became of its verdicts.
  package struct Validator: Sendable, Equatable {
    package let aid: AID
    package let isOwn: Bool
    /// The days with a verdict, days since 1970-01-01 UTC.
    package var days: [ValidationTable.Day]

    package init(aid: AID, isOwn: Bool, days: [ValidationTable.Day]) {
      self.aid = aid
      self.isOwn = isOwn
      self.days = days
    }

    package func sum(_ count: (ValidationTable.Day) -> Int64) -> Int64 {
      days.reduce(0) { $0 + count($1) }
    }

    /// How often it said what this node found, in thousandths of the verdicts that both had; nil
    /// when there are none.
    package var agreementPerMille: Int64? {
      let agreed = sum(\.agreed)
      let all = agreed + sum(\.disagreed)
      return all > 0 ? agreed * 1000 / all : nil
    }
  }

  /// Everybody who ever judged, this node first.
  package func validators() throws(KianaError) -> [Validator] {
    var found = [Validator]()
    for day in try ValidationTable(node.database).days() {
      if found.last?.aid == day.validator {
        found[found.count - 1].days.append(day)
      } else {
        found.append(
          Validator(aid: day.validator, isOwn: day.validator == node.aid, days: [day]))
      }
    }
    return found.filter(\.isOwn) + found.filter { !$0.isOwn }
  }

  /// What this node finds of a block now, from its last verdict; nil when it never judged it.
  package func ownVerdict(_ id: Hash32) throws(KianaError) -> OwnVerdict? {
    let table = VerdictTable(node.database)
    var last: VerdictTable.Row?
    if let block = try node.blocks.find(id: id) { last = try table.all(no: block.no).last }
    if let refusal = try table.refusals(of: id).last, refusal.entry > last?.entry ?? -1 {
      last = refusal
    }
    guard let last else { return nil }
    let entry = try node.events.find(last.entry)
    return OwnVerdict(
      checks: last.checks, time: entry?.entry.time, rules: try rules(entry))
  }

  /// What this node found; time and rules are nil when the entry that says them is gone.
  package struct OwnVerdict: Sendable, Equatable {
    package let checks: BlockChecks
    package let time: Int64?
    package let rules: Int64?
  }
}

/// Statements of this node over its signature, for others.
package struct StatementSigning: ~Copyable {
  private let node: Node
  private let writer: BlockWriter

  /// - Throws: `key` when the block key cannot be opened; `refused` for a restored state.
  package init(_ node: Node, unlockedBy source: borrowing UnlockSource) throws(KianaError) {
    self.node = node
    writer = try BlockWriter(node, unlockedBy: source)
  }

  /// What this node found of a block, signed.
  /// - Throws: `notFound` when it never judged it.
  package borrowing func statement(_ id: Hash32) throws(KianaError) -> ValidationStatement {
    guard let own = try Validations(node).ownVerdict(id) else {
      throw KianaError(code: .notFound, what: "this node never judged a block '\(id.hex)'")
    }
    guard let time = own.time, let rules = own.rules else {
      throw KianaError(
        code: .notFound, what: "this node cannot say any more how it judged block '\(id.hex)'",
        why: "the entry that tells when, and by which rules, was pruned or erased")
    }
    return writer.statement(id, own.checks, rules: rules, time: time)
  }
}

/// Takes statements of other validators, each a line.
package struct StatementIntake {
  private let node: Node
  private static let linesInTransaction = 1000

  package enum Outcome: Sendable, Equatable {
    case stored, known
    case refused(String)
  }

  package init(_ node: Node) {
    self.node = node
  }

  /// What the entry's root is over, for one statement.
  static func leaf(_ line: [UInt8], own: AuditEntry.Verdict) -> [UInt8] {
    line + [0x0A] + Array(own.rawValue.utf8)
  }

  /// Reads lines until `next` has none.
  ///
  /// - Parameter done: called with each line's number, from 1, when it is on the disk.
  package func run(
    next: () throws(KianaError) -> InputLine?,
    done: (Int, Outcome) throws(KianaError) -> Void
  ) throws(KianaError) {
    var number = 0
    var batch = [(line: Int, input: InputLine)]()
    while let line = try next() {
      number += 1
      if case .line(let text) = line, text.isEmpty { continue }
      batch.append((number, line))
      if batch.count >= Self.linesInTransaction {
        try write(batch, done)
        batch.removeAll()
      }
    }
    try write(batch, done)
  }

  private func write(
    _ batch: [(line: Int, input: InputLine)], _ done: (Int, Outcome) throws(KianaError) -> Void
  ) throws(KianaError) {
    guard !batch.isEmpty else { return }
    let outcomes = try node.database.transaction { () throws(KianaError) -> [(Int, Outcome)] in
      var outcomes = [(Int, Outcome)]()
      var fresh = [(statement: ValidationStatement, own: AuditEntry.Verdict)]()
      for (number, input) in batch {
        switch try read(input) {
        case .failure(let refusal): outcomes.append((number, .refused(refusal.words)))
        case .success(let statement):
          let isKnown =
            try ValidationTable(node.database).has(statement)
            || fresh.contains { $0.statement.isInPlace(of: statement) }
          outcomes.append((number, isKnown ? .known : .stored))
          guard !isKnown else { continue }
          fresh.append(
            (statement, try Validations(node).ownVerdict(statement.id)?.checks.verdict ?? .unknown))
        }
      }
      try store(fresh)
      return outcomes
    }
    try Guard.update(node)
    for (number, outcome) in outcomes { try done(number, outcome) }
  }

  private func store(
    _ fresh: [(statement: ValidationStatement, own: AuditEntry.Verdict)]
  ) throws(KianaError) {
    guard !fresh.isEmpty else { return }
    let table = ValidationTable(node.database)
    // The order in which they are read again.
    let all = fresh.sorted {
      ($0.statement.id, $0.statement.validator.digest, $0.statement.time)
        < ($1.statement.id, $1.statement.validator.digest, $1.statement.time)
    }
    var tree = MerkleFrontier()
    for one in all { tree.add(Self.leaf(one.statement.line, own: one.own), node.crypto) }
    let now = node.now()
    let entry = try node.recorder.record(
      "block.statement", target: "state",
      payload: .object([
        JSONMember("root", .string(tree.root(node.crypto).hex)),
        JSONMember("statements", .integer(Int64(all.count))),
      ]), now: now)
    for one in all {
      _ = try table.insert(one.statement, own: one.own, entry: entry)
      var day = ValidationTable.Day(validator: one.statement.validator, day: Moment.day(now))
      day.count(one.statement, own: one.own)
      try table.add(day)
    }
  }

  private struct Refusal: Error {
    let words: String
  }

  /// A statement counts when the key is its validator's, and was not revoked.
  private func read(_ input: InputLine) throws(KianaError) -> Result<ValidationStatement, Refusal> {
    guard case .line(let line) = input, let statement = ValidationStatement(line: line) else {
      return .failure(Refusal(words: "it is no statement of a validator"))
    }
    guard statement.validator != node.aid else {
      return .failure(Refusal(words: "it is this node's own"))
    }
    guard let log = try WitnessKeys(node).keyLog(of: statement.validator), !log.isDuplicitous else {
      return .failure(
        Refusal(words: "the key log of \(statement.validator.text) is not here"))
    }
    guard let record = log.record(of: statement.key), record.use == .block,
      record.state == .active || record.state == .grace
    else { return .failure(Refusal(words: "its key is none that signs for its validator")) }
    guard statement.hasGoodSignature(node.crypto) else {
      return .failure(Refusal(words: "its signature is wrong"))
    }
    return .success(statement)
  }
}
