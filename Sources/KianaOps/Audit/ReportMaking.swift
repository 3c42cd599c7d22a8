internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// Gathers what a report says: from the roll-up and by indexes, so that a month of a million
/// entries costs as much as one of a thousand.
package struct ReportMaking {
  private let node: Node
  private let log: AuditLog
  private let table: ReportTable
  private let checkpoints: CheckpointTable
  private let checkpoint: (Int64) throws(KianaError) -> [UInt8]

  /// - Parameter checkpoint: signs and stores a checkpoint of the current epoch when none covers
  ///   the period: of the size that is given, or a larger one. It gives the signed note.
  package init(
    _ node: Node, checkpoint: @escaping (_ size: Int64) throws(KianaError) -> [UInt8]
  ) {
    self.node = node
    log = AuditLog(node)
    table = ReportTable(node.database)
    checkpoints = CheckpointTable(node.database)
    self.checkpoint = checkpoint
  }

  private static let attemptsMax = 3

  /// - Parameter tool: name and version of the program.
  /// - Throws: what `checkpoint` throws; `damaged` when the checkpoint is not one of this log;
  ///   `stateLocked` when the period grows faster than it is signed.
  package func report(
    _ template: AuditReport.Template, _ period: ReportPeriod, tool: String
  ) throws(KianaError) -> AuditReport {
    for _ in 0..<Self.attemptsMax {
      let tie = try tie(period)
      let report = try node.database.read { () throws(KianaError) -> AuditReport? in
        try gather(template, period, tie, tool)
      }
      if let report { return report }
    }
    throw KianaError(
      code: .stateLocked, what: "cannot make the report",
      why: "the node goes on to judge blocks in this period while it is signed",
      hint: "try again, or choose a period that is over")
  }

  // MARK: the checkpoint

  private struct Tie {
    let epoch: AuditLog.Epoch
    let checkpoint: Checkpoint
    let note: SignedNote
    /// The first place that the checkpoint does not cover.
    var end: Int64 { epoch.first + checkpoint.size }
  }

  /// The smallest checkpoint that covers the last entry of the period; one is signed when there is
  /// none. Of an empty period it is the last entry before it.
  private func tie(_ period: ReportPeriod) throws(KianaError) -> Tie {
    let daily = DailyTable(node.database)
    let last = try daily.rows(from: period.first, to: period.last).map(\.count.last).max()
    let place = if let last { last } else { try table.lastPlace(until: period.last) ?? 0 }
    let current = try log.current()
    let epoch = try log.epoch(of: place) ?? current
    // An epoch that ended is not signed any more; its uncovered end is named in the report.
    if epoch != current,
      let row = try checkpoints.first(epoch: epoch.number, from: place - epoch.first + 1)
    {
      return try tie(epoch, row.note)
    }
    let size = min(max(place - current.first + 1, 1), current.size)
    if let row = try checkpoints.first(epoch: current.number, from: size) {
      return try tie(current, row.note)
    }
    let note = try checkpoint(current.size)
    return try tie(try log.current(), note)
  }

  private func tie(_ epoch: AuditLog.Epoch, _ bytes: [UInt8]) throws(KianaError) -> Tie {
    guard var note = SignedNote(bytes), let checkpoint = Checkpoint(note.text),
      checkpoint.origin == log.origin(epoch.number), checkpoint.size <= epoch.size,
      try checkpoint.root == log.root(epoch, size: checkpoint.size)
    else {
      throw KianaError(
        code: .damaged, what: "the checkpoint for this report is not one of this log",
        hint: "'kiana-audit verify --full' says what was changed")
    }
    let lines = try checkpoints.cosignatures(epoch: epoch.number, size: checkpoint.size)
    for signature in lines.compactMap({ SignedNote.Signature(line: $0.dropLast()) })
    where !note.signatures.contains(signature) { note.signatures.append(signature) }
    return Tie(epoch: epoch, checkpoint: checkpoint, note: note)
  }

  // MARK: figures

  /// - Returns: nil when blocks were judged in the period that the checkpoint does not cover.
  private func gather(
    _ template: AuditReport.Template, _ period: ReportPeriod, _ tie: Tie, _ tool: String
  ) throws(KianaError) -> AuditReport? {
    let daily = try DailyTable(node.database).rows(from: period.first, to: period.last)
    var counts = [AuditReport.Count]()
    for (key, count) in daily {
      let type = try node.events.names.text(key.type)
      if count.last >= tie.end, template.needsJudged,
        AuditEntry.isOwnType(type), key.verdict >= 0 || type.hasPrefix("block.")
      {
        return nil
      }
      guard let cut = try table.cut(key, count, before: tie.end) else { continue }
      counts.append(try self.count(key, type, cut))
    }
    let first = counts.map(\.first).min() ?? 0
    let places = first..<max((counts.map(\.last).max() ?? -1) + 1, first)
    let span = Span(period: period, places: places, end: tie.end)
    return AuditReport(
      tool: tool, node: node.aid, template: template, period: period, counts: counts,
      judged: template.needsJudged ? try judged(period) : [],
      refused: template == .blockValidation ? try refused(span) : [],
      listing: try listing(template, counts, span), notices: try notices(counts, span),
      seal: try seal(tie, places))
  }

  /// What is looked at.
  private struct Span {
    let period: ReportPeriod
    /// From the first entry of the period to its last one.
    let places: Range<Int64>
    /// The first place that the checkpoint does not cover.
    let end: Int64
  }

  private func count(
    _ key: DailyKey, _ type: String, _ count: DailyCount
  ) throws(KianaError) -> AuditReport.Count {
    let verdict = key.verdict < 0 ? nil : AuditEntry.Verdict(number: key.verdict)
    guard let result = AuditEntry.Result(number: key.result), key.verdict < 0 || verdict != nil
    else { throw .damagedRow("daily") }
    return AuditReport.Count(
      day: key.day, type: type, actor: try node.events.names.text(key.actor), result: result,
      verdict: verdict, entries: count.count, first: count.first, last: count.last)
  }

  private func judged(_ period: ReportPeriod) throws(KianaError) -> [AuditReport.Judged] {
    try ValidationTable(node.database).days(from: period.first, to: period.last).map { day in
      AuditReport.Judged(
        validator: day.validator, day: day.day, valid: day.valid, invalid: day.invalid,
        unknown: day.unknown, agreed: day.agreed, disagreed: day.disagreed)
    }
  }

  private func refused(_ span: Span) throws(KianaError) -> [AuditReport.Refused] {
    try table.refusals(places: span.places, times: span.period.times).map {
      AuditReport.Refused(reason: $0.reason, blocks: $0.blocks)
    }
  }

  // MARK: entries one by one

  private func listing(
    _ template: AuditReport.Template, _ counts: [AuditReport.Count], _ span: Span
  ) throws(KianaError) -> AuditReport.Listing {
    switch template {
    case .blockValidation, .validator: return AuditReport.Listing([], total: 0)
    case .access:
      let results: [AuditEntry.Result] = [.fail, .deny, .error]
      var places = [Int64]()
      for result in results {
        places += try table.places(
          result: result, times: span.period.times, in: span.places, limit: AuditReport.rowsMax)
      }
      return try listing(places, counts.filter { $0.result != .ok })
    case .keys:
      let taken = counts.filter { template.takes($0.type, $0.verdict) }
      return try listing(try places(taken, span), taken)
    }
  }

  /// The first places of each type.
  private func places(
    _ counts: [AuditReport.Count], _ span: Span
  ) throws(KianaError) -> [Int64] {
    var places = [Int64]()
    for type in Set(counts.map(\.type)) {
      places += try table.places(
        type: type, times: span.period.times, in: span.places, limit: AuditReport.rowsMax)
    }
    return places
  }

  private func listing(
    _ places: [Int64], _ counts: [AuditReport.Count],
    details: (Int64) throws(KianaError) -> [String] = { _ in [] }
  ) throws(KianaError) -> AuditReport.Listing {
    var events = [AuditReport.Event]()
    for place in places.sorted().prefix(AuditReport.rowsMax) {
      guard let row = try node.events.find(place) else { continue }
      events.append(
        AuditReport.Event(seq: place, entry: row.entry, details: try details(place)))
    }
    return AuditReport.Listing(events, total: counts.reduce(0) { $0 + $1.entries })
  }

  /// Entries of one type, with some members of their payloads.
  private func named(
    _ type: String, _ counts: [AuditReport.Count], _ span: Span,
    _ details: (JSONValue) -> [String] = { _ in [] }
  ) throws(KianaError) -> AuditReport.Listing {
    let taken = counts.filter { $0.type == type }
    return try listing(try places(taken, span), taken) { (place) throws(KianaError) in
      guard let payload = try node.events.payload(place),
        let value = try? JSONValue.parse(payload.bytes, .foreign)
      else { return [] }
      return details(value)
    }
  }

  // MARK: what is not whole

  private func notices(
    _ counts: [AuditReport.Count], _ span: Span
  ) throws(KianaError) -> ReportNotices {
    var notices = ReportNotices()
    notices.logDays = try table.days(before: span.end)
    notices.redactions = try named("audit.redact", counts, span)
    notices.prunes = try named("audit.prune", counts, span)
    notices.clockJumps = try named("audit.clock", counts, span) { payload in
      ["from", "to"].map { payload[$0]?.integer.map(Moment.text) ?? "" }
    }
    notices.forks = try named("audit.fork", counts, span) { payload in
      ["prev_origin", "reason"].map { payload[$0]?.string ?? "" }
    }
    notices.erasedPayloads = try table.erased(
      by: "audit.redact", times: span.period.times, before: span.end)
    let here = try node.meta.integer(.auditFirst)
    let first = span.places.lowerBound
    if here > first, !span.places.isEmpty {
      notices.pruned = first..<min(here, span.places.upperBound)
    }
    let bare = max(first, here)..<max(first, here, min(try prunedTo(), span.places.upperBound))
    if !bare.isEmpty { notices.prunedPayloads = (bare, try table.payloads(bare)) }
    return notices
  }

  /// The place before which payloads were pruned, as the trail says of itself; 0 when none were.
  private func prunedTo() throws(KianaError) -> Int64 {
    var end: Int64 = 0
    for place in try node.events.all(type: "audit.prune") {
      guard let target = try node.events.find(place)?.entry.target, target.hasPrefix("seq:..")
      else { continue }
      end = max(end, Int64(target.dropFirst(6)) ?? 0)
    }
    return end
  }

  // MARK: what was signed

  private func seal(_ tie: Tie, _ places: Range<Int64>) throws(KianaError) -> ReportSeal {
    var ranges = [ReportSeal.Part]()
    for epoch in try log.epochs() {
      let part = places.clamped(to: epoch.first..<epoch.first + epoch.size)
      guard !part.isEmpty else { continue }
      let isTied = epoch.number == tie.epoch.number
      let last = isTied ? nil : try checkpoints.last(epoch: epoch.number)?.size
      ranges += ReportSeal.ranges(
        origin: log.origin(epoch.number), places: part, first: epoch.first,
        signed: isTied ? tie.checkpoint.size : last ?? 0,
        witnessed: try checkpoints.lastCosigned(epoch: epoch.number))
    }
    let cosignatures = try checkpoints.cosignatures(
      epoch: tie.epoch.number, size: tie.checkpoint.size)
    return ReportSeal(
      checkpoint: tie.checkpoint, note: String(decoding: tie.note.bytes, as: UTF8.self),
      cosignatures: cosignatures.count, first: tie.epoch.first,
      isWitnessed: try checkpoints.lastCosigned(epoch: tie.epoch.number) > 0, ranges: ranges)
  }
}

extension AuditReport.Template {
  /// Whether it counts blocks, and not only entries.
  fileprivate var needsJudged: Bool { self == .blockValidation || self == .validator }
}
