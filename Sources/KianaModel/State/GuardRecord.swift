/// What a node had reached when it last wrote, kept outside its state directory (DESIGN section 3).
///
/// A state directory that was put back from an older copy is behind it, or lies in another file,
/// and must not sign: it would give two different blocks the same place.
package struct GuardRecord: Equatable, Sendable {
  /// Entries of the audit trail.
  package let auditSize: Int64
  /// When `kiana.db` was made, as the file system says; 0 where it does not know.
  package let birthNanoseconds: Int64
  /// Heads of the node's own feeds.
  package let heads: [FeedPosition]
  package let inode: UInt64
  /// Place of the last key event.
  package let keyLogS: Int64
  /// The last state of the audit log that was signed; nil before the first.
  package let signed: SignedLog?

  /// A size of the audit log in an epoch.
  package struct SignedLog: Equatable, Sendable {
    package let epoch: Int64
    package let size: Int64

    package init(epoch: Int64, size: Int64) {
      self.epoch = epoch
      self.size = size
    }

    /// Whether the log was signed at least as far as there.
    package func reaches(_ other: SignedLog) -> Bool {
      (epoch, size) >= (other.epoch, other.size)
    }
  }

  package init(
    auditSize: Int64, birthNanoseconds: Int64, heads: [FeedPosition], inode: UInt64,
    keyLogS: Int64, signed: SignedLog? = nil
  ) {
    self.signed = signed
    self.auditSize = auditSize
    self.birthNanoseconds = birthNanoseconds
    self.heads = heads
    self.inode = inode
    self.keyLogS = keyLogS
  }

  /// Why a state with this record counts as restored, compared with what was `kept`; nil when it
  /// does not.
  ///
  /// - Parameter kept: nil when there is no guard file, which counts as restored.
  package func restoredReason(comparedTo kept: GuardRecord?) -> String? {
    guard let kept else { return "its guard file is missing, so it may be an older copy" }
    guard inode == kept.inode, birthNanoseconds == kept.birthNanoseconds else {
      return "kiana.db is not the file that it was: the state was copied or restored"
    }
    guard keyLogS >= kept.keyLogS else {
      return "its key log ends at event \(keyLogS), and had reached \(kept.keyLogS)"
    }
    guard auditSize >= kept.auditSize else {
      return "its audit trail has \(auditSize) entries, and had \(kept.auditSize)"
    }
    if let last = kept.signed, signed?.reaches(last) != true {
      return "its audit log was signed at \(last.size) entries, and that checkpoint is gone"
    }
    // A key event that is newer than the file may have gone on from an earlier block; an older copy
    // has none.
    guard keyLogS == kept.keyLogS else { return nil }
    for head in kept.heads {
      guard let own = heads.first(where: { $0.feed == head.feed }) else {
        return "feed '\(head.feed)' is empty, and had blocks"
      }
      guard !own.stands(before: head) else {
        return "feed '\(head.feed)' ends at block \(own.seq), and had reached \(head.seq)"
      }
    }
    return nil
  }

  /// The file's bytes: one canonical line. Numbers that may pass 2^53 are strings.
  package func bytes() -> [UInt8] {
    let size = signed.map {
      JSONMember("signed", .array([.integer($0.epoch), .integer($0.size)]))
    }
    return JSONValue.object(
      [
        JSONMember("audit", .integer(auditSize)),
        JSONMember("birth", .string(String(birthNanoseconds))),
        JSONMember("heads", .array(heads.map(\.json))),
        JSONMember("inode", .string(String(inode))),
        JSONMember("keys", .integer(keyLogS)),
        JSONMember("v", .integer(1)),
      ] + (size.map { [$0] } ?? [])
    ).canonical() + [0x0A]
  }

  /// - Returns: nil for anything but the bytes of a record.
  package init?(bytes: [UInt8]) {
    guard let value = try? JSONValue.parse(bytes), value["v"]?.integer == 1,
      let audit = value["audit"]?.integer,
      let birth = value["birth"]?.string.flatMap({ Int64($0) }), let items = value["heads"]?.array,
      let inode = value["inode"]?.string.flatMap({ UInt64($0) }), let keys = value["keys"]?.integer
    else { return nil }
    let heads = items.compactMap { FeedPosition($0) }
    guard heads.count == items.count else { return nil }
    let numbers = value["signed"]?.array?.compactMap(\.integer) ?? []
    guard value["signed"] == nil || numbers.count == 2 else { return nil }
    self.init(
      auditSize: audit, birthNanoseconds: birth, heads: heads, inode: inode, keyLogS: keys,
      signed: numbers.isEmpty ? nil : SignedLog(epoch: numbers[0], size: numbers[1]))
  }
}
