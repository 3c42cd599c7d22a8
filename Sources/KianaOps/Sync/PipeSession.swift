internal import Glibc
package import KianaModel

/// Runs a sync machine over two descriptors: a pair of pipes, or standard input and output.
package struct PipeSession {
  private let input: Int32
  private let output: Int32
  private let silenceMilliseconds: Int64
  /// Before the other side has said anything somebody may have to type a password.
  private static let greetingMilliseconds: Int64 = 600_000
  private static let pipeBytes: Int32 = 1 << 20
  /// F_SETPIPE_SZ, which the C library shows to GNU sources only.
  private static let setPipeBytes: Int32 = 1031
  private static let chunkBytes = 1 << 20

  /// - Parameters:
  ///   - input: what the other side writes.
  ///   - output: what it reads.
  ///   - silenceSeconds: how long the other side may do nothing that ends the session sooner.
  package init(input: Int32, output: Int32, silenceSeconds: Int) {
    self.input = input
    self.output = output
    silenceMilliseconds = Int64(silenceSeconds) * 1000
  }

  /// Runs until both sides are done, one fails, or the other side is silent, or sends nothing of
  /// use, for too long.
  ///
  /// - Parameter check: called between reads; throws to stop.
  package func run<Store: SyncStore>(
    _ machine: inout SyncMachine<Store>, check: () throws(KianaError) -> Void
  ) throws(KianaError) {
    for file in [input, output] {
      makeNonblocking(file)
      // Room for the other side to go on while this one stores; not every pipe may grow.
      _ = fcntl(file, Self.setPipeBytes, Self.pipeBytes)
    }
    var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
    var pending = [UInt8]()
    var sent = 0
    var patience = Patience(machine.progress, Self.milliseconds())
    while true {
      try check()
      if sent == pending.count {
        pending = try machine.output()
        sent = 0
      }
      if pending.isEmpty, machine.isFinished { return }
      // What this side did in between took time of its own.
      patience.restart(machine.progress, Self.milliseconds())
      let limit = machine.peer == nil ? Self.greetingMilliseconds : silenceMilliseconds
      let left = patience.since + limit - Self.milliseconds()
      guard left > 0 else { throw silence(limit) }
      wait(Int32(left), wantsWrite: sent < pending.count)
      if sent < pending.count {
        let count = try write(pending[sent...])
        sent += count
        if count > 0 { patience.since = Self.milliseconds() }
      }
      if machine.isFinished, sent == pending.count { return }
      switch try read(&chunk) {
      case nil: break
      case 0:
        machine.receiveEnd()
        return
      case .some(let count):
        let start = Self.milliseconds()
        try machine.receive(chunk[..<count])
        patience.since += Self.milliseconds() - start
        patience.read(machine.partialFrameBytes, Self.milliseconds())
      }
    }
  }

  /// Since when the other side did nothing of use.
  private struct Patience {
    private var progress: Int
    var since: Int64
    private var partialBytes = 0
    /// So many bytes of a frame count, though it is not whole yet: a link may be slow.
    private static let bytesOfProgress = 1 << 16

    init(_ progress: Int, _ now: Int64) {
      self.progress = progress
      since = now
    }

    mutating func restart(_ progress: Int, _ now: Int64) {
      guard progress != self.progress else { return }
      self.progress = progress
      since = now
    }

    mutating func read(_ bytes: Int, _ now: Int64) {
      if bytes < partialBytes {
        partialBytes = 0
      } else if bytes - partialBytes >= Self.bytesOfProgress {
        partialBytes = bytes
        since = now
      }
    }
  }

  private func silence(_ limit: Int64) -> KianaError {
    KianaError(
      code: .failed, what: "the sync ended early",
      why: "the other side sent nothing of use for \(limit / 1000) s",
      hint: "what came is kept; run it again to go on")
  }

  private static func milliseconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  private func wait(_ milliseconds: Int32, wantsWrite: Bool) {
    var files = [pollfd(fd: input, events: Int16(POLLIN), revents: 0)]
    if wantsWrite { files.append(pollfd(fd: output, events: Int16(POLLOUT), revents: 0)) }
    _ = unsafe poll(&files, nfds_t(files.count), milliseconds)
  }

  private func makeNonblocking(_ file: Int32) {
    let flags = fcntl(file, F_GETFL)
    _ = fcntl(file, F_SETFL, flags | O_NONBLOCK)
  }

  /// - Returns: how many bytes came; nil when nothing is there now, 0 at the end.
  private func read(_ chunk: inout [UInt8]) throws(KianaError) -> Int? {
    let count = unsafe chunk.withUnsafeMutableBytes {
      unsafe Glibc.read(input, $0.baseAddress, $0.count)
    }
    if count < 0, errno == EAGAIN || errno == EINTR { return nil }
    guard count >= 0 else { throw Self.broken() }
    return count
  }

  private func write(_ bytes: ArraySlice<UInt8>) throws(KianaError) -> Int {
    let count = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.write(output, $0.baseAddress, $0.count)
    }
    if count < 0, errno == EAGAIN || errno == EINTR { return 0 }
    // Who reads no more may have said why: what it wrote is read to its end.
    if count < 0, errno == EPIPE { return bytes.count }
    guard count >= 0 else { throw Self.broken() }
    return count
  }

  private static func broken() -> KianaError {
    KianaError(
      code: .failed, what: "the sync ended early", why: unsafe String(cString: strerror(errno)))
  }
}

