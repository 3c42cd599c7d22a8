/// When the keys of a node are replaced: staged a day before their time, promoted when others know
/// the new one, retired after a while of grace, their secrets destroyed (DESIGN section 5).
///
/// It plans by the log and a clock; whoever carries the steps out writes them into the log, so that
/// planning again finds nothing to do.
package struct KeySchedule: Sendable {
  package enum Step: Equatable, Sendable {
    /// A new key is published, which takes over later.
    case stage(KeyUse, notBefore: Int64)
    /// The older key signs nothing new any more; the staged one does.
    case promote(KeyUse, from: KeyText, to: KeyText)
    /// A new key takes over at once: there is none that could go on.
    case replace(KeyUse)
    /// The days of grace are over.
    case retire(KeyUse, KeyText)
    /// The secret of a key that is gone is destroyed.
    case destroy(KeyUse, KeyText)
  }

  package struct Policy: Equatable, Sendable {
    /// Days after which `block`, `log` and `peer` keys are replaced; the others have a year.
    package var rotateDays = 30
    /// Days for which a replaced key still verifies as one in use.
    package var graceDays = 7

    package init() {}

    /// Nil for a use whose key is never replaced.
    package func days(_ use: KeyUse) -> Int? {
      use.rotationDays == 30 ? rotateDays : use.rotationDays
    }
  }

  /// What is known beside the log.
  package struct Circumstances {
    /// Milliseconds since 1970.
    package let now: Int64
    /// When the event at a place of the log was written.
    package let time: (Int64) -> Int64
    /// Whether most of the nodes that this one meets know the newest event of the log.
    package let isSeenByMost: Bool
    /// The keys whose secrets are here.
    package let secrets: Set<KeyText>

    package init(
      now: Int64, time: @escaping (Int64) -> Int64, isSeenByMost: Bool, secrets: Set<KeyText>
    ) {
      self.now = now
      self.time = time
      self.isSeenByMost = isSeenByMost
      self.secrets = secrets
    }
  }

  private static let day: Int64 = 86_400_000
  /// A staged key takes over this long after its time even when others do not know it.
  private static let patience = day
  /// A key counts as overdue when it goes on for so long after its time.
  private static let overdueAfter = 2 * day

  private let log: KeyLog
  private let policy: Policy

  package init(_ log: KeyLog, _ policy: Policy) {
    self.log = log
    self.policy = policy
  }

  /// What is due now, in the order in which it has to be done.
  package func steps(_ known: Circumstances) -> [Step] {
    KeyUse.allCases.flatMap { replacements($0, known) } + endings(known)
  }

  private func replacements(_ use: KeyUse, _ known: Circumstances) -> [Step] {
    guard let days = policy.days(use) else { return [] }
    let active = log.keys.filter { $0.use == use && $0.state == .active }
    guard let current = active.first else { return [.replace(use)] }
    guard let staged = active.dropFirst().last else {
      let due = current.notBefore + Int64(days - 1) * Self.day
      guard known.now >= due else { return [] }
      return [.stage(use, notBefore: max(known.now, due) + Self.day)]
    }
    let wait = known.isSeenByMost ? 0 : Self.patience
    guard known.now >= staged.notBefore + wait else { return [] }
    return active.dropLast().map { .promote(use, from: $0.key, to: staged.key) }
  }

  private func endings(_ known: Circumstances) -> [Step] {
    log.keys.compactMap { record in
      switch record.state {
      case .active: return nil
      case .grace:
        let end = known.time(record.changedAt) + Int64(policy.graceDays) * Self.day
        return known.now >= end ? .retire(record.use, record.key) : nil
      case .retired, .revoked:
        // What was sealed to an old key must still be opened.
        let isWanted = record.use != .enc && known.secrets.contains(record.key)
        return isWanted ? .destroy(record.use, record.key) : nil
      }
    }
  }

  /// Keys that go on although they should have been replaced.
  package func overdue(now: Int64) -> [KeyRecord] {
    KeyUse.allCases.compactMap { use in
      guard let days = policy.days(use),
        let current = log.keys.first(where: { $0.use == use && $0.state == .active }),
        now >= current.notBefore + Int64(days) * Self.day + Self.overdueAfter
      else { return nil }
      return current
    }
  }
}
