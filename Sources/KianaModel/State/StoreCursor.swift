/// Where a reader of a store stopped: `NONCE.N`, the copy of the store and the next place.
///
/// The nonce is another one after a restore, when places may have been given a second time; a
/// reader that asks with the old one must be told, since it would skip silently.
package struct StoreCursor: Equatable, Sendable {
  /// `store_nonce` of the copy: lower-case hex digits.
  package let nonce: String
  /// The first place that was not read.
  package let next: Int64

  package init(nonce: String, next: Int64) {
    self.nonce = nonce
    self.next = next
  }

  /// - Returns: nil for anything but what `text` gives.
  package init?(_ text: String) {
    guard let dot = text.lastIndex(of: "."), let next = Int64(text[text.index(after: dot)...]),
      next >= 0
    else { return nil }
    self.init(nonce: String(text[..<dot]), next: next)
    guard !nonce.isEmpty, nonce.utf8.allSatisfy({ Hex.value($0) != nil }), self.text == text
    else { return nil }
  }

  /// `NONCE.N`.
  package var text: String { "\(nonce).\(next)" }
}
