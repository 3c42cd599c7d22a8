internal import CKiana
internal import Glibc
package import KianaModel

/// A node's state directory: found, and checked to be one that this user may work on.
package struct StateDirectory: Sendable {
  package let places: Places

  package var path: String { places.state }
  package var truthPath: String { "\(path)/kiana.db" }
  package var indexPath: String { "\(path)/index.db" }
  package var configPath: String { "\(path)/kiana.conf" }
  package var keysPath: String { "\(path)/keys" }

  /// The file of the sealed key of that name.
  package func keyFile(_ name: String) -> String { "\(keysPath)/\(name).key" }

  /// The names of the sealed keys that are here, as `keyFile` takes them.
  package func keyFileNames() throws(KianaError) -> [String] {
    DurableFile.names(in: keysPath).filter { $0.hasSuffix(".key") }.map { String($0.dropLast(4)) }
  }

  package func hasKeyFile(_ name: String) -> Bool { DurableFile.exists(keyFile(name)) }

  /// Overwrites and deletes all key files but these, and what a write that died left of any.
  package func destroyKeyFiles(except wanted: Set<String>) throws(KianaError) {
    for name in try keyFileNames() where !wanted.contains(name) {
      try DurableFile.destroy(keyFile(name))
    }
    for name in DurableFile.names(in: keysPath) where DurableFile.isTemporary(name) {
      try DurableFile.destroy("\(keysPath)/\(name)")
    }
  }

  /// Opens the directory of an existing node.
  ///
  /// - Throws: `noState` when there is none or it is somebody else's, `refused` on a network file
  ///   system.
  package static func existing(_ places: Places) throws(KianaError) -> StateDirectory {
    let directory = StateDirectory(places: places)
    try directory.check()
    guard unsafe access(directory.truthPath, F_OK) == 0 else { throw directory.noNode() }
    return directory
  }

  /// Makes the directory for a new node, or takes an empty one.
  package static func new(_ places: Places) throws(KianaError) -> StateDirectory {
    let directory = StateDirectory(places: places)
    if DurableFile.exists(places.state) {
      try directory.check()
    } else {
      try DurableFile.makeFolder(places.state, mode: 0o700)
      try directory.checkFileSystem()
    }
    guard unsafe chmod(places.state, 0o700) == 0 else {
      throw .file("cannot protect", places.state)
    }
    return directory
  }

  /// Makes what was committed without waiting for the disk survive a power cut.
  package func syncLog() throws(KianaError) {
    try DurableFile.sync(truthPath + "-wal")
  }

  private func noNode() -> KianaError {
    if DurableFile.names(in: keysPath).contains(where: { $0.hasSuffix(".key") }) {
      return KianaError(
        code: .noState, what: "there is no node in '\(path)'",
        why: "its keys are there, but its kiana.db is not",
        hint: "restore kiana.db from a backup, or name another directory with --state")
    }
    return KianaError(
      code: .noState, what: "there is no node in '\(path)'",
      hint: "run 'kiana-node init' to make one, or name another directory with --state")
  }

  private func check() throws(KianaError) {
    var facts = stat()
    guard unsafe stat(path, &facts) == 0 else {
      if errno == ENOENT { throw noNode() }
      throw .file("cannot use the state directory", path)
    }
    guard facts.st_mode & S_IFMT == S_IFDIR else {
      throw KianaError(
        code: .noState, what: "cannot use the state directory '\(path)'",
        why: "it is not a directory")
    }
    guard facts.st_uid == geteuid() else { throw foreign(owner: facts.st_uid) }
    guard unsafe access(path, R_OK | W_OK | X_OK) == 0 else {
      throw .file(
        "cannot use the state directory", path,
        hint: errno == EROFS ? "mount its file system for writing" : "chmod 700 '\(path)'")
    }
    guard facts.st_mode & 0o077 == 0 else {
      throw KianaError(
        code: .noState, what: "cannot use the state directory '\(path)'",
        why: "other users may enter it", hint: "chmod 700 '\(path)'")
    }
    try checkFileSystem()
  }

  /// Somebody else's state: say how to work on it, never make a second node beside it.
  private func foreign(owner: uid_t) -> KianaError {
    var name = "#\(owner)"
    if let entry = unsafe getpwuid(owner) { name = unsafe String(cString: entry.pointee.pw_name) }
    return KianaError(
      code: .noState, what: "cannot use the state directory '\(path)'",
      why: "it belongs to user \(name)",
      hint: "run the command as that user: sudo -u '\(name)' kiana-node --state '\(path)' ...")
  }

  private func checkFileSystem() throws(KianaError) {
    guard let name = FileSystem.networkName(of: path) else { return }
    throw KianaError(
      code: .refused, what: "cannot use the state directory '\(path)'",
      why: "it lies on a network file system (\(name)), where SQLite loses data",
      hint: "keep it on a local disk, and use 'kiana-node sync' or 'kiana-backup' between machines")
  }

  /// Opens `kiana.db` of a node, brought to the newest version.
  ///
  /// - Throws: `refused` when a newer kiana wrote it, `stateLocked` when it needs a migration and
  ///   the daemon runs.
  package func openTruth() throws(KianaError) -> Database {
    let database = try Database(path: truthPath, access: .readWrite)
    let version = try Migration.version(database)
    guard version < Schema.truth.count else {
      try Migration.refuseNewer(database, version, Schema.truth)
      return database
    }
    let lock = try StateLock.take(self)
    try Migration.run(Schema.truth, on: database)
    lock.release()
    return database
  }

  /// Makes `kiana.db` of a new node.
  package func createTruth() throws(KianaError) -> Database {
    let database = try Database(path: truthPath, access: .create)
    try Migration.run(Schema.truth, on: database)
    return database
  }

  /// Opens `index.db`, made anew when it is missing, damaged or of another version: it holds
  /// nothing that `kiana.db` does not.
  package func openIndex() throws(KianaError) -> Database {
    do throws(KianaError) {
      let database = try Database(path: indexPath, access: .create)
      if try Migration.version(database) == Schema.index.count { return database }
      if try Migration.version(database) == 0 {
        try Migration.run(Schema.index, on: database)
        return database
      }
    } catch  where error.code == .damaged || error.code == .refused {
      // Made again below.
    }
    try deleteIndex()
    let database = try Database(path: indexPath, access: .create)
    try Migration.run(Schema.index, on: database)
    return database
  }

  package func deleteIndex() throws(KianaError) {
    for suffix in ["", "-wal", "-shm"] {
      guard unsafe unlink(indexPath + suffix) == 0 || errno == ENOENT else {
        throw .file("cannot delete", indexPath + suffix)
      }
    }
  }

  /// Inode and birth time of `kiana.db`.
  package func truthIdentity() throws(KianaError) -> (inode: UInt64, birthNanoseconds: Int64) {
    var identity = kiana_identity()
    guard unsafe kiana_identity_of(truthPath, &identity) == 0 else {
      throw .file("cannot look at", truthPath)
    }
    return (identity.inode, identity.birth_ns)
  }

  /// The settings; the defaults when there is no `kiana.conf`.
  /// - Throws: `usage` with file and line.
  package func settings() throws(KianaError) -> Settings {
    guard
      let bytes = try DurableFile.readIfPresent(configPath, sizeBytesMax: ConfigFile.bytesMax)
    else { return Settings() }
    return try Settings.parse(try ConfigFile.parse(bytes, path: configPath))
  }

  /// The kernel's id of this boot; empty where there is none.
  package func bootID() -> String {
    let bytes = (try? DurableFile.read("/proc/sys/kernel/random/boot_id", sizeBytesMax: 64)) ?? []
    return String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self)
  }

  /// Sizes in bytes of the state's files: database with its write-ahead log, and index.
  package func sizes() -> (truth: Int64, wal: Int64, index: Int64) {
    func size(_ path: String) -> Int64 {
      var facts = stat()
      return unsafe stat(path, &facts) == 0 ? Int64(facts.st_size) : 0
    }
    return (
      size(truthPath), size(truthPath + "-wal"), size(indexPath) + size(indexPath + "-wal")
    )
  }
}
