import KianaModel
import Testing

@Suite struct ReportPeriodTests {
  /// What a person types, and the days it means.
  @Test(
    arguments: [
      ("2026", "2026-01-01..2026-12-31", 365), ("2028", "2028-01-01..2028-12-31", 366),
      ("2026-10", "2026-10-01..2026-10-31", 31), ("2026-12", "2026-12-01..2026-12-31", 31),
      ("2028-02", "2028-02-01..2028-02-29", 29), ("2100-02", "2100-02-01..2100-02-28", 28),
      ("2026-10-31", "2026-10-31", 1), ("2028-02-29", "2028-02-29", 1),
      ("2026-10-31..2026-11-01", "2026-10-31..2026-11-01", 2),
      ("2026-10-31..2026-10-31", "2026-10-31", 1),
      ("2026-01..2026-03-05", "2026-01-01..2026-03-05", 64),
      ("1970-01-01", "1970-01-01", 1), ("1969-12", "1969-12-01..1969-12-31", 31),
      ("2020..2029", "2020-01-01..2029-12-31", 3653),
    ] as [(String, String, Int64)])
  func `a period is whole days, both ends included`(typed: String, text: String, days: Int64) throws
  {
    let period = try #require(ReportPeriod(typed))
    #expect(period.text == text)
    #expect(period.dayCount == days)
    #expect(period.times.upperBound - period.times.lowerBound == days * 86_400_000)
  }

  @Test(arguments: [
    "", "26", "2026-13", "2026-00", "2026-2", "2026-02-29", "2026-10-32", "2026-10-31..2026-10-30",
    "2026..", "..2026", "2026...2027", "2026..2027..2028", "2026-10-31T00:00:00Z", "2026/10",
    "+026",
    "0000", "2026-10-", "-2026", "2020..2031", "october", "2026.2027", "２０２６",
  ])
  func `anything else is no period`(typed: String) {
    #expect(ReportPeriod(typed) == nil)
  }
}
