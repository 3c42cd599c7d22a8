/// Who somebody is: the self-addressing prefix of their key event log's inception event.
///
/// 44 characters, `E` and the BLAKE3-256 digest; it survives every rotation of keys.
/// Source: KERI v1, self-addressing identifier prefix.
package struct AID: Hashable, Sendable {
  package let digest: Hash32

  package init(digest: Hash32) {
    self.digest = digest
  }

  /// - Returns: nil unless `text` is the one spelling of an AID.
  package init?(_ text: String) {
    self.init(text.utf8.span)
  }

  /// - Returns: nil unless `text` is the one spelling of an AID.
  package init?(_ text: Span<UInt8>) {
    guard let (code, value) = CESR.value(text), code == .blake3 else { return nil }
    digest = value
  }

  /// 44 characters.
  package var text: String { CESR.text(.blake3, digest) }
}

extension AID: CustomStringConvertible {
  package var description: String { text }
}
