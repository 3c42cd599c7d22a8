import KianaCrypto
import KianaModel
import KianaTesting
import Testing

/// The files of other tools, byte for byte. All keys in the vectors are of the seed 00 01 .. 1f.
@Suite(.enabled(if: Vectors.isHere, "the folder of published vectors is not here"))
struct FormatTests {
  private let crypto = Sodium()

  private func seed() -> Secret {
    Secret(count: 32) { span in
      for index in 0..<32 {
        span.storeBytes(of: UInt8(index), toByteOffset: index, as: UInt8.self)
      }
    }
  }

  private func bytes(_ secret: borrowing Secret) -> [UInt8] {
    secret.withBytes { bytes in
      (0..<bytes.byteCount).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }
  }

  private func digest(_ kind: Digest64.Kind, _ message: [UInt8]) -> [UInt8] {
    var digest = Digest64(kind)
    // In two parts, as a file comes.
    digest.update(message.span.extracting(first: message.count / 3))
    digest.update(message.span.extracting(droppingFirst: message.count / 3))
    return digest.finish()
  }

  private func second(_ file: [UInt8]) -> [UInt8] {
    Array(file.split(separator: 0x0A)[1])
  }

  @Test func `the public and the secret key of minisign are what minisign reads`() throws {
    let key = crypto.publicKey(ofSeed: seed())
    let publicKey = Array(Minisign.publicKey(key, comment: "x", crypto).utf8)
    #expect(second(publicKey) == second(try Vectors.read("minisign/example.pub")))
    let secret = bytes(SecretKeyFile.minisign(seed(), crypto))
    #expect(second(secret) == second(try Vectors.read("minisign/example_unencrypted.key")))
  }

  @Test func `a signature of minisign is written as it was read`() throws {
    let key = crypto.publicKey(ofSeed: seed())
    let message = try Vectors.read("minisign/m.txt")
    let file = try Vectors.read("minisign/m.txt.minisig")
    let read = try #require(MinisignSignature(file))
    let trusted = try #require(read.trusted)
    #expect(read.isHashed)
    #expect(read.keyNumber == Minisign.keyNumber(key, crypto))
    #expect(crypto.isSignature(read.signature, of: digest(.blake2b, message), by: key.raw))
    #expect(trusted.comment == "timestamp:1760000000\tfile:m.txt\tkel:7")
    let global = MinisignSignature.globalMessage(read.signature, comment: trusted.comment)
    #expect(crypto.isSignature(trusted.signature, of: global, by: key.raw))
    #expect(crypto.sign(digest(.blake2b, message), seed: seed()) == read.signature)
    #expect(Array(read.text(comment: "signature").utf8) == file)
    let legacy = try #require(MinisignSignature(try Vectors.read("minisign/m.txt.legacy.minisig")))
    #expect(!legacy.isHashed)
    #expect(crypto.isSignature(legacy.signature, of: message, by: key.raw))
  }

  @Test func `a signature of signify is read, and its forgery is not good`() throws {
    let publicKey = try #require(
      Base64.decode(
        String(decoding: second(try Vectors.read("signify/regresskey.pub")), as: UTF8.self),
        .standard))
    let key = try #require(Hash32(Array(publicKey.suffix(32))))
    let good = try #require(MinisignSignature(try Vectors.read("signify/orders.txt.sig")))
    #expect(good.trusted == nil)
    #expect(good.keyNumber == Array(publicKey[2..<10]))
    let message = try Vectors.read("signify/orders.txt")
    #expect(crypto.isSignature(good.signature, of: message, by: key))
    let forged = try #require(MinisignSignature(try Vectors.read("signify/forgery.txt.sig")))
    let forgery = try Vectors.read("signify/forgery.txt")
    #expect(!crypto.isSignature(forged.signature, of: forgery, by: key))
  }

  @Test func `SSHSIG, the public key line and the revocation list are OpenSSH's`() throws {
    let key = crypto.publicKey(ofSeed: seed())
    let file = try Vectors.read("sshsig/m.sshsig")
    let read = try #require(SSHSignature(file))
    #expect(read.key == key)
    #expect(read.namespace == "kiana-block")
    let message = SSHSignature.message(
      namespace: read.namespace, hash: read.hash,
      digest: digest(.sha512, try Vectors.read("sshsig/m.txt")))
    #expect(crypto.isSignature(read.signature, of: message, by: key.raw))
    #expect(crypto.sign(message, seed: seed()) == read.signature)
    // The file of the vector is folded otherwise; its words are the same.
    #expect(SSHSignature(Array(read.text.utf8)) == read)
    let line = String(decoding: try Vectors.read("sshsig/ssh.pub"), as: UTF8.self)
    #expect(line.hasPrefix(SSH.publicKey(key) + " "))
    let list = try Vectors.read("sshsig/krl")
    let ours = SSH.revocationList([key], comment: "", version: 0, now: 0)
    // But for the date at 20..<28.
    #expect(Array(ours[..<20]) == Array(list[..<20]))
    #expect(Array(ours[28...]) == Array(list[28...]))
  }

  @Test func `no byte of a signature file can be changed unnoticed`() throws {
    let key = crypto.publicKey(ofSeed: seed())
    let message = digest(.blake2b, try Vectors.read("minisign/m.txt"))
    let file = try Vectors.read("minisign/m.txt.minisig")
    let first = try #require(file.firstIndex(of: 0x0A))
    for place in first + 1..<file.count {
      var changed = file
      changed[place] ^= 1
      guard let read = MinisignSignature(changed) else { continue }
      let isKnown = read.keyNumber == Minisign.keyNumber(key, crypto) && read.isHashed
      let isSigned = crypto.isSignature(read.signature, of: message, by: key.raw)
      let isCommentSigned =
        read.trusted.map {
          crypto.isSignature(
            $0.signature,
            of: MinisignSignature.globalMessage(read.signature, comment: $0.comment), by: key.raw)
        } ?? false
      #expect(!(isKnown && isSigned && isCommentSigned), "byte \(place)")
    }
    let ssh = try Vectors.read("sshsig/m.sshsig")
    let original = try #require(SSHSignature(ssh))
    for place in ssh.indices {
      var changed = ssh
      changed[place] ^= 1
      guard let read = SSHSignature(changed) else { continue }
      #expect(read != original, "byte \(place)")
    }
  }

  @Test(arguments: [
    "", "untrusted comment: x\n", "untrusted comment: x\nRUQ=\n", "-----BEGIN SSH SIGNATURE-----\n",
    "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n",
    "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n",
    "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAf////8=\n-----END SSH SIGNATURE-----\n",
  ])
  func `a file that is no signature is none`(text: String) {
    #expect(MinisignSignature(Array(text.utf8)) == nil)
    #expect(SSHSignature(Array(text.utf8)) == nil)
  }
}
