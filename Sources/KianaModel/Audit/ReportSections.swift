/// The parts of a report, in the order in which they are read.
///
/// What is the same in every report comes first and last: what it is about, what is not whole,
/// days, types, results and actors; then what the template adds; then what was signed.
extension AuditReport {
  func sections() -> [ReportSection] {
    let taken = taken
    var sections = [about(taken), notices.summary(self)]
    sections += [byDay(taken), byType(taken), byResult(taken), byVerdict(taken), byActor(taken)]
    switch template {
    case .blockValidation: sections += [judgedByDay(), refusals()]
    case .validator: sections += [validators(), validatorsByDay()]
    case .access: sections += [access(taken), ownTypes(taken), denials()]
    case .keys: sections += [keyEvents()]
    }
    return sections + notices.sections(self) + [seal.section()]
  }

  var title: String {
    switch template {
    case .blockValidation: "Validation of blocks"
    case .validator: "Validators"
    case .access: "Access"
    case .keys: "Keys, state and trust"
    }
  }

  /// The places of the period; nil when it has no entry.
  var places: ClosedRange<Int64>? {
    guard let first = counts.map(\.first).min(), let last = counts.map(\.last).max() else {
      return nil
    }
    return first...last
  }

  private static func sum(_ counts: [Count]) -> Int64 {
    counts.reduce(0) { $0 + $1.entries }
  }

  private func about(_ taken: [Count]) -> ReportSection {
    let (begin, end) = (Moment.dayText(period.first), Moment.dayText(period.last))
    var section = ReportSection(key: "report", title: "What this is")
    section.facts = [
      .init(key: "template", title: "Report", cell: .words(template.rawValue)),
      .init(key: "period_first", title: "First day (UTC)", cell: .words(begin)),
      .init(key: "period_last", title: "Last day (UTC)", cell: .words(end)),
      .init(key: "node", title: "Node", cell: .code(node.text)),
      .init(key: "entries", title: "Entries in this report", cell: .number(Self.sum(taken))),
      .init(key: "entries_period", title: "Entries of the period", cell: .number(Self.sum(counts))),
      .init(
        key: "place_first", title: "First place of the period",
        cell: places.map { .place($0.lowerBound) } ?? .none),
      .init(
        key: "place_last", title: "Last place of the period",
        cell: places.map { .place($0.upperBound) } ?? .none),
      .init(key: "tool", title: "Made by", cell: .words(tool)),
    ]
    return section
  }

  // MARK: of every template

  private static let results = AuditEntry.Result.allCases.map(\.rawValue)
  private static let verdicts = AuditEntry.Verdict.allCases.map(\.rawValue)

  private static func numbers(_ names: [String]) -> [ReportSection.Column] {
    names.map { ReportSection.Column(key: $0, title: $0, isNumber: true) }
  }

  private static func entries(_ more: [String]) -> [ReportSection.Column] {
    [.init(key: "entries", title: "entries", isNumber: true)] + numbers(more)
  }

  private static let ends = [
    ReportSection.Column(key: "first", title: "first place", isNumber: true),
    ReportSection.Column(key: "last", title: "last place", isNumber: true),
  ]

  private func byDay(_ taken: [Count]) -> ReportSection {
    let days = ReportTally.group(taken) { [$0.day] }.sorted { $0.key[0] < $1.key[0] }
    var section = ReportSection.table(
      "by_day", "By day", "Entries of each day (UTC) that has any, by result",
      none: "The period has no entry for this report.",
      [.init(key: "day", title: "day", isShort: true)] + Self.entries(Self.results),
      days.map { [.words(Moment.dayText($0.key[0]))] + $0.tally.resultCells })
    // A day is a row, however long the period.
    section.rows = days.map { [.words(Moment.dayText($0.key[0]))] + $0.tally.resultCells }
    section.charts = [
      .of(
        "results", "Entries by result", Self.results, period,
        Dictionary(uniqueKeysWithValues: days.map { ($0.key[0], $0.tally.results) }))
    ]
    return section
  }

  private func byType(_ taken: [Count]) -> ReportSection {
    let types = ReportTally.group(taken) { $0.type }.sorted { $0.key < $1.key }
    return .table(
      "by_type", "By type", "Entries of each type, by result and verdict",
      none: "No entry of the period is of a type that this report is about.",
      [.init(key: "type", title: "type")] + Self.entries(Self.results + Self.verdicts) + Self.ends,
      types.map {
        [.code($0.key)] + $0.tally.resultCells + $0.tally.verdictCells + $0.tally.endCells
      })
  }

  private func byResult(_ taken: [Count]) -> ReportSection {
    let sums = ReportTally.of(taken).results
    return .table(
      "by_result", "By result", "Whether the action worked", none: "",
      [.init(key: "result", title: "result")] + Self.entries([]),
      zip(Self.results, sums).map { [.words($0), .number($1)] })
  }

