/// What is not whole, in words and tables: the same in every report.
extension ReportNotices {
  /// Days of the period without an entry, as ranges, and why there is none.
  func gaps(_ report: AuditReport) -> [(days: ClosedRange<Int64>, why: String)] {
    let used = Set(report.counts.map(\.day))
    var gaps = [(days: ClosedRange<Int64>, why: String)]()
    for day in report.period.days where !used.contains(day) {
      let why = why(day)
      if let last = gaps.last, last.days.upperBound == day - 1, last.why == why {
        gaps[gaps.count - 1].days = last.days.lowerBound...day
      } else {
        gaps.append((day...day, why))
      }
    }
    return gaps
  }

  private func why(_ day: Int64) -> String {
    guard let logDays else { return "the log is empty" }
    if day < logDays.lowerBound { return "before the log begins" }
    return day > logDays.upperBound ? "after the last entry under the checkpoint" : "no entry"
  }

  /// One line for each thing that is named, whether there is any or not.
  func summary(_ report: AuditReport) -> ReportSection {
    let gapDays = gaps(report).reduce(Int64(0)) { $0 + $1.days.upperBound - $1.days.lowerBound + 1 }
    var section = ReportSection(key: "named", title: "Gaps, erasures and signatures")
    func add(_ key: String, _ title: String, _ cell: ReportSection.Cell) {
      let isMarked = ![.number(0), .words("none"), .flag(true, "yes")].contains(cell)
      section.facts.append(.init(key: key, title: title, cell: cell, isMarked: isMarked))
    }
    add("gap_days", "Days without an entry", .number(gapDays))
    let isClosed = (logDays?.upperBound ?? .min) > report.period.last
    add(
      "period_closed", "An entry after the period is under the checkpoint",
      .flag(isClosed, isClosed ? "yes" : "no: entries of the period may still come"))
    add("pruned_places", "Places that were pruned", words(pruned))
    add("erased_payloads", "Payloads erased one by one", .number(erasedPayloads))
    add("pruned_payloads", "Places whose payloads were pruned", words(prunedPayloads?.places))
    add("kept_payloads", "Payloads kept among them", .number(prunedPayloads?.kept ?? 0))
    add("redactions", "Redactions in the period", .number(redactions.total))
    add("prunes", "Prunes in the period", .number(prunes.total))
    add("clock_jumps", "Times the clock was set back", .number(clockJumps.total))
    add("forks", "Times the log began anew", .number(forks.total))
    add("unsigned", "Places of the period that are not signed", .words(report.seal.unsigned))
    add("unwitnessed", "Places of the period without a witness", .words(report.seal.unwitnessed))
    return section
  }

  private func words(_ places: Range<Int64>?) -> ReportSection.Cell {
    .words(places.map(ReportWords.places) ?? "none")
  }

  /// The tables behind the lines.
  func sections(_ report: AuditReport) -> [ReportSection] {
    let gaps = gaps(report)
    return [
      .table(
        "gaps", "Days without an entry", "Ranges of days (UTC)",
        none: "Every day of the period has an entry.",
        [
          .init(key: "from", title: "from"), .init(key: "to", title: "to"),
          .init(key: "days", title: "days", isNumber: true), .init(key: "why", title: "why"),
        ],
        gaps.map { gap in
          [
            .words(Moment.dayText(gap.days.lowerBound)),
            .words(Moment.dayText(gap.days.upperBound)),
            .number(gap.days.upperBound - gap.days.lowerBound + 1), .words(gap.why),
          ]
        }),
      missing(),
      .named(
        "redactions", "Redactions", "Payloads that were erased on purpose",
        none: "Nothing was redacted in the period.", [], redactions, report.node),
      .named(
        "prunes", "Prunes", "Old entries or payloads that were taken out",
        none: "Nothing was pruned in the period.", [], prunes, report.node),
      .named(
        "clock_jumps", "Clock jumps", "The clock was set back by more than a minute",
        none: "The clock was not set back in the period.",
        [.init(key: "from", title: "from"), .init(key: "to", title: "to")], clockJumps,
        report.node),
      .named(
        "forks", "Forks and new epochs", "The log began anew after a restore",
        none: "The log did not begin anew in the period.",
        [.init(key: "before", title: "log before"), .init(key: "reason", title: "reason")], forks,
        report.node),
    ]
  }

