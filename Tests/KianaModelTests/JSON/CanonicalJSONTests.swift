import KianaModel
import KianaTesting
import Testing

@Suite struct CanonicalJSONTests {
  private func fault(_ text: [UInt8]) -> JSONFault.Kind? {
    do throws(JSONFault) {
      try CanonicalJSON.check(text.span)
      return nil
    } catch {
      return error.kind
    }
  }

  @Test(arguments: [
    #"{}"#, #"[]"#, #"null"#, #"true"#, #"0"#, #"-1"#, #"9007199254740991"#, #""""#,
    #"{"":1}"#, #"{"a":[1,"x",null,true,false],"b":{"c":{}}}"#, #""\"\\\b\t\n\f\r\u0000\u001f""#,
    #"{"10":1,"9":2}"#, #"{"a":1,"aa":2,"b":3}"#, "\"ü€😀\u{7f}\u{2028}\"",
    // U+1F600 is D83D DE00 in UTF-16 and so stands before U+FFFD, though its scalar is greater.
    "{\"\u{1F600}\":1,\"\u{FFFD}\":2}",
  ])
  func `canonical text passes`(text: String) {
    #expect(fault(Array(text.utf8)) == nil)
  }

  @Test(
    arguments: [
      (#""#, .truncated), (#"{"#, .truncated), (#"{"a""#, .truncated), (#"{"a":"#, .truncated),
      (#"{"a":1"#, .truncated), (#"["#, .truncated), (#"[1,"#, .truncated), (#""abc"#, .truncated),
      (#""\u00"#, .truncated), (#"tru"#, .truncated), (#"-"#, .truncated), (#""\"#, .truncated),
      (#"{"a":1,"a":2}"#, .duplicateMember), (#"{"b":1,"a":2}"#, .notCanonical),
      ("{\"\u{FFFD}\":1,\"\u{1F600}\":2}", .notCanonical),
      (#" {}"#, .notCanonical), (#"{ }"#, .notCanonical), (#"[1, 2]"#, .notCanonical),
      (#"{"a" :1}"#, .notCanonical), (#"1.0"#, .float), (#"1e3"#, .float), (#"1E3"#, .float),
      (#"-0"#, .notCanonical), (#"01"#, .syntax), (#"9007199254740992"#, .integerTooLarge),
      (#"99999999999999999999999999"#, .integerTooLarge), (#"+1"#, .syntax), (#"nul1"#, .syntax),
      (#""\/""#, .notCanonical), (#""\u0041""#, .notCanonical), (#""\u000a""#, .notCanonical),
      (#""\u001F""#, .notCanonical), (#""\x""#, .syntax), ("\"\u{1}\"", .syntax),
      (#"{}x"#, .trailingBytes), (#"[1,]"#, .syntax), (#"{"a":1,}"#, .syntax), (#"{a:1}"#, .syntax),
    ] as [(String, JSONFault.Kind)])
  func `everything else is refused and named`(text: String, kind: JSONFault.Kind) {
    #expect(fault(Array(text.utf8)) == kind)
  }

  @Test(
    arguments: [
      [0x80], [0xC0, 0x80], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
      [0xF0, 0x80, 0x80, 0x80],
      [0xE2, 0x82], [0xFF],
    ] as [[UInt8]])
  func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
    #expect(fault([0x22] + bytes + [0x22]) == .notUTF8)
  }

  @Test func `a byte that does not stand for itself is seen wherever it stands in a string`() {
    for byte in UInt8.min...UInt8.max {
      for place in 0..<20 {
        var text = [UInt8](repeating: 0x61, count: 22)
        text[0] = 0x22
        text[21] = 0x22
        text[place + 1] = byte
        let isPlain = byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5C
        #expect((fault(text) == nil) == isPlain, "byte \(byte) at \(place)")
      }
    }
  }

  @Test func `sixteen levels pass and seventeen do not`() {
    func nested(_ levels: Int) -> [UInt8] {
      Array(String(repeating: "[", count: levels).utf8)
        + Array(String(repeating: "]", count: levels).utf8)
    }
    #expect(fault(nested(16)) == nil)
    #expect(fault(nested(17)) == .tooDeep)
    #expect(fault(nested(100_000)) == .tooDeep)
  }

  @Test func `what the writer writes is canonical and reads back the same`() throws {
    var random = SystemRandomNumberGenerator()
    let seed = random.next()
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      let value = randomValue(&generator, depth: 0)
      let text = value.canonical()
      #expect(fault(text) == nil, "seed \(seed)")
      let back = try JSONValue.parse(text)
      #expect(back.canonical() == text, "seed \(seed)")
    }
  }

  @Test func `one changed byte is refused or still means what it says`() throws {
    let text = Array(#"{"a":[1,20,"xü\n"],"b":{"c":null,"d":"é"},"e":true}"#.utf8)
    for index in text.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = text
        changed[index] = byte
        guard fault(changed) == nil else { continue }
        #expect(try JSONValue.parse(changed).canonical() == changed)
      }
    }
  }

  private func randomValue(_ generator: inout SeededGenerator, depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth > 4 ? 4 : 6), using: &generator) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &generator))
    case 2: return .integer(Int64.random(in: -(1 << 53) + 1..<1 << 53, using: &generator))
    case 3: return .string(randomText(&generator))
    case 4:
      return .array(
        (0..<Int.random(in: 0...4, using: &generator)).map { _ in
          randomValue(&generator, depth: depth + 1)
        })
    default:
      let names = Set(
        (0..<Int.random(in: 0...4, using: &generator)).map { _ in
          randomText(&generator).unicodeScalars.map { String($0.value) }.joined(
            separator: "\u{1F600}")
        })
      return .object(names.map { JSONMember($0, randomValue(&generator, depth: depth + 1)) })
    }
  }

  private func randomText(_ generator: inout SeededGenerator) -> String {
    let letters: [Unicode.Scalar] = [
      "a", "\"", "\\", "\n", "\u{0}", "\u{1f}", "\u{7f}", "é", "\u{FFFD}", "\u{1F600}", "/",
    ]
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...6, using: &generator) {
      text.append(letters.randomElement(using: &generator)!)
    }
    return String(text)
  }
}