  private func byVerdict(_ taken: [Count]) -> ReportSection {
    let tally = ReportTally.of(taken)
    let judged = tally.verdicts.reduce(0, +)
    return .table(
      "by_verdict", "By verdict", "What was found, where the action was a judgement", none: "",
      [.init(key: "verdict", title: "verdict")] + Self.entries([]),
      zip(Self.verdicts + ["none"], tally.verdicts + [tally.entries - judged]).map {
        [.words($0), .number($1)]
      })
  }

  private func byActor(_ taken: [Count]) -> ReportSection {
    let actors = ReportTally.group(taken) { $0.actor }.sorted {
      ($1.tally.entries, $0.key) < ($0.tally.entries, $1.key)
    }
    return .table(
      "by_actor", "By actor", "Who did it, the busiest first",
      none: "Nobody did anything that this report is about.",
      [.init(key: "actor", title: "actor")] + Self.entries(Self.results) + Self.ends,
      actors.map { [.actor($0.key, node)] + $0.tally.resultCells + $0.tally.endCells })
  }

  // MARK: block-validation

  private func judgedByDay() -> ReportSection {
    let own = judged.filter { $0.validator == node }.sorted { $0.day < $1.day }
    var section = ReportSection.table(
      "judged_by_day", "Blocks judged by this node",
      "Blocks, not entries: one entry may be about a thousand", none: "It judged no block.",
      [.init(key: "day", title: "day", isShort: true)] + Self.numbers(Self.verdicts),
      own.map {
        [.words(Moment.dayText($0.day)), .number($0.valid), .number($0.invalid)]
          + [.number($0.unknown)]
      })
    section.charts = [Self.chart(own, period)]
    return section
  }

  private static func chart(_ judged: [Judged], _ period: ReportPeriod) -> ReportChart {
    var values = [Int64: [Int64]]()
    for one in judged {
      let old = values[one.day] ?? [0, 0, 0]
      values[one.day] = [old[0] + one.valid, old[1] + one.invalid, old[2] + one.unknown]
    }
    return .of("verdicts", "Blocks judged, by verdict", verdicts, period, values)
  }

  private func refusals() -> ReportSection {
    let kinds = refused.sorted { ($1.blocks, $0.reason) < ($0.blocks, $1.reason) }
    return .table(
      "refusals", "Why blocks were refused",
      "Of the refusals that are still kept; the oldest go when there are too many",
      none: "No reason of a refusal of the period is kept.",
      [
        .init(key: "reason", title: "reason"), .init(key: "words", title: "meaning"),
        .init(key: "blocks", title: "blocks", isNumber: true),
      ],
      kinds.map { one in
        let words = BlockFault.Kind(rawValue: one.reason)?.words ?? ""
        return [.code(one.reason), .words(words), .number(one.blocks)]
      })
  }

  // MARK: validator

  private static let judgedColumns =
    numbers(verdicts) + [
      .init(key: "agreed", title: "agreed", isNumber: true),
      .init(key: "disagreed", title: "disagreed", isNumber: true),
      .init(key: "agreement_per_mille", title: "agreement", isNumber: true),
    ]

  private func validators() -> ReportSection {
    var sums = [AID: Judged]()
    for one in judged {
      sums[one.validator, default: one.nothing] += one
    }
    let rows = sums.values.sorted { $0.validator.text < $1.validator.text }
    var section = ReportSection.table(
      "validators", "Validators",
      "Verdicts on blocks; agreement is of those that this node judged too",
      none: "Nobody judged a block in the period.",
      [
        .init(key: "validator", title: "validator"), .init(key: "own", title: "who"),
      ] + Self.judgedColumns,
      rows.map {
        [.code($0.validator.text), .words($0.validator == node ? "this node" : "another node")]
          + $0.cells
      })
    section.charts = [Self.chart(judged, period)]
    return section
  }

  private func validatorsByDay() -> ReportSection {
    let days = judged.sorted { ($0.day, $0.validator.text) < ($1.day, $1.validator.text) }
    return .table(
      "validators_by_day", "Validators by day", "The same for each day (UTC)",
      none: "Nobody judged a block in the period.",
      [
        .init(key: "day", title: "day", isShort: true), .init(key: "validator", title: "validator"),
      ] + Self.judgedColumns,
      days.map { [.words(Moment.dayText($0.day)), .actor($0.validator.text, node)] + $0.cells })
  }

  // MARK: access

