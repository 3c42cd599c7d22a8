internal import CKiana
internal import Glibc
package import KianaModel

/// What a command talks through: results to `output`, everything else to standard error.
package final class Console {
  /// The command's name, with which each message begins.
  package let name: String
  package let output = Output()
  package var isQuiet = false
  package var isVerbose = false
  private var progressLength = 0
  private var lastProgress: Int64 = 0
  private let isErrorTerminal = isatty(2) == 1

  package init(name: String) {
    self.name = name
  }

  /// The failure that ends the command: one line, and one with the way out.
  package func fail(_ error: KianaError) {
    clearProgress()
    say("\(name): error: \(Printable.line(error.message))")
    if !error.hint.isEmpty { say("\(name): hint: \(Printable.line(error.hint))") }
  }

  /// Something that was skipped or needs attention; the command goes on.
  package func warn(_ text: String) {
    clearProgress()
    say("\(name): warning: \(Printable.line(text))")
  }

  /// What was done, for a person; `--quiet` leaves it out.
  package func note(_ text: String) {
    guard !isQuiet else { return }
    clearProgress()
    say("\(name): \(Printable.line(text))")
  }

  /// Details that only `--verbose` wants.
  package func detail(_ text: String) {
    guard isVerbose else { return }
    clearProgress()
    say("\(name): \(Printable.line(text))")
  }

  /// What was printed before stands before it, on a terminal and in a common log.
  private func say(_ text: String) {
    try? output.flush()
    let bytes = Array((text + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(2, $0.baseAddress, $0.count) }
  }

  /// Shows how far long work is, on a terminal only, at most five times a second.
  ///
  /// - Parameters:
  ///   - total: how much there is to do; 0 when nobody knows.
  ///   - start: when it began, `Clock.steadyMilliseconds`.
  package func progress(_ what: String, _ done: Int, of total: Int, since start: Int64) {
    guard isErrorTerminal, !isQuiet else { return }
    let now = Clock.steadyMilliseconds()
    guard now - lastProgress >= 200 else { return }
    lastProgress = now
    let seconds = max(Double(now - start) / 1000, 0.001)
    let rate = Double(done) / seconds
    var text = "\(what): \(done)"
    if total > 0 { text += " of \(total) (\(done * 100 / max(total, 1)) %)" }
    text += ", \(Int(rate))/s"
    if total > done, rate > 0 { text += ", \(Int(Double(total - done) / rate)) s left" }
    let columns = Int(kiana_terminal_columns(2))
    if columns > 1 { text = String(text.prefix(columns - 1)) }
    let bytes = Array(
      ("\r" + text + String(repeating: " ", count: max(0, progressLength - text.count))).utf8)
    progressLength = text.count
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(2, $0.baseAddress, $0.count) }
  }

  /// Takes the progress line away.
  package func clearProgress() {
    guard progressLength > 0 else { return }
    let bytes = Array(("\r" + String(repeating: " ", count: progressLength) + "\r").utf8)
    progressLength = 0
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(2, $0.baseAddress, $0.count) }
  }
}

/// The clocks of this machine; rooms below get them handed in.
package enum Clock {
  /// Milliseconds since 1970-01-01 UTC.
  package static func milliseconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// Milliseconds of a clock that nobody sets.
  package static func steadyMilliseconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// How many seconds local time is ahead of UTC at a moment.
  package static func localOffsetSeconds(at milliseconds: Int64) -> Int64 {
    var seconds = time_t(milliseconds / 1000)
    var parts = unsafe tm()
    guard unsafe localtime_r(&seconds, &parts) != nil else { return 0 }
    return Int64(unsafe parts.tm_gmtoff)
  }
}

/// What this process runs on.
package enum Machine {
  /// Whether it has less than 1 GiB of memory.
  package static var isSmall: Bool {
    Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE))) < 1 << 30
  }

  /// Whether a person sees standard output.
  package static var isOutputTerminal: Bool { isatty(1) == 1 }

  /// Whether a person types and reads.
  package static var isOnTerminal: Bool { isatty(0) == 1 && isatty(2) == 1 }
}

/// Whether somebody asked this process to end.
package enum Interruption {
  /// From now on the first SIGINT, SIGTERM or SIGHUP is only noted; the second one ends the
  /// process.
  package static func watch() {
    kiana_watch_signals()
  }

  /// - Throws: `interrupted` or `terminated` when a signal came.
  package static func check() throws(KianaError) {
    switch kiana_signal() {
    case 0: return
    case SIGINT: throw KianaError(code: .interrupted, what: "interrupted")
    default: throw KianaError(code: .terminated, what: "terminated")
    }
  }
}
