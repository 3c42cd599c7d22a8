import KianaModel
import Testing

@Suite struct PythonJSONTests {
  /// A JSON number, and what Python prints for it after reading it.
  @Test(arguments: [
    ("1761200398.8824797", "1761200398.8824797"), ("1.0", "1.0"), ("100", "100"), ("-0", "0"),
    ("-0.0", "-0.0"), ("0.1", "0.1"), ("1e5", "100000.0"), ("1e15", "1000000000000000.0"),
    ("1e16", "1e+16"), ("1.5e300", "1.5e+300"), ("0.0001", "0.0001"), ("0.00001", "1e-05"),
    ("1.25E-7", "1.25e-07"), ("9007199254740993", "9007199254740993"), ("5e-324", "5e-324"),
    ("123456789012345680.0", "1.2345678901234568e+17"), ("0.5", "0.5"), ("12.50", "12.5"),
  ])
  func `numbers are written as Python's repr does`(lexeme: String, text: String) throws {
    let value = try JSONValue.parse(Array(lexeme.utf8), .foreign)
    #expect(
      String(decoding: PythonJSON(hasSpaces: true, isASCII: true).dumps(value), as: UTF8.self)
        == text)
  }

  @Test func `members are sorted by code points, and escapes are Python's`() throws {
    let value = try JSONValue.parse(
      Array(#"{"b":[1,{}],"a":"ü😀\"\\\u0000\u007f","😀":1,"ｆ":2}"#.utf8))
    let plain = PythonJSON(hasSpaces: false, isASCII: false).dumps(value)
    #expect(
      String(decoding: plain, as: UTF8.self)
        == "{\"a\":\"ü😀\\\"\\\\\\u0000\u{7f}\",\"b\":[1,{}],\"ｆ\":2,\"😀\":1}")
    let ascii = PythonJSON(hasSpaces: true, isASCII: true).dumps(value)
    #expect(
      String(decoding: ascii, as: UTF8.self)
        == #"{"a": "\u00fc\ud83d\ude00\"\\\u0000\u007f", "b": [1, {}], "\uff46": 2, "\ud83d\ude00": 1}"#
    )
  }
}
