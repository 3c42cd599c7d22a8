package import KianaCrypto
package import KianaModel
internal import KianaStore

/// Seals files so that only some people can open them: age version 1, which stock age reads.
package struct Sealing {
  package init() {}

  /// For public keys.
  ///
  /// - Parameters:
  ///   - path: `-` for standard input.
  ///   - output: nil for standard output.
  package func seal(
    _ path: String, to output: String?, isArmored: Bool, recipients: [Hash32]
  ) throws(KianaError) {
    var sealer = AgeSealer(recipients: recipients)
    try run(path, output, isArmored, &sealer)
  }

  /// For a passphrase.
  package func seal(
    _ path: String, to output: String?, isArmored: Bool, passphrase: borrowing Secret
  ) throws(KianaError) {
    guard var sealer = AgeSealer(passphrase: passphrase) else {
      throw KianaError(
        code: .key, what: "cannot seal '\(path)'", why: "scrypt needs 256 MiB of memory",
        hint: "free some memory and try again")
    }
    try run(path, output, isArmored, &sealer)
  }

  private func run(
    _ path: String, _ output: String?, _ isArmored: Bool, _ sealer: inout AgeSealer
  ) throws(KianaError) {
    let file = try FileWriting(output, mode: 0o644)
    var armor = AgeArmorWriter()
    func write(_ bytes: [UInt8]) throws(KianaError) {
      try file.write(isArmored ? armor.push(bytes) : bytes)
    }
    if isArmored { try file.write(armor.start) }
    try write(sealer.start)
    var out = [UInt8]()
    try FileReading.forEachPiece(path) { (piece) throws(KianaError) in
      sealer.push(piece, into: &out)
      try write(out)
      out.removeAll(keepingCapacity: true)
    }
    sealer.finish(into: &out)
    try write(out)
    if isArmored { try file.write(armor.finish()) }
    try file.finish()
  }

  /// The recipient that a text says: `age1...`, `self`, the name of somebody trusted, or an AID.
  ///
  /// - Parameter node: asked for only when the text is no age recipient.
  package static func recipient(
    _ text: String, _ node: () throws(KianaError) -> Node
  ) throws(KianaError) -> Hash32 {
    if let key = Self.ageKey(text) {
      guard Age.isRecipient(key) else { throw noRecipient(text, "everybody could open it") }
      return key
    }
    let node = try node()
    let log: KeyLog?
    if text == "self" {
      log = try node.keyLog(of: node.aid)
    } else if let row = try node.trust.all().first(where: { $0.name == text }) {
      log = try Trust(node).log(row)
    } else if let aid = AID(text) {
      log = try node.keyLog(of: aid)
    } else {
      throw noRecipient(text, "nobody is trusted by that name, and it is no age recipient")
    }
    guard let log, !log.isDuplicitous, let key = log.signingKey(.enc) else {
      throw noRecipient(text, "no key that it can be sealed for is known")
    }
    return key.raw
  }

  private static func ageKey(_ text: String) -> Hash32? {
    let letters = Array(text.utf8)
    var bytes = [UInt8]()
    guard
      Bech32.decode(
        humanPart: "age", count: letters.count, character: { letters[$0] },
        emit: { bytes.append($0) })
    else { return nil }
    return Hash32(bytes)
  }

  private static func noRecipient(_ text: String, _ why: String) -> KianaError {
    KianaError(
      code: .notFound, what: "cannot seal for '\(Printable.line(text))'", why: why,
      hint: "'kiana-keys trust list' has the names; 'kiana-keys trust add' brings more")
  }
}
