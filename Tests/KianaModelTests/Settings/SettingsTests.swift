import KianaModel
import Testing

@Suite struct SettingsTests {
  private func parse(_ text: String) throws(KianaError) -> Settings {
    try Settings.parse(try ConfigFile.parse(Array(text.utf8), path: "kiana.conf"))
  }

  @Test func `an empty file and comments are the defaults`() throws {
    #expect(try parse("") == Settings())
    #expect(try parse("# nothing\n\n   # more\n") == Settings())
  }

  @Test func `values are read, with powers of 1024`() throws {
    let settings = try parse(
      "[limits]\ncontent_bytes_max = 2M\nheld_blocks_max=5\n[redact]\ndelete_after_days = 0")
    #expect(settings.contentBytesMax == 2 << 20)
    #expect(settings.heldBlocksMax == 5)
    #expect(settings.redactAfterMilliseconds == 0)
  }

  /// The text, and what the error says after `kiana.conf:`.
  @Test(arguments: [
    ("x", "1: 'x' has no '='; a setting is 'key = value'"),
    ("\n[limits", "2: '[limits' is no section; write [name] or [name \"label\"]"),
    ("[limit]\na = 1", "2: section 'limit' is not known; did you mean 'limits'?"),
    (
      "[limits]\ncontent_byte_max = 1",
      "2: 'content_byte_max' is no setting of [limits]; did you mean 'content_bytes_max'?"
    ),
    (
      "[redact]\ndelete_after_days = -1",
      "2: '-1' is no value for 'delete_after_days'; it is a number from 0 to 3650"
    ),
    (
      "[redact]\ndelete_after_days = 1.5",
      "2: '1.5' is no value for 'delete_after_days'; it is a number from 0 to 3650"
    ),
    (
      "[redact]\ndelete_after_days = 1\ndelete_after_days = 2",
      "3: 'delete_after_days' stands twice"
    ),
    ("[redact \"x\"]\ndelete_after_days = 1", "2: section 'redact' takes no label"),
    (
      "[limits]\nauthor_bytes_max = 99999999999G",
      "2: '99999999999G' is no value for 'author_bytes_max'; it is a number from 0 to 1125899906842624"
    ),
  ])
  func `a wrong line is named with its number`(text: String, message: String) {
    do throws(KianaError) {
      _ = try parse(text)
      Issue.record("accepted")
    } catch {
      #expect(error.code == .usage)
      #expect(error.message == "kiana.conf:" + message)
    }
  }
}
