import Glibc
import KianaModel
import KianaStore
import KianaTesting
import Testing

/// Faults against whole commands.
@Suite(.serialized) struct LoopTests {
  private static let loops = "\(Vectors.project)/Tests/CommandTests/Loops"
  static let isRoot = geteuid() == 0
  /// Root in a container may not be allowed to mount.
  static let canMount =
    isRoot && Shell(home: "/").run("unshare -m mount -t tmpfs tmpfs /mnt").status == 0

  @Test(arguments: [1, 2])
  func `what was acknowledged survives SIGKILL at any moment`(seed: Int) {
    let folder = TemporaryFolder()
    let rounds = TestRun.isLong ? 400 : 110
    let result = Shell(in: folder).run("sh '\(Self.loops)/kill.sh' \(rounds) \(seed)")
    #expect(result.status == 0, "seed \(seed): \(result.output)")
    #expect(result.output.contains("all good"))
  }

  @Test(arguments: [1, 2])
  func `a sync whose sides are killed at any moment harms neither`(seed: Int) {
    let rounds = TestRun.isLong ? 400 : 100
    let result = Shell(in: TemporaryFolder()).run(
      "sh '\(Self.loops)/sync-kill.sh' \(rounds) \(seed)")
    #expect(result.status == 0, "seed \(seed): \(result.output)")
    #expect(result.output.contains("killed"))
  }

  @Test(arguments: [1, 2])
  func `keys whose commands are killed at any moment are one of each use, and open`(seed: Int) {
    let rounds = TestRun.isLong ? 400 : 100
    let result = Shell(in: TemporaryFolder()).run(
      "sh '\(Self.loops)/keys-kill.sh' \(rounds) \(seed)")
    #expect(result.status == 0, "seed \(seed): \(result.output)")
    #expect(result.output.contains("all good"))
  }

  /// Another command would destroy a key that no event names yet.
  @Test func `a control key that the recovery code brings is made under the lock`() {
    let transcript = Transcript(
      """
      $ kiana-node init >/dev/null 2>&1; cp .local/share/kiana-guard/*.UNCONFIRMED code
      $ mkfifo held go; echo 'import sqlite3; d = sqlite3.connect(".local/state/kiana/kiana.db", isolation_level=None); d.execute("BEGIN IMMEDIATE"); open("held", "w").close(); open("go").read()' >hold.py
      $ python3 hold.py & cat held; kiana-keys emergency --yes --keep-all --code-file code >/dev/null 2>&1; echo $?; ls .local/state/kiana/keys | grep -c control-; echo >go; wait
      11
      0
      $ kiana-keys emergency --yes --keep-all --code-file code >/dev/null 2>&1; ls .local/state/kiana/keys | grep -c control-
      1
      """)
    #expect(transcript.firstDifference(in: Shell(in: TemporaryFolder())) == nil)
  }

  @Test(arguments: [1, 2])
  func `a trail whose commands are killed at any moment has no fault and one root a size`(
    seed: Int
  ) {
    let kills = TestRun.isLong ? 300 : 100
    let result = Shell(in: TemporaryFolder()).run(
      "sh '\(Self.loops)/audit-kill.sh' \(kills) \(seed)")
    #expect(result.status == 0, "seed \(seed): \(result.output)")
    #expect(result.output.contains("checkpoints seen"))
  }

