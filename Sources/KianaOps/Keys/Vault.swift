package import KianaCrypto
package import KianaModel
package import KianaStore

/// The node's secret keys on disk: `keys/NAME.key`, sealed, 0600 (`docs/FORMATS.md`).
///
/// Sealing protects the keys in a copied state folder. It does not protect them on a stolen
/// computer, where the credential lies beside them, and it does not protect the texts at all.
package struct Vault: ~Copyable {
  private let directory: StateDirectory
  private let owner: AID
  private let sealingKey: SealingKey
  /// The folder of the key files.
  private let folder: String
  /// A file that shows how the keys are sealed now; nil while there is none.
  private let like: String?

  private static let credentialBytes = 32
  private static let fileBytesMax = 4096

  /// For a new node: a fresh salt, and a credential file where there is none yet.
  package static func create(
    _ directory: StateDirectory, owner: AID, source: borrowing UnlockSource,
    isSmallMachine: Bool
  ) throws(KianaError) -> Vault {
    let parameters: SealParameters
    switch source {
    case .credential: parameters = .credential()
    case .passphrase: parameters = .passphrase(isSmallMachine: isSmallMachine)
    }
    return Vault(
      directory: directory, owner: owner,
      sealingKey: try sealingKey(parameters, source, mayMakeCredential: true), like: nil)
  }

  /// For a node that has keys: the salt and costs come from the file of `name`.
  package static func open(
    _ directory: StateDirectory, owner: AID, source: borrowing UnlockSource, like name: String
  ) throws(KianaError) -> Vault {
    try DurableFile.checkPrivateFolder(directory.keysPath)
    let sealed = try read(directory, name)
    return Vault(
      directory: directory, owner: owner,
      sealingKey: try sealingKey(sealed.parameters, source, mayMakeCredential: false),
      like: name)
  }

  /// How the keys of a node are sealed, so that a command knows whether to ask for a passphrase.
  package static func derivation(
    _ directory: StateDirectory, like name: String
  ) throws(KianaError) -> SealParameters.Derivation {
    try read(directory, name).parameters.derivation
  }

  private init(
    directory: StateDirectory, owner: AID, sealingKey: consuming SealingKey, like: String?,
    folder: String? = nil
  ) {
    self.directory = directory
    self.owner = owner
    self.sealingKey = sealingKey
    self.like = like
    self.folder = folder ?? directory.keysPath
  }

  /// Seals all keys anew with another credential or passphrase.
  ///
  /// The new files are made in a folder of their own, which changes places with the old one in one
  /// step of the file system: whenever the process dies, all keys open the old way or all the new.
  /// In a transaction of the database, so that no other command is just making a key.
  package borrowing func reseal(
    with source: borrowing UnlockSource, isSmallMachine: Bool
  ) throws(KianaError) {
    try checkUnchanged()
    let next = "\(directory.keysPath).next"
    try DurableFile.destroyFolder(next)
    try DurableFile.makeFolder(next, mode: 0o700)
    let parameters: SealParameters =
      switch source {
      case .credential: .credential()
      case .passphrase: .passphrase(isSmallMachine: isSmallMachine)
      }
    let sealed = Vault(
      directory: directory, owner: owner,
      sealingKey: try Self.sealingKey(parameters, source, mayMakeCredential: true), like: nil,
      folder: next)
    for name in try directory.keyFileNames() {
      let key = try Self.publicKey(directory, name)
      try sealed.store(try load(name: name, key: key), name: name, key: key)
    }
    try DurableFile.exchange(next, directory.keysPath)
    try DurableFile.destroyFolder(next)
  }

  /// The public half, from the comment of the file; opening proves that it belongs to the secret.
  private static func publicKey(
    _ directory: StateDirectory, _ name: String
  ) throws(KianaError) -> KeyText {
    let path = directory.keyFile(name)
    let words = try comment(directory, name)
    guard words.count == 7, let key = KeyText(String(words[4])) else {
      throw KianaError(
        code: .key, what: "cannot read the key file '\(path)'", why: "it is damaged",
        hint: "restore it from a backup")
    }
    return key
  }

  /// - Throws: `stateLocked` when another command changed how the keys are sealed.
  private borrowing func checkUnchanged() throws(KianaError) {
    guard let like, directory.hasKeyFile(like) else { return }
    guard try Self.read(directory, like).parameters == sealingKey.parameters else {
      throw Self.changedMeanwhile
    }
  }

  private static var changedMeanwhile: KianaError {
    KianaError(
      code: .stateLocked, what: "cannot use the keys",
      why: "they are not all sealed in the same way: another command just changed that, or some "
        + "are of another copy",
      hint: "try again; if that does not help, restore the whole folder 'keys'")
  }

  /// Seals a seed and writes its file, durable when this returns.
  ///
  /// - Parameters:
  ///   - name: `control`, or the use of the key and the first letters of its text.
  ///   - key: the public key, 44 characters.
  package borrowing func store(
    _ seed: borrowing Secret, name: String, key: KeyText
  ) throws(KianaError) {
    try checkUnchanged()
    let sealed = sealingKey.seal(seed, owner: owner.text, name: key.text)
    try DurableFile.write(
      sealed.text(comment: "kiana sealed key \(name) \(key.text) of \(owner.text)"),
      to: "\(folder)/\(name).key", mode: 0o600)
  }

  /// Opens the seed of a key.
  /// - Throws: `key` when the file is missing or damaged, or the credential or passphrase is wrong.
  package borrowing func load(name: String, key: KeyText) throws(KianaError) -> Secret {
    let sealed = try Self.read(directory, name)
    guard sealed.parameters == sealingKey.parameters else { throw Self.changedMeanwhile }
    guard let seed = sealingKey.open(sealed, owner: owner.text, name: key.text) else {
      throw KianaError(
        code: .key, what: "cannot open the key '\(name)'", why: try whyNot(name, key),
        hint: "the keys of node \(owner.text) are wanted; a backup has them")
    }
    return seed
  }

  /// What the comment says of the file comes first: no passphrase opens a file of somebody else.
  private borrowing func whyNot(_ name: String, _ key: KeyText) throws(KianaError) -> String {
    let words = try Self.comment(directory, name)
    if words.last.map(String.init) != owner.text { return "the file is another node's" }
    if words.count < 5 || words[4] != key.text { return "the file holds another key" }
    return sealingKey.parameters.derivation == .credential
      ? "the credential is not the one it was sealed with" : "the passphrase is wrong"
  }

  private static func comment(
    _ directory: StateDirectory, _ name: String
  ) throws(KianaError) -> [Substring] {
    let bytes = try DurableFile.readPrivate(directory.keyFile(name), sizeBytesMax: fileBytesMax)
    return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self).split(separator: " ")
  }

  private static func read(
    _ directory: StateDirectory, _ name: String
  ) throws(KianaError) -> SealedSecret {
    let path = directory.keyFile(name)
    guard directory.hasKeyFile(name) else { throw missing(name) }
    guard
      let sealed = SealedSecret(text: try DurableFile.readPrivate(path, sizeBytesMax: fileBytesMax))
    else {
      throw KianaError(
        code: .key, what: "cannot read the key file '\(path)'", why: "it is damaged",
        hint: "restore it from a backup")
    }
    return sealed
  }

  /// It went with a disk, or another copy of this node made the key.
  private static func missing(_ name: String) -> KianaError {
    let use = name.prefix { $0 != "-" }
    let remedy =
      switch use {
      case "control": "; 'kiana-keys emergency' brings a new one"
      case "backup": ""
      default: ", or replace the key: kiana-keys rotate --now --use \(use)"
      }
    return KianaError(
      code: .key, what: "cannot use the key '\(name)'", why: "its secret is not on this machine",
      hint: "restore it from a backup\(remedy)")
  }

  private static func sealingKey(
    _ parameters: SealParameters, _ source: borrowing UnlockSource, mayMakeCredential: Bool
  ) throws(KianaError) -> SealingKey {
    switch source {
    case .passphrase(let passphrase):
      guard parameters.derivation == .passphrase else {
        throw KianaError(
          code: .key, what: "cannot open the keys",
          why: "they are sealed with a credential file, not with a passphrase",
          hint: "leave the passphrase options out")
      }
      return try SealingKey(from: passphrase, parameters)
    case .credential(let path):
      guard parameters.derivation == .credential else {
        throw KianaError(
          code: .key, what: "cannot open the keys", why: "they are sealed with a passphrase",
          hint: "give it with --passphrase-file or --passphrase-fd, or on a terminal")
      }
      return try SealingKey(
        from: try credential(at: path, mayMake: mayMakeCredential), parameters)
    }
  }

  /// The credential: 64 hex digits of 32 random bytes, 0600, made when there is none and it may be.
  private static func credential(at path: String, mayMake: Bool) throws(KianaError) -> Secret {
    if mayMake, !DurableFile.exists(path) {
      try DurableFile.makeFolder(DurableFile.parent(of: path), mode: 0o700)
      let text = Secret(randomCount: credentialBytes).hexLine()
      _ = try SecretFile.writeNew(text, to: path)
    }
    let credential = try SecretFile.read(path)
    guard credential.count >= credentialBytes else {
      throw KianaError(
        code: .key, what: "cannot use the credential '\(path)'", why: "it is too short",
        hint: "restore it from where you keep a copy")
    }
    return credential
  }
}

/// The names of key files.
package enum KeyFile {
  /// The first control key, which appends events to the key log.
  package static let control = "control"

  /// A control key that a rotation brought.
  static func control(_ key: KeyText) -> String { "control-\(key.text.prefix(12))" }

  /// The file of the control key that is in force.
  package static func control(of node: Node) throws(KianaError) -> String {
    guard let key = try node.keyLog(of: node.aid)?.establishment?.keys.last else { return control }
    let name = control(key)
    return node.directory.hasKeyFile(name) ? name : control
  }

  /// The key of that use; the first letters of its text tell old ones from new ones.
  package static func name(_ use: KeyUse, _ key: KeyText) -> String {
    "\(use.rawValue)-\(key.text.prefix(12))"
  }
}
