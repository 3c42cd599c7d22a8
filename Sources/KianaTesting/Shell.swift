internal import Glibc
internal import KianaModel
internal import KianaStore

/// Runs commands as a person would, in an empty home.
package struct Shell {
  package let home: String
  /// Kept, so that the folder lives as long as the shell.
  private let folder: TemporaryFolder?
  private let binaries: String

  /// - Parameter home: becomes HOME and the folder to start in.
  package init(home: String) {
    folder = nil
    self.home = home
    binaries = Self.products
  }

  /// In a folder of its own.
  package init(in folder: TemporaryFolder) {
    self.folder = folder
    home = folder.path
    binaries = Self.products
  }

  /// Where the commands that were built lie: beside the test program.
  package static let products: String = {
    let path = (try? DurableFile.read("/proc/self/cmdline", sizeBytesMax: 1 << 20)) ?? []
    let arguments = path.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    let bundle = arguments.first { $0.hasSuffix(".xctest") && $0.contains("/") }
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let program = String(
      decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return DurableFile.parent(of: bundle ?? program)
  }()

  private static let secondsMax = 600

  /// The test runner's threads block signals, and a shell that inherits that never sees its
  /// children end.
  private static func open(_ script: String) -> UnsafeMutablePointer<FILE>? {
    var none = sigset_t()
    var before = sigset_t()
    unsafe sigemptyset(&none)
    unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    return unsafe popen(script, "r")
  }

  package struct Result: Sendable {
    /// Standard output and error, in the order they came.
    package let output: String
    package let status: Int32
  }

  /// Runs one line of /bin/sh.
  package func run(_ line: String) -> Result {
    let script = """
      cd '\(home)' || exit 99
      HOME='\(home)' PATH='\(binaries)':$PATH TZ=UTC LC_ALL=C.UTF-8
      export HOME PATH TZ LC_ALL
      unset XDG_STATE_HOME XDG_DATA_HOME XDG_CONFIG_HOME KIANA_STATE KIANA_PASSPHRASE_FILE
      exec 2>&1 </dev/null
      \(line)
      """
    // A command that hangs fails its test instead of holding up the others.
    let bounded = """
      timeout -k 5 \(Self.secondsMax) sh -c "$(cat <<'KIANA_END'
      \(script)
      KIANA_END
      )"
      """
    guard let pipe = unsafe Self.open(bounded) else {
      return Result(output: "cannot start /bin/sh", status: -1)
    }
    var output = [UInt8]()
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe fread(&chunk, 1, chunk.count, pipe)
      if count == 0 { break }
      output += chunk[0..<count]
    }
    let ended = unsafe pclose(pipe)
    let status = ended & 0x7F == 0 ? ended >> 8 & 0xFF : 128 + ended & 0x7F
    return Result(output: String(decoding: output, as: UTF8.self), status: status)
  }
}
