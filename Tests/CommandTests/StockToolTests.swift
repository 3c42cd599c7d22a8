import Glibc
import KianaModel
import KianaStore
import KianaTesting
import Testing

/// Keys and signatures of ours, read by the tools that everybody has, and theirs read by ours.
@Suite struct StockToolTests {
  static func has(_ tools: String...) -> Bool {
    tools.allSatisfy { Shell(home: "/").run("command -v \($0)").status == 0 }
  }

  private func check(_ text: String) {
    let transcript = Transcript(text)
    #expect(transcript.firstDifference(in: Shell(in: TemporaryFolder())) == nil)
  }

  @Test(.enabled(if: has("minisign"), "minisign is not installed; scripts/test.sh does that"))
  func `minisign verifies ours, and ours verifies what minisign signs with an exported key`() {
    check(
      """
      $ kiana-node init >/dev/null 2>&1; seq 1000 >f; kiana-keys sign f -t 'release 1'; kiana-keys export --format minisign >k.pub
      f.minisig
      f.sig
      $ minisign -V -m f -p k.pub | tr '\\t' ' '
      Signature and comment signature verified
      Trusted comment: timestamp:<number> file:f hashed aid:<aid> kel:1 release 1
      $ kiana-keys check f | cut -f1,2
      valid	this node
      $ sed -i 's/release 1/release 2/' f.minisig; minisign -V -m f -p k.pub >/dev/null 2>&1
      [1]
      $ kiana-keys check f 2>/dev/null | cut -f1; kiana-keys check f >/dev/null 2>&1
      bad-signature
      [13]
      $ kiana-keys export --format minisign --secret -o k.key 2>/dev/null; minisign -S -W -s k.key -m f -t theirs -x g >/dev/null; kiana-keys check f -s g | cut -f1,2,5
      valid	this node	theirs
      $ minisign -S -l -W -s k.key -m f -x g >/dev/null; kiana-keys check f -s g | cut -f1
      valid
      $ stat -c %a k.key; kiana-keys export --format minisign --secret -o k.key
      600
      kiana-keys: error: cannot write 'k.key': there is such a file already
      [15]
      $ echo x >>f; kiana-keys check f -s g 2>&1
      bad-signature	-	-	-	
      kiana-keys: error: the signature of 'f' is not good: the signature does not belong to the file, or one of them was changed
      [13]
      """)
  }

  @Test(
    .enabled(if: has("signify-openbsd"), "signify is not installed; scripts/test.sh does that"))
  func `signify takes our keys, and ours verifies what it signs`() {
    check(
      """
      $ kiana-node init >/dev/null 2>&1; seq 1000 >f; kiana-keys export --format signify >k.pub; kiana-keys export --format signify --secret -o k.sec 2>/dev/null
      $ signify-openbsd -S -s k.sec -m f -x f.s; signify-openbsd -V -p k.pub -m f -x f.s; kiana-keys check f -s f.s | cut -f1
      Signature Verified
      valid
      $ echo x >>f; kiana-keys check f -s f.s 2>/dev/null | cut -f1
      bad-signature
      """)
  }

  @Test(.enabled(if: has("ssh-keygen"), "ssh-keygen is not installed; scripts/test.sh does that"))
  func `ssh-keygen verifies ours by the dates of the keys, and not what a revoked key signed`() {
    check(
      """
      $ kiana-node init >/dev/null 2>&1; seq 1000 >f; kiana-keys sign f --format ssh; kiana-keys export --format allowed-signers >a; kiana-keys export --format krl >r
      f.sig
      $ ssh-keygen -Y verify -f a -r r -I $(kiana-keys id) -n file -s f.sig <f | cut -c1-28
      Good "file" signature for E<any>
      $ ssh-keygen -Y verify -f a -I $(kiana-keys id) -n git -s f.sig <f >/dev/null 2>&1
      [255]
      $ ssh-keygen -Y verify -f a -I $(kiana-keys id) -n file -s f.sig -O verify-time=20200101Z <f 2>&1 | cut -c1-28
      a:2: key is not yet valid: v<any>
      Could not verify signature.
      $ sleep 1.1; kiana-keys rotate --use file --now >/dev/null; kiana-keys sign f --format ssh -o new >/dev/null; kiana-keys export --format allowed-signers >a; grep -c ssh-ed25519 a
      2
      $ ssh-keygen -Y verify -f a -I $(kiana-keys id) -n file -s new.sig <f | cut -c1-6
      Good "
      $ ssh-keygen -Y verify -f a -I $(kiana-keys id) -n file -s f.sig -O verify-time=$(date -u -d '+1 day' +%Y%m%d)Z <f 2>&1 | cut -c1-23
      a:2: key has expired: v<any>
      Could not verify signat<any>
      $ at=$(sed -n 's/.*valid-after="\\([^"]*\\)",valid-before.*/\\1/p' a); ssh-keygen -Y verify -f a -I $(kiana-keys id) -n file -s f.sig -O verify-time=$at <f | cut -c1-6
      Good "
      $ kiana-keys revoke $(kiana-keys list --all | awk '$1 == "file" && $2 == "grace" { print $5 }') --reason compromise >/dev/null 2>&1; kiana-keys export --format krl >r; ssh-keygen -Q -f r f.sig >/dev/null 2>&1; ssh-keygen -Q -l -f r | grep -c SHA256
      1
      $ at=$(sed -n 's/.*valid-after="\\([^"]*\\)",valid-before.*/\\1/p' a); ssh-keygen -Y verify -f a -r r -I $(kiana-keys id) -n file -s f.sig -O verify-time=$at <f 2>&1
      Could not verify signature.
      [255]
      $ ssh-keygen -Y verify -f a -r r -I $(kiana-keys id) -n file -s new.sig <f | cut -c1-6
      Good "
      $ kiana-keys export --format ssh --secret -o id 2>/dev/null; test "$(ssh-keygen -y -f id)" = "$(kiana-keys export --format ssh)" && ssh-keygen -Y sign -f id -n file <f 2>/dev/null >t; kiana-keys check f -s t | cut -f1
      valid
      $ ssh-keygen -Y sign -O hashalg=sha256 -f id -n file <f 2>/dev/null >t; kiana-keys check f -s t | cut -f1; ssh-keygen -Y sign -f id -n git <f 2>/dev/null >t; kiana-keys check f -s t 2>/dev/null | cut -f1
      valid
      bad-signature
      """)
  }

