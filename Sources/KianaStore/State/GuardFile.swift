internal import Glibc
package import KianaModel

/// The guard file of one node on disk: `AID.guard` in the guard directory, 0600.
package enum GuardFile {
  private static let sizeBytesMax = 65_536

  /// Writes what the node has reached, as `record` says it under the file's lock: so that of two
  /// commands that end together the later one writes last.
  ///
  /// - Parameter record: gets what is kept, nil when nothing is; nothing is written when it gives
  ///   nil.
  package static func write(
    for aid: AID, in places: Places,
    _ record: (GuardRecord?) throws(KianaError) -> GuardRecord?
  ) throws(KianaError) {
    try DurableFile.makeFolder(places.guardDirectory, mode: 0o700)
    let lockPath = path(aid, places) + ".lock"
    let lock = unsafe open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw .file("cannot open", lockPath) }
    defer { close(lock) }
    guard flock(lock, LOCK_EX) == 0 else { throw .file("cannot lock", lockPath) }
    guard let reached = try record(try read(for: aid, in: places)) else { return }
    try DurableFile.write(reached.bytes(), to: path(aid, places), mode: 0o600)
  }

  /// - Returns: nil when there is none, or it is damaged: both count as restored.
  package static func read(for aid: AID, in places: Places) throws(KianaError) -> GuardRecord? {
    guard
      let bytes = try DurableFile.readIfPresent(path(aid, places), sizeBytesMax: sizeBytesMax)
    else { return nil }
    return GuardRecord(bytes: bytes)
  }

  private static func path(_ aid: AID, _ places: Places) -> String {
    "\(places.guardDirectory)/\(aid.text).guard"
  }
}
