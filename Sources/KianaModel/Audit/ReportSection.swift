/// A part of a report in a form that every format writes: facts, or a table.
struct ReportSection {
  /// A value of a table or a fact.
  enum Cell: Equatable {
    /// Our own words.
    case words(String)
    /// Text of the log: types, actors, targets.
    case code(String)
    /// This node's AID, which people know better as this node.
    case own(AID)
    /// A moment, milliseconds since 1970.
    case time(Int64)
    /// How many.
    case number(Int64)
    /// Where in the log.
    case place(Int64)
    /// A share in thousandths; nil where there is nothing to share.
    case permille(Int64?)
    /// Yes or no, with the words that stand for it.
    case flag(Bool, String)
    case none
  }

  struct Column {
    /// Member in JSON and head in CSV.
    let key: String
    let title: String
    var isNumber = false
    /// Whether its texts are too short to be torn apart.
    var isShort = false
  }

  struct Fact {
    let key: String
    let title: String
    let cell: Cell
    /// Whether a reader should stop at it.
    var isMarked = false
  }

  /// Member in JSON, first cell in CSV, anchor in HTML.
  let key: String
  let title: String
  /// What the table is, in a line.
  var caption = ""
  /// What to say instead of an empty table.
  var none = ""
  var facts = [Fact]()
  var columns = [Column]()
  var rows = [[Cell]]()
  /// How many rows there would be without a limit.
  var total = 0
  var charts = [ReportChart]()

  /// The line that says how many rows were left out; nil when all are here.
  var leftOut: String? {
    guard total > rows.count else { return nil }
    let more = ReportWords.grouped(Int64(total - rows.count))
    return "\(more) more are not listed: pruned, or beyond \(AuditReport.rowsMax) rows."
  }

  /// A table that keeps its first rows.
  static func table(
    _ key: String, _ title: String, _ caption: String, none: String, _ columns: [Column],
    _ rows: [[Cell]], total: Int64 = 0
  ) -> ReportSection {
    ReportSection(
      key: key, title: title, caption: caption, none: none, columns: columns,
      rows: Array(rows.prefix(AuditReport.rowsMax)), total: max(rows.count, Int(total)))
  }
}

/// Bars by day or month, each of stacked parts.
struct ReportChart {
  struct Bar {
    /// What it is: a day or a month.
    let name: String
    /// What stands under the axis; nil for nothing.
    let label: String?
    /// One for each of the series.
    let values: [Int64]

    var sum: Int64 { values.reduce(0, +) }
  }

  /// Part of the ids in a page.
  let key: String
  let title: String
  /// Names of the parts, the lowest first; each is a colour too.
  let series: [String]
  let bars: [Bar]

  var isEmpty: Bool { bars.allSatisfy { $0.sum == 0 } }

  /// The top of the axis: 1, 2 or 5 with zeros, not less than any bar.
  var top: Int64 {
    let highest = bars.map(\.sum).max() ?? 0
    var power: Int64 = 1
    while true {
      for step: Int64 in [1, 2, 5] where step * power >= highest { return step * power }
      power *= 10
    }
  }

  private static let daysMax: Int64 = 366
  private static let closeDaysMax = 62

  /// Sorts daily values into bars: of days, or of months in a period that is longer than a year.
  ///
  /// - Parameter values: for each day that has any, one value for each of the series.
  static func of(
    _ key: String, _ title: String, _ series: [String], _ period: ReportPeriod,
    _ values: [Int64: [Int64]]
  ) -> ReportChart {
    let zero = [Int64](repeating: 0, count: series.count)
    guard period.dayCount > daysMax else {
      let bars = period.days.map { day in
        Bar(name: Moment.dayText(day), label: label(day, period), values: values[day] ?? zero)
      }
      return ReportChart(key: key, title: title, series: series, bars: bars)
    }
    var bars = [Bar]()
    for day in period.days {
      let month = String(Moment.dayText(day).prefix(7))
      var sum = bars.last?.name == month ? bars.removeLast().values : zero
      for (index, value) in (values[day] ?? zero).enumerated() { sum[index] += value }
      bars.append(
        Bar(name: month, label: month.hasSuffix("-01") ? String(month.prefix(4)) : nil, values: sum)
      )
    }
    return ReportChart(key: key, title: title, series: series, bars: bars)
  }

  private static func label(_ day: Int64, _ period: ReportPeriod) -> String? {
    let text = Moment.dayText(day)
    let number = Int(text.suffix(2)) ?? 0
    if period.dayCount > closeDaysMax { return number == 1 ? String(text.prefix(7)) : nil }
    let isNamed = period.dayCount <= 10 || number == 1 || (number.isMultiple(of: 5) && number < 30)
    return isNamed ? String(text.suffix(5)) : nil
  }
}

/// How numbers and ranges are written for people.
enum ReportWords {
  /// `1,000,000`.
  static func grouped(_ number: Int64) -> String {
    var digits = String(number.magnitude)
    var groups = [String]()
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }

  /// `12 to 40`, or `12` alone.
  static func places(_ range: Range<Int64>) -> String {
    let last = range.upperBound - 1
    return range.lowerBound == last ? "\(last)" : "\(range.lowerBound) to \(last)"
  }

  /// `98.7 %`.
  static func percent(_ permille: Int64) -> String { "\(permille / 10).\(permille % 10) %" }
}
