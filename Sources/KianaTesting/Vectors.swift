internal import Glibc
package import KianaModel
internal import KianaStore

/// Published test vectors, which lie beside the project and are not part of it.
package enum Vectors {
  /// `$KIANA_VECTORS`, else `../shared/vectors` beside the project.
  package static let folder: String = {
    if let path = unsafe getenv("KIANA_VECTORS") { return unsafe String(cString: path) }
    return "\(project)/../shared/vectors"
  }()

  /// `$KIANA_LEGACY`, else `../shared/legacy`: real files of the original.
  package static let legacyFolder: String = {
    if let path = unsafe getenv("KIANA_LEGACY") { return unsafe String(cString: path) }
    return "\(project)/../shared/legacy"
  }()

  /// The project's own folder.
  package static let project: String = {
    let source = #filePath
    return source.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
  }()

  package static var isHere: Bool { Places.isDirectory(folder) }
  package static var isLegacyHere: Bool { Places.isDirectory(legacyFolder) }

  package static func read(_ name: String) throws(KianaError) -> [UInt8] {
    try DurableFile.read("\(folder)/\(name)", sizeBytesMax: 64 << 20)
  }
}
