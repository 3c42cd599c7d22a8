import KianaModel
import KianaStore
import KianaTesting
import Testing

/// The rules of the house, so that they are kept when nobody thinks of them.
@Suite struct HouseTests {
  private struct Source {
    let path: String
    let lines: [Substring]
    let text: String

    /// The folder below `Sources`, `Tests`, or the folder itself.
    var room: String {
      let parts = path.split(separator: "/")
      return String(parts[0] == "Sources" || parts[0] == "Tests" ? parts[1] : parts[0])
    }

    var imports: [String] {
      lines.compactMap { line in
        let words = line.split(separator: " ")
        guard let place = words.firstIndex(of: "import"), place < 2, words.count > place + 1,
          place == 0 || ["internal", "package", "public"].contains(words[0])
        else { return nil }
        return String(words[place + 1])
      }
    }
  }

  private static func sources(_ folders: [String], _ suffix: String = ".swift") throws -> [Source] {
    func walk(_ path: String) throws -> [Source] {
      try DurableFile.names(in: "\(Vectors.project)/\(path)").flatMap { name in
        let inner = "\(path)/\(name)"
        if Places.isDirectory("\(Vectors.project)/\(inner)") { return try walk(inner) }
        guard name.hasSuffix(suffix) else { return [Source]() }
        let bytes = try DurableFile.read("\(Vectors.project)/\(inner)", sizeBytesMax: 1 << 20)
        let text = String(decoding: bytes, as: UTF8.self)
        return [
          Source(
            path: inner, lines: text.split(separator: "\n", omittingEmptySubsequences: false),
            text: text)
        ]
      }
    }
    return try folders.flatMap(walk)
  }

  /// Who may import what; the build's own check lets undeclared transitive imports through.
  private static let rooms: [String: Set<String>] = [
    "KianaModel": [],
    "KianaCrypto": ["KianaModel", "CSodium", "CNettle"],
    "KianaStore": ["KianaModel", "CSQLite", "CKiana", "Glibc"],
    "KianaOps": [
      "KianaModel", "KianaCrypto", "KianaStore", "Dispatch", "Synchronization", "Glibc",
    ],
    "KianaCLI": ["KianaModel", "CKiana", "ArgumentParser", "Glibc"],
    "kiana-node": ["KianaModel", "KianaStore", "KianaOps", "KianaCLI", "ArgumentParser", "Glibc"],
    "kiana-keys": [
      "KianaModel", "KianaCrypto", "KianaStore", "KianaOps", "KianaCLI", "ArgumentParser",
    ],
    "kiana-audit": [
      "KianaModel", "KianaCrypto", "KianaStore", "KianaOps", "KianaCLI", "ArgumentParser", "Glibc",
    ],
    "KianaTesting": [
      "KianaModel", "KianaCrypto", "KianaStore", "KianaOps", "Glibc", "CSodium",
    ],
  ]

  @Test func `each room imports only what it may`() throws {
    for source in try Self.sources(["Sources"]) {
      let allowed = try #require(Self.rooms[source.room], "\(source.path) is in no known room")
      for name in source.imports {
        #expect(allowed.contains(name), "\(source.path) imports \(name)")
      }
    }
  }

  @Test func `nothing imports all of Foundation`() throws {
    for source in try Self.sources(["Sources", "Tests", "Benchmarks", "Fuzz"]) {
      #expect(!source.imports.contains("Foundation"), "\(source.path)")
    }
  }

  @Test func `lines, functions and files keep their sizes`() throws {
    for source in try Self.sources(["Sources"]) {
      #expect(source.lines.count <= 600, "\(source.path) has \(source.lines.count) lines")
      for (index, line) in source.lines.enumerated() {
        #expect(line.count <= 100, "\(source.path):\(index + 1) has \(line.count) columns")
      }
      for (name, length) in Self.functions(source.lines) {
        #expect(length <= 70, "\(name) in \(source.path) has \(length) lines")
      }
    }
  }

