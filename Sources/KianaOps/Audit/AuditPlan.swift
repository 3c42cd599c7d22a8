internal import KianaModel
internal import KianaStore

/// How a query is answered: the index to go through, the conditions, and the places to look at.
struct AuditPlan {
  /// Everything but places, with a `?` for each of `values`; they follow those of the places.
  let condition: String
  let values: [EventValue]
  let index: EventIndex
  /// Whether the index has the entries of a range of places side by side; if not, all places are
  /// asked for at once.
  let isByPlace: Bool
  /// Where entries may be, in order, apart from each other.
  let ranges: [Range<Int64>]

  /// Entries of an index are counted up to here to find out which filter lets the fewest through.
  private static let countedMax = 10_000

  static let nothing = AuditPlan(
    condition: "", values: [], index: .none, isByPlace: true, ranges: [])

  static let places = "seq >= ? AND seq < ?"

  /// Of the filters that have an index, the one that lets the fewest entries through leads; one
  /// alone leads unasked. All are conditions.
  ///
  /// - Parameter ranges: not empty.
  static func make(
    _ terms: [AuditTerm], times: ClosedRange<Int64>?, ranges: [Range<Int64>], _ events: EventTable
  ) throws(KianaError) -> AuditPlan {
    let candidates = terms.filter { $0.index != .none }
    var best: AuditTerm?
    var least = Int64.max
    let bounds: [EventValue] = [
      .integer(ranges.first?.lowerBound ?? 0), .integer(ranges.last?.upperBound ?? 0),
    ]
    for term in candidates {
      var count: Int64 = 0
      if candidates.count > 1 || !term.isByPlace {
        count = try events.count(
          where: "\(places) AND \(term.condition)", bounds + term.values, through: term.index,
          limit: countedMax)
      }
      // Sorting many for each part of the answer would cost more than looking at all entries.
      if !term.isByPlace, count == countedMax { continue }
      if count < least { (best, least) = (term, count) }
    }
    var all = terms
    if let times {
      all.append(
        AuditTerm(
          "t >= ? AND t <= ?", [.integer(times.lowerBound), .integer(times.upperBound)]))
    }
    return AuditPlan(
      condition: all.map { " AND \($0.condition)" }.joined(), values: all.flatMap(\.values),
      index: best?.index ?? .none, isByPlace: best?.isByPlace ?? true, ranges: ranges)
  }

  /// The condition over a range of places.
  func whole(_ range: Range<Int64>) -> (condition: String, values: [EventValue]) {
    (
      Self.places + condition,
      [.integer(range.lowerBound), .integer(range.upperBound)] + values
    )
  }

  // MARK: places by time

  /// Gaps up to this many entries are looked at rather than asked around.
  private static let gapMax: Int64 = 4096

  /// The places where entries of these times may be: the full tiles whose earliest and latest time
  /// say so, and what is in no full tile.
  ///
  /// Clocks may be set back, so the tiles of a time need not be side by side.
  static func ranges(
    _ times: ClosedRange<Int64>, _ epochs: [AuditLog.Epoch], _ tiles: TileTable
  ) throws(KianaError) -> [Range<Int64>] {
    let width = Int64(Tile.width)
    var found = [Range<Int64>]()
    func add(_ range: Range<Int64>) {
      guard !range.isEmpty else { return }
      if let last = found.last, range.lowerBound - last.upperBound <= gapMax {
        found[found.count - 1] = last.lowerBound..<range.upperBound
      } else {
        found.append(range)
      }
    }
    for epoch in epochs {
      for index in try tiles.indexes(epoch: epoch.number, times: times) {
        let first = epoch.first + index * width
        add(first..<min(first + width, epoch.first + epoch.size))
      }
      add(epoch.first + epoch.size / width * width..<epoch.first + epoch.size)
    }
    return found
  }
}
