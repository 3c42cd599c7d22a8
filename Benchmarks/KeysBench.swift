internal import Glibc
internal import KianaCrypto
internal import KianaModel
internal import KianaTesting

/// Signatures and sealed files beside minisign and age, in one run.
struct KeysBench {
  /// `kiana-keys`.
  let command: String
  let folder: String
  private static let largeBytes = 500 << 20
  private static let rounds = 5

  func run() {
    verifyingLogs()
    guard Measure.run(["minisign", "-v"]).status == 0,
      Measure.run(["age", "--version"]).status == 0
    else {
      Measure.report("minisign and age", [], reach: "they are not installed")
      return
    }
    let node = "\(folder)/keys"
    let init0 = command.replacing("kiana-keys", with: "kiana-node")
    _ = Measure.run([init0, "init", "--state", node])
    shell("head -c \(Self.largeBytes) /dev/urandom >\(folder)/large; echo words >\(folder)/small")
    checking(node)
    sealing(node)
  }

  private func shell(_ line: String) {
    guard Measure.run(["sh", "-c", line]).status == 0 else { preconditionFailure(line) }
  }

  private func keys(_ node: String, _ words: String...) -> [String] {
    [command, words[0], "--state", node] + words.dropFirst()
  }

  private func cpu(_ arguments: [String], rounds: Int = rounds) -> (ms: Double, rss: Double) {
    let median = Measure.median(rounds, arguments)
    return (median.milliseconds, median.rssMegabytes)
  }

  private func checking(_ node: String) {
    shell("\(command) export --state \(node) --format minisign >\(folder)/k.pub")
    for (size, rounds) in [("small", 41), ("large", Self.rounds)] {
      let file = "\(folder)/\(size)"
      _ = Measure.run(keys(node, "sign", file))
      let ours = cpu(keys(node, "check", file), rounds: rounds)
      let theirs = cpu(
        ["minisign", "-q", "-V", "-p", "\(folder)/k.pub", "-m", file], rounds: rounds)
      Measure.report(
        "check of a \(size) file, against minisign -V",
        [
          ("cpu_ms", ours.ms), ("minisign_cpu_ms", theirs.ms), ("more_ms", ours.ms - theirs.ms),
          ("ratio", ours.ms / theirs.ms), ("rss_mb", ours.rss),
        ], reach: size == "small" ? "more_ms <= 4" : "ratio <= 1.1")
    }
  }

  private func sealing(_ node: String) {
    let large = "\(folder)/large"
    let identity = "\(folder)/identity"
    shell("age-keygen -o \(identity) 2>/dev/null; age-keygen -y \(identity) >\(folder)/recipient")
    let recipient = Measure.text(of: "\(folder)/recipient")
    let seal = cpu(keys(node, "seal", "-r", recipient, large))
    let age = cpu(["age", "-r", recipient, large])
    Measure.report(
      "seal of 500 MB, against age",
      [
        ("cpu_ms", seal.ms), ("age_cpu_ms", age.ms), ("ratio", seal.ms / age.ms),
        ("rss_mb", seal.rss),
      ], reach: "ratio <= 1.7, rss_mb <= 32")
    shell("age -r \(recipient) -o \(folder)/sealed \(large)")
    let open = cpu(keys(node, "open", "-i", identity, "\(folder)/sealed"))
    let ageOpen = cpu(["age", "-d", "-i", identity, "\(folder)/sealed"])
    Measure.report(
      "open of 500 MB, against age",
      [
        ("cpu_ms", open.ms), ("age_cpu_ms", ageOpen.ms), ("ratio", open.ms / ageOpen.ms),
        ("rss_mb", open.rss),
      ], reach: "ratio <= 1.7, rss_mb <= 32")
  }

  /// From the bytes to the judged log.
  private func verifyingLogs() {
    let author = TestAuthor(9)
    for number in 0..<1000 {
      author.anchor(
        .add(.file, author.key(UInt8(number % 200)), notBefore: 0, notAfter: 1))
    }
    let stream = author.stream
    let crypto = Sodium()
    let start = Measure.threadSeconds()
    guard let log = try? KeyLog.replay(stream, aid: author.aid, crypto) else {
      preconditionFailure("a good log is good")
    }
    let seconds = Measure.threadSeconds() - start
    Measure.report(
      "verifying a key log, an event",
      [("cpu_us", seconds * 1e6 / Double(log.events.count))], reach: "cpu_us <= 90")
  }
}
