/// Range-based set reconciliation: which ids of a sorted set the other side has and this one has
/// not, and the reverse, in few bytes when the sets differ little.
///
/// Messages are those of negentropy protocol version 1 (hoytech/negentropy, README "Protocol"),
/// with all timestamps 0. The side that begins learns the difference; the other one only answers.
package struct Negentropy {
  /// Ascending, without repetition.
  private let ids: [Hash32]
  private let isInitiator: Bool
  private let messageBytesMax: Int
  private let crypto: any Cryptography

  private static let version: UInt8 = 0x61
  private static let buckets = 16
  private static let fingerprintBytes = 16
  /// Room for the range that closes a message which had to stop early.
  private static let reserveBytes = 200

  private enum Mode: Int64 {
    case skip = 0
    case fingerprint, ids
  }

  /// What a message told.
  package struct Finding: Equatable, Sendable {
    /// The message to send; nil when nothing is open any more.
    package var answer: [UInt8]?
    /// Ids that are here and not on the other side; only who began learns them.
    package var have = [Hash32]()
    /// Ids that are on the other side and not here.
    package var need = [Hash32]()
  }

  /// - Parameters:
  ///   - ids: in ascending order, each once.
  ///   - messageBytesMax: a message is not longer; at least 4096.
  package init(
    _ ids: [Hash32], isInitiator: Bool, messageBytesMax: Int, _ crypto: any Cryptography
  ) {
    precondition(messageBytesMax >= 4096, "a message has room for a list of ids")
    self.ids = ids
    self.isInitiator = isInitiator
    self.messageBytesMax = messageBytesMax
    self.crypto = crypto
  }

  /// The first message.
  package func initiate() -> [UInt8] {
    var out = RangeWriter([Self.version])
    split(0..<ids.count, upTo: .infinity, into: &out)
    return out.bytes
  }

  /// Reads a message.
  /// - Throws: `ranges` when it is malformed.
  package func reconcile(_ message: [UInt8]) throws(SyncFault) -> Finding {
    var reader = RangeReader(message)
    guard try reader.byte() == Self.version else {
      throw SyncFault("ranges", "the message has another version")
    }
    var finding = Finding()
    var out = RangeWriter([Self.version])
    var isSkipping = false
    var (start, lower) = (0, RangeBound.zero)
    while !reader.isAtEnd {
      let bound = try reader.bound()
      guard lower <= bound else { throw SyncFault("ranges", "the ranges do not ascend") }
      let end = firstIndex(from: start, notBelow: bound)
      var part = RangeWriter()
      var reached = end
      switch Mode(rawValue: try reader.varint()) {
      case .skip: break
      case .fingerprint:
        if try reader.take(Self.fingerprintBytes) != fingerprint(start..<end)[...] {
          split(start..<end, upTo: bound, into: &part)
        }
      case .ids:
        let theirs = try reader.ids()
        if isInitiator {
          compare(start..<end, theirs, &finding)
        } else {
          reached = list(start..<end, upTo: bound, after: out.count, into: &part)
        }
      case nil: throw SyncFault("ranges", "a range has an unknown mode")
      }
      if part.count > 0, isSkipping {
        out.append(lower, Mode.skip.rawValue)
        isSkipping = false
      }
      let isFull = out.count + part.count > messageBytesMax - Self.reserveBytes
      if reached == end, part.count == 0 {
        isSkipping = true
      } else if reached < end || !isFull {
        out.append(part)
      }
      if reached < end || isFull {
        // The rest is for the next message.
        let rest = reached < end ? reached : start
        out.append(.infinity, Mode.fingerprint.rawValue, fingerprint(rest..<ids.count))
        break
      }
      (start, lower) = (end, bound)
    }
    finding.answer = isInitiator && out.count == 1 ? nil : out.bytes
    return finding
  }

  // MARK: one range

  /// Lists a small range; of a large one, fingerprints of its sixteenths.
  private func split(_ range: Range<Int>, upTo bound: RangeBound, into out: inout RangeWriter) {
    guard range.count >= Self.buckets * 2 else {
      out.append(bound, Mode.ids.rawValue, ids[range])
      return
    }
    let (size, larger) = range.count.quotientAndRemainder(dividingBy: Self.buckets)
    var start = range.lowerBound
    for bucket in 0..<Self.buckets {
      let end = start + size + (bucket < larger ? 1 : 0)
      let upper = end == range.upperBound ? bound : RangeBound(between: ids[end - 1], ids[end])
      out.append(upper, Mode.fingerprint.rawValue, fingerprint(start..<end))
      start = end
    }
  }

  private func compare(_ range: Range<Int>, _ theirs: [Hash32], _ finding: inout Finding) {
    var missing = Set(theirs)
    for id in ids[range] where missing.remove(id) == nil { finding.have.append(id) }
    finding.need += missing.sorted()
  }

  /// Lists as many ids of a range as the message has room for.
  /// - Returns: the index after the last one.
  private func list(
    _ range: Range<Int>, upTo bound: RangeBound, after used: Int, into part: inout RangeWriter
  ) -> Int {
    // Twice the reserve: what is listed is not to be turned away for the bytes around it.
    let room = max(0, messageBytesMax - 2 * Self.reserveBytes - used) / Hash32.byteCount
    let end = range.lowerBound + min(range.count, room)
    let reached = end < range.upperBound ? RangeBound(ids[end]) : bound
    part.append(reached, Mode.ids.rawValue, ids[range.lowerBound..<end])
    return end
  }

  /// The first 16 bytes of SHA-256(sum of the ids mod 2^256, little-endian || varint count).
  private func fingerprint(_ range: Range<Int>) -> [UInt8] {
    var sum = IdSum()
    for id in ids[range] { sum.add(id) }
    var count = [UInt8]()
    RangeWriter.append(varint: Int64(range.count), to: &count)
    return Array(crypto.sha256(sum.bytes, count).bytes.prefix(Self.fingerprintBytes))
  }

  private func firstIndex(from start: Int, notBelow bound: RangeBound) -> Int {
    var (low, high) = (start, ids.count)
    while low < high {
      let middle = (low + high) / 2
      if bound.isAbove(ids[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
