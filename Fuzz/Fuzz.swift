// The parsers of untrusted bytes under libFuzzer: `scripts/fuzz.sh SECONDS`.
//
// Each target must not crash whatever comes in, and what it accepts it must write back as the very
// same bytes: a parser that accepts two spellings of one thing would split the network.

internal import Glibc
internal import KianaCrypto
internal import KianaModel

private let crypto = Sodium()
private let target: String = {
  guard let name = unsafe getenv("KIANA_FUZZ") else { return "line" }
  return unsafe String(cString: name)
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  switch target {
  case "line": line(input)
  case "kel": keyEvents(input)
  case "config": config(input)
  case "legacy": legacy(input)
  case "json": json(input)
  case "sealed": sealed(input)
  case "cesr": cesr(input)
  case "minisig": minisig(input)
  case "sshsig": sshsig(input)
  case "age": age(input)
  case "note": note(input)
  case "tlogproof": tlogProof(input)
  case "policy": policy(input)
  case "witness": witness(input)
  case "appendline": appendLine(input)
  case "statement": statement(input)
  case "blockproof": blockProof(input)
  case "wire": wire(input)
  case "ranges": ranges(input)
  case "session":
    var session = SessionFuzz(input)
    session.run()
  default: preconditionFailure("KIANA_FUZZ names no target")
  }
  return 0
}

/// libFuzzer's driver, as its documentation ("Using libFuzzer as a library") declares it.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The package manager links this name as the program's start, in place of libFuzzer's own.
@_cdecl("kiana_fuzz_main")
public func fuzzMain(
  _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  var count = count
  var arguments = unsafe arguments
  return unsafe runDriver(&count, &arguments) { unsafe fuzzOneInput($0, $1) }
}

private func line(_ input: [UInt8]) {
  guard let parsed = try? BlockLine.parse(input, contentBytesMax: 1 << 16, crypto) else { return }
  switch parsed {
  case .author(let aid, let kel):
    precondition(BlockLine.bytes(author: aid, kel: kel) == input, "another spelling was accepted")
  case .longBlock(let block, _):
    precondition(block.content == nil, "a content that is too long was kept")
  case .block(let block):
    precondition(BlockLine.bytes(of: block) == input, "another spelling was accepted")
    _ = block.hasGoodSignature(crypto)
  }
}

private func keyEvents(_ input: [UInt8]) {
  guard let events = try? KeyEvent.parse(stream: input, eventsMax: 100, crypto) else { return }
  precondition(events.flatMap(\.message) == input, "another spelling was accepted")
  guard let first = events.first else { return }
  _ = try? KeyLog.replay(input, aid: first.aid, crypto)
}

/// Values of 44 letters, and groups of signatures.
private func cesr(_ input: [UInt8]) {
  if let (code, value) = CESR.value(input.span) {
    precondition(Array(CESR.text(code, value).utf8) == input, "another spelling was accepted")
  }
  if let (signatures, end) = CESR.readGroup(input[...]) {
    precondition(CESR.group(signatures) == Array(input[..<end]), "another spelling was accepted")
  }
}

private func minisig(_ input: [UInt8]) {
  guard let read = MinisignSignature(input) else { return }
  let written = Array(read.text(comment: "x").utf8)
  precondition(MinisignSignature(written) == read, "a signature is not what was written")
}

private func sshsig(_ input: [UInt8]) {
  guard let read = SSHSignature(input) else { return }
  precondition(SSHSignature(Array(read.text.utf8)) == read, "a signature is not what was written")
}

/// An age file, with armor or without, opened by a fixed key; in pieces of a size that the input
/// chooses.
private func age(_ input: [UInt8]) {
  let pieces = Int(input.first ?? 0) * 97 + 1
  let secret = Secret(count: 32) { $0.storeBytes(of: 7, toByteOffset: 0, as: UInt8.self) }
  var armor = AgeArmor.isArmored(input) == true ? AgeArmorReader() : nil
  var opener = AgeOpener()
  var isOpen = false
  var out = [UInt8]()
  do throws(AgeFault) {
    for start in stride(from: 0, to: input.count, by: pieces) {
      let piece = input.span.extracting(start..<min(start + pieces, input.count))
      let plain = try armor?.push(piece) ?? (0..<piece.count).map { piece[$0] }
      if isOpen {
        try opener.push(plain.span, into: &out)
        continue
      }
      try opener.pushHeader(plain.span)
      guard let header = opener.header else { continue }
      let again = try AgeHeader.parse(header.bytes)
      precondition(again == header, "another spelling was accepted")
      guard !Age.wantsPassphrase(header) else { return }
      guard let key = try Age.fileKey(header, secret: secret) else { return }
      try opener.use(key)
      isOpen = true
    }
    if isOpen { try opener.finish(into: &out) }
  } catch {
    return
  }
}

/// Frames, HELLO, and a block in wire form: what it accepts it writes back.
private func wire(_ input: [UInt8]) {
  var reader = FrameReader()
  reader.append(input)
  while let frame = try? reader.next() {
    _ = try? Hello.parse(frame.payload)
    _ = try? HeadsFrame.parse(frame.payload)
    var offset = 0
    while let block = try? WireBlock.parse(frame.payload, &offset, crypto) {
      var written = [UInt8]()
      WireBlock.append(block, to: &written)
      precondition(
        Array(frame.payload[offset - written.count..<offset]) == written,
        "another spelling was accepted")
    }
  }
}

/// A message of a comparison by ranges, to both sides.
private func ranges(_ input: [UInt8]) {
  let ids = (0..<100).map { crypto.sha256([UInt8($0)]) }.sorted()
  for isInitiator in [true, false] {
    let side = Negentropy(ids, isInitiator: isInitiator, messageBytesMax: 4096, crypto)
    guard let found = try? side.reconcile(input) else { continue }
    precondition(found.answer?.count ?? 0 <= 4096, "a message is longer than it may be")
  }
}

private func config(_ input: [UInt8]) {
  guard let file = try? ConfigFile.parse(input, path: "kiana.conf") else { return }
  _ = try? Settings.parse(file)
}

private func legacy(_ input: [UInt8]) {
  for block in (try? LegacyFile.blocks(input, name: "x.json")) ?? [] {
    _ = block.hashVerdict(crypto)
    _ = block.signatureVerdict(crypto)
    _ = block.linkTargets(crypto)
    _ = block.link { _ in false }
  }
}

private func json(_ input: [UInt8]) {
  let isCanonical = (try? CanonicalJSON.check(input.span)) != nil
  guard let value = try? JSONValue.parse(input) else {
    precondition(!isCanonical, "canonical text is not parsed")
    return
  }
  precondition(isCanonical == (value.canonical() == input), "the two readers disagree")
}

private func sealed(_ input: [UInt8]) {
  guard let secret = SealedSecret(text: input) else { return }
  precondition(SealedSecret(text: secret.text(comment: "x")) != nil, "it does not read back")
}
