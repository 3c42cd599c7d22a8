internal import Glibc
package import KianaModel

/// Where the things of a node lie (DESIGN section 3): the state directory, and outside it the
/// guard files and the credential.
package struct Places: Equatable, Sendable {
  /// The state directory.
  package let state: String
  /// Holds one guard file per node, and an unconfirmed recovery code.
  package let guardDirectory: String
  /// The random credential that opens sealed keys.
  package let credential: String

  package init(state: String, guardDirectory: String, credential: String) {
    self.state = state
    self.guardDirectory = guardDirectory
    self.credential = credential
  }

  package static let systemState = "/var/lib/kiana"

  /// - Parameters:
  ///   - option: what `--state` said; nil without it.
  ///   - environment: reads an environment variable.
  ///   - exists: whether there is a directory; handed in for tests.
  package static func find(
    option: String?, environment: (String) -> String?, exists: (String) -> Bool = isDirectory
  ) throws(KianaError) -> Places {
    let state: String
    if let option = option ?? environment("KIANA_STATE").flatMap({ $0.isEmpty ? nil : $0 }) {
      guard !option.isEmpty else {
        throw KianaError(code: .usage, what: "'--state' needs a directory")
      }
      state = absolute(option)
    } else if exists(systemState) {
      state = systemState
    } else {
      state = try base("XDG_STATE_HOME", ".local/state", environment) + "/kiana"
    }
    guard state != systemState else {
      return Places(
        state: state, guardDirectory: "/var/lib/kiana-guard", credential: "/etc/kiana/credential")
    }
    return Places(
      state: state,
      guardDirectory: try base("XDG_DATA_HOME", ".local/share", environment) + "/kiana-guard",
      credential: try base("XDG_CONFIG_HOME", ".config", environment) + "/kiana/credential")
  }

  /// A base directory of the XDG specification; a relative one is invalid there and ignored.
  private static func base(
    _ variable: String, _ underHome: String, _ environment: (String) -> String?
  ) throws(KianaError) -> String {
    if let path = environment(variable), path.hasPrefix("/") { return path }
    guard let home = environment("HOME"), home.hasPrefix("/") else {
      throw KianaError(
        code: .noState, what: "cannot tell where the state directory is",
        why: "neither --state, KIANA_STATE nor HOME is set",
        hint: "give --state DIR")
    }
    return "\(home)/\(underHome)"
  }

  private static func absolute(_ path: String) -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    guard !path.hasPrefix("/") else { return path }
    guard let here = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(here) }
    return unsafe String(cString: here) + "/" + path
  }

  package static func isDirectory(_ path: String) -> Bool {
    var facts = stat()
    return unsafe stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
  }
}
