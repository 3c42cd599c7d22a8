/// The state of a log at a size: what its key and its witnesses sign.
///
/// Source: C2SP tlog-checkpoint. Three lines, origin, size in decimal, root in base64; more lines
/// are allowed and signed, and mean nothing here.
package struct Checkpoint: Equatable, Sendable {
  package let origin: String
  /// How many entries the log has.
  package let size: Int64
  /// The root of the tree; 32 bytes where the tree is RFC 6962's, as ours and all witnesses' are.
  package let rootBytes: [UInt8]
  /// Lines that follow, each with its line feed.
  package let extensions: String

  package init(origin: String, size: Int64, root: Hash32) {
    self.origin = origin
    self.size = size
    rootBytes = root.bytes
    extensions = ""
  }

  /// Nil when the log has another kind of tree.
  package var root: Hash32? { Hash32(rootBytes) }

  /// The signed text.
  package var text: String {
    "\(origin)\n\(size)\n\(Base64.encode(rootBytes, .standard))\n\(extensions)"
  }

  /// - Returns: nil when the text is no checkpoint.
  package init?(_ text: String) {
    let parts = text.split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, !parts[0].isEmpty, let size = Int64(parts[1]), size >= 0,
      let root = Base64.decode(String(parts[2]), .standard), !root.isEmpty,
      parts[3].isEmpty || parts[3].hasSuffix("\n")
    else { return nil }
    origin = String(parts[0])
    self.size = size
    rootBytes = root
    extensions = String(parts[3])
    // Another spelling of a number would be another text for the same tree.
    guard self.text.isSpelled(like: text) else { return nil }
  }
}
