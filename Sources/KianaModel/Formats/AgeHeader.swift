/// Why an age file was refused.
package enum AgeFault: Error, Equatable, Sendable {
  /// The armor, the header or its keys are not what the format says.
  case armor(String)
  case header(String)
  /// No key that was tried opens it.
  case noMatch
  /// The header was changed.
  case mac
  /// The payload was changed or cut.
  case payload(String)

  package var reason: String {
    switch self {
    case .armor(let why): "its armor is malformed: \(why)"
    case .header(let why): "its header is malformed: \(why)"
    case .noMatch: "no key that is here opens it"
    case .mac: "its header was changed"
    case .payload(let why): "its content is damaged: \(why)"
    }
  }
}

/// The header of an age file: who can open it. Source: C2SP age.md, version 1.
///
/// Reading is strict: what is written again from what was read is the same bytes.
package struct AgeHeader: Equatable, Sendable {
  /// A file key, wrapped for one recipient.
  package struct Stanza: Equatable, Sendable {
    /// The kind first; each of printable ASCII without spaces.
    package let arguments: [String]
    package let body: [UInt8]

    package init(_ arguments: [String], _ body: [UInt8]) {
      self.arguments = arguments
      self.body = body
    }
  }

  package let stanzas: [Stanza]
  /// HMAC-SHA256 over the header up to the mark before it.
  package let mac: [UInt8]

  /// So long a header may be; age itself has no bound.
  package static let bytesMax = 1 << 20
  private static let version = "age-encryption.org/v1\n"
  private static let columns = 64

  package init(stanzas: [Stanza], mac: [UInt8]) {
    self.stanzas = stanzas
    self.mac = mac
  }

  /// What the MAC is over.
  package static func signed(_ stanzas: [Stanza]) -> [UInt8] {
    var out = version
    for stanza in stanzas {
      out += "-> " + stanza.arguments.joined(separator: " ") + "\n"
      let body = Array(unpadded(stanza.body).utf8)
      for start in stride(from: 0, through: body.count, by: columns) {
        out += String(decoding: body[start..<min(start + columns, body.count)], as: UTF8.self)
        out += "\n"
      }
    }
    return Array((out + "---").utf8)
  }

  /// The whole header.
  package var bytes: [UInt8] {
    Self.signed(stanzas) + Array(" \(Self.unpadded(mac))\n".utf8)
  }

  private static func unpadded(_ bytes: [UInt8]) -> String {
    let text = Base64.encode(bytes, .standard)
    return String(text.prefix { $0 != "=" })
  }

  private static func decode(_ text: some StringProtocol) -> [UInt8]? {
    guard !text.hasSuffix("=") else { return nil }
    let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    return Base64.decode(String(text) + padding, .standard)
  }

  /// The 32 bytes of an argument, spelled in the one way.
  package static func bytes(of argument: String, count: Int) throws(AgeFault) -> [UInt8] {
    guard let bytes = decode(argument), bytes.count == count else {
      throw .header("an argument is not \(count) bytes of base64")
    }
    return bytes
  }

  /// How long the header at the start of `bytes` is; nil when more of it is to come.
  package static func length(in bytes: [UInt8]) throws(AgeFault) -> Int? {
    let start = Array(version.utf8)
    guard bytes.prefix(start.count).elementsEqual(start.prefix(bytes.count)) else {
      throw .header("it is no age file of version 1")
    }
    var line = start.count
    while line < bytes.count {
      guard let end = bytes[line...].firstIndex(of: 0x0A) else { break }
      if bytes[line...].starts(with: [0x2D, 0x2D, 0x2D]) { return end + 1 }
      line = end + 1
    }
    guard bytes.count <= bytesMax else { throw .header("it is longer than \(bytesMax) bytes") }
    return nil
  }

  /// Reads a header of the length that `length` says.
  package static func parse(_ bytes: [UInt8]) throws(AgeFault) -> AgeHeader {
    // Lines are split as bytes: a carriage return before the newline belongs to the line.
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    guard bytes.last == 0x0A, lines.count >= 3 else { throw .header("it ends early") }
    var stanzas = [Stanza]()
    var index = 1
    while index < lines.count - 2 {
      let (stanza, next) = try stanza(lines, at: index)
      stanzas.append(stanza)
      index = next
    }
    let end = lines[lines.count - 2]
    guard index == lines.count - 2, end.starts(with: Array("--- ".utf8)),
      let mac = decode(try text(end.dropFirst(4))), mac.count == 32
    else { throw .header("its last line is no MAC") }
    guard !stanzas.isEmpty else { throw .header("it has no recipients") }
    return AgeHeader(stanzas: stanzas, mac: mac)
  }

  private static func text(_ line: ArraySlice<UInt8>) throws(AgeFault) -> String {
    guard line.allSatisfy({ (0x21...0x7E).contains($0) || $0 == 0x20 }) else {
      throw .header("it has characters that do not belong there")
    }
    return String(decoding: line, as: UTF8.self)
  }

  private static func stanza(
    _ lines: [ArraySlice<UInt8>], at start: Int
  ) throws(AgeFault) -> (Stanza, next: Int) {
    let first = try text(lines[start])
    guard first.hasPrefix("-> ") else { throw .header("a stanza does not begin with '->'") }
    let arguments = first.dropFirst(3).split(separator: " ", omittingEmptySubsequences: false)
    guard arguments.allSatisfy({ !$0.isEmpty }) else { throw .header("an argument is empty") }
    var body = ""
    var index = start + 1
    while index < lines.count - 2 {
      let line = try text(lines[index])
      guard line.utf8.count <= columns else { throw .header("a line is too long") }
      body += line
      index += 1
      if line.utf8.count < columns {
        guard let bytes = decode(body) else { throw .header("a stanza is not base64") }
        return (Stanza(arguments.map(String.init), bytes), index)
      }
    }
    throw .header("a stanza has no last line")
  }
}
