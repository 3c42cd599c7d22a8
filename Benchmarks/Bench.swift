internal import Dispatch
internal import Glibc
internal import KianaCrypto
internal import KianaModel
internal import KianaTesting

/// Measures what `docs/BENCHMARKS.md` promises: `scripts/bench.sh`.
///
/// Ratios are taken inside one run, because machines are noisy. Arguments: the command, a folder
/// for the data, how many blocks, the program that inserts rows and does nothing else.
@main
enum Bench {
  static func main() {
    let arguments = CommandLine.arguments
    if arguments.count > 3, arguments[1] == "--usage" {
      exit(Measure.writeUsage(of: Array(arguments[3...]), to: arguments[2]))
    }
    if arguments.count == 6, arguments[1] == "--audit", let count = Int(arguments[4]) {
      AuditBench(
        command: arguments[2], folder: arguments[3], count: count, bareTrail: arguments[5]
      ).report()
      return
    }
    guard arguments.count == 5, let count = Int(arguments[3]), count >= 1000 else {
      print("usage: kiana-bench COMMAND FOLDER BLOCKS BARE-INSERT")
      exit(64)
    }
    KeysBench(
      command: arguments[1].replacing("kiana-node", with: "kiana-keys"), folder: arguments[2]
    ).run()
    let run = BenchRun(command: arguments[1], folder: arguments[2], count: count)
    run.parsing()
    run.start()
    let imported = run.importing()
    let sync = SyncBench(
      command: arguments[1], folder: arguments[2], count: count, bareInsert: arguments[4])
    sync.oneFeed(from: "n2", imported: imported)
    sync.manyFeeds()
    sync.ranges()
    sync.scattered()
    run.commands()
  }
}

struct BenchRun {
  let command: String
  let folder: String
  let count: Int
  private let crypto = Sodium()

  init(command: String, folder: String, count: Int) {
    self.command = command
    self.folder = folder
    self.count = count
  }

  private func node(_ name: String, _ words: String...) -> [String] {
    [command, words[0], "--state", "\(folder)/\(name)"] + words.dropFirst()
  }

  // MARK: the model

  func parsing() {
    let author = TestAuthor(1)
    let text = String(repeating: "the well was dug in 1911 and ", count: 14)
    let blocks = author.chain(200).map { author.block(text, after: $0) }
    let lines = blocks.map(\.line)
    let bytes = lines.reduce(0) { $0 + $1.count }
    let rounds = 200
    func rate(_ body: ([UInt8]) -> Void) -> Double {
      let start = Measure.threadSeconds()
      for _ in 0..<rounds { for line in lines { body(line) } }
      return Double(bytes * rounds) / (Measure.threadSeconds() - start) / 1e6
    }
    let check = rate { try? CanonicalJSON.check($0.span) }
    let headers = blocks.map(\.headerBytes)
    let start = Measure.threadSeconds()
    for _ in 0..<rounds { for header in headers { _ = try? BlockHeader.parse(header.span) } }
    let headerBytes = headers.reduce(0) { $0 + $1.count } * rounds
    let header = Double(headerBytes) / (Measure.threadSeconds() - start) / 1e6
    let line = rate { _ = try? BlockLine.parse($0, contentBytesMax: 1 << 20, crypto) }
    Measure.report(
      "parse and canonical check of a 1 KB block",
      [("check_mb_s", check), ("header_mb_s", header), ("line_with_sha256_mb_s", line)],
      reach: "check_mb_s >= 100")
    let trees = lines.compactMap { try? JSONValue.parse($0) }
    let output = Measure.threadSeconds()
    var written = 0
    for _ in 0..<rounds { for tree in trees { written += tree.canonical().count } }
    Measure.report(
      "JCS output of a 1 KB block",
      [("mb_s", Double(written) / (Measure.threadSeconds() - output) / 1e6)], reach: "mb_s >= 300")
  }

  func start() {
    let version = Measure.median(21, [command, "--version"])
    let none = Measure.median(21, ["/bin/true"])
    Measure.report(
      "--version as a whole process",
      [
        ("cpu_ms", version.milliseconds), ("true_cpu_ms", none.milliseconds),
        ("rss_mb", version.rssMegabytes),
      ],
      reach: "cpu_ms <= 5, rss_mb <= 16")
  }

