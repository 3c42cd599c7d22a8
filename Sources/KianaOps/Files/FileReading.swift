internal import Glibc
internal import KianaCrypto
internal import KianaModel

/// Reads files that a caller names, `-` for standard input.
enum FileReading {
  private static let chunkBytes = 1 << 18
  private static let leastBytes = 1 << 12

  /// Calls `body` with each piece of a file.
  static func forEachPiece(
    _ path: String, _ body: (Span<UInt8>) throws(KianaError) -> Void
  ) throws(KianaError) {
    let file = path == "-" ? 0 : unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failed(path) }
    defer { if file != 0 { close(file) } }
    var chunk = [UInt8](repeating: 0, count: chunkBytes(for: file))
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe read(file, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failed(path) }
      if count == 0 { return }
      try body(chunk.span.extracting(0..<count))
    }
  }

  /// How much to read at once: to fill a large buffer with zeros takes longer than most signatures.
  private static func chunkBytes(for file: Int32) -> Int {
    var facts = stat()
    guard unsafe fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      return chunkBytes
    }
    return min(chunkBytes, max(leastBytes, Int(facts.st_size) + 1))
  }

  /// The digest of a file.
  static func digest(_ path: String, _ kind: Digest64.Kind) throws(KianaError) -> [UInt8] {
    var digest = Digest64(kind)
    try forEachPiece(path) { (piece) throws(KianaError) in digest.update(piece) }
    return digest.finish()
  }

  /// All bytes of a file.
  /// - Throws: `refused` when it is longer than `bytesMax`.
  static func whole(_ path: String, bytesMax: Int) throws(KianaError) -> [UInt8] {
    var bytes = [UInt8]()
    var isTooLong = false
    try forEachPiece(path) { (piece) throws(KianaError) in
      isTooLong = isTooLong || bytes.count + piece.count > bytesMax
      guard !isTooLong else { return }
      for index in piece.indices { bytes.append(piece[index]) }
    }
    guard !isTooLong else {
      throw KianaError(
        code: .refused, what: "'\(path)' is too long", why: "\(bytesMax) bytes are allowed")
    }
    return bytes
  }

  private static func failed(_ path: String) -> KianaError {
    KianaError(
      code: errno == ENOENT ? .notFound : .inputOutput, what: "cannot read '\(path)'",
      why: unsafe String(cString: strerror(errno)))
  }
}
