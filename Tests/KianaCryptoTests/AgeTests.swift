import KianaCrypto
import KianaModel
import KianaStore
import KianaTesting
import Testing

/// The files of C2SP's CCTV that concern X25519, passphrases and armor.
@Suite(.enabled(if: Vectors.isHere, "the folder of published vectors is not here"))
struct AgeVectorTests {
  private struct Vector {
    var expect = ""
    var payload = ""
    var identities = [String]()
    var passphrases = [String]()
    var isArmored = false
    let file: [UInt8]
  }

  private static let all: [String] = {
    Shell(home: "/").run("ls '\(Vectors.folder)/cctv-age/testdata'").output.split(separator: "\n")
      .map(String.init)
  }()

  /// All but those of a key exchange that we do not have.
  static let ours = all.filter { !$0.hasPrefix("hybrid") && $0 != "armor_hybrid" }

  @Test func `so many of the published files concern us`() {
    #expect(Self.all.count == 143)
    #expect(Self.ours.count == 124)
    print(
      "cctv-age: \(Self.ours.count) run, \(Self.all.count - Self.ours.count) of hybrids skipped")
  }

  private func read(_ name: String) throws -> Vector {
    let bytes = try Vectors.read("cctv-age/testdata/\(name)")
    var lines = [String]()
    var place = 0
    while let end = bytes[place...].firstIndex(of: 0x0A), end > place {
      lines.append(String(decoding: bytes[place..<end], as: UTF8.self))
      place = end + 1
    }
    var file = Array(bytes[(place + 1)...])
    if lines.contains("compressed: zlib") {
      let folder = TemporaryFolder()
      try folder.write("z", file)
      _ = Shell(home: folder.path).run(
        "python3 -c 'import zlib; open(\"f\",\"wb\").write(zlib.decompress(open(\"z\",\"rb\").read()))'"
      )
      file = try DurableFile.read("\(folder.path)/f", sizeBytesMax: 64 << 20)
    }
    var vector = Vector(file: file)
    for line in lines {
      let words = line.split(separator: ":", maxSplits: 1)
      let value = words.count == 2 ? String(words[1].dropFirst()) : ""
      switch words[0] {
      case "expect": vector.expect = value
      case "payload": vector.payload = value
      case "identity": vector.identities.append(value)
      case "passphrase": vector.passphrases.append(value)
      case "armored": vector.isArmored = value == "yes"
      default: break
      }
    }
    return vector
  }

  private func secret(_ bytes: [UInt8]) -> Secret {
    Secret(count: bytes.count) { span in
      for (place, byte) in bytes.enumerated() {
        span.storeBytes(of: byte, toByteOffset: place, as: UInt8.self)
      }
    }
  }

  private func identity(_ text: String) -> [UInt8] {
    var bytes = [UInt8]()
    let letters = Array(text.utf8)
    _ = Bech32.decode(
      humanPart: "age-secret-key-", count: letters.count, character: { letters[$0] },
      emit: { bytes.append($0) })
    return bytes
  }

  private func fileKey(_ header: AgeHeader, _ vector: Vector) throws(AgeFault) -> Secret {
    for text in vector.identities {
      if let key = try Age.fileKey(header, secret: secret(identity(text))) { return key }
    }
    for text in vector.passphrases {
      if let key = try Age.fileKey(header, passphrase: secret(Array(text.utf8))) { return key }
    }
    throw .noMatch
  }

  /// Opens a file that comes in pieces of so many bytes.
  private func open(
    _ vector: Vector, pieces: Int, into out: inout [UInt8]
  ) throws(AgeFault) {
    var bytes = vector.file
    if vector.isArmored {
      var armor = AgeArmorReader()
      var plain = [UInt8]()
      for start in stride(from: 0, to: bytes.count, by: pieces) {
        plain += try armor.push(
          bytes.span.extracting(start..<min(start + pieces, bytes.count)))
      }
      plain += try armor.finish()
      bytes = plain
    }
    var opener = AgeOpener()
    var place = 0
    while opener.header == nil {
      guard place < bytes.count else { throw AgeOpener.cut }
      let end = min(place + pieces, bytes.count)
      try opener.pushHeader(bytes.span.extracting(place..<end))
      place = end
    }
    guard let header = opener.header else { throw AgeOpener.cut }
    try opener.use(try fileKey(header, vector))
    while place < bytes.count {
      let end = min(place + pieces, bytes.count)
      try opener.push(bytes.span.extracting(place..<end), into: &out)
      place = end
    }
    try opener.finish(into: &out)
  }

