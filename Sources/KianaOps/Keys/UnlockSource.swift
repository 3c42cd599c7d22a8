internal import Glibc
package import KianaCrypto
package import KianaModel
package import KianaStore

/// What opens the sealed secrets of a node.
package enum UnlockSource: ~Copyable {
  /// The random credential in a file outside the state directory.
  case credential(path: String)
  /// What a person or a service manager gave.
  case passphrase(Secret)

  /// Reads the passphrase from where it was said to be, or takes the credential.
  ///
  /// - Parameter isNew: asks a terminal twice.
  package static func read(
    _ source: PassphraseSource?, places: Places, isNew: Bool = false
  ) throws(KianaError) -> UnlockSource {
    switch source {
    case nil: return .credential(path: places.credential)
    case .descriptor(let file):
      return .passphrase(try SecretFile.read(file, name: "descriptor \(file)"))
    case .file(let path): return .passphrase(try SecretFile.read(path))
    case .environment(let name): return .passphrase(try variable(name))
    case .terminal: return .passphrase(try typed(isNew: isNew))
    }
  }

  /// The same for a node that has keys: the last source of all is the person at the terminal, when
  /// a passphrase is wanted and nothing says where it is.
  package static func read(
    _ source: PassphraseSource?, of node: Node
  ) throws(KianaError) -> UnlockSource {
    let isPassphrase = source == nil && (try? Protection(node).isPassphrase()) == true
    return try read(
      isPassphrase && Terminal.isHere ? .terminal : source, places: node.directory.places)
  }

  private static func variable(_ name: String) throws(KianaError) -> Secret {
    guard let value = unsafe getenv(name), unsafe value.pointee != 0 else {
      throw KianaError(
        code: .key, what: "cannot read the passphrase",
        why: "the environment variable '\(name)' is empty")
    }
    let count = unsafe strlen(value)
    return Secret(count: count) { span in
      for index in 0..<count {
        span.storeBytes(
          of: unsafe UInt8(bitPattern: value[index]), toByteOffset: index, as: UInt8.self)
      }
    }
  }

  private static func typed(isNew: Bool) throws(KianaError) -> Secret {
    guard let terminal = Terminal() else {
      throw KianaError(
        code: .key, what: "cannot ask for the passphrase", why: "there is no terminal",
        hint: "give it with --passphrase-file or --passphrase-fd")
    }
    let first = try terminal.ask(isNew ? "New passphrase: " : "Passphrase of the node: ")
    guard isNew else { return first }
    let second = try terminal.ask("The same again: ")
    guard Sodium().areEqual(first, second) else {
      throw KianaError(code: .key, what: "the two passphrases differ")
    }
    return first
  }
}
