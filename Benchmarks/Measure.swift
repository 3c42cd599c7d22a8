internal import Glibc
internal import KianaModel

/// One figure of a run: what, how much, and as a ratio to what it is compared with.
enum Measure {
  /// Prints a figure as a line of JSON. Numbers are text there, since our JSON has integers only.
  static func report(_ name: String, _ fields: [(String, Double)], reach: String) {
    let members = fields.map { "\"\($0.0)\":\(text($0.1))" }.joined(separator: ",")
    let line = Array("{\"bench\":\"\(name)\",\(members),\"reach\":\"\(reach)\"}\n".utf8)
    _ = unsafe line.withUnsafeBytes { unsafe write(1, $0.baseAddress, $0.count) }
  }

  private static func text(_ number: Double) -> String {
    let scaled = (number * 1000).rounded() / 1000
    return scaled == scaled.rounded() && scaled.magnitude < 1e15
      ? String(Int64(scaled)) : String(scaled)
  }

  /// CPU seconds of this thread.
  static func threadSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  static func wallSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  struct Process {
    let wall: Double
    /// User and system.
    let cpu: Double
    let rssMegabytes: Double
    let status: Int32
  }

  /// Runs a command, its output thrown away, and what it used.
  static func run(_ arguments: [String], input: String = "/dev/null") -> Process {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var list: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { for index in 0..<arguments.count { unsafe free(list[index]) } }
    var process = pid_t()
    let start = wallSeconds()
    guard unsafe posix_spawnp(&process, arguments[0], &actions, nil, &list, environ) == 0 else {
      return Process(wall: 0, cpu: 0, rssMegabytes: 0, status: -1)
    }
    var status: Int32 = 0
    var usage = rusage()
    unsafe wait4(process, &status, 0, &usage)
    let user = Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6
    let system = Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) / 1e6
    return Process(
      wall: wallSeconds() - start, cpu: user + system,
      rssMegabytes: Double(usage.ru_maxrss) / 1024, status: status >> 8 & 0xFF)
  }

  /// CPU seconds and memory of a process.
  struct Usage {
    let cpu: Double
    let rssMegabytes: Double

    init(cpu: Double, rssMegabytes: Double) {
      self.cpu = cpu
      self.rssMegabytes = rssMegabytes
    }

    /// What `--usage` wrote.
    init(at path: String) {
      let numbers = text(of: path).split(separator: " ").compactMap { Double($0) }
      self.init(cpu: numbers.first ?? 0, rssMegabytes: numbers.last ?? 0)
    }
  }

  /// Runs a command with our own input and output and writes what it used to a file:
  /// `kiana-bench --usage FILE COMMAND...`
  static func writeUsage(of arguments: [String], to path: String) -> Int32 {
    var list: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
    var process = pid_t()
    guard unsafe posix_spawnp(&process, arguments[0], nil, nil, &list, environ) == 0 else {
      return 127
    }
    var status: Int32 = 0
    var usage = rusage()
    unsafe wait4(process, &status, 0, &usage)
    let user = Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6
    let system = Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) / 1e6
    LineFile(path).put(Array("\(user + system) \(Double(usage.ru_maxrss) / 1024)".utf8))
    return status >> 8 & 0xFF
  }

  /// The beginning of a small file.
  static func text(of path: String) -> String {
    guard let file = unsafe fopen(path, "r") else { return "" }
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4000)
    let read = unsafe fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(read), as: UTF8.self).filter { $0 != "\n" }
  }

  /// The median CPU milliseconds of several runs, and the largest memory.
  static func median(_ count: Int, _ arguments: [String], input: String = "/dev/null")
    -> (milliseconds: Double, rssMegabytes: Double, status: Int32)
  {
    let runs = (0..<count).map { _ in run(arguments, input: input) }
    return (
      runs.map(\.cpu).sorted()[count / 2] * 1000, runs.map(\.rssMegabytes).max() ?? 0,
      runs.map(\.status).max() ?? 0
    )
  }
}
