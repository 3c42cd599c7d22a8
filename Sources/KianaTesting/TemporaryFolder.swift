internal import Glibc
package import KianaModel
internal import KianaStore

/// A folder of its own for one test; gone when the test is.
package final class TemporaryFolder {
  package let path: String

  package init() {
    var template = Array("/tmp/kiana-test.XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { preconditionFailure("no folder in /tmp") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    Self.delete(path)
  }

  private static func delete(_ path: String) {
    if Places.isDirectory(path), !DurableFile.isLink(path) {
      unsafe chmod(path, 0o700)
      for name in DurableFile.names(in: path) { delete("\(path)/\(name)") }
      unsafe rmdir(path)
    } else {
      unsafe unlink(path)
    }
  }

  /// Writes a file in the folder and gives its path.
  @discardableResult
  package func write(_ name: String, _ bytes: [UInt8]) throws(KianaError) -> String {
    let path = "\(path)/\(name)"
    try DurableFile.makeFolder(DurableFile.parent(of: path), mode: 0o700)
    try DurableFile.write(bytes, to: path, mode: 0o600)
    return path
  }

  /// Every file below the folder.
  package func files() -> [String] {
    Self.files(path)
  }

  private static func files(_ path: String) -> [String] {
    DurableFile.names(in: path).flatMap { name in
      let inner = "\(path)/\(name)"
      return Places.isDirectory(inner) ? files(inner) : [inner]
    }
  }

  /// The files below a folder in which the words stand.
  package static func files(in path: String, holding words: String) throws(KianaError) -> [String] {
    var found = [String]()
    for file in files(path) {
      let bytes = try DurableFile.read(file, sizeBytesMax: 1 << 30)
      if bytes.contains(Array(words.utf8)) { found.append(file) }
    }
    return found
  }
}
