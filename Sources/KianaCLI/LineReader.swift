internal import Glibc
package import KianaModel

/// Reads a file or a pipe line by line, or whole, in bounded memory.
package final class LineReader {
  private let file: Int32
  private let path: String
  private let lineBytesMax: Int
  private var buffer = [UInt8]()
  private var start = 0
  private var isAtEnd = false
  private var chunk = [UInt8](repeating: 0, count: 65_536)

  /// - Parameter path: `-` is standard input.
  /// - Throws: `notFound` or `inputOutput` when the file cannot be opened.
  package init(path: String, lineBytesMax: Int) throws(KianaError) {
    self.path = path == "-" ? "standard input" : path
    self.lineBytesMax = lineBytesMax
    if path == "-" {
      file = 0
    } else {
      file = unsafe open(path, O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { throw Self.error(path) }
    }
  }

  deinit {
    if file != 0 { close(file) }
  }

  /// The next line without its newline; nil at the end. A last line without newline counts.
  package func next() throws(KianaError) -> InputLine? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0A) {
        let line = Array(buffer[start..<end])
        start = end + 1
        return line.count > lineBytesMax ? .tooLong : .line(line)
      }
      if buffer.count - start > lineBytesMax { return try skipLine() }
      searched = buffer.count
      if isAtEnd {
        guard start < buffer.count else { return nil }
        let line = Array(buffer[start...])
        start = buffer.count
        return .line(line)
      }
      if start > 0 {
        buffer.removeSubrange(..<start)
        searched -= start
        start = 0
      }
      try fill()
    }
  }

  /// Passes over the rest of a line that is too long.
  private func skipLine() throws(KianaError) -> InputLine {
    while true {
      if let end = buffer[start...].firstIndex(of: 0x0A) {
        start = end + 1
        return .tooLong
      }
      buffer.removeAll(keepingCapacity: true)
      start = 0
      if isAtEnd { return .tooLong }
      try fill()
    }
  }

  /// Everything that is left.
  /// - Throws: `refused` when it is more than `bytesMax`.
  package func rest(bytesMax: Int) throws(KianaError) -> [UInt8] {
    while !isAtEnd {
      try fill()
      guard buffer.count - start <= bytesMax else {
        throw KianaError(
          code: .refused, what: "'\(path)' is too long", why: "\(bytesMax) bytes are allowed")
      }
    }
    let bytes = Array(buffer[start...])
    start = buffer.count
    return bytes
  }

  /// As many bytes as the other side said that it sends, without waiting for more; fewer when it
  /// ends before.
  package func bytes(_ count: Int) throws(KianaError) -> [UInt8] {
    while !isAtEnd, buffer.count - start < count { try fill() }
    let bytes = Array(buffer[start...].prefix(count))
    start += bytes.count
    return bytes
  }

  private func fill() throws(KianaError) {
    while true {
      // Input that never ends, and never a line of it either, must not keep the command alive.
      try Interruption.check()
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe read(file, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR {
        try Interruption.check()
        continue
      }
      guard count >= 0 else { throw Self.error(path) }
      if count == 0 { isAtEnd = true } else { buffer += chunk[0..<count] }
      return
    }
  }

  private static func error(_ path: String) -> KianaError {
    KianaError(
      code: errno == ENOENT ? .notFound : .inputOutput, what: "cannot read '\(path)'",
      why: unsafe String(cString: strerror(errno)))
  }
}
