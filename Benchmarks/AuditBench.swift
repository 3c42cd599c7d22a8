internal import Glibc
internal import KianaCrypto
internal import KianaModel
internal import KianaOps
internal import KianaStore
internal import KianaTesting

/// The audit trail beside bare inserts into the same tables, and beside the disk.
struct AuditBench {
  /// `kiana-audit`.
  let command: String
  let folder: String
  /// Entries of the large trail.
  let count: Int
  /// The program that inserts rows and does nothing else.
  let bareTrail: String

  private static let payload = JSONValue.object([
    JSONMember("text", .string(String(repeating: "x", count: 109)))
  ])

  func report() {
    do { try run() } catch { preconditionFailure("\(error)") }
  }

  private func run() throws {
    try singles()
    try batches(64)
    try batches(1000)
    try importing()
    try large()
  }

  private func drafts(_ count: Int, _ crypto: Sodium) -> [Recorder.Draft] {
    (0..<count).map { _ in
      var draft = Recorder.Draft("bench.done", target: "blk:\(crypto.randomHash().hex)")
      draft.payload = Self.payload
      return draft
    }
  }

  private func append(_ node: Node, _ drafts: [Recorder.Draft]) throws {
    try node.database.transaction { () throws(KianaError) -> Void in
      try node.recorder.record(drafts, now: node.now())
    }
  }

  /// Seconds that bare inserts take.
  private func bare(_ count: Int, batch: Int) throws -> Double {
    let node = try TestNode()
    let path = "\(node.places.state)/kiana.db"
    _ = Measure.run(["sh", "-c", "'\(bareTrail)' '\(path)' \(count) \(batch) >'\(folder)/bare'"])
    return Double(Measure.text(of: "\(folder)/bare")) ?? 0
  }

  // MARK: appending

  private static let singleRounds = 400
  /// What one append writes to the log of the database: seven pages.
  private static let singleBytes = 7 * 4120

  /// Appends, and writes of as many bytes, one after the other, so that both meet the same disk.
  private func singles() throws {
    let node = try TestNode()
    let path = "\(node.places.state)/bytes"
    let file = unsafe open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
    defer { close(file) }
    let chunk = [UInt8](repeating: 7, count: Self.singleBytes)
    var (times, writes) = ([Double](), [Double]())
    for draft in drafts(Self.singleRounds, node.node.crypto) {
      var start = Measure.wallSeconds()
      try append(node.node, [draft])
      times.append(Measure.wallSeconds() - start)
      start = Measure.wallSeconds()
      _ = unsafe chunk.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
      fdatasync(file)
      writes.append(Measure.wallSeconds() - start)
    }
    let ours = times.sorted()[Self.singleRounds / 2]
    let disk = writes.sorted()[Self.singleRounds / 2]
    let bare = try bare(Self.singleRounds, batch: 1) / Double(Self.singleRounds)
    Measure.report(
      "one durable append, against the disk and bare inserts",
      [
        ("append_us", ours * 1e6), ("fsync_us", disk * 1e6), ("bare_us", bare * 1e6),
        ("fsyncs", ours / disk), ("bare_ratio", ours / bare),
      ], reach: "fsyncs <= 1.3")
  }

  private func batches(_ size: Int) throws {
    let total = 64_000
    let node = try TestNode()
    var left = drafts(total, node.node.crypto)[...]
    let start = Measure.wallSeconds()
    while !left.isEmpty {
      try append(node.node, Array(left.prefix(size)))
      left = left.dropFirst(size)
    }
    let ours = Double(total) / (Measure.wallSeconds() - start)
    let bare = Double(total) / (try bare(total, batch: size))
    Measure.report(
      "appends in batches of \(size), against bare inserts",
      [("per_s", ours), ("bare_per_s", bare), ("ratio", ours / bare)], reach: "ratio >= 0.5")
  }

  // MARK: what it costs an import

  private func importing() throws {
    let author = TestAuthor(5)
    var head: Block?
    var lines = [author.line]
    for number in 0..<20_000 {
      let text = "word\(number) " + String(repeating: "the well was dug in 1911 and ", count: 14)
      let block = author.block(text, after: head)
      head = block
      lines.append(block.line)
    }
    var with = [Double]()
    var without = [Double]()
    for _ in 0..<5 {
      for isOn in [true, false] {
        let node = try TestNode()
        node.node.recorder.isOn = isOn
        let start = Self.processSeconds()
        _ = try node.take(lines, workers: 2)
        let seconds = Self.processSeconds() - start
        if isOn { with.append(seconds) } else { without.append(seconds) }
      }
    }
    let (on, off) = (with.sorted()[2], without.sorted()[2])
    Measure.report(
      "import with the trail, against an import without",
      [
        ("cpu_us_a_block", on / 20_000 * 1e6), ("without_us", off / 20_000 * 1e6),
        ("cost_percent", (on / off - 1) * 100),
      ], reach: "cost_percent <= 5")
  }

