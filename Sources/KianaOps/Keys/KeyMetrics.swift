package import KianaModel
internal import KianaStore

/// The keys' figures as Prometheus reads them: for its textfile collector, and for the daemon.
package struct KeyMetrics {
  private let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  /// Lines of the text format 0.0.4, each metric with its help and type.
  package func lines() throws(KianaError) -> [String] {
    guard let log = try node.keyLog(of: node.aid) else { return [] }
    let now = node.now()
    let active = KeyUse.allCases.compactMap { use in
      log.signingKey(use).flatMap { log.record(of: $0) }
        ?? log.keys.last { $0.use == use && $0.state == .active }
    }
    let overdue = Set(KeySchedule(log, node.settings.keys).overdue(now: now).map(\.use))
    let silent = try Freshness(node).counts()
    var lines = [
      "# HELP kiana_key_age_seconds Since when the active key of a use is in force.",
      "# TYPE kiana_key_age_seconds gauge",
    ]
    lines += active.map {
      "kiana_key_age_seconds{use=\"\($0.use.rawValue)\"} \(max(0, now - $0.notBefore) / 1000)"
    }
    lines += [
      "# HELP kiana_key_overdue Whether the active key of a use should have been replaced.",
      "# TYPE kiana_key_overdue gauge",
    ]
    lines += active.map {
      "kiana_key_overdue{use=\"\($0.use.rawValue)\"} \(overdue.contains($0.use) ? 1 : 0)"
    }
    return lines + [
      "# HELP kiana_key_last_tick_seconds When kiana-keys tick ran last, since 1970.",
      "# TYPE kiana_key_last_tick_seconds gauge",
      "kiana_key_last_tick_seconds \(try node.meta.integer(.lastTick) / 1000)",
      "# HELP kiana_silent_authors Authors of whose keys nothing was heard for 7 days.",
      "# TYPE kiana_silent_authors gauge",
      "kiana_silent_authors \(silent.old)",
      "# HELP kiana_stale_authors Those of them of whom nothing was heard for 30 days.",
      "# TYPE kiana_stale_authors gauge",
      "kiana_stale_authors \(silent.stale)",
    ]
  }
}
