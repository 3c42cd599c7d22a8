import KianaCrypto
import KianaModel
import KianaOps
import KianaStore
import KianaTesting
import Testing

/// Only the `file` key signs what a caller hands in, and nothing that it signs is a block.
@Suite struct FileSigningTests {
  @Test func `no signature by a file key is one over a block`() throws {
    // A stock tool with the exported key signs any bytes, so also exactly those of a block.
    let author = TestAuthor(1)
    author.anchor(.add(.file, author.key(20), notBefore: 0, notAfter: KeyUse.never))
    let good = author.block("good")
    author.blockKey = 20
    let forged = author.block("forged")
    #expect(forged.hasGoodSignature(Sodium()))
    let node = try TestNode()
    let result = try node.take([author.line, BlockLine.bytes(of: forged)])
    #expect(result.summary.stored == 0)
    #expect(result.remarks.count == 1)
    try node.take([BlockLine.bytes(of: good)])
    #expect(try node.findings() == [])
    #expect(try node.node.blocks.find(id: good.id)?.standing == .inFeed)
    #expect(try node.node.blocks.find(id: forged.id) == nil)
  }

  @Test func `a signature counts for as long as its key, and afterwards by the audit trail`() throws
  {
    let node = try TestNode()
    let source = node.places.credential
    let file = try node.folder.write("f", Array("words".utf8))
    func sign(_ name: String) throws {
      let signing = try FileSigning(node.node, unlockedBy: .credential(path: source))
      _ = try signing.sign(
        file, prefix: "\(node.folder.path)/\(name)", FileSigning.Format.allCases, comment: name)
    }
    func word(_ name: String) throws -> [String] {
      try FileSigning.Format.allCases.map { format in
        try FileChecking(node.node).check(
          file, signature: "\(node.folder.path)/\(name).\(format.suffix)"
        ).word
      }
    }
    try sign("a")
    #expect(try word("a") == ["valid", "valid"])
    let log = try #require(try node.node.keyLog(of: node.node.aid))
    let old = try #require(log.signingKey(.file))
    // A thief has the key, and signs after it was taken back.
    let name = KeyFile.name(.file, old)
    let vault = try Vault.open(
      node.node.directory, owner: node.node.aid, source: .credential(path: source), like: name)
    let stolen = try vault.load(name: name, key: old)
    _ = try KeyRotation(node.node).revoke(
      old, .compromise, last: nil, unlockedBy: .credential(path: source))
    #expect(try word("a") == ["valid-before-compromise", "valid-before-compromise"])
    try sign("b")
    #expect(try word("b") == ["valid", "valid"])
    let message = SSHSignature.message(
      namespace: "file", hash: .sha512, digest: [UInt8](repeating: 0, count: 64))
    let forged = SSHSignature(
      key: old, namespace: "file", hash: .sha512,
      signature: node.node.crypto.sign(message, seed: stolen))
    var digest = Digest64(.sha512)
    digest.update(Array("words".utf8).span)
    let real = SSHSignature(
      key: old, namespace: "file", hash: .sha512,
      signature: node.node.crypto.sign(
        SSHSignature.message(namespace: "file", hash: .sha512, digest: digest.finish())
          + [], seed: stolen))
    try node.folder.write("x.sig", Array(forged.text.utf8))
    let outcome = try FileChecking(node.node).check(
      file, signature: "\(node.folder.path)/x.sig")
    #expect(outcome.word == "bad-signature")
    // What it signed before is in the trail; the same words by the same key are the same bytes.
    try node.folder.write("y.sig", Array(real.text.utf8))
    #expect(
      try FileChecking(node.node).check(file, signature: "\(node.folder.path)/y.sig").word
        == "valid-before-compromise")
    let other = try node.folder.write("g", Array("other words".utf8))
    var digest2 = Digest64(.sha512)
    digest2.update(Array("other words".utf8).span)
    let late = SSHSignature(
      key: old, namespace: "file", hash: .sha512,
      signature: node.node.crypto.sign(
        SSHSignature.message(namespace: "file", hash: .sha512, digest: digest2.finish()),
        seed: stolen))
    try node.folder.write("g.sig", Array(late.text.utf8))
    let finding = try FileChecking(node.node).check(
      other, signature: "\(node.folder.path)/g.sig")
    #expect(finding.word == "compromised")
    #expect(finding.error == .damaged)
  }

  /// Use, state of the key, where the signature stands in the log of the pin, and the verdict.
  @Test(
    arguments: [
      ("active", nil, "valid"), ("active", 9, "valid"), ("grace", nil, "valid"),
      ("staged", nil, "valid"), ("contested", nil, "unknown-key"), ("contested", 4, "unknown-key"),
      ("retired", nil, "unproven"), ("retired", 4, "valid-retired"), ("retired", 5, "not-vouched"),
      ("lost", nil, "unproven"), ("lost", 4, "valid-retired"), ("lost", 5, "not-vouched"),
      ("superseded", 4, "valid-retired"), ("ceased", 4, "valid-retired"),
      ("compromise", nil, "compromised"), ("compromise", 4, "valid-before-compromise"),
      ("compromise", 5, "compromised"),
    ] as [(String, Int64?, String)])
  func `votes, checkpoints, manifests and files are judged by their place in the audit log`(
    state: String, index: Int64?, verdict: String
  ) throws {
    for (use, number) in [(KeyUse.log, UInt8(30)), (.witness, 31), (.file, 32), (.backup, 33)] {
      let author = TestAuthor(2)
      let key = author.key(number)
      if state == "staged" {
        author.anchor(.add(use, author.key(number + 10), notBefore: 0, notAfter: 1))
      }
      let fork = (s: author.s + 1, prior: author.end)
      author.anchor(.add(use, key, notBefore: 0, notAfter: 1))
      let place = LogPosition(origin: "kiana/x/audit/0", size: 5)
      switch state {
      case "active", "staged": break
      case "contested": author.anchor(.grace(.block, author.key(10)), at: fork)
      case "grace": author.anchor(.grace(use, key))
      case "retired": author.anchor(.retire(use, key, last: [], log: place))
      default:
        author.anchor(
          .revoke(use, key, try #require(RevocationReason(rawValue: state)), last: [], log: place))
      }
      let log = try KeyLog.replay(author.stream, aid: author.aid, Sodium())
      let at = index.map { LogPosition(origin: "kiana/x/audit/0", size: $0) }
      #expect(log.verdict(of: key, use: use, index: at).rawValue == verdict)
      #expect(log.verdict(of: key, use: .block, index: at) == .unknownKey)
      if state == "retired", index != nil {
        let elsewhere = LogPosition(origin: "kiana/y/audit/0", size: 1)
        #expect(log.verdict(of: key, use: use, index: elsewhere) == .notVouched)
      }
    }
    let author = TestAuthor(3)
    let twin = TestAuthor(3)
    author.rotate(commitTo: 3)
    twin.rotate(commitTo: 4)
    let both = author.stream + twin.events[2]
    let log = try KeyLog.replay(both, aid: author.aid, Sodium())
    #expect(log.isDuplicitous)
    #expect(log.verdict(of: author.key(10), use: .file, index: nil) == .duplicitous)
  }
}
