internal import Glibc
package import KianaCrypto
package import KianaModel

/// The controlling terminal, for secrets that a person types or writes down.
///
/// It is `/dev/tty`, not standard input or output: those may be pipes, and the secret belongs in
/// none of them.
package struct Terminal: ~Copyable {
  private let file: Int32

  /// - Returns: nil when this process has no terminal.
  package init?() {
    let opened = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard opened >= 0 else { return nil }
    file = opened
  }

  deinit {
    close(file)
  }

  /// Whether this process has one.
  static var isHere: Bool {
    if Terminal() != nil { true } else { false }
  }

  package borrowing func show(_ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
  }

  package borrowing func show(_ secret: borrowing Secret) {
    _ = SecretFile.write(secret, to: file)
  }

  /// Asks for one line that is no secret.
  package borrowing func askOpenly(_ prompt: String) throws(KianaError) -> String {
    tcflush(file, TCIFLUSH)
    show(prompt)
    var bytes = [UInt8]()
    var byte: UInt8 = 0
    while bytes.count < Self.lineBytesMax {
      let count = unsafe Glibc.read(file, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count > 0, byte != 0x0A else { break }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let lineBytesMax = 1024

  /// Whether a person types "yes".
  package borrowing func confirms(_ prompt: String) throws(KianaError) -> Bool {
    try askOpenly(prompt) == "yes"
  }

  /// Asks for one line that is not shown.
  package borrowing func ask(_ prompt: String) throws(KianaError) -> Secret {
    var before = termios()
    let isTerminal = unsafe tcgetattr(file, &before) == 0
    if isTerminal {
      var quiet = before
      quiet.c_lflag &= ~tcflag_t(ECHO)
      unsafe tcsetattr(file, TCSAFLUSH, &quiet)
    }
    defer {
      if isTerminal { unsafe tcsetattr(file, TCSAFLUSH, &before) }
      show("\n")
    }
    // After the switch, which throws away what was typed before it.
    show(prompt)
    return try SecretFile.read(file, name: "/dev/tty")
  }
}
