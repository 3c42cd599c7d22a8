internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

extension SharedOptions {
  /// The node of the state directory.
  func openNode() throws(KianaError) -> Node {
    let places = try Places.find(option: state, environment: Self.environment)
    return try Node.open(try StateDirectory.existing(places), now: Clock.milliseconds)
  }
}

extension PassphraseOptions {
  func unlock(_ node: Node) throws(KianaError) -> UnlockSource {
    try UnlockSource.read(try source(), of: node)
  }
}

extension KeyUse: ExpressibleByArgument {}
extension RevocationReason: ExpressibleByArgument {}

/// Values as people read them.
enum KeyWords {
  private static let day: Int64 = 86_400_000

  static func days(_ milliseconds: Int64) -> String { "\(milliseconds / day)d" }

  /// The state of a key in one word, with the reason of a revocation.
  static func state(_ record: KeyRecord) -> String {
    switch record.state {
    case .active: "active"
    case .grace: "grace"
    case .retired: "retired"
    case .revoked(let reason, _): "revoked:\(reason.rawValue)"
    }
  }

  /// What a step did, or would do.
  static func of(_ step: KeySchedule.Step) -> String {
    switch step {
    case .stage(let use, let notBefore):
      "\(use.rawValue)\ta new key is published; it takes over after \(Moment.text(notBefore))"
    case .promote(let use, let old, let new):
      "\(use.rawValue)\t\(new.text) takes over from \(old.text)"
    case .replace(let use): "\(use.rawValue)\ta new key takes over at once"
    case .retire(let use, let key): "\(use.rawValue)\t\(key.text) is retired"
    case .destroy(let use, let key): "\(use.rawValue)\tthe secret of \(key.text) is destroyed"
    }
  }

  static func json(_ step: KeySchedule.Step) -> [JSONMember] {
    func members(_ name: String, _ use: KeyUse, _ more: [JSONMember]) -> [JSONMember] {
      [JSONMember("step", .string(name)), JSONMember("use", .string(use.rawValue))] + more
    }
    switch step {
    case .stage(let use, let notBefore):
      return members("stage", use, [JSONMember("not_before", .string(Moment.text(notBefore)))])
    case .promote(let use, let old, let new):
      return members(
        "promote", use,
        [JSONMember("from", .string(old.text)), JSONMember("to", .string(new.text))])
    case .replace(let use): return members("replace", use, [])
    case .retire(let use, let key):
      return members("retire", use, [JSONMember("key", .string(key.text))])
    case .destroy(let use, let key):
      return members("destroy", use, [JSONMember("key", .string(key.text))])
    }
  }
}
