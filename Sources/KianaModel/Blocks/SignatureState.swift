/// What is known of a stored block's signature.
package enum SignatureState: Int64, Sendable {
  /// Not checked: a later block of its author, whose signature was checked, commits to it. It is
  /// read, and does nothing and does not leave the node.
  case pending = 0
  case good = 1
  /// Checked, and wrong: its author signed a chain with a bad block in it.
  case bad = 2
}
