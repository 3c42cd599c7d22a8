internal import Glibc
internal import KianaCrypto
internal import KianaModel
internal import KianaTesting

/// What a sync costs: time and CPU on the receiving side, and bytes when many feeds differ a little.
struct SyncBench {
  let command: String
  let folder: String
  /// Blocks of the one feed.
  let count: Int
  /// Inserts the same rows and does nothing else.
  let bareInsert: String

  private func node(_ name: String) -> String { "\(folder)/\(name)" }

  private func run(_ name: String, _ words: String...) -> Measure.Process {
    Measure.run([command, words[0], "--state", node(name)] + words.dropFirst())
  }

  /// - Parameter imported: how many blocks a second an import of the same feed takes.
  func oneFeed(from source: String, imported: Double) {
    _ = run("bare", "init")
    let start = Measure.wallSeconds()
    _ = Measure.run([bareInsert, "\(node("bare"))/kiana.db", "\(count)"])
    let bare = Double(count) / (Measure.wallSeconds() - start)
    _ = run("sync", "init")
    let times = "\(folder)/times"
    let serve =
      "'\(command)' serve --stdio --read-only --state '\(node(source))'; times >'\(times)'"
    let taken = run("sync", "sync", "--pull-only", "--via", serve)
    guard taken.status == 0 else { preconditionFailure("the sync failed") }
    let rate = Double(count) / taken.wall
    // The usage of a process has that of the ones it waited for.
    let receiver = taken.cpu - Self.childSeconds(times)
    let check = run("sync", "verify")
    Measure.report(
      "head-verified sync of one feed over a pipe",
      [
        ("blocks", Double(count)), ("blocks_s", rate), ("bare_insert_s", bare),
        ("to_bare_insert", rate / bare), ("to_import", rate / imported),
        ("receiver_cpu_us", receiver / Double(count) * 1e6), ("rss_mb", taken.rssMegabytes),
        ("verify_status", Double(check.status)),
      ], reach: "to_bare_insert >= 0.5, to_import >= 2, receiver_cpu_us <= 30, rss_mb <= 64")
  }

  /// User and system seconds of the children of a shell, as its `times` writes them.
  private static func childSeconds(_ path: String) -> Double {
    guard let file = unsafe fopen(path, "r") else { return 0 }
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 200)
    let read = unsafe fread(&bytes, 1, bytes.count, file)
    let text = String(decoding: bytes.prefix(read), as: UTF8.self)
    guard let line = text.split(separator: "\n").last else { return 0 }
    return line.split(separator: " ").reduce(0.0) { sum, word in
      let parts = word.dropLast().split(separator: "m").compactMap { Double($0) }
      return sum + (parts.count == 2 ? parts[0] * 60 + parts[1] : 0)
    }
  }

  // MARK: many feeds

  /// 1,000 feeds, of which 200 have one block more on one side.
  func manyFeeds() {
    let base = "\(folder)/feeds"
    let more = "\(folder)/more"
    let sizes = Self.writeFeeds(base: base, more: more)
    for name in ["left", "right", "cold"] {
      _ = run(name, "init")
      _ = run(name, "import", base)
    }
    for _ in 0..<3 { _ = bytes("left", "right") }
    let idle = bytes("left", "right")
    _ = run("left", "import", more)
    let warm = bytes("right", "left") - sizes
    let cold = bytes("cold", "left") - sizes
    Measure.report(
      "1,000 feeds, 200 of them advanced, blocks and key events not counted",
      [("cold_bytes", cold), ("warm_bytes", warm), ("nothing_to_do_warm_bytes", idle)],
      reach: "cold <= 30000, warm <= 10000, nothing to do <= 700")
  }

  /// The bytes of both ways of a session.
  private func bytes(_ name: String, _ other: String) -> Double {
    let report = "\(folder)/report"
    let serve = "'\(command)' serve --stdio --state '\(node(other))'"
    let line =
      "'\(command)' sync --state '\(node(name))' --json --via \"\(serve)\" >'\(report)' 2>/dev/null"
    _ = Measure.run(["/bin/sh", "-c", line])
    guard let file = unsafe fopen(report, "r") else { return 0 }
    defer { unsafe fclose(file) }
    var text = [UInt8](repeating: 0, count: 2000)
    let read = unsafe fread(&text, 1, text.count, file)
    let value = try? JSONValue.parse(Array(text.prefix(read).prefix { $0 != 0x0A }))
    return Double((value?["bytes_in"]?.integer ?? 0) + (value?["bytes_out"]?.integer ?? 0))
  }

  /// - Returns: how many bytes the 200 blocks and the key logs of their authors have on the wire.
  private static func writeFeeds(base: String, more: String) -> Double {
    guard let first = unsafe fopen(base, "w"), let second = unsafe fopen(more, "w") else {
      preconditionFailure("cannot write \(base)")
    }
    defer {
      unsafe fclose(first)
      unsafe fclose(second)
    }
    func put(_ line: [UInt8], _ file: UnsafeMutablePointer<FILE>) {
      let whole = line + [0x0A]
      _ = unsafe whole.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
    }
    var size = 0
    for number in 0..<1000 {
      let author = TestAuthor(UInt8(number / 32))
      if number % 32 == 0 { unsafe put(author.line, first) }
      var chain = [Block]()
      for index in 0..<3 {
        chain.append(
          author.block(
            "feed \(number) \(index)", after: chain.last, feed: "feed-\(number % 32)",
            time: 1_700_000_000_000))
      }
      for block in chain.prefix(2) { unsafe put(block.line, first) }
      guard number % 5 == 0 else { continue }
      unsafe put(chain[2].line, second)
      var wire = [UInt8]()
      WireBlock.append(chain[2], to: &wire)
      size += wire.count
    }
    for number in 0..<32 { size += 44 + TestAuthor(UInt8(number)).stream.count }
    return Double(size)
  }
}
