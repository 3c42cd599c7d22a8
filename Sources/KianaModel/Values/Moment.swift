/// Moments as people write them: RFC 3339, and words like `today` or `2h ago`.
///
/// A moment is milliseconds since 1970-01-01 UTC. The calendar is the proleptic Gregorian one;
/// source of the day arithmetic: Howard Hinnant, "chrono-compatible low-level date algorithms".
package enum Moment {
  /// `2026-11-23T13:38:51Z`, with `.123` when the milliseconds are not zero.
  package static func text(_ milliseconds: Int64) -> String {
    let (seconds, rest) = floor(milliseconds, 1000)
    let (days, second) = floor(seconds, 86_400)
    let (year, month, day) = date(days: days)
    let fraction = rest == 0 ? "" : "." + padded(rest, 3)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
      + "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
      + "\(fraction)Z"
  }

  /// The day of a moment, days since 1970-01-01 UTC.
  package static func day(_ milliseconds: Int64) -> Int64 {
    floor(milliseconds, 86_400_000).quotient
  }

  /// `2026-11-23`; of a day that no calendar has, its number.
  package static func dayText(_ day: Int64) -> String {
    guard -100_000_000...100_000_000 ~= day else { return String(day) }
    return String(text(day * 86_400_000).prefix(10))
  }

  /// What a person typed.
  ///
  /// - Parameters:
  ///   - text: RFC 3339 date and time, a date alone (midnight, local time), `now`, `today`,
  ///     `yesterday`, or `N UNIT ago` with s, m, h, d, w as units (`2h ago`, `3 days ago`).
  ///   - now: the present.
  ///   - offsetSeconds: how far local time is ahead of UTC.
  /// - Returns: nil when it is none of these.
  package static func parse(_ text: String, now: Int64, offsetSeconds: Int64) -> Int64? {
    let midnight =
      floor(now + offsetSeconds * 1000, 86_400_000).quotient * 86_400_000
      - offsetSeconds * 1000
    switch text {
    case "now": return now
    case "today": return midnight
    case "yesterday": return midnight - 86_400_000
    default: break
    }
    if let ago = ago(text) { return now - ago }
    return timestamp(text, offsetSeconds: offsetSeconds)
  }

  private static func ago(_ text: String) -> Int64? {
    guard text.hasSuffix(" ago") else { return nil }
    let words = text.dropLast(4).filter { $0 != " " }
    let digits = words.prefix { $0.isASCII && $0.isNumber }
    guard let count = Int64(digits), count <= 1_000_000 else { return nil }
    let seconds: Int64
    switch words.dropFirst(digits.count) {
    case "s", "sec", "second", "seconds": seconds = 1
    case "m", "min", "minute", "minutes": seconds = 60
    case "h", "hour", "hours": seconds = 3600
    case "d", "day", "days": seconds = 86_400
    case "w", "week", "weeks": seconds = 604_800
    default: return nil
    }
    return count * seconds * 1000
  }

  /// RFC 3339, or its date alone.
  private static func timestamp(_ text: String, offsetSeconds: Int64) -> Int64? {
    let utf8 = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int64? {
      guard utf8.count >= range.upperBound, utf8[range].allSatisfy({ $0 &- 0x30 < 10 }) else {
        return nil
      }
      return utf8[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }
    guard utf8.count >= 10, utf8[4] == 0x2D, utf8[7] == 0x2D, let year = number(0..<4),
      let month = number(5..<7), let day = number(8..<10), (1...12).contains(month),
      (1...31).contains(day), date(days: days(year, month, day)) == (year, month, day)
    else { return nil }
    let midnight = days(year, month, day) * 86_400
    guard utf8.count > 10 else { return (midnight - offsetSeconds) * 1000 }
    guard utf8.count >= 20, utf8[10] | 0x20 == UInt8(ascii: "t") || utf8[10] == 0x20,
      utf8[13] == 0x3A, utf8[16] == 0x3A, let hour = number(11..<13), let minute = number(14..<16),
      let second = number(17..<19), hour < 24, minute < 60, second < 61
    else { return nil }
    var end = 19
    var milliseconds: Int64 = 0
    if utf8[19] == UInt8(ascii: ".") {
      end = 20
      while end < utf8.count, utf8[end] &- 0x30 < 10 { end += 1 }
      guard end > 20 else { return nil }
      let digits = (Array(utf8[20..<end]) + [0x30, 0x30]).prefix(3)
      milliseconds = digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }
    guard let offset = offset(Array(utf8[end...])) else { return nil }
    return (midnight + hour * 3600 + minute * 60 + second - offset) * 1000 + milliseconds
  }

  /// `Z`, or `+02:00` in seconds.
  private static func offset(_ utf8: [UInt8]) -> Int64? {
    if utf8.count == 1, utf8[0] | 0x20 == UInt8(ascii: "z") { return 0 }
    guard utf8.count == 6, utf8[0] == 0x2B || utf8[0] == 0x2D, utf8[3] == 0x3A,
      [1, 2, 4, 5].allSatisfy({ utf8[$0] &- 0x30 < 10 })
    else { return nil }
    let hours = Int64(utf8[1] - 0x30) * 10 + Int64(utf8[2] - 0x30)
    let minutes = Int64(utf8[4] - 0x30) * 10 + Int64(utf8[5] - 0x30)
    guard hours < 24, minutes < 60 else { return nil }
    return (hours * 3600 + minutes * 60) * (utf8[0] == 0x2D ? -1 : 1)
  }

  /// Days since 1970-01-01.
  static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = floor(shifted, 400)
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The date that lies `days` after 1970-01-01.
  static func date(days: Int64) -> (Int64, Int64, Int64) {
    let (era, dayOfEra) = floor(days + 719_468, 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let day = dayOfYear - (153 * shifted + 2) / 5 + 1
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func floor(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, rest: Int64) {
    let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
  }

  private static func padded(_ number: Int64, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