  /// Functions and how long they are: from `func` or `init` to the brace at the same indentation.
  private static func functions(_ lines: [Substring]) -> [(String, Int)] {
    var found = [(String, Int)]()
    for (index, line) in lines.enumerated() {
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(where: { $0 == "func" || $0.hasPrefix("init(") }),
        words.prefix(place).allSatisfy({
          $0.allSatisfy { $0.isLetter || $0 == "@" || $0 == "(" || $0 == ")" }
        })
      else { continue }
      let indent = line.prefix { $0 == " " }
      let end = lines[index...].firstIndex { $0 == indent + "}" } ?? index
      found.append((String(words[place...].joined(separator: " ").prefix(60)), end - index + 1))
    }
    return found
  }

  private static let nodeCommands = [
    "init", "id", "put", "get", "log", "search", "verify", "export", "import", "redact", "purge",
    "admit", "feeds", "status", "reindex", "sync", "serve", "resume",
  ]
  private static let keysCommands = [
    "list", "show", "history", "verify", "id", "tick", "rotate", "revoke", "emergency",
    "recovery check", "recovery confirm", "recovery show-sheet", "recovery split",
    "recovery renew", "passwd", "sign", "check", "verdict", "export", "trust add", "trust list",
    "trust remove", "seal", "open",
  ]

  private static let auditCommands = [
    "query", "tail", "report", "metrics", "append", "prove", "verify", "checkpoint", "witness",
    "policy", "consistency", "export", "redact", "hold", "prune", "resume", "validators",
    "validations",
  ]

  /// Words that begin with two hyphens.
  private static func options(_ text: String, prefix: String) -> Set<String> {
    var found = Set<String>()
    for part in text.replacing(prefix, with: "\u{1}").split(separator: "\u{1}").dropFirst() {
      let name = part.prefix { ($0.isLowercase && $0.isASCII) || $0 == "-" }
      if name.count > 1 { found.insert(String(name)) }
    }
    return found
  }

  @Test(arguments: [
    ("kiana-node", nodeCommands, 26), ("kiana-keys", keysCommands, 15),
    ("kiana-audit", auditCommands, 35),
  ])
  func `every option is in the man page, and every option of the man page exists`(
    tool: String, commands: [String], least: Int
  ) throws {
    let page = try DurableFile.read("\(Vectors.project)/man/\(tool).1", sizeBytesMax: 1 << 20)
    var known: Set<String> = []
    for command in commands {
      let help = Shell(home: "/").run("\(tool) \(command) --help").output
      known.formUnion(Self.options(help, prefix: " --"))
    }
    let text = String(decoding: page, as: UTF8.self)
    let written = Self.options(text, prefix: "Fl -").union(Self.options(text, prefix: " , -"))
      .union(Self.options(text, prefix: " | -"))
    #expect(known.count >= least)
    #expect(known.subtracting(written).isEmpty)
    #expect(written.subtracting(known).isEmpty)
  }

