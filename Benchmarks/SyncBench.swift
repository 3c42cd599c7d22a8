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
    let session = session("sync", source, "--pull-only")
    let rate = Double(count) / session.wall
    let check = run("sync", "verify")
    Measure.report(
      "head-verified sync of one feed over a pipe",
      [
        ("blocks", Double(count)), ("blocks_s", rate), ("bare_insert_s", bare),
        ("to_bare_insert", rate / bare), ("to_import", rate / imported),
        ("receiver_cpu_us", session.own.cpu / Double(count) * 1e6),
        ("sender_cpu_us", session.server.cpu / Double(count) * 1e6),
        ("receiver_rss_mb", session.own.rssMegabytes),
        ("sender_rss_mb", session.server.rssMegabytes), ("verify_status", Double(check.status)),
      ], reach: "to_bare_insert >= 0.5, to_import >= 2, receiver_cpu_us <= 30, rss_mb <= 64")
  }

  // MARK: many feeds

  /// 1,000 feeds, of which 200 have one block more on one side.
  func manyFeeds() {
    let corpus = FeedCorpus(feeds: 1000, blocks: 2)
    corpus.writeBase(to: "\(folder)/feeds")
    let sizes = corpus.writeMore(200, isScattered: false, to: "\(folder)/more")
    for name in ["left", "right", "cold"] {
      _ = run(name, "init")
      _ = run(name, "import", "\(folder)/feeds")
    }
    for _ in 0..<3 { _ = session("left", "right") }
    let idle = session("left", "right").bytes
    _ = run("left", "import", "\(folder)/more")
    let warm = session("right", "left").headBytes - sizes
    let cold = session("cold", "left").headBytes - sizes
    Measure.report(
      "1,000 feeds, 200 of them advanced, blocks and key events not counted",
      [("cold_bytes", cold), ("warm_bytes", warm), ("nothing_to_do_warm_bytes", idle)],
      reach: "cold <= 30000, warm <= 10000, nothing to do <= 700")
  }

  /// 100,000 feeds of 3,125 authors, 200 of them advanced, between nodes that never met.
  func ranges() {
    let corpus = FeedCorpus(feeds: 100_000, blocks: 1)
    corpus.writeBase(to: "\(folder)/feeds")
    let sizes = corpus.writeMore(200, isScattered: true, to: "\(folder)/more")
    for name in ["many1", "many2"] {
      _ = run(name, "init")
      _ = run(name, "import", "\(folder)/feeds")
    }
    _ = run("many1", "import", "\(folder)/more")
    let session = session("many2", "many1")
    Measure.report(
      "100,000 feeds, 200 of them advanced, by ranges, blocks not counted",
      [
        ("bytes", session.headBytes - sizes),
        ("key_bytes", session.keyBytes), ("receiver_cpu_s", session.own.cpu),
        ("sender_cpu_s", session.server.cpu), ("receiver_rss_mb", session.own.rssMegabytes),
        ("sender_rss_mb", session.server.rssMegabytes),
      ], reach: "bytes <= 250000, cpu_s <= 0.5 a side, 4 round trips (RangeTests)")
  }

  /// As many blocks as the run has, in 1,000 feeds, and 1,000 new ones scattered over them.
  func scattered() {
    let corpus = FeedCorpus(feeds: 1000, blocks: count / 1000)
    corpus.writeBase(to: "\(folder)/feeds")
    let sizes = (0..<2).map {
      corpus.writeMore(1000, isScattered: true, to: "\(folder)/more\($0)")
    }
    for name in ["wide1", "wide2"] {
      _ = run(name, "init")
      _ = run(name, "import", "\(folder)/feeds")
    }
    _ = run("wide1", "import", "\(folder)/more0")
    let cold = session("wide2", "wide1")
    for _ in 0..<2 { _ = session("wide2", "wide1") }
    _ = run("wide1", "import", "\(folder)/more1")
    let warm = session("wide2", "wide1")
    Measure.report(
      "\(count) blocks in 1,000 feeds, 1,000 new ones scattered, blocks and key events not counted",
      [
        ("cold_bytes", cold.headBytes - sizes[0]),
        ("warm_bytes", warm.headBytes - sizes[1]),
        ("warm_cpu_s", warm.own.cpu + warm.server.cpu),
        ("rss_mb", max(cold.own.rssMegabytes, cold.server.rssMegabytes)),
      ], reach: "bytes <= 40000 (negentropy over ids: 1366910), rss_mb <= 64")
  }

  // MARK: a session

  private struct Session {
    let wall: Double
    /// The side that drives, and the other one.
    let own: Measure.Usage
    let server: Measure.Usage
    /// Of both ways.
    let bytes: Double
    /// Of them, KEYS frames.
    let keyBytes: Double

    var headBytes: Double { bytes - keyBytes }
  }

  private func session(_ name: String, _ other: String, _ options: String...) -> Session {
    let report = "\(folder)/report"
    let usages = ["\(folder)/usage1", "\(folder)/usage2"]
    let bench = CommandLine.arguments[0]
    let serve =
      "'\(bench)' --usage '\(usages[1])' '\(command)' serve --stdio --state '\(node(other))'"
    let line =
      "'\(bench)' --usage '\(usages[0])' '\(command)' sync --state '\(node(name))' "
      + options.joined(separator: " ") + " --json --via \"\(serve)\" >'\(report)' 2>/dev/null"
    let taken = Measure.run(["/bin/sh", "-c", line])
    guard taken.status == 0 else { preconditionFailure("the sync failed") }
    let value = try? JSONValue.parse(Array(Measure.text(of: report).utf8.prefix { $0 != 0x0A }))
    let usage = usages.map { Measure.Usage(at: $0) }
    return Session(
      wall: taken.wall,
      // A process's usage has that of the ones it waited for.
      own: Measure.Usage(cpu: usage[0].cpu - usage[1].cpu, rssMegabytes: usage[0].rssMegabytes),
      server: usage[1],
      bytes: Double((value?["bytes_in"]?.integer ?? 0) + (value?["bytes_out"]?.integer ?? 0)),
      keyBytes: Double(value?["key_bytes"]?.integer ?? 0))
  }
}
