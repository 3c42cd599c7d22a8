/// Why a text was refused as JSON, and where.
package struct JSONFault: Error, Equatable, Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    /// The text ends inside a value.
    case truncated
    /// Something else than the grammar of RFC 8259 allows here.
    case syntax
    /// Not UTF-8, or an escape that names half a surrogate pair.
    case notUTF8 = "not-utf8"
    /// An object names a member twice.
    case duplicateMember = "duplicate-member"
    /// Deeper than the bound.
    case tooDeep = "too-deep"
    /// A number with a fraction or an exponent.
    case float
    /// An integer of 2^53 or more, where readers begin to differ.
    case integerTooLarge = "integer-too-large"
    /// Valid, but not the one spelling of RFC 8785.
    case notCanonical = "not-canonical"
    /// Something follows the value.
    case trailingBytes = "trailing-bytes"
  }

  package let kind: Kind
  /// Offset in bytes from the start of the text.
  package let offset: Int

  package init(_ kind: Kind, at offset: Int) {
    self.kind = kind
    self.offset = offset
  }

  /// Words for a message: "not canonical JSON at byte 17".
  package var reason: String {
    switch kind {
    case .truncated: "JSON ends too early, at byte \(offset)"
    case .syntax: "not JSON at byte \(offset)"
    case .notUTF8: "not UTF-8 at byte \(offset)"
    case .duplicateMember: "a member stands twice, at byte \(offset)"
    case .tooDeep: "nested too deep at byte \(offset)"
    case .float: "a number that is not an integer at byte \(offset)"
    case .integerTooLarge: "an integer beyond 2^53 at byte \(offset)"
    case .notCanonical: "not canonical JSON (RFC 8785) at byte \(offset)"
    case .trailingBytes: "something follows the JSON value at byte \(offset)"
    }
  }
}
