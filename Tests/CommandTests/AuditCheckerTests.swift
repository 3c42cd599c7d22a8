import Glibc
import KianaModel
import KianaStore
import KianaTesting
import Testing

/// What we say of our log, checked by programs that share no code with ours: a page of Python, and
/// the commands of `docs/AUDIT.md` as they stand there.
@Suite struct AuditCheckerTests {
  private static let scripts = "\(Vectors.project)/Tests/interop"
  private static let check = "PYTHONDONTWRITEBYTECODE=1 python3 '\(scripts)/check_log.py'"

  /// A node with a witness, and a log of at least so many entries.
  private func node(entries: Int = 0) -> Shell {
    let shell = Shell(in: TemporaryFolder())
    for line in [
      "kiana-node init >/dev/null; kiana-node init --state friend >/dev/null",
      "kiana-keys show --log --state friend | kiana-keys trust add friend - >/dev/null",
      "kiana-keys show --log | kiana-keys trust add --state friend us - >/dev/null",
      "echo 'The well was dug in 1911.' | kiana-node put - >one; seq 5 | kiana-node put --lines - >five",
      // Filled up to the number.
      """
      n=$(kiana-audit verify --json | jq .entries)
      seq $((\(entries) - n)) | sed 's/.*/{"type":"door.open","target":"hall","payload":{"n":&}}/' |
        kiana-audit append >/dev/null
      """,
      "kiana-audit checkpoint -q --via 'kiana-audit witness -q --state friend' >/dev/null",
      "kiana-audit policy >policy",
    ] {
      let result = shell.run(line)
      #expect(result.status == 0, "\(line)\n\(result.output)")
    }
    return shell
  }

  @Test(arguments: [0, 255, 256, 257, 700])
  func `an export is accepted by a checker written from the C2SP texts`(entries: Int) {
    let shell = node(entries: entries)
    #expect(shell.run("kiana-audit export --tiles copy >/dev/null").status == 0)
    let result = shell.run("\(Self.check) tiles copy --policy policy")
    #expect(result.status == 0 && result.output.contains("\nwitness kiana/"), "\(result.output)")
    if entries > 0 { #expect(result.output.contains("/audit/0: \(entries) entries are good\n")) }
    let key = "$(kiana-keys export --format vkey --use log)"
    #expect(shell.run("\(Self.check) tiles copy --vkey \"\(key)\"").status == 0)
    // Nobody else's key.
    let other = "$(kiana-keys export --format vkey --use log --state friend)"
    #expect(shell.run("\(Self.check) tiles copy --vkey \"\(other)\"").status == 1)
  }

  @Test func `an export of one entry is accepted`() {
    let shell = Shell(in: TemporaryFolder())
    #expect(
      shell.run("kiana-node init 2>&1 >/dev/null; kiana-audit export --tiles copy").status == 0)
    let result = shell.run("kiana-audit policy >p; \(Self.check) tiles copy --policy p")
    #expect(result.output.contains("/audit/0: 1 entries are good\n"), "\(result.output)")
  }

  @Test func `an export that grew is accepted, and so is the checkpoint from before`() {
    let shell = node(entries: 250)
    for line in [
      "kiana-audit export --tiles copy >/dev/null; cp copy/checkpoint old",
      "seq 300 | sed 's/.*/{\"type\":\"door.open\"}/' | kiana-audit append >/dev/null",
      "kiana-audit export --tiles copy >/dev/null; \(Self.check) tiles copy --vkey \"$(kiana-keys export --format vkey --use log)\"",
      "\(Self.check) tiles copy --policy policy --checkpoint old",
      "kiana-audit export --gc --tiles copy >/dev/null; test ! -e copy/tile/0/000.p",
      "\(Self.check) tiles copy --policy policy --checkpoint old",
    ] {
      let result = shell.run(line)
      #expect(result.status == 0, "\(line)\n\(result.output)")
    }
  }

