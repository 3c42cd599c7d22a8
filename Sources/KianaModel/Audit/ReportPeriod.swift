/// The days that a report is about: whole UTC days, both ends included.
package struct ReportPeriod: Equatable, Sendable {
  /// Days since 1970-01-01 UTC.
  package let first: Int64
  package let last: Int64

  /// The longest period: ten years.
  package static let daysMax: Int64 = 3660

  package init(first: Int64, last: Int64) {
    precondition(first <= last, "a period ends after it began")
    self.first = first
    self.last = last
  }

  /// What a person typed: a year `2026`, a month `2026-10`, a day `2026-10-31`, or two of these
  /// with `..` between them, from the first day of the one to the last day of the other.
  ///
  /// - Returns: nil when it is none of these, ends before it begins, or has more than `daysMax`.
  package init?(_ text: String) {
    let ends = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
    let found: (ReportPeriod?, ReportPeriod?) =
      switch ends.count {
      case 1: (Self.span(ends[0]), Self.span(ends[0]))
      case 3 where ends[1].isEmpty: (Self.span(ends[0]), Self.span(ends[2]))
      default: (nil, nil)
      }
    guard let begin = found.0, let end = found.1, begin.first <= end.last,
      end.last - begin.first < Self.daysMax
    else { return nil }
    self.init(first: begin.first, last: end.last)
  }

  /// One year, month or day.
  private static func span(_ text: Substring) -> ReportPeriod? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    var numbers = [Int64]()
    for (part, width) in zip(parts, [4, 2, 2]) {
      guard part.utf8.count == width, part.utf8.allSatisfy({ $0 &- 0x30 < 10 }),
        let number = Int64(part)
      else { return nil }
      numbers.append(number)
    }
    guard (1...3).contains(parts.count), numbers[0] >= 1 else { return nil }
    let (year, month) = (numbers[0], numbers.count > 1 ? numbers[1] : 1)
    let day = numbers.count > 2 ? numbers[2] : 1
    let first = Moment.days(year, month, day)
    guard Moment.date(days: first) == (year, month, day) else { return nil }
    let next =
      switch numbers.count {
      case 1: Moment.days(year + 1, 1, 1)
      case 2: month == 12 ? Moment.days(year + 1, 1, 1) : Moment.days(year, month + 1, 1)
      default: first + 1
      }
    return ReportPeriod(first: first, last: next - 1)
  }

  package var days: ClosedRange<Int64> { first...last }

  package var dayCount: Int64 { last - first + 1 }

  /// Milliseconds since 1970, the end not included.
  package var times: Range<Int64> { first * 86_400_000..<(last + 1) * 86_400_000 }

  /// `2026-10-01..2026-10-31`, or the one day.
  package var text: String {
    let begin = Moment.dayText(first)
    return first == last ? begin : "\(begin)..\(Moment.dayText(last))"
  }
}
