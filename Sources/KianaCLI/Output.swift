internal import Glibc
package import KianaModel

/// Standard output, checked: a full disk or a closed pipe is an error and not a silence.
///
/// It carries the result and nothing else. Swift's `print` does not notice that a write failed.
package final class Output {
  private var buffer = [UInt8]()
  private let file: Int32
  /// The first failure; it is thrown again until the command ends with it.
  private var failure: KianaError?
  private static let bufferBytes = 65_536

  package init(_ file: Int32 = 1) {
    self.file = file
  }

  package func write(_ bytes: [UInt8]) throws(KianaError) {
    buffer += bytes
    if buffer.count >= Self.bufferBytes { try flush() }
  }

  /// A line of text; the newline is added.
  package func line(_ text: String) throws(KianaError) {
    buffer += text.utf8
    buffer.append(0x0A)
    if buffer.count >= Self.bufferBytes { try flush() }
  }

  /// One JSON object on a line of its own.
  package func json(_ members: [JSONMember]) throws(KianaError) {
    JSONValue.object(members).append(to: &buffer, sorted: true)
    buffer.append(0x0A)
    if buffer.count >= Self.bufferBytes { try flush() }
  }

  /// Ends the process as a write to a closed pipe would, when nobody reads the output any more:
  /// who follows something quiet would else wait for its next line, as in `tail -f | head -1`.
  package func endWhenNobodyReads() {
    var wanted = pollfd(fd: file, events: 0, revents: 0)
    guard unsafe poll(&wanted, 1, 0) == 1, wanted.revents & Int16(POLLERR) != 0 else {
      return
    }
    raise(SIGPIPE)
  }

  /// Writes what is buffered.
  /// - Throws: `inputOutput`.
  package func flush() throws(KianaError) {
    if let failure { throw failure }
    var offset = 0
    while offset < buffer.count {
      let count = unsafe buffer[offset...].withUnsafeBytes {
        unsafe Glibc.write(file, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let error = KianaError(
          code: .inputOutput, what: "cannot write to standard output",
          why: unsafe String(cString: strerror(errno)))
        buffer.removeAll()
        failure = error
        throw error
      }
      offset += count
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
