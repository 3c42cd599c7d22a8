/// One key and what became of it.
package struct KeyRecord: Equatable, Sendable {
  package enum State: Equatable, Sendable {
    /// In use. A key whose `notBefore` lies ahead is staged: its owner does not sign with it yet,
    /// and a signature by it is good all the same, since no clock decides.
    case active
    /// Verifies, signs nothing new.
    case grace
    /// Gone; vouched for up to these blocks.
    case retired([FeedPosition])
    case revoked(RevocationReason, [FeedPosition])
  }

  package let key: KeyText
  package let use: KeyUse
  package let notBefore: Int64
  package let notAfter: Int64
  /// Place in the log of the event that added it.
  package let addedAt: Int64
  /// Place in the log of the event that brought its state.
  package internal(set) var changedAt: Int64
  package internal(set) var state: State
  /// How far in which audit log signatures of a key that is gone are vouched for; nil for block
  /// keys, and when nothing is.
  package internal(set) var vouched: LogPosition?
}

/// The keys and epochs that the anchors of a log add up to.
struct KeyStates: Sendable {
  private(set) var records = [KeyRecord]()
  private(set) var openings = [String: [EpochOpening]]()
  private var places = [KeyText: Int]()

  /// - Parameter events: those that count, in order.
  init(_ events: [KeyEvent]) {
    for event in events { apply(event) }
  }

  /// Applies the anchors of the next event that counts.
  mutating func apply(_ event: KeyEvent) {
    for anchor in event.anchors { apply(anchor, at: event.s) }
  }

  func record(_ key: KeyText) -> KeyRecord? {
    places[key].map { records[$0] }
  }

  /// Applies one anchor; one that makes no sense where it stands changes nothing.
  private mutating func apply(_ anchor: KeyAnchor, at s: Int64) {
    switch anchor {
    case .add(let use, let key, let notBefore, let notAfter):
      guard places[key] == nil else { return }
      places[key] = records.count
      records.append(
        KeyRecord(
          key: key, use: use, notBefore: notBefore, notAfter: notAfter, addedAt: s, changedAt: s,
          state: .active))
    case .grace(let use, let key):
      change(key, use, at: s) { $0 == .active ? .grace : $0 }
    case .retire(let use, let key, let last, let log):
      change(key, use, at: s, log) { state in
        switch state {
        case .active, .grace: .retired(last)
        case .retired, .revoked: state
        }
      }
    case .revoke(let use, let key, let reason, let last, let log):
      change(key, use, at: s, log) { state in
        // Final; a later revoke overrides a retire, nothing overrides a revoke.
        if case .revoked = state { state } else { .revoked(reason, last) }
      }
    case .epoch(let feed, let opening):
      open(feed, opening)
    }
  }

  private mutating func change(
    _ key: KeyText, _ use: KeyUse, at s: Int64, _ vouched: LogPosition? = nil,
    _ next: (KeyRecord.State) -> KeyRecord.State
  ) {
    guard let place = places[key], records[place].use == use else { return }
    let state = next(records[place].state)
    guard state != records[place].state else { return }
    records[place].state = state
    records[place].changedAt = s
    records[place].vouched = vouched
  }

  /// The next epoch of a feed: numbered without gaps, and not from below a block that is pinned.
  private mutating func open(_ feed: String, _ opening: EpochOpening) {
    guard opening.epoch == (openings[feed]?.last?.epoch ?? 0) + 1 else { return }
    let pins = records.flatMap { record -> [FeedPosition] in
      switch record.state {
      case .active, .grace: []
      case .retired(let pins), .revoked(_, let pins): pins.filter { $0.feed == feed }
      }
    }
    guard
      pins.allSatisfy({ pin in
        guard let after = opening.after else { return false }
        return !after.stands(before: pin)
      })
    else { return }
    openings[feed, default: []].append(opening)
  }
}
