import Glibc
import KianaModel
import KianaStore
import KianaTesting
import Testing

/// What `kiana-audit query` writes for programs of others, read by their own models.
@Suite struct AuditInteropTests {
  private static let python =
    unsafe getenv("KIANA_OCSF_PYTHON").map { unsafe String(cString: $0) } ?? ""

  @Test(
    .enabled(
      if: DurableFile.exists(python),
      "pydantic-ocsf==3.0.0 is not installed; scripts/test.sh does that"))
  func `the models of the OCSF schema accept our events, and refuse changed ones`() {
    let shell = Shell(in: TemporaryFolder())
    _ = shell.run("kiana-node init; echo a | kiana-node put -; kiana-keys rotate --now")
    _ = shell.run("kiana-node redact $(kiana-node log --json | jq -r .id)")
    var lines = ""
    for result in AuditEntry.Result.allCases {
      lines += "{\"type\":\"door.open\",\"target\":\"ha|l\",\"result\":\"\(result.rawValue)\","
      lines += "\"verdict\":\"invalid\",\"actor\":\"=a\\\\b\",\"payload\":7}\n"
    }
    _ = shell.run("kiana-audit append <<'END' && kiana-audit query --format ocsf >o\n\(lines)END")
    let check =
      "PYTHONDONTWRITEBYTECODE=1 '\(Self.python)' '\(Vectors.project)/Tests/interop/ocsf_check.py'"
    let count = Int(shell.run("kiana-audit query | wc -l").output.filter(\.isNumber)) ?? 0
    #expect(count > 8)
    let result = shell.run("\(check) <o")
    #expect(result.output == "\(count) events are good\n")
    for edit in [
      "s/\"severity_id\":1/\"severity_id\":7/", "s/\"class_uid\":3004/\"class_uid\":3005/",
      "s/\"time\":/\"tyme\":/", "s/\"sequence\"/\"sequens\"/", "s/ha|l/he|l/g",
      "s/\"activity_id\":99/\"activity_id\":98/", "s/\"status_id\":1/\"status_id\":\"x\"/",
    ] {
      #expect(shell.run("sed '\(edit)' o | \(check)").status == 13, "\(edit)")
    }
  }

  @Test func `a table is read by Python's csv as it was meant`() {
    let shell = Shell(in: TemporaryFolder())
    _ = shell.run("kiana-node init; kiana-node put --lines - </dev/null")
    _ = shell.run(#"echo '{"type":"a.b","target":"a\"b,c","actor":"@x"}' | kiana-audit append"#)
    let result = shell.run(
      """
      kiana-audit query --seq 1 --format csv | python3 -c '
      import csv, io, sys
      rows = list(csv.DictReader(io.TextIOWrapper(sys.stdin.buffer, newline="")))
      print(len(rows), rows[0]["target"], rows[0]["actor"], len(rows[0]["leaf_hash"]))'
      """)
    #expect(result.output == "1 a\"b,c '@x 64\n")
  }
}