  @Test func `pruned entries are named, and the rest is accepted`() {
    let shell = node(entries: 600)
    let result = shell.run(
      """
      kiana-audit prune --before now >/dev/null; kiana-audit checkpoint >/dev/null
      kiana-audit export --tiles copy >/dev/null; \(Self.check) tiles copy --vkey "$(kiana-keys export --format vkey --use log)"
      """)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("entries 0 to 511 are not in the copy; their hashes are\n"))
  }

  /// One byte of a file is another one.
  private static func flip(_ file: String, _ place: Int) -> String {
    """
    python3 -c 'import sys; p = "\(file)"; d = bytearray(open(p, "rb").read()); i = \(place) % len(d)
    d[i] ^= 1; open(p, "wb").write(d)'
    """
  }

  @Test(arguments: [
    "tile/0/000", "tile/0/x001/../001", "tile/0/002.p/188", "tile/1/000.p/2", "tile/entries/000",
    "tile/entries/002.p/188", "checkpoint",
  ])
  func `each byte that is changed in an export is found`(file: String) throws {
    let shell = node(entries: 700)
    let path = file.replacing("x001/../", with: "")
    #expect(shell.run("kiana-audit export --tiles copy >/dev/null").status == 0)
    for place in [0, 1, 31, 100, -1, -2, -40] {
      let result = shell.run(
        """
        rm -rf bad; cp -r copy bad; \(Self.flip("bad/\(path)", place))
        \(Self.check) tiles bad --policy policy
        """)
      #expect(result.status == 1, "\(path) \(place): \(result.output)")
      #expect(result.output.split(separator: "\n").count == 1, "\(result.output)")
      #expect(result.output.hasPrefix("bad: "))
    }
    #expect(shell.run("rm copy/\(path); \(Self.check) tiles copy --policy policy").status == 1)
  }

  @Test func `proofs of entries are accepted, and each byte that is changed is found`() {
    let shell = node(entries: 300)
    let result = shell.run(
      "kiana-audit prove 299 --payload >x; \(Self.check) proof x --policy policy")
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.hasPrefix("entry 299 of 300 in kiana/"))
    #expect(result.output.hasSuffix("\n{\"n\":\(300 - 5)}\n") || result.output.contains("{\"n\":"))
    let changed = shell.run(Self.eachByte("x", "proof", "--policy policy"))
    #expect(changed.output == "all were refused\n", "\(changed.output)")
  }

  @Test(arguments: ["one", "five"])
  func `proofs of blocks are accepted, and each byte that is changed is found`(file: String) {
    let shell = node()
    let result = shell.run(
      "kiana-audit prove --block $(tail -1 \(file)) >x; \(Self.check) block x --policy policy")
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains(": valid, found +++++\n"))
    // The node's own key log vouches when there is no policy.
    #expect(shell.run("\(Self.check) block x").status == 0)
    let changed = shell.run(Self.eachByte("x", "block", "--policy policy"))
    #expect(changed.output == "all were refused\n", "\(changed.output)")
  }

  /// Changes a hundred bytes of a file, one at a time, and has each result checked in one process.
  private static func eachByte(_ file: String, _ what: String, _ options: String) -> String {
    """
    PYTHONDONTWRITEBYTECODE=1 PYTHONPATH='\(scripts)' python3 - <<'END'
    import contextlib, io, sys
    import check_log
    data, accepted = open("\(file)", "rb").read(), 0
    for number in range(100):
        place = number * len(data) // 100
        changed = bytearray(data)
        changed[place] ^= 1
        open("changed", "wb").write(changed)
        sys.argv = "check_log.py \(what) changed \(options)".split()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                check_log.main()
                status = 0
            except SystemExit as end:
                status = end.code
        if status != 1:
            accepted += 1
            print("accepted with another byte at", place, bytes(changed[place - 20:place + 20]))
    print("all were refused" if not accepted else accepted)
    END
    """
  }

  @Test func `a proof still holds after rotations, an emergency and a new control key`() {
    let shell = node()
    for line in [
      "kiana-keys rotate --use block --now >/dev/null; kiana-keys rotate --use log --now >/dev/null",
      "cp .local/share/kiana-guard/$(kiana-node id).*.UNCONFIRMED code",
      "kiana-keys emergency --yes --keep-all --code-file code >/dev/null 2>&1",
      "echo after | kiana-node put - >two; kiana-audit checkpoint >/dev/null",
      "for f in one two; do kiana-audit prove --block $(cat $f) >x; kiana-audit verify x; done",
      "for f in one two; do kiana-audit prove --block $(cat $f) >x; \(Self.check) block x; done",
    ] {
      let result = shell.run(line)
      #expect(result.status == 0, "\(line)\n\(result.output)")
    }
  }

  /// Who may only append could have made such proofs, and `kiana-audit verify` took them.
  @Test func `an entry of the operator's own scripts is no judgement of a block`() {
    let shell = node()
    let forge = [
      // Of a block that came alone, by its id.
      """
      id=$(cat one); kiana-audit prove --block $id >x
      seq=$(echo '{"type":"door.open","target":"blk:'$id'","verdict":"valid"}' | kiana-audit append)
      kiana-audit prove $seq >p; jq -cS --rawfile p p '.proof = $p' x >forged
      """,
      // Of a block that never came, by a range of one.
      """
      kiana-audit prove --block $(tail -1 five) >x
      line='{"checks":"+++++","id":"'$(tail -1 five)'","verdict":"valid"}'
      root=$({ printf '\\0'; printf %s "$line"; } | sha256sum | cut -c-64)
      seq=$(echo '{"type":"door.open","payload":{"blocks":1,"root":"'$root'"}}' | kiana-audit append)
      kiana-audit prove --payload $seq >p; sed -n 's/^extra //p' p | base64 -d >extra
      jq -cS --rawfile p p --slurpfile e extra --arg l "$line" '.proof = $p | .payload = $e[0].payload |
        .salt = $e[0].salt | .verdict = $l | .range = {"hashes":[],"index":0,"size":1}' x >forged
      """,
    ]
    for lines in forge {
      #expect(shell.run(lines).status == 0)
      let result = shell.run("kiana-audit verify -q forged || \(Self.check) block forged")
      #expect(
        result.output == """
          kiana-audit: error: the proof of the block is wrong: the entry is no judgement of blocks
          forged: the entry is no judgement of blocks

          """)
    }
  }

  @Test(.enabled(if: Vectors.isHere, "the published vectors are not here"))
  func `the same checker accepts a log that stock Tessera wrote`() {
    let key =
      "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
    let log = "\(Vectors.folder)/tessera-log/testdata/log"
    for size in 0...15 {
      let result = Shell(home: "/").run(
        "\(Self.check) tiles '\(log)' --vkey \(key) --checkpoint '\(log)/checkpoint.\(size)'")
      #expect(result.output.hasPrefix("example.com/log/testdata: \(size) entries are good\n"))
    }
  }

  @Test(.enabled(if: Vectors.isHere, "the published vectors are not here"))
  func `the same checker refuses the malformed proofs that are published`() {
    let shell = node()
    let result = shell.run(
      """
      PYTHONDONTWRITEBYTECODE=1 PYTHONPATH='\(Self.scripts)' python3 - <<'END'
      import json, check_log
      cases = json.load(open("\(Vectors.folder)/tlog-proof/proof_errors.json"))["cases"]
      for case in cases:
          try:
              check_log.read_proof(case["proof"].encode())
              print("accepted:", case["name"])
          except (check_log.Wrong, ValueError):
              pass
      print(len(cases), "cases")
      END
      """)
    #expect(result.output == "6 cases\n")
  }

  /// What a policy asks for, and whether one witness is enough for it.
  @Test(arguments: [
    ("quorum none", true), ("quorum w1", true), ("quorum peers", true),
    ("group both all w1 w2\nquorum both", false), ("group one any w1 w2\nquorum one", true),
    ("group two 2 w1 w2\nquorum two", false), ("quorum w2", false),
  ])
  func `a policy decides which witnesses are enough, for both checkers alike`(
    rule: String, isEnough: Bool
  ) {
    let shell = node()
    _ = shell.run(
      """
      kiana-node init --state other >/dev/null; kiana-audit prove 1 >x
      key=$(kiana-keys export --state other --format vkey --use witness)
      (grep -v '^quorum' policy; echo "witness w2-1 $key"; echo 'group w2 any w2-1') >p
      printf '%s\n' '\(rule.replacing("\n", with: "' '"))' | sed 's/ w1/ w1-1/;s/ w2/ w2-1/' >rule
      grep -v '^group' p >q; case '\(rule)' in *peers*) cat p ;; *) cat q ;; esac >policy
      case '\(rule)' in *peers*) echo 'quorum peers' ;; *) cat rule ;; esac >>policy
      """)
    let python = shell.run("\(Self.check) proof x --policy policy")
    let ours = shell.run("kiana-audit verify --policy policy x")
    #expect(python.status == (isEnough ? 0 : 1), "\(python.output)")
    #expect(ours.status == (isEnough ? 0 : 4), "\(ours.output)")
  }

  // MARK: docs/AUDIT.md

  /// The commands of a section of the page.
  private func commands(_ section: Int) throws -> String {
    let page = String(
      decoding: try DurableFile.read("\(Vectors.project)/docs/AUDIT.md", sizeBytesMax: 1 << 20),
      as: UTF8.self)
    var found = ""
    var (isInside, isCommand) = (false, false)
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("## ") { isInside = line.hasPrefix("## \(section).") }
      if line == "```sh" {
        isCommand = true
      } else if line == "```" {
        isCommand = false
      } else if isInside, isCommand {
        found += line + "\n"
      }
    }
    return found
  }

  @Test func `what the page says is done by hand is done, with openssl, jq and sha256sum`() throws {
    let shell = node()
    try DurableFile.write(
      Array(try commands(2).utf8), to: "\(shell.home)/by-hand", mode: 0o600)
    #expect(shell.run("shellcheck -s sh by-hand").output == "")
    _ = shell.run("kiana-audit prove --block $(tail -1 five) >good; cp good block.proof")
    let result = shell.run("sh by-hand")
    #expect(result.status == 0, "\(result.output)")
    for words in [
      "the author's signature: Signature Verified", "the root of the range: ", "the payload: ",
      "the root of the log: ", "the log's signature: Signature Verified",
      "the witness's signature of 2",
    ] { #expect(result.output.contains(words), "\(words) in \(result.output)") }
    for change in [
      #".block.header.topic = "x""#, #".block.sig |= sub("^."; "_")"#, #".block.content = "6""#,
      #".verdict |= sub("[+]"; "-")"#, #".range.index = 3"#, #".range.hashes[0] |= sub("^."; "x")"#,
      #".payload |= sub("^eyJ"; "eyK")"#, #".salt |= explode[1:] + [48] | .salt |= implode"#,
      #".proof |= sub("\nindex 3"; "\nindex 2")"#, #".proof |= sub("/audit/0\n5"; "/audit/0\n6")"#,
    ] {
      let changed = shell.run(
        "jq -c '\(change)' good >block.proof && ! cmp -s good block.proof && sh by-hand")
      #expect(changed.status != 0, "\(change): \(changed.output)")
    }
  }

  @Test func `what the page says of Python works`() throws {
    let shell = node(entries: 41)
    try DurableFile.write(
      Array(try commands(3).utf8), to: "\(shell.home)/python", mode: 0o600)
    let result = shell.run(
      """
      ln -s '\(Self.scripts)'/*.py .; kiana-audit export --gc --tiles copy >/dev/null; export PYTHONDONTWRITEBYTECODE=1
      cp copy/checkpoint last-year.checkpoint; kiana-audit prove --block $(tail -1 five) >block.proof
      echo '{"type":"door.open","result":"deny"}' | kiana-audit append >/dev/null
      kiana-audit checkpoint --via 'kiana-audit witness -q --state friend' >/dev/null 2>&1
      kiana-audit export --gc --tiles copy >/dev/null; kiana-audit prove 41 >41.tlog-proof; sh -eu python
      """)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("/audit/0: 42 entries are good\n"), "\(result.output)")
    #expect(result.output.contains("\"result\":\"deny\""), "\(result.output)")
  }

  @Test func `a witness behind a web server answers as C2SP says`() throws {
    let shell = node()
    let files = [
      "w": "#!/bin/sh\nexec kiana-audit witness --state '\(shell.home)/friend'\n",
      // Each file is posted, to a server that answers until its standard input ends.
      "ask": """
      mkfifo in; PYTHONDONTWRITEBYTECODE=1 python3 '\(Self.scripts)/cgi_server.py' ./w <in >port 2>log &
      exec 3>in
      while ! [ -s port ]; do sleep 0.05; done
      for f in "$@"; do
        curl -s -m 20 -o body -w '%{http_code} %{content_type}\\n' --data-binary "@$f" \\
          "http://127.0.0.1:$(cat port)/cgi-bin/add-checkpoint"
      done
      exec 3>&-; wait; rm in port
      """,
    ]
    for (name, text) in files {
      try DurableFile.write(Array(text.utf8), to: "\(shell.home)/\(name)", mode: 0o700)
    }
    let transcript = Transcript(
      """
      $ kiana-audit checkpoint --request 0 >all; echo '{"type":"door.open"}' | kiana-audit append; kiana-audit checkpoint >/dev/null; kiana-audit checkpoint --request 5 >req
      5
      $ sed 's/^old 5/old 4/' req >odd; sed 's/^[0-9A-Za-z+/]\\{43\\}=$/AAAA/' req >short; sed 's/^\\(— .*\\)A/\\1B/' req >forged
      $ sh ask all; cat body
      409 text/x.tlog.size
      5
      $ sh ask req; cat body; kiana-audit checkpoint -q --take body | grep -c '^—'
      200 text/plain; charset=utf-8
      — kiana/<aid>/witness <any>
      2
      # The same again is a question about another size now.
      $ sh ask req odd short; cat body
      409 text/x.tlog.size
      409 text/x.tlog.size
      400 text/plain; charset=utf-8
      the request is malformed
      $ kiana-audit witness --state friend --list | cut -f1
      6
      """)
    #expect(transcript.firstDifference(in: shell) == nil)
  }
}
