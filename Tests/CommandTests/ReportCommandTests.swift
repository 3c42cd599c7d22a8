import KianaModel
import KianaStore
import KianaTesting
import Testing

/// `kiana-audit report` as a person and a cron job use it.
@Suite struct ReportCommandTests {
  private let folder = TemporaryFolder()

  private func check(_ text: String) {
    #expect(Transcript(text).firstDifference(in: Shell(in: folder)) == nil)
  }

  /// A node with a few entries, all of it under a checkpoint.
  private func makeNode() throws {
    check(
      """
      $ kiana-node init >/dev/null 2>&1; echo a | kiana-node put - >/dev/null; printf '%s\\n' '{"type":"door.open","target":"<script>alert(1)</script>","actor":"=1+1","result":"deny"}' '{"type":"door.open","target":"a|b","verdict":"invalid","result":"fail"}' | kiana-audit append >/dev/null
      """)
    try TestCheckpoint.sign(home: folder.path)
  }

  @Test func `wrong words are named, and what was meant`() {
    check(
      """
      $ kiana-audit report --period 2026-13 --template access
      kiana-audit: error: '2026-13' is no period: it is 2026, 2026-10, 2026-10-31 or two of them as 2026-10-01..2026-10-15
      kiana-audit: hint: at most ten years; the first day comes first
      [64]
      $ kiana-audit report --period 2026 --template acess
      kiana-audit: error: there is no template 'acess'; did you mean 'access'?
      kiana-audit: hint: there are block-validation, validator, access, keys
      [64]
      $ kiana-audit report --period 2026 --template keys --format htm
      kiana-audit: error: there is no format 'htm'; did you mean 'html'?
      kiana-audit: hint: there are html, json, csv, md
      [64]
      $ kiana-audit report --template keys
      kiana-audit: error: missing expected argument '--period <any>
      kiana-audit: hint: see 'kiana-audit report --help'
      [64]
      $ kiana-audit report --period 2026 --template keys
      kiana-audit: error: there is no node in <any>
      kiana-audit: hint: <any>
      [10]
      """)
  }

  @Test func `a report that fails leaves no file`() throws {
    try makeNode()
    check(
      """
      $ kiana-audit report --period 2000..2009 --template keys --output no/r.html
      kiana-audit: error: cannot write 'no/r.html<any>
      [74]
      $ chmod 000 .config/kiana/credential; mv .config/kiana/credential c; kiana-audit report --period 2000..2009 --template keys --output r.html >/dev/null 2>&1; echo $?; ls r.html* 2>/dev/null; mv c .config/kiana/credential; chmod 600 .config/kiana/credential
      12
      $ kiana-audit report --period 2000..2009 --template keys >/dev/full
      kiana-audit: error: cannot write to standard output: No space left on device
      [74]
      """)
  }

  @Test(.enabled(if: StockToolTests.has("minisign"), "minisign is not installed"))
  func `a report in a file is signed for minisign`() throws {
    try makeNode()
    check(
      """
      $ kiana-audit report --period 2020..2029 --template access --output r.html
      r.html
      r.html.minisig
      $ kiana-keys export --format minisign >k.pub; minisign -V -m r.html -p k.pub | head -1; kiana-keys check r.html | cut -f1
      Signature and comment signature verified
      valid
      $ head -1 r.html | cut -c2-; ls | grep new
      !DOCTYPE html>
      [1]
      $ sed -i 's/door/dour/' r.html; minisign -V -m r.html -p k.pub >/dev/null 2>&1
      [1]
      """)
  }

  @Test func `the page is well formed, needs nothing else, and runs nothing`() throws {
    try makeNode()
    try folder.write("check.py", Array(Self.checker.utf8))
    for template in ["block-validation", "validator", "access", "keys"] {
      check(
        """
        $ kiana-audit report --period 2020..2029 --template \(template) --format html >p.html; python3 check.py p.html
        well formed
        $ kiana-audit report --period 2020..2029 --template \(template) --format html | cmp - p.html
        $ grep -ciE 'https?:|src=|<script|url[(]|@import' p.html
        0
        [1]
        """)
    }
  }

  @Test func `each format is read by its own tools`() throws {
    try makeNode()
    check(
      #"""
      $ kiana-audit report --period 2020..2029 --template access --json | jq -c '[.v,.report.template,.named.unwitnessed,([.by_type[]|.entries]|add)==.report.entries]'
      [1,"access","nobody has witnessed this log: 0 to 4",true]
      $ kiana-audit report --period 2020..2029 --template access --format csv | python3 -c 'import csv,sys; r=list(csv.reader(sys.stdin,strict=True)); print(len(set(map(len,r))), [x[2] for x in r if x[0]=="by_actor" and "1+1" in x[2]])'
      1 ["'=1+1"]
      $ kiana-audit report --period 2020..2029 --template access | grep -c 'a\\|b'
      1
      $ kiana-audit report --period 2020..2029 --template access | tail -1
      ~~~~
      """#)
  }

  /// Every tag is closed by its own, headings go down one by one, and tables say what they are.
  private static let checker = """
    import sys
    from html.parser import HTMLParser
    void = {"meta", "line", "rect", "br"}
    class Page(HTMLParser):
        def __init__(self):
            super().__init__(convert_charrefs=True)
            self.open, self.ids, self.labels, self.captions, self.tables = [], [], [], 0, 0
            self.level = 0
        def handle_starttag(self, tag, attrs):
            attrs = dict(attrs)
            assert not any(name.startswith("on") for name in attrs), attrs
            if tag == "html": assert attrs["lang"] == "en"
            if tag == "th": assert attrs["scope"] in ("col", "row")
            if tag == "svg":
                assert attrs["role"] == "img"
            if tag in ("h1", "h2", "h3"):
                assert int(tag[1]) <= self.level + 1
                self.level = int(tag[1])
            self.tables += tag == "table"
            self.captions += tag == "caption"
            if "id" in attrs: self.ids.append(attrs["id"])
            self.labels += attrs.get("aria-labelledby", "").split()
            if tag not in void: self.open.append(tag)
        def handle_startendtag(self, tag, attrs):
            assert tag in void, tag
        def handle_endtag(self, tag):
            assert self.open.pop() == tag, tag
    page = Page()
    page.feed(open(sys.argv[1], encoding="utf-8").read())
    page.close()
    assert not page.open, page.open
    assert len(page.ids) == len(set(page.ids))
    assert set(page.labels) <= set(page.ids)
    assert page.tables == page.captions > 0
    print("well formed")
    """
}
