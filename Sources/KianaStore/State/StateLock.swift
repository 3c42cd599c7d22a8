internal import Glibc
package import KianaModel

/// The lock of a state directory: the daemon holds it as long as it runs, and `init` and migrations
/// while they work. Commands that only read and write rows need none; SQLite is their meeting
/// point.
package struct StateLock: ~Copyable {
  private let file: Int32

  /// Takes the lock without waiting.
  /// - Throws: `stateLocked`, with the process that holds it when it says so.
  package static func take(_ directory: StateDirectory) throws(KianaError) -> StateLock {
    let path = "\(directory.path)/lock"
    let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .file("cannot open", path) }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      defer { close(file) }
      guard errno == EWOULDBLOCK else { throw .file("cannot lock", path) }
      let text = (try? DurableFile.read(path, sizeBytesMax: 32)) ?? []
      let holder = Int32(String(decoding: text.filter { $0 > 0x20 }, as: UTF8.self))
      throw .stateLocked(path: directory.path, pid: holder)
    }
    _ = ftruncate(file, 0)
    let text = Array("\(getpid())\n".utf8)
    _ = unsafe text.withUnsafeBytes { unsafe pwrite(file, $0.baseAddress, $0.count, 0) }
    return StateLock(file: file)
  }

  /// Gives it back; leaving scope does the same.
  package consuming func release() {}

  deinit {
    close(file)
  }
}

extension KianaError {
  /// The state directory is held by another process, which `pid` names when it is known.
  package static func stateLocked(path: String, pid: Int32?) -> KianaError {
    KianaError(
      code: .stateLocked, what: "cannot lock the state directory '\(path)'",
      why: pid.map { "process \($0) holds its lock" } ?? "another process holds its lock",
      hint: pid.map { "wait for it to finish, or stop it with 'kill \($0)'" } ?? "try again")
  }
}
