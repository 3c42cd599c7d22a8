internal import KianaCrypto

/// The cryptography of checks that need no node.
enum Checker {
  static let crypto = Sodium()
}
