/// What a report over the audit trail says, before it becomes a page or a table.
///
/// Rules of a report:
/// - the same log, checkpoint and period give the same bytes: no clock, no order of a dictionary;
/// - figures are those of the entries that the checkpoint at its end covers;
/// - what is not whole is named in every report: gaps, what was pruned or erased, clock jumps,
///   forks, and which places nobody signed or witnessed.
package struct AuditReport: Sendable {
  /// Which entries a report is about.
  package enum Template: String, Sendable, CaseIterable {
    /// What was found of blocks and feeds.
    case blockValidation = "block-validation"
    /// Who judged how many blocks, and agreed with this node.
    case validator
    /// Which actors did what, and what was denied.
    case access
    /// What happened to keys, to the state and to trust.
    case keys

    /// What the first words of types have to be; nil for all types.
    var realms: Set<String>? {
      switch self {
      case .blockValidation: ["block", "feed"]
      case .keys: ["key", "state", "trust", "fresh"]
      case .validator, .access: nil
      }
    }

    /// Whether an entry belongs into the report.
    package func takes(_ type: String, _ verdict: AuditEntry.Verdict?) -> Bool {
      switch self {
      // What scripts say they judged is no block.
      case .validator: return verdict != nil && AuditEntry.isOwnType(type)
      case .keys where type == "file.sign": return true
      default: break
      }
      return realms?.contains(String(type.prefix { $0 != "." })) ?? true
    }
  }

  /// How many entries of a kind a day had under the checkpoint.
  package struct Count: Equatable, Sendable {
    /// Days since 1970-01-01 UTC.
    package let day: Int64
    package let type: String
    package let actor: String
    package let result: AuditEntry.Result
    package let verdict: AuditEntry.Verdict?
    package let entries: Int64
    /// Places.
    package let first: Int64
    package let last: Int64

    package init(
      day: Int64, type: String, actor: String, result: AuditEntry.Result,
      verdict: AuditEntry.Verdict?, entries: Int64, first: Int64, last: Int64
    ) {
      self.day = day
      self.type = type
      self.actor = actor
      self.result = result
      self.verdict = verdict
      self.entries = entries
      self.first = first
      self.last = last
    }
  }

  /// What a validator said of blocks on a day.
  package struct Judged: Equatable, Sendable {
    package let validator: AID
    /// Days since 1970-01-01 UTC.
    package let day: Int64
    package var valid: Int64
    package var invalid: Int64
    package var unknown: Int64
    /// Of those on which this node had a verdict too.
    package var agreed: Int64
    package var disagreed: Int64

    package init(
      validator: AID, day: Int64, valid: Int64, invalid: Int64, unknown: Int64, agreed: Int64,
      disagreed: Int64
    ) {
      self.validator = validator
      self.day = day
      self.valid = valid
      self.invalid = invalid
      self.unknown = unknown
      self.agreed = agreed
      self.disagreed = disagreed
    }

    package static func += (left: inout Judged, right: Judged) {
      left.valid += right.valid
      left.invalid += right.invalid
      left.unknown += right.unknown
      left.agreed += right.agreed
      left.disagreed += right.disagreed
    }
  }

  /// An entry that is listed.
  package struct Event: Equatable, Sendable {
    package let seq: Int64
    package let entry: AuditEntry
    /// What its payload says, in words; empty when it is erased or says nothing here.
    package let details: [String]

    package init(seq: Int64, entry: AuditEntry, details: [String] = []) {
      self.seq = seq
      self.entry = entry
      self.details = details
    }
  }

  /// Entries of a kind, the first ones of them.
  package struct Listing: Sendable {
    package let events: [Event]
    /// How many there are.
    package let total: Int64

    package init(_ events: [Event], total: Int64) {
      self.events = events
      self.total = total
    }
  }

  /// Blocks that were refused for a reason.
  package struct Refused: Equatable, Sendable {
    package let reason: String
    package let blocks: Int64

    package init(reason: String, blocks: Int64) {
      self.reason = reason
      self.blocks = blocks
    }
  }

  /// Rows of a table at most, so that a page stays one that people read.
  package static let rowsMax = 1000

  /// The program and its version.
  package let tool: String
  package let node: AID
  package let template: Template
  package let period: ReportPeriod
  /// Of the whole period, whatever the template takes.
  package let counts: [Count]
  package let judged: [Judged]
  package let refused: [Refused]
  /// Entries that the template lists one by one.
  package let listing: Listing
  package let notices: ReportNotices
  package let seal: ReportSeal

  package init(
    tool: String, node: AID, template: Template, period: ReportPeriod, counts: [Count],
    judged: [Judged], refused: [Refused], listing: Listing, notices: ReportNotices,
    seal: ReportSeal
  ) {
    self.tool = tool
    self.node = node
    self.template = template
    self.period = period
    self.counts = counts
    self.judged = judged
    self.refused = refused
    self.listing = listing
    self.notices = notices
    self.seal = seal
  }

  /// The counts that the template takes.
  var taken: [Count] { counts.filter { template.takes($0.type, $0.verdict) } }
}

