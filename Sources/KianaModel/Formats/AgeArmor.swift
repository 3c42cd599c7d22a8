/// The ASCII armor of age: strict PEM, folded at 64 letters. Source: C2SP age.md, "ASCII armor".
package enum AgeArmor {
  fileprivate static let begin = Array("-----BEGIN AGE ENCRYPTED FILE-----".utf8)
  fileprivate static let end = Array("-----END AGE ENCRYPTED FILE-----".utf8)
  fileprivate static let columns = 64

  /// Whether the start of a file is that of an armored one; nil when it is too short to say.
  package static func isArmored(_ start: [UInt8]) -> Bool? {
    let rest = start.drop(while: isSpace)
    let mark = begin.prefix(5)
    if rest.count >= mark.count { return rest.starts(with: mark) }
    return mark.starts(with: rest) ? nil : false
  }

  fileprivate static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }
}

/// Puts the armor on, piece by piece.
package struct AgeArmorWriter {
  private var waiting = [UInt8]()
  /// The bytes of a line.
  private static let lineBytes = AgeArmor.columns / 4 * 3

  package init() {}

  /// What stands before everything.
  package var start: [UInt8] { AgeArmor.begin + [0x0A] }

  /// Whole lines of what came until now.
  package mutating func push(_ bytes: [UInt8]) -> [UInt8] {
    waiting += bytes
    var out = [UInt8]()
    var offset = 0
    while waiting.count - offset >= Self.lineBytes {
      Base64.append(Array(waiting[offset..<offset + Self.lineBytes]), .standard, to: &out)
      out.append(0x0A)
      offset += Self.lineBytes
    }
    waiting.removeFirst(offset)
    return out
  }

  /// The last line, and what stands after everything.
  package mutating func finish() -> [UInt8] {
    var out = [UInt8]()
    if !waiting.isEmpty {
      Base64.append(waiting, .standard, to: &out)
      out.append(0x0A)
    }
    waiting = []
    return out + AgeArmor.end + [0x0A]
  }
}

/// Takes the armor off, piece by piece.
package struct AgeArmorReader {
  private enum Place {
    case before, inside, after
  }

  private var place = Place.before
  private var line = [UInt8]()
  /// A line that was not full: the end must follow.
  private var isShort = false
  private var spaces = 0
  /// White space before and after is a courtesy with a bound.
  private static let spacesMax = 1024
  /// The longest line, its end included.
  private static let lineBytesMax = 80

  package init() {}

  /// The bytes in the lines that are whole.
  package mutating func push(_ bytes: Span<UInt8>) throws(AgeFault) -> [UInt8] {
    var out = [UInt8]()
    for index in bytes.indices {
      let byte = bytes[index]
      if byte == 0x0A {
        try take(&out)
        line.removeAll(keepingCapacity: true)
      } else {
        line.append(byte)
        guard line.count <= Self.lineBytesMax || place != .inside && isBlank else {
          throw .armor("a line is too long")
        }
        if isBlank, place != .inside { try count() }
      }
    }
    return out
  }

  /// The end of the input, which may lack its newline.
  package mutating func finish() throws(AgeFault) -> [UInt8] {
    var out = [UInt8]()
    if !line.isEmpty { try take(&out) }
    line = []
    guard place == .after else { throw .armor("its last line is missing") }
    return out
  }

  private var isBlank: Bool { line.allSatisfy(AgeArmor.isSpace) }

  private mutating func count() throws(AgeFault) {
    spaces += 1
    guard spaces <= Self.spacesMax else { throw .armor("there is too much white space") }
  }

  private mutating func take(_ out: inout [UInt8]) throws(AgeFault) {
    if line.last == 0x0D { line.removeLast() }
    switch place {
    case .before:
      if isBlank { return try count() }
      guard line == AgeArmor.begin else { throw .armor("its first line is not age's") }
      place = .inside
    case .inside:
      if line == AgeArmor.end {
        place = .after
        return
      }
      guard !isShort, !line.isEmpty, line.count <= AgeArmor.columns,
        let bytes = Base64.decode(line.span, .standard)
      else { throw .armor("a line is not base64 of 64 letters") }
      // Padding or fewer letters: only the last line may.
      isShort = line.count < AgeArmor.columns || line.last == 0x3D
      out += bytes
    case .after:
      guard isBlank else { throw .armor("something follows its last line") }
      try count()
    }
  }
}