  // MARK: import

  /// Signatures that libsodium alone checks a second, on that many threads.
  private func verifyRate(threads: Int) -> Double {
    let author = TestAuthor(7)
    let block = author.block(String(repeating: "w12345 ", count: 90))
    let message = Block.signedMessage(block.headerBytes)
    let rounds = 20_000
    let crypto = crypto
    let start = Measure.wallSeconds()
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      for _ in 0..<rounds {
        guard crypto.isSignature(block.signature, of: message, by: block.header.key.raw) else {
          preconditionFailure("a good signature is good")
        }
      }
    }
    return Double(rounds * threads) / (Measure.wallSeconds() - start)
  }

  /// - Returns: blocks a second with two workers.
  func importing() -> Double {
    let file = "\(folder)/corpus"
    var corpus = Corpus()
    _ = corpus.write(count: count, to: file)
    var rates = [Int: Double]()
    var memory = 0.0
    var sodium = 0.0
    for workers in [1, 2] {
      _ = Measure.run(node("n\(workers)", "init"))
      let before = verifyRate(threads: 2)
      let taken = Measure.run(node("n\(workers)", "import", "--workers", "\(workers)", file))
      guard taken.status == 0 else { preconditionFailure("the import failed") }
      sodium = (before + verifyRate(threads: 2)) / 2
      rates[workers] = Double(count) / taken.wall
      memory = max(memory, taken.rssMegabytes)
    }
    let two = rates[2] ?? 0
    let one = rates[1] ?? 1
    Measure.report(
      "import with every signature checked",
      [
        ("blocks_s", two), ("sodium_verify_2_threads_s", sodium), ("ratio", two / sodium),
        ("one_worker_s", one), ("two_to_twice_one", two / one / 2), ("rss_mb", memory),
      ], reach: "ratio >= 0.60, two_to_twice_one >= 0.95, rss_mb <= 64")
    let export = Measure.run(node("n2", "export"))
    Measure.report(
      "export", [("blocks_s", Double(count) / export.wall), ("rss_mb", export.rssMegabytes)],
      reach: "rss_mb <= 64")
    return two
  }

  // MARK: a large node

  func commands() {
    let index = Measure.run(node("n2", "reindex"))
    Measure.report(
      "full-text catch-up, labels included",
      [("cpu_us_a_block", index.cpu / Double(count) * 1e6), ("rss_mb", index.rssMegabytes)],
      reach: "cpu_us_a_block <= 80")
    var corpus = Corpus()
    let ids = corpus.write(count: min(count, 1000), to: "/dev/null")
    let id = ids[ids.count / 2].hex
    func whole(_ name: String, _ words: [String], reach: String) {
      let used = Measure.median(
        11, [command, words[0], "--state", "\(folder)/n2"] + words.dropFirst())
      Measure.report(
        name,
        [
          ("blocks", Double(count)), ("cpu_ms", used.milliseconds), ("status", Double(used.status)),
        ],
        reach: reach)
    }
    whole("get by id", ["get", id], reach: "cpu_ms <= 8")
    whole("get by prefix", ["get", String(id.prefix(12))], reach: "cpu_ms <= 8")
    whole("log --limit 20", ["log", "--limit", "20"], reach: "cpu_ms <= 12")
    whole("log --tag --limit 20", ["log", "--tag", "t5", "--limit", "20"], reach: "-")
    whole("search of two words in 5 % and 4 %", ["search", "alpha", "beta"], reach: "cpu_ms <= 30")
    whole("search of one word in 5 %", ["search", "alpha"], reach: "cpu_ms <= 100")
    whole("search of a word in half", ["search", "common"], reach: "cpu_ms <= 100")
    whole("status", ["status"], reach: "no scan")
    let put = Measure.median(11, node("n2", "put", "-"), input: "/etc/hostname")
    Measure.report("put of one block", [("cpu_ms", put.milliseconds)], reach: "cpu_ms <= 15")
  }
}
