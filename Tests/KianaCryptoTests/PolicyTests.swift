import KianaCrypto
import KianaModel
import KianaTesting
import Testing

/// Policies: whose signatures make a checkpoint count.
@Suite struct PolicyTests {
  private let crypto = Sodium()

  private func key(_ name: String, _ number: UInt8, _ kind: NoteKey.Kind = .cosignature) -> String {
    NoteKey(name: name, kind, crypto.sha256([number])).text(crypto)
  }

  private func line(_ text: String) -> Int? {
    do throws(TlogPolicyFault) {
      _ = try TlogPolicy(Array(text.utf8), crypto)
      return nil
    } catch {
      return error.line
    }
  }

  @Test func `what is wrong with a policy is named by its line`() {
    let log = "log \(key("o", 1, .note))\n"
    let witnesses = "witness a \(key("a", 2))\nwitness b \(key("b", 3))\n"
    let cases: [(String, Int?)] = [
      (log + "quorum none\n", nil), (log + witnesses + "group g 2 a b\nquorum g", nil),
      (log, 0), (log + "quorum none\nquorum none\n", 3), (log + log + "quorum none\n", 2),
      (log + witnesses + "group g 3 a b\nquorum g\n", 4),
      (log + witnesses + "group g 0 a b\nquorum g\n", 4),
      (log + witnesses + "group g -1 a b\nquorum g\n", 4),
      (log + witnesses + "group g 99999999999999999999 a b\nquorum g\n", 4),
      (log + witnesses + "group g all a a\nquorum g\n", 4),
      (log + witnesses + "group g all\nquorum g\n", 4),
      (log + witnesses + "group g all g\nquorum g\n", 4),
      (log + "witness a \(key("a", 2))\nwitness b \(key("b", 2))\nquorum a\n", 3),
      (log + "witness a \(key("a", 2))x\nquorum a\n", 2), (log + "quorum nobody\n", 2),
      (log + "witness any \(key("a", 2))\nquorum any\n", 2), ("logs \(key("o", 1))\n", 1),
      ("log \(key("o", 1))\nquorum none\n", 1), ("log o\u{7}\nquorum none\n", 0), ("", 0),
    ]
    for (text, expected) in cases { #expect(line(text) == expected, "\(text)") }
  }

  @Test func `a quorum counts each witness once, and groups of groups`() throws {
    let text = """
      log \(key("o", 1, .note))
      witness a \(key("a", 2))
      witness b \(key("b", 3))
      witness c \(key("c", 4))
      group ab any a b
      group all2 all ab c
      quorum all2
      """
    let policy = try TlogPolicy(Array(text.utf8), crypto)
    #expect(policy.witnessesMin == 2)
    func isQuorum(_ names: String...) -> Bool {
      policy.isQuorum(Set(names.compactMap { policy.witnesses[$0]?.key }))
    }
    #expect(!isQuorum() && !isQuorum("a", "b") && !isQuorum("c"))
    #expect(isQuorum("a", "c") && isQuorum("b", "c") && isQuorum("a", "b", "c"))
  }

  @Test func `groups in each other have an end`() {
    func chain(_ count: Int) -> String {
      let lines = (1...count).map { "group g\($0) any \($0 == 1 ? "a" : "g\($0 - 1)")\n" }
      return "witness a \(key("a", 2))\n" + lines.joined() + "quorum g\(count)\n"
    }
    #expect(line(chain(64)) == nil)
    #expect(line(chain(1000)) == 66)
  }

  @Test(.enabled(if: Vectors.isHere, "the folder of published vectors is not here"))
  func `the published policies are read as their authors say`() throws {
    let text = String(
      decoding: try Vectors.read("tlog-proof/witness_policy_cases.txt"), as: UTF8.self)
    var (read, refused) = (0, 0)
    for part in text.split(separator: "policy:").dropFirst() {
      let isQuoted = part.drop { $0 == " " }.first == "\""
      let mark: Character = isQuoted ? "\"" : "`"
      let policy = String(part.split(separator: mark, omittingEmptySubsequences: false)[1])
        .replacing("\\n", with: "\n")
      let found = line(policy)
      if part.contains("errStr") {
        #expect(found != nil, "\(policy)")
        refused += 1
      } else if policy.contains("witness w3 example.com") {
        // Two names for one key, which transparency-dev takes and C2SP tlog-policy refuses.
        #expect(found != nil)
        let once = policy.replacing(/witness w3 .*\n/, with: "").replacing(" w3", with: "")
        #expect(line(once) == nil)
      } else {
        #expect(found == nil, "\(policy)")
        read += 1
      }
    }
    #expect(read == 2 && refused == 6)
    print("policies of transparency-dev: 11 run, of which 3 name one key twice and are refused")
  }

  /// Sigsum's policies have bare keys in hexadecimal where C2SP has names and types; they are
  /// written anew, and mean the same. Sigsum's own proofs are another format, which is not read.
  @Test(.enabled(if: Vectors.isHere, "the folder of published vectors is not here"))
  func `Sigsum's policies mean the same here`() throws {
    let text = String(
      decoding: try Vectors.read("tlog-proof/sigsum_policy_cases.txt"), as: UTF8.self)
    let cases = text.split(separator: "----").map { part in
      part.split(separator: "\n", omittingEmptySubsequences: false).filter {
        !$0.contains("strings quoted")
      }.drop { $0.isEmpty }.map { translate(String($0)) }.joined(separator: "\n")
    }
    let lines = cases.map { line($0) }
    #expect(lines == [nil, nil, 2, 0, 2, 2, 1, 3, 0, 3, 5, 3])
    print("policies of sigsum: \(cases.count) run, 0 skipped")
  }

  private func translate(_ line: String) -> String {
    var words = line.split(separator: " ").map(String.init)
    guard let place = words.firstIndex(where: { $0.count == 64 }),
      let raw = Hex.decode(words[place].utf8).flatMap({ Hash32($0) })
    else { return line }
    let isLog = words[0] == "log"
    let log = "sigsum.org/v1/tree/\(crypto.sha256(raw.bytes).hex)"
    let name = isLog ? log : "w\(raw.hex.prefix(4))"
    words[place] = NoteKey(name: name, isLog ? .note : .cosignature, raw).text(crypto)
    return words.joined(separator: " ")
  }
}