  @Test func `every type of entry that a command records is in docs FORMATS`() throws {
    let page = String(
      decoding: try DurableFile.read("\(Vectors.project)/docs/FORMATS.md", sizeBytesMax: 1 << 20),
      as: UTF8.self)
    var types = Set<String>()
    for source in try Self.sources(["Sources"]) {
      // Every other part is inside quotes.
      for line in source.lines {
        for (place, text) in line.split(separator: "\"", omittingEmptySubsequences: false)
          .enumerated()
        where place % 2 == 1 && AuditEntry.isType(String(text)) {
          if AuditEntry.isOwnType(String(text)) { types.insert(String(text)) }
        }
      }
    }
    #expect(types.count >= 30)
    for type in types.sorted() { #expect(page.contains("`\(type)`"), "\(type)") }
  }

  @Test func `every setting is in its man page`() throws {
    let page = String(
      decoding: try DurableFile.read("\(Vectors.project)/man/kiana.conf.5", sizeBytesMax: 1 << 20),
      as: UTF8.self)
    for (section, key) in Settings.names {
      #expect(page.contains(".Ss [\(section)]"))
      #expect(page.contains(".It Cm \(key)\n"))
    }
  }

  @Test(
    arguments: [
      ("bash", "%.bash", "bash -n"), ("zsh", "_%", "zsh -n"), ("fish", "%.fish", "fish -n"),
    ], ["kiana-node", "kiana-keys", "kiana-audit"])
  func `completions are what the command writes, and their shell reads them`(
    shell: (name: String, file: String, check: String), tool: String
  ) throws {
    let path = "\(Vectors.project)/completions/\(shell.file.replacing("%", with: tool))"
    let (shell, check) = (shell.name, shell.check)
    let result = Shell(home: "/").run(
      "\(tool) --generate-completion-script \(shell) | cmp - '\(path)' && \(check) '\(path)'")
    #expect(result.status == 0, "\(result.output)")
  }

  @Test func `man pages and scripts have no fault that their checkers find`() {
    let result = Shell(home: "/").run(
      """
      cd '\(Vectors.project)' && mandoc -Tlint -W warning man/*.? &&
        shellcheck -s sh -x -P scripts scripts/*.sh .ci/run Tests/CommandTests/Loops/*.sh &&
        for file in scripts/*.sh .ci/run Tests/CommandTests/Loops/*.sh; do dash -n "$file" || exit 1; done
      """)
    #expect(result.status == 0, "\(result.output)")
  }

  @Test(arguments: ["scripts/demo.sh", "scripts/test.sh", "scripts/bench.sh"])
  func `a script says how to get Swift where there is none`(script: String) {
    let shell = Shell(in: TemporaryFolder())
    let result = shell.run(
      """
      mkdir bin && ln -s "$(command -v dirname)" bin/dirname && sh=$(command -v sh)
      env -i PATH="$PWD/bin" "$sh" '\(Vectors.project)/\(script)'
      """)
    #expect(result.status == 69)
    #expect(result.output.contains("https://www.swift.org/install/linux/"))
  }

  @Test(.enabled(if: LoopTests.isRoot, "only root can become another user"))
  func `a user who may not install packages is told the one line to run`() {
    let result = Shell(home: "/").run(
      """
      cp '\(Vectors.project)/scripts/lib.sh' /tmp/kiana-lib.$$ && chmod 644 /tmp/kiana-lib.$$
      setpriv --reuid=65534 --clear-groups sh -c '. /tmp/kiana-lib.'$$'; need_packages 1 kiana-none'
      status=$?; rm /tmp/kiana-lib.$$; exit $status
      """)
    #expect(result.status == 69)
    #expect(result.output.hasSuffix("Run once:\n  su -c 'apt-get install -y kiana-none'\n"))
  }

  @Test func `the script for cron says what was done, and where a person must act`() {
    let shell = Shell(in: TemporaryFolder())
    let script = "'\(Vectors.project)/scripts/rotate-keys.sh'"
    let transcript = Transcript(
      """
      $ kiana-node init >/dev/null 2>&1; kiana-node init --state other >/dev/null 2>&1; \(script); \(script) --state other --dry-run
      $ sed -i s/^/0/ .config/kiana/credential; rm other/keys/control.key; \(script) --state other; \(script) --state none 2>&1 | head -1
      kiana-keys: error: there is no node in '<any>
      $ mkdir bin; ln -s "$(command -v sh)" bin/sh; PATH=$PWD/bin; \(script)
      rotate-keys.sh: error: kiana-keys is not in the PATH
      [69]
      """)
    #expect(transcript.firstDifference(in: shell) == nil)
  }

  @Test func `the exit statuses are the same in the man page and in docs`() throws {
    for file in ["man/kiana-node.1", "man/kiana-keys.1", "man/kiana-audit.1", "docs/CLI.md"] {
      let text = String(
        decoding: try DurableFile.read("\(Vectors.project)/\(file)", sizeBytesMax: 1 << 20),
        as: UTF8.self)
      for status in [0, 1, 3, 4, 5, 10, 11, 12, 13, 14, 15, 64, 74, 130] {
        #expect(text.contains("\(status)"), "\(status) in \(file)")
      }
    }
  }
}