  private static func processSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  // MARK: a large trail

  private func large() throws {
    let node = try TestNode()
    let path = node.places.state
    try fill(node)
    try node.node.database.checkpointAndTruncate()
    let before = try emptyBytes()
    let size = Int(try node.node.events.size())
    Measure.report(
      "bytes stored an entry with a payload of 120 bytes, \(count) entries",
      [("bytes", (Double(node.node.directory.sizes().truth) - before) / Double(size))],
      reach: "bytes <= 600")
    try proving(node)
    verifying(path)
    queries(path)
  }

  /// One month, ten types and actors.
  private func fill(_ node: TestNode) throws {
    let crypto = node.node.crypto
    let step = 30 * 86_400_000 / Int64(count)
    node.clock.now = 1_790_812_800_000  // 2026-10-01
    var written = 0
    while written < count {
      var batch = [Recorder.Draft]()
      for number in written..<min(written + 1000, count) {
        var draft = Recorder.Draft(
          number % 5000 == 0 ? "bench.rare" : "bench.type\(number % 10)",
          target: "blk:\(crypto.randomHash().hex)")
        draft.actor = number % 7000 == 0 ? "seldom" : nil
        draft.result = number % 100 == 0 ? .deny : .ok
        draft.payload = Self.payload
        batch.append(draft)
      }
      node.clock.now += step * Int64(batch.count)
      try append(node.node, batch)
      written += batch.count
    }
    _ = try LogSigning(
      node.node, unlockedBy: .credential(path: node.places.credential)
    ).checkpoint()
  }

  private func emptyBytes() throws -> Double {
    let node = try TestNode()
    try node.node.database.checkpointAndTruncate()
    return Double(node.node.directory.sizes().truth)
  }

  private func proving(_ node: TestNode) throws {
    let proving = Proving(node.node)
    let rounds = 200
    let size = Int64(count)
    let start = Measure.threadSeconds()
    for round in 0..<Int64(rounds) {
      _ = try proving.proof(of: (round * 7919 + 13) % size, withPayload: true) {
        () throws(KianaError) in preconditionFailure("a checkpoint covers it")
      }
    }
    Measure.report(
      "a proof of one entry of \(count)",
      [("cpu_ms", (Measure.threadSeconds() - start) / Double(rounds) * 1000)],
      reach: "cpu_ms <= 1")
  }

  private func verifying(_ state: String) {
    // In a process of its own: a child of this one would count this one's memory as its own.
    let status = Measure.run([
      CommandLine.arguments[0], "--usage", "\(folder)/usage", command, "verify", "--full",
      "--state",
      state,
    ]).status
    let run = Measure.Usage(at: "\(folder)/usage")
    Measure.report(
      "verify --full of \(count) entries",
      [("cpu_s", run.cpu), ("rss_mb", run.rssMegabytes), ("status", Double(status))],
      reach: "cpu_s <= 10, rss_mb <= 64")
  }

  private func queries(_ state: String) {
    let cases = [
      ("type", ["--type", "bench.rare"]), ("actor", ["--actor", "seldom"]),
      ("time", ["--since", "2026-10-11T10:00:00Z", "--until", "2026-10-11T10:05:00Z"]),
      ("type and time", ["--type", "bench.type3", "--since", "2026-10-30"]),
    ]
    for (name, words) in cases {
      let run = Measure.median(
        11, [command, "query", "--state", state, "--limit", "100"] + words)
      Measure.report(
        "query by \(name) among \(count) entries",
        [("cpu_ms", run.milliseconds), ("status", Double(run.status))],
        reach: "cpu_ms <= 20")
    }
    let report = Measure.run([
      command, "report", "--state", state, "--period", "2026-10", "--template", "access",
      "--format", "html",
    ])
    Measure.report(
      "a month's report of \(count) entries",
      [("wall_s", report.wall), ("cpu_s", report.cpu), ("status", Double(report.status))],
      reach: "wall_s <= 2")
  }
}
