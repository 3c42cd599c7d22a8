/// Where a range of ids ends: below all ids that are not less than `prefix`, or at no id at all.
struct RangeBound: Equatable, Comparable {
  /// Filled up with zeros.
  let prefix: Hash32
  let prefixBytes: Int
  let isInfinite: Bool

  static let zero = RangeBound(prefix: .zero, prefixBytes: 0, isInfinite: false)
  static let infinity = RangeBound(prefix: .zero, prefixBytes: 0, isInfinite: true)

  private init(prefix: Hash32, prefixBytes: Int, isInfinite: Bool) {
    self.prefix = prefix
    self.prefixBytes = prefixBytes
    self.isInfinite = isInfinite
  }

  /// - Parameter prefix: at most 32 bytes.
  init?(prefix: some Collection<UInt8>) {
    guard prefix.count <= Hash32.byteCount,
      let whole = Hash32(
        prefix + [UInt8](repeating: 0, count: Hash32.byteCount - prefix.count))
    else { return nil }
    self.init(prefix: whole, prefixBytes: prefix.count, isInfinite: false)
  }

  init(_ id: Hash32) {
    self.init(prefix: id, prefixBytes: Hash32.byteCount, isInfinite: false)
  }

  /// The shortest one that has the first id below it and not the second, which is greater.
  init(between first: Hash32, _ second: Hash32) {
    let (low, high) = (first.bytes, second.bytes)
    let shared = zip(low, high).prefix { $0 == $1 }.count
    self.init(prefix: high.prefix(shared + 1))!
  }

  func isAbove(_ id: Hash32) -> Bool { isInfinite || id < prefix }

  static func < (left: RangeBound, right: RangeBound) -> Bool {
    right.isAbove(left.prefix) && !left.isInfinite
  }
}

/// Writes the ranges of a message. Varints have the most significant group first.
struct RangeWriter {
  private(set) var bytes: [UInt8]

  init(_ start: [UInt8] = []) {
    bytes = start
  }

  var count: Int { bytes.count }

  mutating func append(_ part: RangeWriter) {
    bytes += part.bytes
  }

  mutating func append(_ bound: RangeBound, _ mode: Int64) {
    // 0 is the end of all time; else 1 and the difference to the time before, which is always 0.
    bytes.append(bound.isInfinite ? 0 : 1)
    Self.append(varint: Int64(bound.prefixBytes), to: &bytes)
    bytes += bound.prefix.bytes.prefix(bound.prefixBytes)
    Self.append(varint: mode, to: &bytes)
  }

  mutating func append(_ bound: RangeBound, _ mode: Int64, _ fingerprint: [UInt8]) {
    append(bound, mode)
    bytes += fingerprint
  }

  mutating func append(_ bound: RangeBound, _ mode: Int64, _ ids: ArraySlice<Hash32>) {
    append(bound, mode)
    Self.append(varint: Int64(ids.count), to: &bytes)
    for id in ids { id.append(to: &bytes) }
  }

  static func append(varint number: Int64, to out: inout [UInt8]) {
    var groups = [UInt8(number & 0x7F)]
    var rest = number >> 7
    while rest > 0 {
      groups.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    out += groups.reversed()
  }
}

/// Reads the ranges of a message.
struct RangeReader {
  private let bytes: [UInt8]
  private var offset = 0
  /// Of the bound before; ours are all 0.
  private var time: Int64 = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { offset == bytes.count }

  mutating func byte() throws(SyncFault) -> UInt8 {
    guard let byte = try take(1).first else { throw Self.short }
    return byte
  }

  mutating func take(_ count: Int) throws(SyncFault) -> ArraySlice<UInt8> {
    guard count <= bytes.count - offset else { throw Self.short }
    defer { offset += count }
    return bytes[offset..<offset + count]
  }

  mutating func varint() throws(SyncFault) -> Int64 {
    var value: Int64 = 0
    for _ in 0..<8 {
      let group = try byte()
      value = value << 7 | Int64(group & 0x7F)
      if group < 0x80 { return value }
    }
    throw SyncFault("ranges", "a number is too long")
  }

  mutating func bound() throws(SyncFault) -> RangeBound {
    let step = try varint()
    let length = try varint()
    guard length <= Int64(Hash32.byteCount), let bound = RangeBound(prefix: try take(Int(length)))
    else { throw SyncFault("ranges", "a bound is longer than an id") }
    guard step > 0 else {
      time = .max
      return .infinity
    }
    // Later times than 0 are above everything that we compare.
    time = time.addingReportingOverflow(step - 1).partialValue
    return time == 0 ? bound : .infinity
  }

  mutating func ids() throws(SyncFault) -> [Hash32] {
    let count = try varint()
    guard count <= Int64(bytes.count - offset) / Int64(Hash32.byteCount) else { throw Self.short }
    var ids = [Hash32]()
    for _ in 0..<count { ids.append(Hash32(Array(try take(Hash32.byteCount)))!) }
    return ids
  }

  private static var short: SyncFault { SyncFault("ranges", "the message ends too early") }
}

/// The sum of ids, as little-endian numbers, mod 2^256.
struct IdSum {
  private var limbs: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  mutating func add(_ id: Hash32) {
    let words = id.words
    var carry: UInt64 = 0
    func sum(_ left: UInt64, _ word: UInt64) -> UInt64 {
      let (first, wraps) = left.addingReportingOverflow(word.byteSwapped)
      let (second, wrapsAgain) = first.addingReportingOverflow(carry)
      carry = wraps || wrapsAgain ? 1 : 0
      return second
    }
    limbs.0 = sum(limbs.0, words.0)
    limbs.1 = sum(limbs.1, words.1)
    limbs.2 = sum(limbs.2, words.2)
    limbs.3 = sum(limbs.3, words.3)
  }

  /// 32 bytes.
  var bytes: [UInt8] {
    Hash32(
      limbs.0.byteSwapped, limbs.1.byteSwapped, limbs.2.byteSwapped, limbs.3.byteSwapped
    ).bytes
  }
}
