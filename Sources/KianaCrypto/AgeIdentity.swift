internal import KianaModel

/// Secret keys as `age-keygen` writes them.
package enum AgeIdentity {
  /// - Returns: nil when the line is no `AGE-SECRET-KEY-1...`.
  package static func secret(_ line: borrowing Secret) -> Secret? {
    RecoveryCode.bytes(fromText: line, humanPart: "age-secret-key-", count: 32, skipsDashes: false)
  }
}