  private func word(_ fault: AgeFault) -> String {
    switch fault {
    case .armor: "armor failure"
    case .header: "header failure"
    case .noMatch: "no match"
    case .mac: "HMAC failure"
    case .payload: "payload failure"
    }
  }

  @Test(arguments: ours)
  func `a file is opened or refused as it says, whatever pieces it comes in`(name: String) throws {
    let vector = try read(name)
    let isSmall = vector.file.count < 1 << 20
    for pieces in isSmall ? [1, 7, 65_536, 1 << 20] : [65_536, 1 << 20] {
      var out = [UInt8]()
      var outcome = "success"
      do throws(AgeFault) {
        try open(vector, pieces: pieces, into: &out)
      } catch {
        outcome = word(error)
      }
      #expect(outcome == vector.expect, "in pieces of \(pieces)")
      if !vector.payload.isEmpty {
        #expect(Sodium().sha256(out).hex == vector.payload, "in pieces of \(pieces)")
      }
    }
  }

  @Test func `a header that was read is written again byte for byte`() throws {
    var count = 0
    for name in Self.ours {
      let vector = try read(name)
      guard vector.expect != "header failure", !vector.isArmored else { continue }
      let length = try #require(try AgeHeader.length(in: vector.file))
      let bytes = Array(vector.file[..<length])
      #expect(try AgeHeader.parse(bytes).bytes == bytes)
      count += 1
    }
    #expect(count > 35)
  }

  @Test(arguments: [0, 1, 47, 48, 49, 65_535, 65_536, 65_537, 131_072, 200_000])
  func `what is sealed is opened, with armor and without`(size: Int) throws {
    let plain = Sodium().randomBytes(size)
    let keys = (0..<3).map { _ in Sodium().randomBytes(32) }
    let recipients = keys.map { Sodium().exchangePublicKey(ofSecret: secret($0)) }
    var sealer = AgeSealer(recipients: recipients)
    var sealed = sealer.start
    for start in stride(from: 0, to: size, by: 1000) {
      sealer.push(plain.span.extracting(start..<min(start + 1000, size)), into: &sealed)
    }
    sealer.finish(into: &sealed)
    var armor = AgeArmorWriter()
    var armored = armor.start
    for start in stride(from: 0, to: sealed.count, by: 999) {
      armored += armor.push(Array(sealed[start..<min(start + 999, sealed.count)]))
    }
    armored += armor.finish()
    for (key, isArmored) in zip(keys, [false, true, false]) {
      var vector = Vector(file: isArmored ? armored : sealed)
      vector.isArmored = isArmored
      vector.identities = [Bech32.encode(humanPart: "age-secret-key-", key)]
      var out = [UInt8]()
      try open(vector, pieces: 4096, into: &out)
      #expect(out == plain)
    }
    guard var sealer2 = AgeSealer(passphrase: secret([0x61, 0x62]), workFactor: 10) else {
      Issue.record("scrypt got no memory")
      return
    }
    var locked = sealer2.start
    sealer2.push(plain.span, into: &locked)
    sealer2.finish(into: &locked)
    var vector = Vector(file: locked)
    vector.passphrases = ["ab"]
    var out = [UInt8]()
    try open(vector, pieces: 4096, into: &out)
    #expect(out == plain)
  }

  @Test func `no byte of a sealed file can be changed`() throws {
    let key = Sodium().randomBytes(32)
    var sealer = AgeSealer(recipients: [Sodium().exchangePublicKey(ofSecret: secret(key))])
    var sealed = sealer.start
    sealer.push(Array("the words".utf8).span, into: &sealed)
    sealer.finish(into: &sealed)
    for place in sealed.indices {
      var vector = Vector(file: sealed)
      vector.identities = [Bech32.encode(humanPart: "age-secret-key-", key)]
      var changed = sealed
      changed[place] ^= 1
      vector = Vector(
        expect: "", payload: "", identities: vector.identities, passphrases: [], isArmored: false,
        file: changed)
      var out = [UInt8]()
      #expect(throws: AgeFault.self, "byte \(place)") {
        try open(vector, pieces: 4096, into: &out)
      }
    }
  }

  @Test func `a point that gives everybody the same secret is no recipient`() throws {
    let zero = try #require(Hash32([UInt8](repeating: 0, count: 32)))
    #expect(!Age.isRecipient(zero))
    let good = Sodium().exchangePublicKey(ofSecret: secret(Sodium().randomBytes(32)))
    #expect(Age.isRecipient(good))
  }
}
