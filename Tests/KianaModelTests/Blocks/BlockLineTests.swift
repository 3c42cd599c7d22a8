import KianaCrypto
import KianaModel
import KianaTesting
import Testing

@Suite struct BlockLineTests {
  private let crypto = Sodium()
  private let author = TestAuthor(1)

  private func fault(_ line: [UInt8], contentBytesMax: Int = 1 << 20) -> BlockFault.Kind? {
    do throws(BlockFault) {
      _ = try BlockLine.parse(line, contentBytesMax: contentBytesMax, crypto)
      return nil
    } catch {
      return error.kind
    }
  }

  private func text(_ block: Block) -> String { String(decoding: block.line, as: UTF8.self) }

  @Test(arguments: ["", "words", "\u{0}\u{1F}\"\\\n", "ü€😀", String(repeating: "x", count: 5000)])
  func `a line read and written again is the same line`(words: String) throws {
    let block = author.block(words)
    guard
      case .block(let read) = try BlockLine.parse(
        block.line, contentBytesMax: 1 << 20, crypto)
    else {
      Issue.record("not a block")
      return
    }
    #expect(read.line == block.line)
    #expect(read.header == block.header)
    #expect(read.id == block.id)
    #expect(read.content?.bytes == Array(words.utf8))
    #expect(read.hasGoodSignature(crypto))
  }

  @Test func `bytes that are no text travel as base64`() throws {
    let bytes: [UInt8] = [0xFF, 0x00, 0xFE]
    let content = BlockContent(salt: .zero, bytes: bytes)
    var header = author.block("x").header
    header.contentHash = content.hash(crypto)
    header.contentSize = 3
    let block = author.sign(header.canonical(), header, content)
    #expect(text(block).hasPrefix(#"{"content_b64":"_wD-","header":"#))
    guard
      case .block(let read) = try BlockLine.parse(
        block.line, contentBytesMax: 1 << 20, crypto)
    else { return }
    #expect(read.content?.bytes == bytes)
  }

  @Test func `a block without content is a line without content and salt`() throws {
    let block = author.block().withoutContent
    #expect(!text(block).contains("salt"))
    #expect(fault(block.line) == nil)
  }

  @Test func `each way to break a line has its name`() {
    let block = author.block("words")
    let line = text(block)
    let cases: [(String, BlockFault.Kind)] = [
      (String(line.dropLast()), .json), (line + " ", .json), (" " + line, .json),
      (line.replacing("words", with: "sword"), .contentMismatch),
      (line.replacing("words", with: "wordss"), .contentMismatch),
      (line.replacing(#""content":"words","#, with: ""), .badMember),
      (line.replacing(#""sig":"#, with: #""siq":"#), .badMember),
      (line.replacing(#""salt":""#, with: #""salt":"_"#), .badMember),
      (line.replacing(#""seq":0"#, with: #""seq":0.5"#), .json),
      (line.replacing(#""seq":0"#, with: #""seq":-1"#), .badMember),
      (line.replacing(#""seq":0"#, with: #""seq":0,"seq":0"#), .json),
      (line.replacing(#""seq":0,"#, with: ""), .missingMember),
      (line.replacing(#""feed":"main""#, with: #""feed":"Main""#), .badMember),
      (line.replacing(#""kind":"note""#, with: #""kind":"note/""#), .badMember),
      (line.replacing(#""refs":[]"#, with: #""refs":["00"]"#), .badMember),
      (line.replacing(#""tags":[]"#, with: #""tags":[1]"#), .badMember),
      (line.replacing(#""prev":null"#, with: #""prev":"x""#), .badMember),
      (line.replacing(#""author":"E"#, with: #""author":"F"#), .badMember),
      (
        line.replacing(#""topic":"""#, with: #""topic":"\#(String(repeating: "t", count: 257))""#),
        .badMember
      ),
      ("{}", .missingMember), (#"{"author":"x","kel":""}"#, .badMember), ("[]", .json),
      (String(repeating: "[", count: 100_000), .json), ("\u{FEFF}\(line)", .json),
    ]
    for (text, kind) in cases {
      #expect(fault(Array(text.utf8)) == kind, "\(text.prefix(120))")
    }
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    var line = author.block("words").line
    line[15] = 0xFF
    #expect(fault(line) == .json)
  }

  @Test func `lines and headers that are too long are refused, contents are left out`() {
    let block = author.block(String(repeating: "x", count: 100))
    guard
      case .longBlock(let kept, let bytes)? = try? BlockLine.parse(
        block.line, contentBytesMax: 99, crypto)
    else {
      Issue.record("a content that is too long should be left out")
      return
    }
    #expect(kept.content == nil)
    #expect(bytes == 100)
    var header = block.header
    header.tags = (0..<32).map { "\($0)" + String(repeating: "t", count: 250) }
    let long = author.sign(header.canonical(), header, nil)
    #expect(long.headerBytes.count > BlockLimits.headerBytesMax)
    #expect(fault(long.line) == .tooLong)
    #expect(fault([UInt8](repeating: 0x20, count: 20_000), contentBytesMax: 1) == .tooLong)
  }

  @Test func `members that nobody knows yet stay in the signed bytes`() throws {
    let block = author.block()
    let bytes = Array(
      String(decoding: block.headerBytes, as: UTF8.self)
        .replacing(#""topic":"""#, with: #""topic":"","unheard":{"of":[1]}"#).utf8)
    let strange = author.sign(bytes, block.header, block.content)
    guard
      case .block(let read) = try BlockLine.parse(
        strange.line, contentBytesMax: 1 << 20, crypto)
    else { return }
    #expect(read.headerBytes == bytes)
    #expect(read.hasGoodSignature(crypto))
  }

  /// One bit of a line changed: either it is refused, or it is another valid signature's line,
  /// which cannot be.
  @Test func `no bit of a signed block can be changed unnoticed`() {
    let line = author.block("words").line
    for place in line.indices {
      var changed = line
      changed[place] ^= 1
      guard
        case .block(let block)? = try? BlockLine.parse(
          changed, contentBytesMax: 1 << 20, crypto)
      else { continue }
      #expect(!block.hasGoodSignature(crypto), "byte \(place)")
    }
  }
}
