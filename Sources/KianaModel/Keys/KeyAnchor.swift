/// What a key event says about keys and feeds, in its member `a` (DESIGN section 5).
///
/// A malformed anchor, and one of a kind we do not know, is ignored and never makes an event
/// invalid: KERI lets anybody anchor anything.
package enum KeyAnchor: Equatable, Sendable {
  /// The key is added; signatures count from `notBefore`, and it is due to be replaced at
  /// `notAfter` (milliseconds since 1970; both are plans, which decide nothing about old blocks).
  case add(KeyUse, KeyText, notBefore: Int64, notAfter: Int64)
  /// The key signs nothing new any more and still verifies.
  case grace(KeyUse, KeyText)
  /// The key is gone; `last` are the blocks up to which a block key is vouched for, `log` the
  /// place in an audit log up to which another signing key is.
  case retire(KeyUse, KeyText, last: [FeedPosition], log: LogPosition? = nil)
  /// The same for a reason that came unplanned; final.
  case revoke(KeyUse, KeyText, RevocationReason, last: [FeedPosition], log: LogPosition? = nil)
  /// A feed goes on in a new epoch.
  case epoch(feed: String, EpochOpening)

  package init?(_ value: JSONValue) {
    guard let kind = value["kiana"]?.string, let op = value["op"]?.string else { return nil }
    switch kind {
    case "key/1":
      guard let anchor = Self.ofKey(value, op) else { return nil }
      self = anchor
    case "feed/1":
      guard op == "epoch", let anchor = Self.ofFeed(value) else { return nil }
      self = anchor
    default: return nil
    }
  }

  private static func ofKey(_ value: JSONValue, _ op: String) -> KeyAnchor? {
    guard let use = value["use"]?.string.flatMap({ KeyUse(rawValue: $0) }),
      let key = value["key"]?.string.flatMap({ KeyText($0) }), key.isSigningKey == use.isSigning
    else { return nil }
    switch op {
    case "add":
      guard let notAfter = value["naf"]?.integer, let notBefore = value["nbf"]?.integer else {
        return nil
      }
      return .add(use, key, notBefore: notBefore, notAfter: notAfter)
    case "grace":
      return .grace(use, key)
    case "retire":
      return positions(value["last"], use).map {
        .retire(use, key, last: $0, log: place(value["last"], use))
      }
    case "revoke":
      guard let reason = value["reason"]?.string.flatMap({ RevocationReason(rawValue: $0) }) else {
        return nil
      }
      return positions(value["last"], use).map {
        .revoke(use, key, reason, last: $0, log: place(value["last"], use))
      }
    default: return nil
    }
  }

  /// For `block` keys the pins; other keys pin a place in a log (`{"log":ORIGIN,"size":N}`), which
  /// says nothing about blocks.
  private static func positions(_ value: JSONValue?, _ use: KeyUse) -> [FeedPosition]? {
    guard use == .block else { return [] }
    guard let items = value?.array else { return nil }
    let positions = items.compactMap { FeedPosition($0) }
    guard positions.count == items.count else { return nil }
    // Of several for one feed the last one counts.
    let last = Dictionary(positions.map { ($0.feed, $0) }, uniquingKeysWith: { $1 })
    return positions.filter { last[$0.feed] == $0 }
  }

  /// For keys that sign other things than blocks: a place in an audit log.
  private static func place(_ value: JSONValue?, _ use: KeyUse) -> LogPosition? {
    use == .block ? nil : value.flatMap { LogPosition($0) }
  }

  private static func ofFeed(_ value: JSONValue) -> KeyAnchor? {
    guard let epoch = value["epoch"]?.integer, epoch > 0, let feed = value["feed"]?.string,
      BlockLimits.isFeedName(feed), let after = value["after"]
    else { return nil }
    if after == .null { return .epoch(feed: feed, EpochOpening(epoch: epoch, after: nil)) }
    guard let position = FeedPosition(after), position.feed == feed, position.epoch < epoch else {
      return nil
    }
    return .epoch(feed: feed, EpochOpening(epoch: epoch, after: position))
  }

  /// The anchor as it stands in an event: canonical member order.
  package var json: JSONValue {
    switch self {
    case .add(let use, let key, let notBefore, let notAfter):
      Self.object(
        "add", use, key,
        [JSONMember("naf", .integer(notAfter)), JSONMember("nbf", .integer(notBefore))])
    case .grace(let use, let key):
      Self.object("grace", use, key, [])
    case .retire(let use, let key, let last, let log):
      Self.object(
        "retire", use, key, [JSONMember("last", log?.json ?? .array(last.map(\.json)))])
    case .revoke(let use, let key, let reason, let last, let log):
      Self.object(
        "revoke", use, key,
        [
          JSONMember("last", log?.json ?? .array(last.map(\.json))),
          JSONMember("reason", .string(reason.rawValue)),
        ])
    case .epoch(let feed, let opening):
      .object([
        JSONMember("after", opening.after?.json ?? .null),
        JSONMember("epoch", .integer(opening.epoch)), JSONMember("feed", .string(feed)),
        JSONMember("kiana", .string("feed/1")), JSONMember("op", .string("epoch")),
      ])
    }
  }

  private static func object(
    _ op: String, _ use: KeyUse, _ key: KeyText, _ more: [JSONMember]
  ) -> JSONValue {
    let members =
      more + [
        JSONMember("key", .string(key.text)), JSONMember("kiana", .string("key/1")),
        JSONMember("op", .string(op)), JSONMember("use", .string(use.rawValue)),
      ]
    return .object(members.sorted { $0.name < $1.name })
  }
}

/// A place in an audit log: its first `size` entries.
package struct LogPosition: Equatable, Sendable {
  /// The log's name, `kiana/AID/audit/EPOCH`.
  package let origin: String
  package let size: Int64

  package init(origin: String, size: Int64) {
    self.origin = origin
    self.size = size
  }

  init?(_ value: JSONValue) {
    guard let origin = value["log"]?.string, let size = value["size"]?.integer, size >= 0 else {
      return nil
    }
    self.init(origin: origin, size: size)
  }

  package var json: JSONValue {
    .object([JSONMember("log", .string(origin)), JSONMember("size", .integer(size))])
  }
}

/// Why a key was revoked.
package enum RevocationReason: String, Sendable, CaseIterable {
  case compromise, lost, superseded, ceased
}
