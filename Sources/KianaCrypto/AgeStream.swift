internal import CSodium
package import KianaModel

/// The payload of an age file: chunks of 64 KiB, each sealed with its number and whether it is the
/// last one, so that none can be left out, moved or cut off. Source: C2SP age.md, "Payload";
/// STREAM by Hoang, Reyhanitabar, Rogaway and Vizár.
package struct AgeStream: ~Copyable {
  package static let chunkBytes = 65_536
  package static let tagBytes = Int(crypto_aead_chacha20poly1305_ietf_ABYTES)
  package static let nonceBytes = Age.nonceBytes

  private let key: Secret

  /// - Parameter nonce: the 16 bytes after the header.
  package init(_ fileKey: borrowing Secret, nonce: [UInt8]) {
    key = HKDF.derive(fileKey, salt: nonce, info: "payload")
  }

  private static func nonce(_ number: UInt64, isLast: Bool) -> [UInt8] {
    [0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
      + [isLast ? 1 : 0]
  }

  /// Seals one chunk, which is whole unless it is the last one.
  ///
  /// - Parameter number: counted from 0; never the same twice.
  package borrowing func seal(
    _ chunk: Span<UInt8>, number: UInt64, isLast: Bool, into out: inout [UInt8]
  ) {
    precondition(isLast || chunk.count == Self.chunkBytes, "only the last chunk may be short")
    let nonce = Self.nonce(number, isLast: isLast)
    let start = out.count
    out.append(contentsOf: repeatElement(0, count: chunk.count + Self.tagBytes))
    unsafe chunk.withUnsafeBufferPointer { plain in
      unsafe out.withUnsafeMutableBufferPointer { out in
        unsafe key.withPointer { key in
          _ = unsafe crypto_aead_chacha20poly1305_ietf_encrypt(
            out.baseAddress! + start, nil, plain.baseAddress, UInt64(plain.count), nil, 0, nil,
            nonce, key)
        }
      }
    }
  }

  /// Opens one chunk.
  /// - Throws: `payload` when it was changed, is at another place, or is not or is the last one.
  package borrowing func open(
    _ chunk: Span<UInt8>, number: UInt64, isLast: Bool, into out: inout [UInt8]
  ) throws(AgeFault) {
    guard chunk.count >= Self.tagBytes else { throw .payload("it ends inside a chunk") }
    guard chunk.count > Self.tagBytes || number == 0 else {
      throw .payload("its last chunk is empty")
    }
    let nonce = Self.nonce(number, isLast: isLast)
    let start = out.count
    out.append(contentsOf: repeatElement(0, count: chunk.count - Self.tagBytes))
    let status = unsafe chunk.withUnsafeBufferPointer { sealed in
      unsafe out.withUnsafeMutableBufferPointer { out in
        unsafe key.withPointer { key in
          let base = unsafe out.baseAddress.map { unsafe $0 + start }
          return unsafe crypto_aead_chacha20poly1305_ietf_decrypt(
            base, nil, nil, sealed.baseAddress!, UInt64(sealed.count), nil, 0, nonce, key)
        }
      }
    }
    guard status == 0 else {
      out.removeLast(chunk.count - Self.tagBytes)
      throw .payload("chunk \(number) was changed or is missing")
    }
  }
}

/// Seals a file that arrives in pieces.
package struct AgeSealer: ~Copyable {
  private let stream: AgeStream
  private var number: UInt64 = 0
  private var waiting = [UInt8]()
  /// Header and nonce, which come first.
  package let start: [UInt8]

  /// For public keys, each of which opens it.
  /// - Precondition: there is one, and `Age.isRecipient` says yes to each.
  package init(recipients: [Hash32]) {
    precondition(!recipients.isEmpty, "somebody must be able to open it")
    let fileKey = Secret(randomCount: Age.fileKeyBytes)
    self.init(fileKey, recipients.map { Age.wrap(fileKey, for: $0) })
  }

  /// For a passphrase; nil when scrypt does not get its memory.
  package init?(passphrase: borrowing Secret, workFactor: Int = Age.workFactor) {
    let fileKey = Secret(randomCount: Age.fileKeyBytes)
    guard let stanza = Age.wrap(fileKey, passphrase: passphrase, workFactor: workFactor) else {
      return nil
    }
    self.init(fileKey, [stanza])
  }

  private init(_ fileKey: borrowing Secret, _ stanzas: [AgeHeader.Stanza]) {
    let nonce = Sodium().randomBytes(AgeStream.nonceBytes)
    start = AgeHeader(stanzas: stanzas, mac: Age.mac(stanzas, fileKey)).bytes + nonce
    stream = AgeStream(fileKey, nonce: nonce)
  }

  /// Takes more of the file.
  package mutating func push(_ piece: Span<UInt8>, into out: inout [UInt8]) {
    unsafe piece.withUnsafeBufferPointer { unsafe waiting.append(contentsOf: $0) }
    var offset = 0
    // The last chunk waits until the end says that it is the last.
    while waiting.count - offset > AgeStream.chunkBytes {
      stream.seal(
        waiting.span.extracting(offset..<offset + AgeStream.chunkBytes), number: number,
        isLast: false, into: &out)
      number += 1
      offset += AgeStream.chunkBytes
    }
    if offset > 0 { waiting.removeFirst(offset) }
  }

  /// The end of the file.
  package mutating func finish(into out: inout [UInt8]) {
    stream.seal(waiting.span, number: number, isLast: true, into: &out)
    waiting = []
  }
}

/// Opens a file that arrives in pieces: first the header, then the payload.
package struct AgeOpener: ~Copyable {
  private var waiting = [UInt8]()
  private var stream: AgeStream?
  private var number: UInt64 = 0
  /// Nil until it is whole.
  package private(set) var header: AgeHeader?
  private var fileKey: Secret?

  package init() {}

  /// Takes more of the file while the header is not whole.
  /// - Throws: `header` when it is malformed.
  package mutating func pushHeader(_ piece: Span<UInt8>) throws(AgeFault) {
    unsafe piece.withUnsafeBufferPointer { unsafe waiting.append(contentsOf: $0) }
    guard header == nil, let length = try AgeHeader.length(in: waiting) else { return }
    let parsed = try AgeHeader.parse(Array(waiting[..<length]))
    try Age.check(parsed)
    header = parsed
    waiting.removeFirst(length)
  }

  /// The file ended before its header did.
  package static var cut: AgeFault { .header("it ends early") }

  /// Goes on with the file key that opened a stanza.
  package mutating func use(_ fileKey: consuming Secret) throws(AgeFault) {
    guard let header else { throw Self.cut }
    try Age.checkMAC(header, fileKey)
    self.fileKey = .some(consume fileKey)
  }

  /// Takes more of the payload.
  package mutating func push(
    _ piece: Span<UInt8>, into out: inout [UInt8]
  ) throws(AgeFault) {
    unsafe piece.withUnsafeBufferPointer { unsafe waiting.append(contentsOf: $0) }
    try drain(into: &out)
  }

  /// Opens what cannot be the last chunk.
  private mutating func drain(into out: inout [UInt8]) throws(AgeFault) {
    try begin()
    let whole = AgeStream.chunkBytes + AgeStream.tagBytes
    var offset = 0
    while stream != nil, waiting.count - offset > whole {
      let chunk = offset..<offset + whole
      do throws(AgeFault) {
        try open(chunk, isLast: false, &out)
      } catch {
        // What is good of the file is given out before the error, whatever follows it.
        guard (try? open(chunk, isLast: true, &out)) != nil else { throw error }
        throw .payload("something follows its last chunk")
      }
      offset += whole
      number += 1
    }
    if offset > 0 { waiting.removeFirst(offset) }
  }

  private borrowing func open(
    _ place: Range<Int>, isLast: Bool, _ out: inout [UInt8]
  ) throws(AgeFault) {
    try stream?.open(
      waiting.span.extracting(place), number: number, isLast: isLast, into: &out)
  }

  /// Takes the nonce.
  private mutating func begin() throws(AgeFault) {
    guard stream == nil, waiting.count >= AgeStream.nonceBytes else { return }
    guard let key = fileKey.take() else { preconditionFailure("a key comes before the payload") }
    let opened = AgeStream(key, nonce: Array(waiting[..<AgeStream.nonceBytes]))
    stream = consume opened
    waiting.removeFirst(AgeStream.nonceBytes)
  }

  /// The end of the file.
  package mutating func finish(into out: inout [UInt8]) throws(AgeFault) {
    try drain(into: &out)
    guard stream != nil else { throw .header("it ends inside the nonce") }
    do throws(AgeFault) {
      try open(0..<waiting.count, isLast: true, &out)
    } catch {
      guard waiting.count == AgeStream.chunkBytes + AgeStream.tagBytes,
        (try? open(0..<waiting.count, isLast: false, &out)) != nil
      else { throw error }
      throw .payload("its last chunk is missing")
    }
    waiting = []
  }
}