  @Test(.enabled(if: canMount, "a small disk cannot be mounted here"))
  func `a full disk stops the trail's commands with nothing half done`() {
    let result = Shell(in: TemporaryFolder()).run(
      "unshare -m sh '\(Self.loops)/audit-full-disk.sh'")
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("no fault"))
  }

  @Test func `verify on a node that others write to finds nothing wrong`() {
    let transcript = Transcript(
      """
      $ kiana-node init >/dev/null 2>&1; (for i in 1 2 3 4 5 6; do seq 500 | kiana-node put --lines - >/dev/null; done) & writer=$!; while kill -0 $writer 2>/dev/null; do kiana-node verify >found 2>&1 || cat found; done
      $ kiana-node verify
      3000 blocks, 3000 contents: all good
      """)
    #expect(transcript.firstDifference(in: Shell(in: TemporaryFolder())) == nil)
  }

  @Test(.enabled(if: canMount, "a small disk cannot be mounted here"))
  func `a full disk is named and loses nothing`() {
    let folder = TemporaryFolder()
    let result = Shell(in: folder).run("unshare -m sh '\(Self.loops)/full-disk.sh'")
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("the disk is full"))
    #expect(result.output.contains("all good"))
  }

  @Test(.enabled(if: isRoot, "only root can make a state of another user"))
  func `the state of another user is never used, nor a second one made`() {
    let folder = TemporaryFolder()
    let transcript = Transcript(
      """
      $ kiana-node init --state s >/dev/null 2>&1; chown -R nobody s; kiana-node log --state s
      kiana-node: error: cannot use the state directory '<any>/s': it belongs to user nobody
      kiana-node: hint: run the command as that user: sudo -u 'nobody' kiana-node --state '<any>/s' ...
      [10]
      $ kiana-node init --state s
      kiana-node: error: cannot use the state directory '<any>/s': it belongs to user nobody
      kiana-node: hint: run the command as that user: sudo -u 'nobody' kiana-node --state '<any>/s' ...
      [10]
      """)
    #expect(transcript.firstDifference(in: Shell(in: folder)) == nil)
  }

  @Test(.enabled(if: canMount, "nothing can be mounted here"))
  func `a state directory that cannot be written is named, and nothing is done`() {
    let folder = TemporaryFolder()
    let transcript = Transcript(
      """
      $ echo 'mount -t tmpfs -o size=8m tmpfs d && kiana-node init --state d/n >/dev/null 2>&1 && mount -o remount,ro d && echo b | kiana-node put --state d/n -' >s; mkdir d; unshare -m sh s
      kiana-node: error: cannot use the state directory '<any>/d/n': Read-only file system
      kiana-node: hint: mount its file system for writing
      [10]
      """)
    #expect(transcript.firstDifference(in: Shell(in: folder)) == nil)
  }

  @Test func `a lock that another process holds is named`() {
    let folder = TemporaryFolder()
    let transcript = Transcript(
      """
      $ mkdir -m 700 s; touch s/lock; (flock 9; sleep 60) 9>>s/lock & holder=$!; while flock -n s/lock true; do :; done; kiana-node init --state s; status=$?; kill $holder; exit $status
      kiana-node: error: cannot lock the state directory '<any>/s': another process holds its lock
      kiana-node: hint: try again
      [11]
      """)
    #expect(transcript.firstDifference(in: Shell(in: folder)) == nil)
  }

  @Test func `log --follow and export --follow go on with what arrives`() {
    let folder = TemporaryFolder()
    let transcript = Transcript(
      """
      $ kiana-node init >/dev/null 2>&1; echo a | kiana-node put - >/dev/null
      $ (timeout 3 kiana-node log -f --json >out 2>/dev/null; timeout 1 kiana-node export -f >ex 2>err) & sleep 1; echo b | kiana-node put - >/dev/null; wait; jq -r .content out | tr -d '\\n'; wc -l <ex
      ab3
      """)
    #expect(transcript.firstDifference(in: Shell(in: folder)) == nil)
  }

  @Test(arguments: [("TERM", 143), ("INT", 130)])
  func `one signal ends a command that reads a line without end`(signal: String, status: Int) {
    let result = Shell(in: TemporaryFolder()).run(
      """
      kiana-node init >/dev/null 2>&1
      timeout --preserve-status -k 20 -s \(signal) 2 kiana-node import </dev/zero >/dev/null 2>&1
      """)
    #expect(result.status == Int32(status))
  }

  @Test func `two writers at once both get through`() {
    let folder = TemporaryFolder()
    let transcript = Transcript(
      """
      $ kiana-node init >/dev/null 2>&1
      $ for i in 1 2 3 4; do (seq 300 | kiana-node put --lines - >ids$i) & done; wait; cat ids? | sort -u | wc -l
      1200
      $ kiana-node verify --full
      1200 blocks, 1200 contents: all good
      """)
    #expect(transcript.firstDifference(in: Shell(in: folder)) == nil)
  }
}
