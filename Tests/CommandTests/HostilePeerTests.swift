import KianaTesting
import Testing

/// Peers that mean harm, over the real pipe: each costs little, and the server says in one line why
/// it left them.
@Suite struct HostilePeerTests {
  private static let scripts = "\(Vectors.project)/Tests/interop"

  private static let setUp = """
    for s in s o; do kiana-node init --state $s >/dev/null 2>&1; \
    seq 300 | kiana-node put --lines - --state $s >/dev/null; done; \
    printf '[sync]\\nsilence_seconds = 1\\n' >s/kiana.conf; \
    kiana-node export --state s >own; kiana-node export --state o >foreign
    """

  @Test(arguments: [
    ("garbage", "the session with the other side ended early: a frame says it has "),
    ("half", "the sync ended early: the other side sent nothing of use for 1 s"),
    ("larger", "a frame says it has 2147483647 bytes"),
    ("million", "the other side sent nothing of use for 1 s"),
    ("more", "it claims more than 1000000 feeds"),
    ("again", "it wants a feed "),
    ("later", "the other side sent nothing of use for 1 s"),
    ("unknown", "frames came that bring nothing"),
    ("keys", "frames came that bring nothing"),
  ])
  func `a peer that harms is left, at a bounded cost and with a reason`(how: String, why: String) {
    let shell = Shell(in: TemporaryFolder())
    let script = "PYTHONDONTWRITEBYTECODE=1 python3 '\(Self.scripts)/hostile_peer.py'"
    let result = shell.run("\(Self.setUp); \(script) \(how) s own; kiana-node verify --state s")
    let lines = result.output.split(separator: "\n")
    #expect(lines.first == "status 1", "\(result.output)")
    #expect(result.output.contains(why), "\(result.output)")
    #expect(lines.suffix(2) == ["bounded", "300 blocks, 300 contents: all good"])
  }

  @Test func `blocks of strangers are refused by name and leave nothing behind`() {
    let shell = Shell(in: TemporaryFolder())
    let script = "PYTHONDONTWRITEBYTECODE=1 python3 '\(Self.scripts)/hostile_peer.py'"
    let result = shell.run(
      "\(Self.setUp); \(script) strangers s foreign; kiana-node verify --state s")
    #expect(result.output.contains("refused: key log of "))
    #expect(result.output.contains("not admitted here (not-admitted)"))
    #expect(
      result.output.hasSuffix("bounded\n300 blocks, 300 contents: all good\n"), "\(result.output)")
  }

  @Test func `a session that is replayed, one that says later, and one that hangs`() {
    let transcript = Transcript(
      #"""
      $ for s in a b; do kiana-node init --state $s >/dev/null 2>&1; seq 30 | kiana-node put --lines - --state $s >/dev/null; done
      $ kiana-node admit --state b -q $(kiana-node id --state a); kiana-node sync --state a --via 'tee in | kiana-node serve --stdio --state b' | cut -d, -f1,2
      30 new here, 30 sent
      $ kiana-node serve --stdio --state b <in >/dev/null
      kiana-node: error: the session with the other side ended early: <any>
      [1]
      $ kiana-node sync --state a --via 'kiana-node serve --stdio --state b' | cut -d, -f1,2
      0 new here, 0 sent
      $ kiana-node verify --state b --full
      60 blocks, 60 contents: all good
      $ kiana-node sync --state a --via "printf '\0\0\0\041\015{\"code\":\"busy\",\"retry_after\":30}'; cat >/dev/null"
      0 new here, 0 sent, 0 aside, 0 refused; <number> bytes in, <number> out
      kiana-node: error: the sync ended early: the other side ended with 'busy'
      kiana-node: hint: what came is kept; run it again in 30 s
      [1]
      $ kiana-node serve --stdio --state nowhere </dev/null 2>/dev/null | tail -c +6; echo
      {"code":"closed","retry_after":0}
      $ kiana-node sync --state a --note 'down from 22:00' --via 'kiana-node serve --stdio --state b' | cut -d, -f1
      kiana-node: note from <any>: down from 22:00
      0 new here
      """#)
    #expect(transcript.firstDifference(in: Shell(in: TemporaryFolder())) == nil)
  }
}
