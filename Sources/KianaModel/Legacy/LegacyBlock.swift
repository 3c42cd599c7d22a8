/// A block of the original KI_ana, in one of its formats, and what can be proved of it.
///
/// Each formula was found by trying it on the original's files (`docs/FORMATS.md`, "Original
/// blocks"); nothing is ever signed in their name.
package struct LegacyBlock: Sendable {
  package enum Format: String, Sendable, CaseIterable {
    /// Entry of the peer-to-peer store: hash with spaces, ASCII; no signature.
    case a = "A"
    /// Chain, version 1: unsigned.
    case b = "B"
    /// Chain, version 2: signed by `signer_pubkey`.
    case c = "C"
    /// Chain, version 3: signed by `pubkey`, hashed without spaces.
    case d = "D"
    /// Block of a sub-KI: signature in hex, no hash formula known.
    case e = "E"
    /// Initial block: neither hash nor signature.
    case f = "F"
    case genesis
  }

  package enum Verdict: String, Sendable {
    case good, bad
    /// There is nothing to check.
    case none
  }

  package enum Link: String, Sendable {
    /// It names a block that is here.
    case good
    /// It is the first one.
    case genesis
    /// It names a block that is not here.
    case missing
    /// It names none.
    case none
  }

  package let format: Format
  /// The exact bytes.
  package let bytes: [UInt8]
  package let value: JSONValue

  /// - Parameters:
  ///   - isGenesisFile: whether the file is the one that the original calls `genesis_block.json`.
  /// - Returns: nil when it is none of the formats.
  package init?(_ value: JSONValue, bytes: [UInt8], isGenesisFile: Bool = false) {
    guard value.members != nil,
      let format = isGenesisFile ? .genesis : Self.format(of: value)
    else { return nil }
    self.format = format
    self.bytes = bytes
    self.value = value
  }

  private static func format(of value: JSONValue) -> Format? {
    let signature = value["signature"]?.string ?? ""
    let hasHash = value["hash"]?.string?.isEmpty == false
    if value["device_id"] != nil, value["metadata"] != nil, hasHash { return .a }
    if value["pubkey"]?.string?.isEmpty == false, !signature.isEmpty {
      return signature.utf8.count == 128 && Hex.decode(signature.lowercased().utf8) != nil ? .e : .d
    }
    if value["block_id"] != nil, hasHash {
      return value["signer_pubkey"]?.string?.isEmpty == false && !signature.isEmpty ? .c : .b
    }
    let says = ["content", "text", "topic", "title"].contains { value[$0]?.string != nil }
    return says && !hasHash && signature.isEmpty ? .f : nil
  }

  /// The original's topic; empty when it has none.
  package var topic: String {
    value["topic"]?.string ?? value["metadata"]?["topic"]?.string ?? ""
  }

  /// The hash that the block states; nil when it states none.
  package var statedHash: String? { value["hash"]?.string }

  package var previousHash: String? { value["previous_hash"]?.string }

  /// The values by which another block may name this one as the one before it.
  package func linkTargets(_ crypto: any Cryptography) -> [String] {
    var targets = statedHash.map { [$0] } ?? []
    // Version 3 was re-signed without re-linking: it names the version 2 hash of the block before.
    if format == .d {
      let old = PythonJSON(hasSpaces: true, isASCII: false).dumps(
        without(["hash", "signature", "signer_pubkey", "pubkey", "signed_at"]))
      targets.append(crypto.sha256(old).hex)
    }
    return targets
  }

  /// Whether the stated hash is the one of the block's bytes.
  ///
  /// - Parameter stated: for the genesis block the hash that stands in a file of its own.
  package func hashVerdict(_ crypto: any Cryptography, stated: String? = nil) -> Verdict {
    guard let stated = stated ?? statedHash, let messages = hashedMessages else { return .none }
    return messages.contains { crypto.sha256($0).hex == stated } ? .good : .bad
  }

  /// The texts whose hash the block may state: for version 1 there are two ways.
  private var hashedMessages: [[UInt8]]? {
    switch format {
    case .a:
      let members = ["content", "metadata", "timestamp", "device_id", "previous_hash"]
      let hashed = (value.members ?? []).filter { members.contains($0.name) }
      return [PythonJSON(hasSpaces: true, isASCII: true).dumps(.object(hashed))]
    case .b:
      let hashed = without(["hash", "signature", "signer_pubkey"])
      return [false, true].map { PythonJSON(hasSpaces: true, isASCII: $0).dumps(hashed) }
    case .c, .d: return signedMessage.map { [$0] }
    case .genesis: return [PythonJSON(hasSpaces: true, isASCII: true).dumps(value)]
    case .e, .f: return nil
    }
  }

  private var signedMessage: [UInt8]? {
    switch format {
    case .c:
      PythonJSON(hasSpaces: true, isASCII: false).dumps(
        without(["hash", "signature", "signer_pubkey"]))
    case .d:
      PythonJSON(hasSpaces: false, isASCII: false).dumps(
        without(["hash", "hash_stored", "hash_calc", "signature", "pubkey", "signed_at"]))
    case .e:
      PythonJSON(hasSpaces: false, isASCII: false).dumps(without(["signature", "pubkey"]))
    case .a, .b, .f, .genesis: nil
    }
  }

  /// Whether the signature is by the key that stands in the block; whose key that is, nobody says.
  package func signatureVerdict(_ crypto: any Cryptography) -> Verdict {
    guard let message = signedMessage else { return .none }
    let keyText = value[format == .c ? "signer_pubkey" : "pubkey"]?.string ?? ""
    let signatureText = value["signature"]?.string ?? ""
    guard let key = Self.bytes(keyText).flatMap({ Hash32($0) }),
      let signature = Self.bytes(signatureText)
    else { return .bad }
    return crypto.isSignature(signature, of: message, by: key) ? .good : .bad
  }

  /// Bytes from hex or padded base64, as the original wrote both.
  private static func bytes(_ text: String) -> [UInt8]? {
    if text.utf8.count == 64 || text.utf8.count == 128,
      let bytes = Hex.decode(text.lowercased().utf8)
    {
      return bytes
    }
    return Base64.decode(text, .standard)
  }

  /// - Parameter isTarget: whether some block may be named by that hash.
  package func link(isTarget: (String) -> Bool) -> Link {
    switch format {
    case .genesis: return .genesis
    case .e, .f: return .none
    case .a, .b, .c, .d:
      guard let previous = previousHash, !previous.isEmpty else { return .genesis }
      if previous == "GENESIS_BLOCK_HASH" { return .genesis }
      return isTarget(previous) ? .good : .missing
    }
  }

  private func without(_ names: Set<String>) -> JSONValue {
    .object((value.members ?? []).filter { !names.contains($0.name) })
  }
}

/// The blocks in one original file.
package enum LegacyFile {
  /// Reads a file: one block, a map of blocks by id, or an array of blocks.
  ///
  /// - Parameter name: of the file, without folders.
  /// - Throws: `JSONFault` when it is no JSON.
  package static func blocks(_ bytes: [UInt8], name: String) throws(JSONFault) -> [LegacyBlock] {
    let value = try JSONValue.parse(bytes, .foreign)
    if let block = LegacyBlock(
      value, bytes: bytes, isGenesisFile: name == "genesis_block.json")
    {
      return [block]
    }
    var found = [LegacyBlock]()
    for (value, range) in try JSONValue.parseItems(bytes, .foreign) {
      if let block = LegacyBlock(value, bytes: Array(bytes[range])) { found.append(block) }
    }
    return found
  }
}