  @Test(.enabled(if: has("openssl"), "openssl is not installed; scripts/test.sh does that"))
  func `OpenSSL takes our keys`() {
    check(
      """
      $ kiana-node init >/dev/null 2>&1; seq 1000 >f; kiana-keys export --format pem >pub; kiana-keys export --format pem --secret -o sec 2>/dev/null; openssl pkey -in sec -pubout | cmp - pub
      $ openssl pkeyutl -sign -inkey sec -rawin -in f -out s; openssl pkeyutl -verify -pubin -inkey pub -rawin -in f -sigfile s
      Signature Verified Successfully
      $ kiana-keys export --use enc --format pem | openssl pkey -pubin -noout -text | head -1
      X25519 Public-Key:
      """)
  }

  @Test(.enabled(if: has("age", "age-keygen"), "age is not installed; scripts/test.sh does that"))
  func `age opens what ours seals, and ours opens what age seals`() {
    check(
      """
      $ kiana-node init >/dev/null 2>&1; head -c 300000 /dev/urandom >f; age-keygen -o k 2>/dev/null; age-keygen -y k >r; kiana-keys export --use enc --format age >mine
      $ kiana-keys seal -r $(cat r) -r self -o s f; age -d -i k s | cmp - f; kiana-keys open s | cmp - f; kiana-keys open -i k s | cmp - f
      $ kiana-keys seal -a -r $(cat r) f >s; head -1 s; age -d -i k s | cmp - f; kiana-keys open s
      -----BEGIN AGE ENCRYPTED FILE-----
      kiana-keys: error: cannot open 's': no key that is here opens it
      [12]
      $ age -a -r $(cat mine) -r $(cat r) f >s; kiana-keys open s | cmp - f; age -r $(cat mine) <f | kiana-keys open -o g; cmp f g; stat -c %a g
      600
      # Keys that were replaced still open what was sealed for them.
      $ kiana-keys rotate --use enc --now >/dev/null; kiana-keys open s | cmp - f; test "$(kiana-keys export --use enc --format age)" != "$(cat mine)"
      # The recovery code opens what is sealed for the backups, without a node.
      $ age -r $(kiana-keys export --use backup --format age) f >b; kiana-keys open --state none --recovery-code --code-file .local/share/kiana-guard/*.UNCONFIRMED b | cmp - f
      # Passphrases.
      $ echo words >p; echo other >q; chmod 600 p q; kiana-keys seal --file-passphrase-file p -o s f; kiana-keys open --file-passphrase-file p s | cmp - f; kiana-keys open --file-passphrase-file q s -o g2
      kiana-keys: error: cannot open 's': the passphrase is wrong
      [12]
      $ script -qec 'age -d -o g3 s' /dev/null <p >/dev/null; cmp f g3; ls g2 2>/dev/null
      [2]
      # A changed or cut file gives nothing to a file, and an error.
      $ kiana-keys seal -r self -o s f; head -c 200000 s >cut; kiana-keys open cut -o g4; ls g4* 2>/dev/null
      kiana-keys: error: cannot open 'cut': its content is damaged: chunk 3 was changed or is missing
      [2]
      $ kiana-keys open cut 2>/dev/null | head -c 196608 | cmp - f
      cmp: EOF on - after byte 196608, in line <any>
      [1]
      $ kiana-keys open f 2>&1 | head -1
      kiana-keys: error: cannot open 'f': its header is malformed: it is no age file of version 1
      $ kiana-keys seal -r age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq f 2>&1 | head -1
      kiana-keys: error: cannot seal for 'age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq': nobody is trusted by that name, and it is no age recipient
      $ kiana-node init --state bb >/dev/null 2>&1; kiana-keys show --log --state bb | kiana-keys trust add bert - >/dev/null; kiana-keys seal -r bert f | kiana-keys open --state bb | cmp - f
      $ kiana-keys seal -p -r self f 2>&1 | head -1
      kiana-keys: error: who can open it? --recipient, or a passphrase, not both
      """)
  }

