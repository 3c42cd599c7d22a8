/// What a node says over its signature about a block that it judged.
///
/// Signed with the node's block key as `kiana/verdict/v1` (DESIGN section 5), so that nobody can
/// speak for another validator. One line of JCS:
/// `{"body":{"checks":S,"id":HEX64,"key":KEY,"rules":N,"t":MS,"v":1,"validator":AID,"verdict":S},
/// "sig":B64URL}`.
package struct ValidationStatement: Equatable, Sendable {
  package let validator: AID
  package let id: Hash32
  package let checks: BlockChecks
  /// The version of the rules it judged by.
  package let rules: Int64
  /// When it judged, milliseconds since 1970.
  package let time: Int64
  package let key: KeyText
  package let signature: [UInt8]

  package static let lineBytesMax = 1024

  package init(
    validator: AID, id: Hash32, checks: BlockChecks, rules: Int64, time: Int64, key: KeyText,
    signature: [UInt8]
  ) {
    self.validator = validator
    self.id = id
    self.checks = checks
    self.rules = rules
    self.time = time
    self.key = key
    self.signature = signature
  }

  private static func body(
    _ validator: AID, _ id: Hash32, _ checks: BlockChecks, rules: Int64, time: Int64, _ key: KeyText
  ) -> JSONValue {
    .object([
      JSONMember("checks", .string(checks.text)), JSONMember("id", .string(id.hex)),
      JSONMember("key", .string(key.text)), JSONMember("rules", .integer(rules)),
      JSONMember("t", .integer(time)), JSONMember("v", .integer(1)),
      JSONMember("validator", .string(validator.text)),
      JSONMember("verdict", .string(checks.verdict.rawValue)),
    ])
  }

  /// The bytes that are signed.
  package static func signedMessage(
    _ validator: AID, _ id: Hash32, _ checks: BlockChecks, rules: Int64, time: Int64, _ key: KeyText
  ) -> [UInt8] {
    Array("kiana/verdict/v1".utf8) + [0]
      + body(validator, id, checks, rules: rules, time: time, key).canonical()
  }

  package func hasGoodSignature(_ crypto: any Cryptography) -> Bool {
    let message = Self.signedMessage(
      validator, id, checks, rules: rules, time: time, key)
    return crypto.isSignature(signature, of: message, by: key.raw)
  }

  /// Whether it is the validator's word about the same block of the same moment: the first one
  /// that comes is kept, whatever the other says.
  package func isInPlace(of other: ValidationStatement) -> Bool {
    id == other.id && validator == other.validator && time == other.time
  }

  /// The line, without a line feed.
  package var line: [UInt8] {
    JSONValue.object([
      JSONMember("body", Self.body(validator, id, checks, rules: rules, time: time, key)),
      JSONMember("sig", .string(Base64.encode(signature, .url))),
    ]).canonical()
  }

  /// - Returns: nil for anything but the bytes of a statement.
  package init?(line: [UInt8]) {
    guard line.count <= Self.lineBytesMax, let value = try? JSONValue.parse(line),
      let body = value["body"], let checks = body["checks"]?.string.flatMap({ BlockChecks($0) }),
      let id = body["id"]?.string.flatMap({ Hash32(hex: $0) }),
      let key = body["key"]?.string.flatMap({ KeyText($0) }), key.isSigningKey,
      let rules = body["rules"]?.integer, let time = body["t"]?.integer, time >= 0,
      let validator = body["validator"]?.string.flatMap({ AID($0) }),
      let signature = value["sig"]?.string.flatMap({ Base64.decode($0, .url) }),
      signature.count == 64
    else { return nil }
    self.init(
      validator: validator, id: id, checks: checks, rules: rules, time: time, key: key,
      signature: signature)
    guard self.line == line else { return nil }
  }
}
