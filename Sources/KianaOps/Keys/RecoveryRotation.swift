internal import KianaCrypto
internal import KianaModel
internal import KianaStore

/// Takes a rotation of this node's own log in, by the rules by which every other node takes it.
struct RecoveryRotation {
  private let node: Node

  init(_ node: Node) {
    self.node = node
  }

  /// In the transaction that is open.
  func store(_ message: [UInt8]) throws(KianaError) {
    let intake = KeyLogIntake(node)
    let outcome = try intake.take(node.aid, message, admits: false, now: node.now())
    guard case .extended = outcome, try node.keyLog(of: node.aid)?.events.last?.kind == .rot else {
      throw KianaError(
        code: .failed, what: "the rotation does not count", why: "\(outcome)")
    }
    try intake.judge()
    try node.recorder.record("key.recover", target: "aid:\(node.aid.text)", now: node.now())
  }
}