/// What a report names in every case, since it would be whole without it.
package struct ReportNotices: Sendable {
  /// The first and the last day on which the log has an entry under the checkpoint; nil when it
  /// has none at all.
  package var logDays: ClosedRange<Int64>?
  /// Places of the period whose entries were pruned; nil when all are here.
  package var pruned: Range<Int64>?
  /// How many payloads of entries of the period that are here were erased one by one.
  package var erasedPayloads: Int64 = 0
  /// Places of the period before which payloads were pruned, and how many are still here among
  /// them; nil when none were.
  package var prunedPayloads: (places: Range<Int64>, kept: Int64)?
  package var redactions = AuditReport.Listing([], total: 0)
  package var prunes = AuditReport.Listing([], total: 0)
  package var clockJumps = AuditReport.Listing([], total: 0)
  package var forks = AuditReport.Listing([], total: 0)

  package init() {}
}

/// How the entries of a report are tied to what was signed.
package struct ReportSeal: Sendable {
  /// What vouches for a range of places.
  package enum State: String, Sendable {
    case witnessed = "signed and witnessed"
    case signed = "signed, not witnessed"
    case open = "not signed"
  }

  /// Places of one epoch of the log.
  package struct Part: Equatable, Sendable {
    package let origin: String
    package let places: Range<Int64>
    package let state: State

    package init(origin: String, places: Range<Int64>, state: State) {
      self.origin = origin
      self.places = places
      self.state = state
    }
  }

  package let checkpoint: Checkpoint
  /// The signed note with the cosignatures that are here.
  package let note: String
  package let cosignatures: Int
  /// The place of the first entry of the checkpoint's epoch.
  package let first: Int64
  /// Whether the log of the checkpoint has a cosignature of any size.
  package let isWitnessed: Bool
  /// The places of the period, in order.
  package let ranges: [Part]

  package init(
    checkpoint: Checkpoint, note: String, cosignatures: Int, first: Int64, isWitnessed: Bool,
    ranges: [Part]
  ) {
    self.checkpoint = checkpoint
    self.note = note
    self.cosignatures = cosignatures
    self.first = first
    self.isWitnessed = isWitnessed
    self.ranges = ranges
  }

  /// Cuts the places of one epoch where signatures and cosignatures end.
  ///
  /// - Parameters:
  ///   - places: of the period in this epoch.
  ///   - first: where the epoch begins.
  ///   - signed: the size of the checkpoint that counts; 0 for none.
  ///   - witnessed: the size of the largest cosigned checkpoint; 0 for none.
  package static func ranges(
    origin: String, places: Range<Int64>, first: Int64, signed: Int64, witnessed: Int64
  ) -> [Part] {
    // What is witnessed of a later size is witnessed here too.
    let ends = [
      (first + min(witnessed, signed), State.witnessed), (first + signed, .signed),
      (places.upperBound, .open),
    ]
    var ranges = [Part]()
    var start = places.lowerBound
    for (end, state) in ends {
      let end = min(end, places.upperBound)
      guard end > start else { continue }
      ranges.append(Part(origin: origin, places: start..<end, state: state))
      start = end
    }
    return ranges
  }
}