/// Runs a session with a command that speaks for the other side.
package enum PipeSync {
  /// - Parameter check: called between reads; throws to stop.
  /// - Returns: the command's exit status. What the other side did wrong is in the machine's
  ///   `fault`.
  package static func run<Store: SyncStore>(
    _ machine: inout SyncMachine<Store>, via line: String, silenceSeconds: Int,
    check: () throws(KianaError) -> Void
  ) throws(KianaError) -> Int32 {
    let command = try PipeCommand(line)
    var failure: KianaError?
    do throws(KianaError) {
      try PipeSession(
        input: command.input, output: command.output, silenceSeconds: silenceSeconds
      ).run(&machine, check: check)
    } catch {
      failure = error
    }
    let status = command.finish(isAsked: failure != nil)
    if let failure { throw failure }
    return status
  }
}

/// A command that speaks the protocol on its standard input and output; its standard error is ours.
package struct PipeCommand: ~Copyable {
  private let process: pid_t
  /// What the command writes.
  package let input: Int32
  /// What it reads.
  package private(set) var output: Int32

  /// Starts `/bin/sh -c LINE`.
  package init(_ line: String) throws(KianaError) {
    var toChild: [Int32] = [0, 0]
    var fromChild: [Int32] = [0, 0]
    guard unsafe pipe(&toChild) == 0, unsafe pipe(&fromChild) == 0 else {
      throw KianaError(code: .failed, what: "cannot start '\(line)'", why: "no pipe could be made")
    }
    for file in toChild + fromChild { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
    var arguments: [UnsafeMutablePointer<CChar>?] =
      unsafe ["sh", "-c", line].map { (word: String) in unsafe strdup(word) } + [nil]
    var started = pid_t()
    let status = unsafe posix_spawn(&started, "/bin/sh", &actions, nil, &arguments, environ)
    for index in 0..<3 { unsafe free(arguments[index]) }
    unsafe posix_spawn_file_actions_destroy(&actions)
    close(toChild[0])
    close(fromChild[1])
    guard status == 0 else {
      close(fromChild[0])
      close(toChild[1])
      throw KianaError(
        code: .failed, what: "cannot start '\(line)'", why: unsafe String(cString: strerror(status))
      )
    }
    // A command that ends early must not end us.
    signal(SIGPIPE, SIG_IGN)
    process = started
    input = fromChild[0]
    output = toChild[1]
  }

  /// Gives the command all of a request, and says that nothing follows.
  package mutating func write(_ request: [UInt8]) throws(KianaError) {
    var offset = 0
    while offset < request.count {
      let count = unsafe request[offset...].withUnsafeBytes {
        unsafe Glibc.write(output, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      // A command that reads no more may have answered.
      guard count > 0 else { break }
      offset += count
    }
    close(output)
    output = -1
  }

  /// All that the command writes.
  /// - Throws: `refused` when it is more than `bytesMax`.
  package borrowing func answer(bytesMax: Int) throws(KianaError) -> [UInt8] {
    var answer = [UInt8]()
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe read(input, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return answer }
      answer += chunk[..<count]
      guard answer.count <= bytesMax else {
        throw KianaError(
          code: .refused, what: "the answer is too long", why: "\(bytesMax) bytes are allowed")
      }
    }
  }

  /// Closes the pipes and waits for the command.
  ///
  /// - Parameter isAsked: whether a command that goes on without pipes is asked to end.
  /// - Returns: its exit status; 128 and the signal when one ended it.
  package consuming func finish(isAsked: Bool) -> Int32 {
    if output >= 0 { close(output) }
    close(input)
    var status: Int32 = 0
    if isAsked {
      for _ in 0..<Self.graceSteps {
        if unsafe waitpid(process, &status, WNOHANG) == process { return Self.exitStatus(status) }
        usleep(Self.graceStepMicroseconds)
      }
      kill(process, SIGTERM)
    }
    while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
    return Self.exitStatus(status)
  }

  private static let graceSteps = 50
  private static let graceStepMicroseconds: UInt32 = 20_000

  private static func exitStatus(_ status: Int32) -> Int32 {
    status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
  }
}
