internal import Glibc
internal import KianaModel
internal import KianaStore

/// A place in SQLite's write-ahead log. Source: sqlite.org/walformat.html.
struct LogMark: Equatable {
  /// Changes whenever the log begins anew, and all before it is in the database file.
  private var salt = [UInt8]()
  /// Frames of the log that are valid.
  private var frames = 0

  private static let headerBytes = 32
  private static let frameHeaderBytes = 24

  /// The end of the log of an open state directory.
  static func of(_ state: String) throws(KianaError) -> LogMark {
    try Header(state).mark
  }

  /// The index of the log, which all connections share.
  private struct Header {
    let mark: LogMark
    /// Frames that are in the database file already: a log that lacks one of them would not fit.
    let backfilled: Int
    let pageBytes: Int

    init(_ state: String) throws(KianaError) {
      let path = "\(state)/kiana.db-shm"
      let bytes = DurableFile.exists(path) ? try readAll(path) : []
      guard bytes.count >= 136 else {
        (mark, backfilled, pageBytes) = (LogMark(), 0, 4096)
        return
      }
      func number(_ place: Int, _ count: Int) -> Int {
        bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
      }
      mark = LogMark(salt: Array(bytes[32..<40]), frames: number(16, 4))
      backfilled = number(96, 4)
      // 65536 is written as 1.
      pageBytes = number(14, 2) == 1 ? 65_536 : number(14, 2)
    }
  }

  /// Files as a power cut left them.
  struct Torn {
    fileprivate let state: String
    fileprivate let files: [(name: String, bytes: [UInt8])]

    /// Writes them over those that are there, so that inodes stay.
    func putBack() throws(KianaError) {
      for name in DurableFile.names(in: state) where name.hasSuffix("-shm") {
        try DurableFile.delete("\(state)/\(name)")
      }
      for (name, bytes) in files {
        guard let file = unsafe fopen("\(state)/\(name)", "w") else {
          preconditionFailure("cannot write \(name)")
        }
        _ = unsafe bytes.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
        unsafe fclose(file)
      }
    }
  }

  /// What a power cut may leave of an open state directory.
  static func tear(
    _ state: String, keeping durable: LogMark, _ random: inout SeededGenerator
  ) throws(KianaError) -> Torn {
    var files = [(name: String, bytes: [UInt8])]()
    for name in ["kiana.db", "kiana.db-wal", "index.db", "index.db-wal"]
    where DurableFile.exists("\(state)/\(name)") {
      files.append((name, try readAll("\(state)/\(name)")))
    }
    let header = try Header(state)
    guard let log = files.firstIndex(where: { $0.name == "kiana.db-wal" }) else {
      return Torn(state: state, files: files)
    }
    var least = header.backfilled
    if header.mark.salt == durable.salt { least = max(least, durable.frames) }
    let kept = Int.random(in: least...max(least, header.mark.frames), using: &random)
    let place = headerBytes + kept * (frameHeaderBytes + header.pageBytes)
    if place < files[log].bytes.count {
      if Bool.random(using: &random) {
        let end = Int.random(in: place...files[log].bytes.count, using: &random)
        files[log].bytes.removeSubrange(end...)
      }
      for index in place..<files[log].bytes.count {
        files[log].bytes[index] = UInt8.random(in: 0...255, using: &random)
      }
    }
    return Torn(state: state, files: files)
  }
}

private func readAll(_ path: String) throws(KianaError) -> [UInt8] {
  try DurableFile.read(path, sizeBytesMax: 1 << 30)
}