  private func access(_ taken: [Count]) -> ReportSection {
    let pairs = ReportTally.group(taken) { [$0.actor, $0.type] }.sorted {
      $0.key.lexicographicallyPrecedes($1.key)
    }
    return .table(
      "access", "Who did what", "Each actor with each type", none: "Nobody did anything.",
      [.init(key: "actor", title: "actor"), .init(key: "type", title: "type")]
        + Self.entries(Self.results) + Self.ends,
      pairs.map {
        [.actor($0.key[0], node), .code($0.key[1])] + $0.tally.resultCells + $0.tally.endCells
      })
  }

  private func ownTypes(_ taken: [Count]) -> ReportSection {
    let own = taken.filter { !AuditEntry.isOwnType($0.type) }
    let types = ReportTally.group(own) { $0.type }.sorted { $0.key < $1.key }
    return .table(
      "operator_types", "Types of the operator's own scripts",
      "Entries that came by 'kiana-audit append'",
      none: "No entry of the period came from the operator's own scripts.",
      [.init(key: "type", title: "type")] + Self.entries(Self.results) + Self.ends,
      types.map { [.code($0.key)] + $0.tally.resultCells + $0.tally.endCells })
  }

  private func denials() -> ReportSection {
    .events(
      "denials", "What did not go through", "Each entry with result deny, fail or error",
      none: "Everything went through.", listing, node)
  }

  // MARK: keys

  private func keyEvents() -> ReportSection {
    .events(
      "events", "Each event", "Entries about keys, state, trust, signatures and freshness",
      none: "Nothing happened to keys, state or trust.", listing, node)
  }
}

extension AuditReport.Judged {
  fileprivate var nothing: Self {
    Self(
      validator: validator, day: day, valid: 0, invalid: 0, unknown: 0, agreed: 0, disagreed: 0)
  }

  /// How often this node agreed, in thousandths of what both judged, rounded down; nil when that
  /// is nothing.
  package var agreement: Int64? {
    let both = agreed + disagreed
    return both == 0 ? nil : agreed * 1000 / both
  }

  fileprivate var cells: [ReportSection.Cell] {
    [valid, invalid, unknown, agreed, disagreed].map { .number($0) } + [.permille(agreement)]
  }
}

extension ReportSection.Cell {
  static func actor(_ name: String, _ node: AID) -> Self {
    name == node.text ? .own(node) : .code(name)
  }
}

extension ReportSection {
  /// A table of entries, one by one.
  static func events(
    _ key: String, _ title: String, _ caption: String, none: String,
    _ listing: AuditReport.Listing, _ node: AID
  ) -> ReportSection {
    .table(
      key, title, caption, none: none,
      [
        .init(key: "place", title: "place", isNumber: true),
        .init(key: "time", title: "time", isShort: true),
        .init(key: "type", title: "type", isShort: true), .init(key: "actor", title: "actor"),
        .init(key: "target", title: "target"), .init(key: "result", title: "result"),
      ],
      listing.events.map { event in
        [
          .place(event.seq), .time(event.entry.time), .code(event.entry.type),
          .actor(event.entry.actor, node), .code(event.entry.target),
          .words(event.entry.result.rawValue),
        ]
      }, total: listing.total)
  }
}

/// Sums of counts.
struct ReportTally {
  var entries: Int64 = 0
  /// In the order of `AuditEntry.Result`.
  var results = [Int64](repeating: 0, count: AuditEntry.Result.allCases.count)
  /// In the order of `AuditEntry.Verdict`.
  var verdicts = [Int64](repeating: 0, count: AuditEntry.Verdict.allCases.count)
  var first = Int64.max
  var last = Int64.min

  mutating func add(_ count: AuditReport.Count) {
    entries += count.entries
    if let place = AuditEntry.Result.allCases.firstIndex(of: count.result) {
      results[place] += count.entries
    }
    if let verdict = count.verdict,
      let place = AuditEntry.Verdict.allCases.firstIndex(of: verdict)
    {
      verdicts[place] += count.entries
    }
    first = min(first, count.first)
    last = max(last, count.last)
  }

  static func of(_ counts: [AuditReport.Count]) -> ReportTally {
    counts.reduce(into: ReportTally()) { $0.add($1) }
  }

  /// In no order: the caller sorts.
  static func group<Key: Hashable>(
    _ counts: [AuditReport.Count], _ key: (AuditReport.Count) -> Key
  ) -> [(key: Key, tally: ReportTally)] {
    var tallies = [Key: ReportTally]()
    for count in counts { tallies[key(count), default: ReportTally()].add(count) }
    return tallies.map { (key: $0.key, tally: $0.value) }
  }

  var resultCells: [ReportSection.Cell] { ([entries] + results).map { .number($0) } }
  var verdictCells: [ReportSection.Cell] { verdicts.map { .number($0) } }
  var endCells: [ReportSection.Cell] { [.place(first), .place(last)] }
}
