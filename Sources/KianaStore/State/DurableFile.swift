internal import CKiana
internal import Glibc
package import KianaModel

/// Small files that are there whole or not at all, power cut or not: written to a temporary file in
/// the same folder, synced, renamed, and the folder synced (DESIGN section 3).
package enum DurableFile {
  /// Writes or replaces a file.
  ///
  /// - Parameters:
  ///   - mode: rights from the first byte on.
  ///   - mayReplace: false makes an existing file an error.
  package static func write(
    _ bytes: [UInt8], to path: String, mode: UInt32, mayReplace: Bool = true
  ) throws(KianaError) {
    let temporary = "\(path).new.\(getpid())"
    unsafe unlink(temporary)
    let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard file >= 0 else { throw .file("cannot write", path) }
    do throws(KianaError) {
      try writeAll(bytes, to: file, path)
      guard fsync(file) == 0 else { throw .file("cannot write", path) }
    } catch {
      close(file)
      unsafe unlink(temporary)
      throw error
    }
    close(file)
    let status =
      unsafe mayReplace ? rename(temporary, path) : kiana_rename_new(temporary, path)
    guard status == 0 else {
      let error = KianaError.file("cannot write", path)
      unsafe unlink(temporary)
      throw error
    }
    try syncFolder(of: path)
  }

  /// Whether a file of that name is one that a write did not rename yet, or died over.
  static func isTemporary(_ name: String) -> Bool {
    let end = name.split(separator: ".", omittingEmptySubsequences: false).suffix(2)
    return end.count == 2 && end.first == "new" && end.last.flatMap { Int32($0) } != nil
  }

  private static func writeAll(
    _ bytes: [UInt8], to file: Int32, _ path: String
  ) throws(KianaError) {
    var offset = 0
    while offset < bytes.count {
      let count = unsafe bytes[offset...].withUnsafeBytes {
        unsafe Glibc.write(file, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .file("cannot write", path) }
      offset += count
    }
  }

  /// Makes a rename or a new name in the folder of `path` survive a power cut.
  package static func syncFolder(of path: String) throws(KianaError) {
    let folder = parent(of: path)
    let file = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else { throw .file("cannot open", folder) }
    defer { close(file) }
    guard fsync(file) == 0 else { throw .file("cannot sync", folder) }
  }

  /// Waits until what was written to a file is on the disk; a file that is not there needs none.
  package static func sync(_ path: String) throws(KianaError) {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      guard errno == ENOENT else { throw .file("cannot open", path) }
      return
    }
    defer { close(file) }
    guard fdatasync(file) == 0 else { throw .file("cannot sync", path) }
  }

  /// Gives a file or folder another name in the same folder.
  package static func move(_ path: String, to other: String) throws(KianaError) {
    guard unsafe rename(path, other) == 0 else { throw .file("cannot rename", path) }
    try syncFolder(of: path)
  }

  /// Lets two folders beside each other change names, in one step.
  package static func exchange(_ path: String, _ other: String) throws(KianaError) {
    guard unsafe kiana_rename_exchange(path, other) == 0 else {
      throw .file("cannot exchange '\(path)' with", other)
    }
    try syncFolder(of: path)
  }

  /// Overwrites and deletes the files of a folder, and deletes it; one that is not there is fine.
  package static func destroyFolder(_ path: String) throws(KianaError) {
    for name in names(in: path) { try destroy("\(path)/\(name)") }
    guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw .file("cannot delete", path) }
    try syncFolder(of: path)
  }

  package static func exists(_ path: String) -> Bool {
    unsafe access(path, F_OK) == 0
  }

  package static func isLink(_ path: String) -> Bool {
    var facts = stat()
    return unsafe lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFLNK
  }

  /// Deletes a file; one that is not there is fine.
  package static func delete(_ path: String) throws(KianaError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else { throw .file("cannot delete", path) }
  }

  /// Overwrites a file with zeros and deletes it; one that is not there is fine. Some disks keep
  /// what was overwritten, which is why secrets lie sealed.
  package static func destroy(_ path: String) throws(KianaError) {
    let file = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
    if file >= 0 {
      var facts = stat()
      if unsafe fstat(file, &facts) == 0, facts.st_size > 0, facts.st_size <= 65_536 {
        let zeros = [UInt8](repeating: 0, count: Int(facts.st_size))
        _ = unsafe zeros.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
        fsync(file)
      }
      close(file)
    }
    try delete(path)
    try syncFolder(of: path)
  }

  /// The names in a folder, in order; nothing when it is not there.
  package static func names(in folder: String) -> [String] {
    guard let open = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(open) }
    var found = [String]()
    while let entry = unsafe readdir(open) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      if name != ".", name != ".." { found.append(name) }
    }
    return found.sorted()
  }

  /// The folder that `path` lies in.
  package static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The bytes of a file.
  /// - Throws: `noState` when it is not there or not readable, `failed` when it is longer.
  package static func read(_ path: String, sizeBytesMax: Int) throws(KianaError) -> [UInt8] {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .file("cannot read", path) }
    defer { close(file) }
    return try readAll(file, path, sizeBytesMax: sizeBytesMax)
  }

  /// The same; nil when there is no such file.
  package static func readIfPresent(
    _ path: String, sizeBytesMax: Int
  ) throws(KianaError) -> [UInt8]? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    if file < 0, errno == ENOENT { return nil }
    guard file >= 0 else { throw .file("cannot read", path) }
    defer { close(file) }
    return try readAll(file, path, sizeBytesMax: sizeBytesMax)
  }

  /// Reads a file that only its owner may read.
  /// - Throws: `key` when it is missing, of another user, or open to others.
  package static func readPrivate(_ path: String, sizeBytesMax: Int) throws(KianaError) -> [UInt8] {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else {
      let error = KianaError.file("cannot read", path)
      throw KianaError(code: .key, what: error.what, why: error.why)
    }
    defer { close(file) }
    try checkPrivate(file, path)
    return try readAll(file, path, sizeBytesMax: sizeBytesMax)
  }

  /// Refuses an open file that somebody else owns or may read.
  package static func checkPrivate(_ file: Int32, _ path: String) throws(KianaError) {
    var facts = stat()
    guard unsafe fstat(file, &facts) == 0 else { throw .file("cannot read", path) }
    guard facts.st_mode & 0o077 == 0 else {
      throw KianaError(
        code: .key, what: "cannot use '\(path)'", why: "other users may read it",
        hint: "chmod 600 '\(path)'")
    }
    guard facts.st_uid == geteuid() || facts.st_uid == 0 else {
      throw KianaError(code: .key, what: "cannot use '\(path)'", why: "another user owns it")
    }
  }

  /// Refuses a folder that others may enter.
  package static func checkPrivateFolder(_ path: String) throws(KianaError) {
    let folder = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else {
      let error = KianaError.file("cannot open", path)
      throw KianaError(code: .key, what: error.what, why: error.why)
    }
    defer { close(folder) }
    var facts = stat()
    guard unsafe fstat(folder, &facts) == 0, facts.st_mode & 0o077 == 0 else {
      throw KianaError(
        code: .key, what: "cannot use the keys in '\(path)'", why: "other users may enter it",
        hint: "chmod 700 '\(path)'")
    }
  }

  private static func readAll(
    _ file: Int32, _ path: String, sizeBytesMax: Int
  ) throws(KianaError) -> [UInt8] {
    var bytes = [UInt8]()
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe Glibc.read(file, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .file("cannot read", path) }
      guard count > 0 else { return bytes }
      bytes += chunk[0..<count]
      guard bytes.count <= sizeBytesMax else {
        throw KianaError(
          code: .failed, what: "cannot read '\(path)'",
          why: "it is longer than \(sizeBytesMax) bytes")
      }
    }
  }

  /// Makes a folder and those above it, with these rights; existing ones are left as they are.
  package static func makeFolder(_ path: String, mode: UInt32) throws(KianaError) {
    if Places.isDirectory(path) { return }
    let above = parent(of: path)
    if above != path, !Places.isDirectory(above) { try makeFolder(above, mode: 0o755) }
    guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else {
      throw .file("cannot make the folder", path)
    }
  }
}
