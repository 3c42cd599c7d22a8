internal import Glibc
internal import KianaModel
internal import KianaStore

/// Writes a file that is there whole or not at all, or to standard output.
final class FileWriting {
  private let path: String?
  private let temporary: String
  private var file: Int32
  private var isDone = false

  /// - Parameters:
  ///   - path: nil for standard output. An existing file is replaced at the end.
  ///   - mode: rights from the first byte on.
  init(_ path: String?, mode: UInt32) throws(KianaError) {
    self.path = path
    guard let path else {
      temporary = ""
      file = 1
      return
    }
    temporary = "\(path).new.\(getpid())"
    unsafe unlink(temporary)
    file = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard file >= 0 else { throw Self.failed(path) }
  }

  /// It has nothing to do with the state directory, whatever is wrong with the path.
  private static func failed(_ path: String) -> KianaError {
    let error = KianaError.file("cannot write", path)
    return KianaError(
      code: .inputOutput, what: error.what, why: error.why, hint: error.hint)
  }

  deinit {
    guard path != nil, file >= 0 else { return }
    close(file)
    if !isDone { unsafe unlink(temporary) }
  }

  func write(_ bytes: [UInt8]) throws(KianaError) {
    var offset = 0
    while offset < bytes.count {
      let count = unsafe bytes[offset...].withUnsafeBytes {
        unsafe Glibc.write(file, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failed(path ?? "standard output") }
      offset += count
    }
  }

  /// All was written: the file gets its name.
  func finish() throws(KianaError) {
    guard let path else { return }
    guard fsync(file) == 0, unsafe rename(temporary, path) == 0 else {
      throw Self.failed(path)
    }
    isDone = true
    try DurableFile.syncFolder(of: path)
  }
}
