/// One frame of the sync protocol (`docs/PROTOCOL.md` section 1).
package struct Frame: Equatable, Sendable {
  package enum Kind: UInt8, Sendable {
    case hello = 1
    case keys, heads, headsDelta, rangeReconciliation, want, blocks, content
    case credit = 11
    case note
    case error = 13
    case bye, proof, fresh
  }

  package let kind: Kind
  package let payload: [UInt8]

  /// Length of type and payload, at most: 1 MiB and 64 KiB.
  package static let bytesMax = 1 << 20 + 1 << 16

  package init(_ kind: Kind, _ payload: [UInt8]) {
    self.kind = kind
    self.payload = payload
  }

  package func append(to out: inout [UInt8]) {
    let length = UInt32(payload.count + 1)
    for shift in [24, 16, 8, 0] { out.append(UInt8(truncatingIfNeeded: length >> UInt32(shift))) }
    out.append(kind.rawValue)
    out += payload
  }
}

/// Why a session ended early.
package struct SyncFault: Error, Equatable, Sendable {
  /// A word for the ERR frame.
  package let code: String
  /// What exactly, for a person.
  package let words: String
  /// When another session may do better; 0 when nobody knows.
  package let retryAfterSeconds: Int64

  package init(_ code: String, _ words: String, retryAfterSeconds: Int64 = 0) {
    self.code = code
    self.words = words
    self.retryAfterSeconds = retryAfterSeconds
  }

  /// What the ERR frame of the other side says.
  init(error payload: [UInt8]) {
    let value = try? JSONValue.parse(payload)
    let code = value?["code"]?.string ?? "unknown"
    let seconds = min(max(0, value?["retry_after"]?.integer ?? 0), 86_400)
    self.init(
      "peer", "the other side ended with '\(Printable.line(String(code.prefix(32))))'",
      retryAfterSeconds: seconds)
  }

  /// ERR.
  package var frame: Frame {
    let members = [
      JSONMember("code", .string(code)), JSONMember("retry_after", .integer(retryAfterSeconds)),
    ]
    return Frame(.error, JSONValue.object(members).canonical())
  }
}

/// Cuts frames out of bytes that come in pieces.
package struct FrameReader: Sendable {
  private var buffer = [UInt8]()
  private var start = 0
  /// How many frames of kinds that we do not know were passed over.
  private(set) var skipped = 0
  private let bytesMax: Int

  /// - Parameter bytesMax: a frame that says it is longer ends the session before it is read.
  package init(bytesMax: Int = Frame.bytesMax) {
    self.bytesMax = bytesMax
  }

  package mutating func append(_ bytes: some Collection<UInt8>) {
    if start > 0, start == buffer.count || start > 1 << 16 {
      buffer.removeSubrange(..<start)
      start = 0
    }
    buffer += bytes
  }

  /// Whether a frame has begun and not ended.
  package var isInside: Bool { start < buffer.count }

  package var partialBytes: Int { buffer.count - start }

  /// The next whole frame; nil when more bytes are needed. Kinds of 128 and more are passed over.
  package mutating func next() throws(SyncFault) -> Frame? {
    while buffer.count - start >= 4 {
      let length = buffer[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length >= 1, length <= bytesMax else {
        throw SyncFault("frame", "a frame says it has \(length) bytes")
      }
      guard buffer.count - start >= 4 + length else { return nil }
      let type = buffer[start + 4]
      let payload = Array(buffer[start + 5..<start + 4 + length])
      start += 4 + length
      if let kind = Frame.Kind(rawValue: type) { return Frame(kind, payload) }
      guard type >= 128 else { throw SyncFault("frame", "a frame has the unknown type \(type)") }
      skipped += 1
    }
    return nil
  }
}

/// Unsigned LEB128, the shortest form only, at most 9 bytes.
package enum Varint {
  package static func append(_ number: Int64, to out: inout [UInt8]) {
    var rest = UInt64(number)
    while rest >= 0x80 {
      out.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    out.append(UInt8(rest))
  }

  /// - Returns: nil when the bytes end, or the number has another form.
  package static func read(_ bytes: [UInt8], _ offset: inout Int) -> Int64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while offset < bytes.count, shift < 63 {
      let byte = bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return byte == 0 && shift > 0 ? nil : Int64(value) }
      shift += 7
    }
    return nil
  }
}