  @Test func `whose signature counts is what a person said, and the log says until when`() {
    check(
      """
      $ kiana-node init >/dev/null 2>&1; kiana-node init --state b >/dev/null 2>&1; seq 10 >f; kiana-keys sign f >/dev/null; kiana-keys check f --state b
      unknown-key	-	-	-	
      kiana-keys: error: the signature of 'f' is not good: nobody whom this node trusts has its key
      kiana-keys: hint: 'kiana-keys trust add' brings the key log of somebody you trust
      [4]
      $ kiana-keys show --log | kiana-keys trust add anna - --state b; kiana-keys check f --state b | cut -f1,2; kiana-keys verdict f --state b --json | jq -r .verdict,.name
      anna	<aid>	event 1	good
      valid	anna
      valid
      anna
      $ kiana-keys revoke $(kiana-keys list | awk '$1 == "file" { print $5 }') --reason superseded >/dev/null 2>&1; kiana-keys show --log >log; kiana-keys trust add anna log --state b; kiana-keys check f --state b 2>/dev/null | cut -f1
      anna	<aid>	event 2	good
      unproven
      $ kiana-keys check f | cut -f1; cp f.sig old.sig; kiana-keys sign f >/dev/null; kiana-keys check f --state b | cut -f1
      valid-retired
      valid
      $ kiana-node init --state c >/dev/null 2>&1; kiana-keys show --state c --log | kiana-keys trust add anna - --state b 2>&1 | head -1 | cut -d: -f2- | cut -c1-20
       error: cannot trust
      $ kiana-keys trust add c $(kiana-keys id --state c) --state b 2>&1 | sed "s/E[A-Za-z0-9_-]\\{43\\}/AID/"
      kiana-keys: error: this node does not know AID
      kiana-keys: hint: give its key log: ssh other kiana-keys show --log | kiana-keys trust add NAME -
      $ kiana-node export | kiana-node import --state b - >/dev/null; kiana-keys trust add a2 $(kiana-keys id) --state b | cut -f1; kiana-keys trust list --state b --json | jq -r .name
      a2
      a2
      $ sed 's/"s":"1"/"s":"2"/' log | kiana-keys trust add x - --state b 2>/dev/null
      [13]
      $ kiana-keys trust remove a2 --state b; kiana-keys trust list --state b; kiana-keys trust remove a2 --state b
      kiana-keys: error: nobody is trusted by the name 'a2'
      kiana-keys: hint: 'kiana-keys trust list' has the names
      [4]
      """)
  }

  @Test func `a verdict says why`() {
    check(
      """
      $ kiana-node init >/dev/null 2>&1; id=$(echo a | kiana-node put -); kiana-keys verdict $id | cut -f1,4,5; kiana-keys verdict $id --json | jq -c '[.verdict,.key_state,.standing,.key_log_s]'
      valid	active	its key is good
      ["valid","active","in-feed",1]
      $ key=$(kiana-keys list | awk '$1 == "block" { print $5 }'); kiana-keys revoke $key --reason compromise >/dev/null 2>&1; kiana-keys verdict $(kiana-node log | cut -f1) | cut -f1,4
      valid-before-compromise	revoked:compromise
      $ id=$(echo b | kiana-node put -); id2=$(echo c | kiana-node put -); kiana-keys revoke $(kiana-keys list | awk '$1 == "block" { print $5 }') --reason compromise --last $id >/dev/null 2>&1; kiana-keys verdict $id2; kiana-keys verdict $id | cut -f1
      compromised	<aid>	<aid>	revoked:compromise	its key was compromised, and its author does not vouch for the block
      kiana-keys: error: block '<id>' is not good: its key was compromised, and its author does not vouch for the block
      valid-before-compromise
      $ kiana-keys verdict 00000000
      kiana-keys: error: there is no block '00000000'
      kiana-keys: hint: 'kiana-node search' and 'kiana-node log' list the blocks that are here
      [4]
      """)
  }
}
