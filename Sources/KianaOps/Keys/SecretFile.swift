internal import Glibc
package import KianaCrypto
package import KianaModel
internal import KianaStore

/// Secrets in files and on terminals, read and written without ever lying in plain memory.
package enum SecretFile {
  private static let bytesMax = 4096

  /// Reads a file that only its owner may read; a newline at its end does not belong to it.
  /// - Throws: `key` when it is missing, open to others, empty or too long.
  package static func read(_ path: String) throws(KianaError) -> Secret {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw unusable(path, unsafe String(cString: strerror(errno))) }
    defer { close(file) }
    try DurableFile.checkPrivate(file, path)
    return try read(file, name: path)
  }

  /// Reads one line from a descriptor.
  package static func read(_ file: Int32, name: String) throws(KianaError) -> Secret {
    guard let line = try line(file, name: name) else { throw unusable(name, "it is empty") }
    return line
  }

  /// - Returns: nil when the line is empty, or nothing is left.
  private static func line(_ file: Int32, name: String) throws(KianaError) -> Secret? {
    var count = 0
    var isLineComplete = false
    let buffer = Secret(count: bytesMax) { span in
      unsafe span.withUnsafeMutableBytes { bytes in
        // One byte at a time: what follows the line belongs to whoever reads on.
        while count < bytes.count, !isLineComplete {
          let got = unsafe Glibc.read(file, bytes.baseAddress! + count, 1)
          if got < 0, errno == EINTR { continue }
          let isNewline = unsafe bytes[count] == 0x0A
          if got <= 0 || isNewline {
            isLineComplete = true
          } else {
            count += 1
          }
        }
      }
    }
    guard count > 0 else { return nil }
    guard isLineComplete else { throw unusable(name, "it is longer than \(bytesMax) bytes") }
    return part(of: buffer, count: count)
  }

  /// A line of a file that only its owner may read, counted from 0.
  /// - Returns: nil when the file has fewer lines; an empty secret for an empty line.
  static func line(_ number: Int, of path: String) throws(KianaError) -> Secret? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw unusable(path, unsafe String(cString: strerror(errno))) }
    defer { close(file) }
    try DurableFile.checkPrivate(file, path)
    var facts = stat()
    unsafe fstat(file, &facts)
    for _ in 0..<number { _ = try line(file, name: path) }
    guard lseek(file, 0, SEEK_CUR) < facts.st_size else { return nil }
    return try line(file, name: path) ?? Secret(count: 0, filledBy: { _ in })
  }

  private static func part(of secret: borrowing Secret, count: Int) -> Secret {
    secret.withBytes { source in
      Secret(count: count) { span in
        for index in 0..<count {
          span.storeBytes(
            of: unsafe source.unsafeLoad(fromByteOffset: index, as: UInt8.self),
            toByteOffset: index, as: UInt8.self)
        }
      }
    }
  }

  /// Writes a new file, 0600, durable when this returns.
  /// - Returns: false when there is a file of that name already; it is left as it is.
  package static func writeNew(
    _ secret: borrowing Secret, to path: String
  ) throws(KianaError) -> Bool {
    let temporary = "\(path).new.\(getpid())"
    unsafe unlink(temporary)
    let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw failed(path) }
    let isWritten = write(secret, to: file) && fsync(file) == 0
    close(file)
    defer { unsafe unlink(temporary) }
    guard isWritten else { throw failed(path) }
    guard unsafe link(temporary, path) == 0 else {
      if errno == EEXIST { return false }
      throw failed(path)
    }
    try DurableFile.syncFolder(of: path)
    return true
  }

  /// Writes text that is no secret beside one that is.
  static func write(_ text: String, to file: Int32) -> Bool {
    let bytes = Array(text.utf8)
    return unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
      == bytes.count
  }

  /// Writes all bytes to a descriptor.
  package static func write(_ secret: borrowing Secret, to file: Int32) -> Bool {
    secret.withBytes { bytes in
      unsafe bytes.withUnsafeBytes { buffer in
        var offset = 0
        while offset < buffer.count {
          let count = unsafe Glibc.write(file, buffer.baseAddress! + offset, buffer.count - offset)
          if count < 0, errno == EINTR { continue }
          guard count > 0 else { return false }
          offset += count
        }
        return true
      }
    }
  }

  private static func unusable(_ path: String, _ why: String) -> KianaError {
    KianaError(code: .key, what: "cannot read the secret in '\(path)'", why: why)
  }

  private static func failed(_ path: String) -> KianaError {
    KianaError(
      code: .inputOutput, what: "cannot write '\(path)'",
      why: unsafe String(cString: strerror(errno)))
  }
}
