import KianaModel
import KianaTesting
import Testing

/// What a trace of the system calls shows of secrets.
@Suite struct SecretFileTests {
  static let hasTrace = StockToolTests.has("strace")

  @Test(.enabled(if: hasTrace, "strace is not installed; scripts/test.sh does that"))
  func `a file with a secret is never, at any moment, open to others`() {
    let transcript = Transcript(
      """
      $ umask 0; t='strace -f -o t -A -e trace=open,openat,creat,chmod,fchmod,fchmodat,link,linkat,mkdir,mkdirat'; $t kiana-node init >/dev/null 2>&1; cp .local/share/kiana-guard/*.UNCONFIRMED code; $t kiana-keys recovery confirm -q --code-file code; $t kiana-keys rotate --now >/dev/null; $t kiana-keys passwd -q --to-credential; $t kiana-keys recovery renew -q --code-file code 2>/dev/null; cp .local/share/kiana-guard/*.UNCONFIRMED new; $t kiana-keys emergency --yes --code-file new >/dev/null 2>&1; $t kiana-keys export --secret --format ssh -o id 2>/dev/null; echo a | $t kiana-node put - >/dev/null; echo $?
      0
      # Of each kind of file some were made, all of them with 0600 from the first moment.
      $ for kind in '\\.key' UNCONFIRMED credential '/id\\|"id'; do test $(grep O_CREAT t | grep -c -e "$kind") -gt 0 || echo "no $kind"; done
      $ grep O_CREAT t | grep -e '\\.key' -e UNCONFIRMED -e credential -e '"id' | grep -v ', 0600)'
      [1]
      $ grep mkdir t | grep -e kiana-guard -e state.kiana -e config.kiana | grep -v -e ', 0700)'; grep chmod t | grep -v -e 0700 -e 0600
      [1]
      $ find .local .config -type f ! -perm 600 ! -name 'kiana.db*' ! -name 'index.db*'; find .local/state/kiana .config/kiana .local/share/kiana-guard -type d ! -perm 700
      """)
    #expect(transcript.firstDifference(in: Shell(in: TemporaryFolder())) == nil)
  }

  @Test(.enabled(if: hasTrace, "strace is not installed; scripts/test.sh does that"))
  func `no command that has secrets leaves a core, lets itself be read, or names one`() {
    let transcript = Transcript(
      """
      $ kiana-node init >/dev/null 2>&1; echo x >f; strace -f -o t kiana-keys sign f >/dev/null; grep -c 'PR_SET_DUMPABLE, SUID_DUMP_DISABLE' t; grep -c 'RLIMIT_CORE, {rlim_cur=0, rlim_max=0}' t
      1
      1
      $ cp .local/share/kiana-guard/*.UNCONFIRMED code; strace -f -s 4096 -o t kiana-keys recovery check --code-file code >out 2>&1; tr -d ' \\n' <code >letters; grep -F -e "$(cat code)" -e "$(cat letters)" out; strace -f -s 4096 -e trace=execve -o e kiana-keys recovery check --code-file code >/dev/null; grep -c -F "$(cat code)" e
      0
      [1]
      # In no message and no JSON, of no command.
      $ for c in 'list --all' show history 'verdict x' 'recovery check --code-file code' 'emergency -n' 'check f' 'export --format ssh'; do kiana-keys $c --json >>all 2>&1; kiana-keys $c -v >>all 2>&1; done; grep -c -F -e "$(cat letters)" -e "$(cat code)" -e "$(cat .config/kiana/credential)" all
      0
      [1]
      """)
    #expect(transcript.firstDifference(in: Shell(in: TemporaryFolder())) == nil)
  }
}
