/// One line of an input, without its newline.
package enum InputLine: Sendable {
  case line([UInt8])
  /// Longer than the reader's limit; its bytes were passed over.
  case tooLong
}
