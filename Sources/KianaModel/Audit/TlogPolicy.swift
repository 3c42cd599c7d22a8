/// Whose signatures make a checkpoint count: logs, witnesses, and how many of them.
///
/// Source: C2SP tlog-policy. One key under two names is refused, as the text there wants it.
package struct TlogPolicy: Equatable, Sendable {
  package struct Party: Equatable, Sendable {
    package let key: NoteKey
    /// Where it is reached; nil when that is not said.
    package let url: String?
  }

  private struct Group: Equatable, Sendable {
    let threshold: Int
    let members: [String]
    /// Groups in each other, this one counted.
    let depth: Int
  }

  package private(set) var logs = [Party]()
  /// By the names that the policy gives them.
  package private(set) var witnesses = [String: Party]()
  private var groups = [String: Group]()
  /// Nil for none.
  package private(set) var quorum: String?

  package static let bytesMax = 1 << 20
  /// Groups in each other; more are an attack on whoever counts them.
  private static let depthMax = 64
  private static let keywords = ["all", "any", "none"]

  /// A policy that wants the signature of one log, and no witness.
  package init(logs: [NoteKey]) {
    self.logs = logs.map { Party(key: $0, url: nil) }
  }

  /// Reads a policy.
  ///
  /// - Throws: the line, counted from 1, and what is wrong with it.
  package init(_ bytes: [UInt8], _ crypto: any Cryptography) throws(TlogPolicyFault) {
    guard bytes.count <= Self.bytesMax,
      bytes.allSatisfy({ $0 == 0x09 || $0 == 0x0A || $0 >= 0x20 && $0 != 0x7F }),
      let text = String(validating: bytes, as: UTF8.self)
    else { throw TlogPolicyFault(line: 0, words: "it is no text without control characters") }
    var hasQuorum = false
    var members = Set<String>()
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      var words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
      if let comment = words.firstIndex(where: { $0.hasPrefix("#") }) {
        words = Array(words[..<comment])
      }
      guard let keyword = words.first else { continue }
      let rest = Array(words.dropFirst())
      let problem: String?
      switch keyword {
      case "log": problem = addLog(rest, crypto)
      case "witness": problem = addWitness(rest, crypto)
      case "group": problem = addGroup(rest, &members)
      case "quorum":
        problem = hasQuorum ? "there are two quorum lines" : setQuorum(rest)
        hasQuorum = true
      default: problem = "'\(Printable.line(keyword))' is no word of a policy"
      }
      if let problem { throw TlogPolicyFault(line: number + 1, words: problem) }
    }
    guard hasQuorum else { throw TlogPolicyFault(line: 0, words: "it has no quorum line") }
  }

  private mutating func addLog(_ words: [String], _ crypto: any Cryptography) -> String? {
    guard (1...2).contains(words.count), let key = NoteKey(words[0], crypto), key.kind == .note
    else { return "a log line is 'log KEY [URL]'" }
    guard !logs.contains(where: { $0.key.key == key.key }) else { return "the log stands twice" }
    logs.append(Party(key: key, url: words.dropFirst().first))
    return nil
  }

  private mutating func addWitness(_ words: [String], _ crypto: any Cryptography) -> String? {
    guard (2...3).contains(words.count), let key = NoteKey(words[1], crypto) else {
      return "a witness line is 'witness NAME KEY [URL]'"
    }
    if let problem = problem(name: words[0]) { return problem }
    guard !witnesses.values.contains(where: { $0.key.key == key.key }) else {
      return "the witness stands twice"
    }
    witnesses[words[0]] = Party(key: key, url: words.dropFirst(2).first)
    return nil
  }

  private mutating func addGroup(_ words: [String], _ members: inout Set<String>) -> String? {
    guard words.count >= 2 else { return "a group line is 'group NAME all|any|N NAME...'" }
    if let problem = problem(name: words[0]) { return problem }
    let names = Array(words.dropFirst(2))
    guard !names.isEmpty else { return "a group has members" }
    let threshold: Int? =
      switch words[1] {
      case "all": names.count
      case "any": 1
      default: Int(words[1])
      }
    guard let threshold, (1...names.count).contains(threshold) else {
      return "'\(Printable.line(words[1]))' is no threshold of \(names.count) members"
    }
    for name in names {
      guard isDefined(name) else { return "'\(Printable.line(name))' is not defined before" }
      guard members.insert(name).inserted else {
        return "'\(Printable.line(name))' is a member twice"
      }
    }
    let depth = 1 + (names.compactMap { groups[$0]?.depth }.max() ?? 0)
    guard depth <= Self.depthMax else { return "more than \(Self.depthMax) groups in each other" }
    groups[words[0]] = Group(threshold: threshold, members: names, depth: depth)
    return nil
  }

  private mutating func setQuorum(_ words: [String]) -> String? {
    guard words.count == 1 else { return "a quorum line is 'quorum NAME'" }
    guard words[0] != "none" else { return nil }
    guard isDefined(words[0]) else { return "'\(Printable.line(words[0]))' is not defined before" }
    quorum = words[0]
    return nil
  }

  private func isDefined(_ name: String) -> Bool {
    witnesses[name] != nil || groups[name] != nil
  }

  private func problem(name: String) -> String? {
    if Self.keywords.contains(name) { return "'\(name)' is a word of policies, not a name" }
    return isDefined(name) ? "'\(Printable.line(name))' is defined twice" : nil
  }

  /// How many witnesses are enough at least; 0 for none.
  package var witnessesMin: Int {
    quorum.map { least($0) } ?? 0
  }

  private func least(_ name: String) -> Int {
    guard let group = groups[name] else { return 1 }
    return group.members.map { least($0) }.sorted().prefix(group.threshold).reduce(0, +)
  }

  /// Whether those witnesses are enough.
  package func isQuorum(_ keys: Set<NoteKey>) -> Bool {
    func has(_ name: String) -> Bool {
      if let witness = witnesses[name] { return keys.contains(witness.key) }
      guard let group = groups[name] else { return false }
      return group.members.count { has($0) } >= group.threshold
    }
    return quorum.map { has($0) } ?? true
  }

  /// Checks a signed checkpoint: one of the logs whose name is its origin signed, and a quorum.
  package func verify(
    _ note: [UInt8], _ crypto: any Cryptography
  ) throws(TlogProofFault) -> TlogProof.Proved {
    guard let note = SignedNote(note), let checkpoint = Checkpoint(note.text),
      checkpoint.root != nil
    else { throw .badCheckpoint }
    let logKeys = logs.map(\.key).filter { $0.name.isSpelled(like: checkpoint.origin) }
    let signers: [NoteSigner]
    do throws(NoteFault) {
      signers = try note.signers(among: logKeys + witnesses.values.map(\.key), crypto)
    } catch {
      throw .note(error)
    }
    guard let log = signers.first(where: { logKeys.contains($0.key) })?.key else {
      throw .unknownLog(checkpoint.origin)
    }
    let cosigners = signers.filter { !logKeys.contains($0.key) }
    guard isQuorum(Set(cosigners.map(\.key))) else { throw .noQuorum }
    return TlogProof.Proved(checkpoint: checkpoint, log: log, witnesses: cosigners)
  }
}

/// What is wrong with a policy file.
package struct TlogPolicyFault: Error, Equatable, Sendable {
  /// From 1; 0 for the whole file.
  package let line: Int
  package let words: String
}
