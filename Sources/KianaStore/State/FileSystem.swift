internal import CKiana
internal import Glibc
package import KianaModel

/// What the kernel says about a file system.
package enum FileSystem {
  /// Network file systems by their magic numbers (`linux/magic.h` and their own sources): locks and
  /// shared memory do not work there as SQLite's write-ahead log needs them.
  private static let network: [UInt32: String] = [
    0x6969: "NFS", 0x517B: "SMB", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB2",
    0x0102_1997: "9p", 0x5346_414F: "AFS", 0x6B41_4653: "AFS", 0x00C3_6400: "Ceph",
    0x7375_7245: "Coda", 0x564C: "NCP", 0x0BD0_0BD0: "Lustre", 0x0116_1970: "GFS2",
    0x7461_636F: "OCFS2", 0x1980_3FF2: "GPFS", 0x6573_5546: "FUSE",
  ]

  /// The name of the network file system that a magic number stands for; nil for a local one.
  ///
  /// FUSE counts as one only when /proc says that it is sshfs or the like: a FUSE file system may
  /// be a local, encrypted one.
  package static func networkName(magic: UInt32, mountType: @autoclosure () -> String) -> String? {
    guard let name = network[magic] else { return nil }
    guard name == "FUSE" else { return name }
    let type = mountType()
    let remote = ["sshfs", "rclone", "s3fs", "davfs", "glusterfs", "curlftpfs"]
    return remote.first { type.contains($0) }
  }

  static func networkName(of path: String) -> String? {
    networkName(
      magic: unsafe kiana_file_system(path), mountType: mountType(of: path))
  }

  /// The type in /proc/self/mounts of the mount that holds `path`; empty when it is not found.
  private static func mountType(of path: String) -> String {
    guard let bytes = try? DurableFile.read("/proc/self/mounts", sizeBytesMax: 1 << 20) else {
      return ""
    }
    var best = (length: -1, type: "")
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 2 else { continue }
      let mount = fields[1] == "/" ? "" : fields[1]
      if path == mount || path.hasPrefix(mount + "/"), mount.count > best.length {
        best = (mount.count, String(fields[2]))
      }
    }
    return best.type
  }

  /// Free bytes for this user where `path` lies; nil when the kernel does not say.
  package static func freeBytes(_ path: String) -> Int64? {
    let bytes = unsafe kiana_free_bytes(path)
    return bytes < 0 ? nil : bytes
  }
}

extension KianaError {
  /// A call on a file failed; `errno` is read now.
  package static func file(_ what: String, _ path: String, hint: String = "") -> KianaError {
    let number = errno
    let code: Code =
      switch number {
      case EACCES, EPERM, EROFS, ENOENT, ENOTDIR, ELOOP: .noState
      default: .inputOutput
      }
    return KianaError(
      code: code, what: "\(what) '\(path)'", why: unsafe String(cString: strerror(number)),
      hint: number == ENOSPC ? "free some space and run the command again" : hint)
  }
}
