/// What the operator can set in `kiana.conf`; every value has a default (`kiana.conf(5)`).
package struct Settings: Equatable, Sendable {
  /// The longest content of a block, in bytes.
  package var contentBytesMax = 1 << 20
  /// What the blocks of one author may take in this store, in bytes.
  package var authorBytesMax: Int64 = 4 << 30
  /// Feeds of one author.
  package var authorFeedsMax = BlockLimits.feedsOfAuthorMax
  /// Blocks from the future that wait here.
  package var heldBlocksMax: Int64 = 10_000
  /// What a peer may bring a day by `serve`: bytes of blocks, new feeds, new key events.
  package var peerDayBytesMax: Int64 = 16 << 30
  package var peerDayFeedsMax: Int64 = 100_000
  package var peerDayKeyEventsMax: Int64 = 1_000_000
  /// How long a session waits for the other side to come nearer to its end.
  package var silenceSeconds = 60
  /// Days between a redaction and the deletion of the content.
  package var redactAfterDays = 7

  /// When the keys of this node are replaced.
  package var keys = KeySchedule.Policy()

  package init() {}

  package var redactAfterMilliseconds: Int64 { Int64(redactAfterDays) * 86_400_000 }

  /// One setting: where it stands, what it may be, how it is applied.
  private struct Rule: Sendable {
    let section: String
    let key: String
    let range: ClosedRange<Int64>
    let apply: @Sendable (inout Settings, Int64) -> Void
  }

  private static let rules = [
    Rule(section: "limits", key: "content_bytes_max", range: 1...(16 << 20)) {
      $0.contentBytesMax = Int($1)
    },
    Rule(section: "limits", key: "author_bytes_max", range: 0...(1 << 50)) {
      $0.authorBytesMax = $1
    },
    Rule(section: "limits", key: "author_feeds_max", range: 1...32) { $0.authorFeedsMax = Int($1) },
    Rule(section: "limits", key: "held_blocks_max", range: 0...1_000_000) { $0.heldBlocksMax = $1 },
    Rule(section: "limits", key: "peer_day_bytes_max", range: 0...(1 << 50)) {
      $0.peerDayBytesMax = $1
    },
    Rule(section: "limits", key: "peer_day_feeds_max", range: 0...(1 << 40)) {
      $0.peerDayFeedsMax = $1
    },
    Rule(section: "limits", key: "peer_day_key_events_max", range: 0...(1 << 40)) {
      $0.peerDayKeyEventsMax = $1
    },
    Rule(section: "sync", key: "silence_seconds", range: 1...3600) {
      $0.silenceSeconds = Int($1)
    },
    Rule(section: "keys", key: "rotate_days", range: 2...3650) {
      $0.keys.rotateDays = Int($1)
    },
    Rule(section: "keys", key: "grace_days", range: 1...365) {
      $0.keys.graceDays = Int($1)
    },
    Rule(section: "redact", key: "delete_after_days", range: 0...3650) {
      $0.redactAfterDays = Int($1)
    },
  ]

  /// The sections and keys that exist, for the manual's test.
  package static var names: [(section: String, key: String)] {
    rules.map { ($0.section, $0.key) }
  }

  /// - Throws: `usage` with file, line and what was probably meant.
  package static func parse(_ file: ConfigFile) throws(KianaError) -> Settings {
    var settings = Settings()
    var seen = Set<String>()
    for entry in file.entries {
      guard let rule = rules.first(where: { $0.section == entry.section && $0.key == entry.key })
      else { throw unknown(entry, file.path) }
      guard entry.name == nil else {
        throw ConfigFile.fault(file.path, entry.line, "section '\(entry.section)' takes no label")
      }
      guard seen.insert("\(entry.section).\(entry.key)").inserted else {
        throw ConfigFile.fault(file.path, entry.line, "'\(entry.key)' stands twice")
      }
      guard let number = number(entry.value), rule.range.contains(number) else {
        throw ConfigFile.fault(
          file.path, entry.line,
          "'\(entry.value)' is no value for '\(entry.key)'; it is a number from "
            + "\(rule.range.lowerBound) to \(rule.range.upperBound)")
      }
      rule.apply(&settings, number)
    }
    return settings
  }

  /// A whole number, with `K`, `M` or `G` for powers of 1024.
  private static func number(_ text: String) -> Int64? {
    let scales: [Character: Int64] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    guard let last = text.last, let scale = scales[last] else { return Int64(text) }
    guard let value = Int64(text.dropLast()) else { return nil }
    let (product, overflow) = value.multipliedReportingOverflow(by: scale)
    return overflow ? nil : product
  }

  private static func unknown(_ entry: ConfigFile.Entry, _ path: String) -> KianaError {
    let keys = rules.filter { $0.section == entry.section }.map(\.key)
    if keys.isEmpty {
      let name =
        entry.section.isEmpty ? "a setting outside a section" : "section '\(entry.section)'"
      let known = Array(Set(rules.map(\.section))).sorted()
      let meant = Nearest.to(entry.section, among: known)
      return ConfigFile.fault(
        path, entry.line,
        "\(name) is not known"
          + (meant.map { "; did you mean '\($0)'?" } ?? "; there are "
            + known.map { "'\($0)'" }.joined(separator: ", ")))
    }
    let meant = Nearest.to(entry.key, among: keys)
    return ConfigFile.fault(
      path, entry.line,
      "'\(entry.key)' is no setting of [\(entry.section)]"
        + (meant.map { "; did you mean '\($0)'?" } ?? ""))
  }
}
