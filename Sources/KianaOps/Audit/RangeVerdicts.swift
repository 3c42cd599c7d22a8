internal import KianaCrypto
internal import KianaModel
internal import KianaStore

/// What this node found of a range of blocks: a verdict for each in a table, and one entry of the
/// audit trail with the root of the RFC 6962 tree over their lines.
struct RangeVerdicts {
  private let node: Node
  private var tree = MerkleFrontier()
  private var rows = [(no: Int64, checks: BlockChecks)]()

  init(_ node: Node) {
    self.node = node
  }

  var count: Int { rows.count }

  /// - Parameter no: of the stored block; rising.
  mutating func add(_ id: Hash32, no: Int64, _ checks: BlockChecks) {
    tree.add(checks.line(of: id), node.crypto)
    rows.append((no, checks))
  }

  /// Writes the verdicts and their entry; nothing for an empty range.
  ///
  /// - Parameters:
  ///   - type: of the entry.
  ///   - more: members of the payload beside `blocks`, `root` and `rules`.
  func record(
    _ type: String, target: String, _ more: [JSONMember] = [], now: Int64
  ) throws(KianaError) {
    guard !rows.isEmpty, node.recorder.isOn else { return }
    let entry = try node.recorder.record(
      type, target: target, verdict: verdict,
      payload: .object(
        more + [
          JSONMember("blocks", .integer(Int64(rows.count))),
          JSONMember("root", .string(tree.root(node.crypto).hex)),
          JSONMember("rules", .integer(BlockChecks.rules)),
        ]), now: now)
    try write(entry, now: now)
  }

  /// Writes the verdicts under an entry that names the one block of the range.
  func record(under entry: Int64, now: Int64) throws(KianaError) {
    guard node.recorder.isOn else { return }
    try write(entry, now: now)
  }

  private func write(_ entry: Int64, now: Int64) throws(KianaError) {
    let verdicts = VerdictTable(node.database)
    var day = ValidationTable.Day(validator: node.aid, day: Moment.day(now))
    for row in rows {
      try verdicts.insert(no: row.no, entry: entry, row.checks)
      day.count(row.checks.verdict)
    }
    try ValidationTable(node.database).add(day)
  }

  /// One that is bad makes the range so, and one that is open leaves it open.
  private var verdict: AuditEntry.Verdict {
    let found = Set(rows.map(\.checks.verdict))
    if found.contains(.invalid) { return .invalid }
    return found.contains(.unknown) ? .unknown : .valid
  }
}

/// Contents that came for blocks which were here without.
struct ContentArrivals {
  private var tree = MerkleFrontier()
  private let node: Node

  init(_ node: Node) {
    self.node = node
  }

  mutating func add(_ id: Hash32) {
    tree.add(Array(id.hex.utf8), node.crypto)
  }

  /// Writes one entry for all of them, with the root over their ids; nothing when there is none.
  func record(_ more: [JSONMember] = [], now: Int64) throws(KianaError) {
    guard tree.count > 0 else { return }
    try node.recorder.record(
      "block.content", target: "state",
      payload: .object(
        more + [
          JSONMember("contents", .integer(tree.count)),
          JSONMember("ids", .string(tree.root(node.crypto).hex)),
        ]), now: now)
  }
}

/// Blocks that this node did not store, with what was found of them.
struct Refusals {
  private let node: Node
  private var all = [(id: Hash32?, fault: BlockFault)]()
  /// Enough for a person; the table is bounded, whatever a peer sends.
  private static let namedMax = 32
  static let keptMax: Int64 = 10_000

  init(_ node: Node) {
    self.node = node
  }

  mutating func add(_ id: Hash32?, _ fault: BlockFault) {
    all.append((id, fault))
  }

  /// Whether something was found of one of them.
  var hasJudgement: Bool {
    all.contains { BlockChecks($0.fault.kind)?.verdict == .invalid }
  }

  /// Writes one entry for all of them; nothing when there is none.
  func record(target: String, _ more: [JSONMember] = [], now: Int64) throws(KianaError) {
    guard !all.isEmpty, node.recorder.isOn else { return }
    let judged = all.compactMap { one in
      one.id.flatMap { id in BlockChecks(one.fault.kind).map { (id, $0, one.fault.kind) } }
    }
    var tree = MerkleFrontier()
    for (id, checks, kind) in judged { tree.add(checks.line(of: id, kind), node.crypto) }
    let named = all.prefix(Self.namedMax).map { one in
      JSONValue.object([
        JSONMember("id", one.id.map { .string($0.hex) } ?? .null),
        JSONMember("reason", .string(one.fault.kind.rawValue)),
      ])
    }
    var members = [
      JSONMember("blocks", .integer(Int64(all.count))), JSONMember("first", .array(named)),
    ]
    if !judged.isEmpty {
      members += [
        JSONMember("judged", .integer(Int64(judged.count))),
        JSONMember("root", .string(tree.root(node.crypto).hex)),
        JSONMember("rules", .integer(BlockChecks.rules)),
      ]
    }
    let areHeld = all.allSatisfy { $0.fault.kind.isHeld }
    let entry = try node.recorder.record(
      areHeld ? "block.hold" : "block.reject", target: target, result: .deny,
      verdict: judged.isEmpty ? nil : .invalid, payload: .object(more + members), now: now)
    try write(judged, entry, now: now)
  }

  private func write(
    _ judged: [(Hash32, BlockChecks, BlockFault.Kind)], _ entry: Int64, now: Int64
  ) throws(KianaError) {
    guard !judged.isEmpty else { return }
    let verdicts = VerdictTable(node.database)
    var day = ValidationTable.Day(validator: node.aid, day: Moment.day(now))
    for (place, (id, checks, kind)) in judged.enumerated() {
      try verdicts.insert(
        refusal: id, entry: entry, place: place, checks, reason: kind.rawValue)
      day.count(checks.verdict)
    }
    try ValidationTable(node.database).add(day)
    var kept = try verdicts.refusalCount()
    while kept.count > Self.keptMax, kept.first < entry {
      try verdicts.deleteRefusals(entry: kept.first)
      kept = try verdicts.refusalCount()
    }
  }
}

extension BlockChecks {
  /// A refused block's line in the digest of an entry:
  /// `{"checks":S,"id":HEX64,"reason":S,"verdict":S}`, in JCS.
  func line(of id: Hash32, _ reason: BlockFault.Kind) -> [UInt8] {
    JSONValue.object([
      JSONMember("checks", .string(text)), JSONMember("id", .string(id.hex)),
      JSONMember("reason", .string(reason.rawValue)),
      JSONMember("verdict", .string(verdict.rawValue)),
    ]).canonical()
  }
}