  private func missing() -> ReportSection {
    var rows = [[ReportSection.Cell]]()
    if let pruned {
      rows.append([
        .place(pruned.lowerBound), .place(pruned.upperBound - 1),
        .words("entries; their hashes are here"),
      ])
    }
    if let prunedPayloads {
      rows.append([
        .place(prunedPayloads.places.lowerBound), .place(prunedPayloads.places.upperBound - 1),
        .words("payloads, but for \(ReportWords.grouped(prunedPayloads.kept)) that were kept"),
      ])
    }
    return .table(
      "missing", "Places that are not here", "Ranges of places",
      none: "Nothing of the period was pruned.",
      [
        .init(key: "first", title: "first place", isNumber: true),
        .init(key: "last", title: "last place", isNumber: true),
        .init(key: "what", title: "what"),
      ], rows)
  }
}

extension ReportSection {
  /// Entries that a report names, with what their payloads say.
  fileprivate static func named(
    _ key: String, _ title: String, _ caption: String, none: String, _ details: [Column],
    _ listing: AuditReport.Listing, _ node: AID
  ) -> ReportSection {
    .table(
      key, title, caption, none: none,
      [
        .init(key: "place", title: "place", isNumber: true),
        .init(key: "time", title: "time", isShort: true),
        .init(key: "actor", title: "actor"), .init(key: "target", title: "target"),
      ] + details,
      listing.events.map { event in
        let more = details.indices.map { index in
          event.details.indices.contains(index) ? Cell.code(event.details[index]) : .none
        }
        return [
          .place(event.seq), .time(event.entry.time), .actor(event.entry.actor, node),
          .code(event.entry.target),
        ] + more
      }, total: listing.total)
  }
}

extension ReportSeal {
  private func text(_ parts: [Part]) -> String {
    parts.map { ReportWords.places($0.places) }.joined(separator: ", ")
  }

  /// Places of the period that no checkpoint covers: a range, never a mere "ok".
  var unsigned: String {
    let open = ranges.filter { $0.state == .open }
    return open.isEmpty ? "none" : text(open)
  }

  /// Places of the period that no witness saw.
  var unwitnessed: String {
    let open = ranges.filter { $0.state != .witnessed }
    let places = open.isEmpty ? "none" : text(open)
    return isWitnessed ? places : "nobody has witnessed this log: \(places)"
  }

  func section() -> ReportSection {
    let end = first + checkpoint.size
    var section = ReportSection.table(
      "ranges", "What was signed and witnessed",
      "The places of the period, by what vouches for them",
      none: "The period has no entry to be signed.",
      [
        .init(key: "first", title: "first place", isNumber: true),
        .init(key: "last", title: "last place", isNumber: true),
        .init(key: "state", title: "state"), .init(key: "log", title: "log"),
      ],
      ranges.map { part in
        [
          .place(part.places.lowerBound), .place(part.places.upperBound - 1),
          .words(part.state.rawValue), .code(part.origin),
        ]
      })
    section.facts = [
      .init(key: "origin", title: "Log", cell: .code(checkpoint.origin)),
      .init(key: "size", title: "Entries under the checkpoint", cell: .number(checkpoint.size)),
      .init(
        key: "covers", title: "Places under the checkpoint",
        cell: .words(end > first ? ReportWords.places(first..<end) : "none")),
      .init(key: "root", title: "Root", cell: .code(Hex.encode(checkpoint.rootBytes))),
      .init(key: "cosignatures", title: "Cosignatures on it", cell: .number(Int64(cosignatures))),
    ]
    return section
  }
}
