import KianaModel
import KianaOps
import KianaTesting

/// The wire of one session, and what happens to what is on it.
struct SimulationWire {
  enum Fault: CaseIterable {
    case none
    /// It ends in the middle.
    case cut
    /// One byte comes otherwise than it was sent.
    case change
    /// Frames are lost, come twice, or overtake each other.
    case loss, repetition, overtaking
    /// One side's bytes come only when the other one has nothing more to say; all come in crumbs.
    case starving
    /// One side's bytes come no more.
    case stall
    /// One side says what is not so.
    case lie
  }

  private let fault: Fault
  private let place: Int
  /// The side that is harmed, or lies.
  private let side: Int
  private var moved = 0

  init(_ fault: Fault, _ random: inout SeededGenerator) {
    self.fault = fault
    place = Int.random(in: 1..<20_000, using: &random)
    side = Int.random(in: 0..<2, using: &random)
  }

  /// Whether both sides must come to a good end.
  var isHonest: Bool { fault == .none || fault == .starving }

  /// Runs a session until nothing moves any more.
  mutating func run(
    _ machines: inout [SyncMachine<NodeSyncStore>], _ random: inout SeededGenerator
  ) throws {
    var wires: [[UInt8]] = [[], []]
    while !(fault == .cut && moved >= place) {
      for from in 0..<2 {
        for frame in Self.frames(try machines[from].output()) {
          for sent in harmed(frame, from: from, &random) {
            if fault == .overtaking, hits(&random), !wires[from].isEmpty {
              wires[from] = sent + wires[from]
            } else {
              wires[from] += sent
            }
          }
        }
      }
      let open = (0..<2).filter { !wires[$0].isEmpty && !(fault == .stall && isStalled($0)) }
      guard let first = open.first else { break }
      var from = open.count == 2 ? Int.random(in: 0..<2, using: &random) : first
      if fault == .starving, open.count == 2 { from = 1 - side }
      let most = fault == .starving ? 40 : fault == .overtaking ? .max : 4000
      let count = Int.random(in: 1...min(wires[from].count, most), using: &random)
      var piece = Array(wires[from].prefix(count))
      wires[from].removeFirst(count)
      if fault == .change, moved <= place, place < moved + count { piece[place - moved] ^= 0x10 }
      moved += count
      try machines[1 - from].receive(piece)
    }
  }

  private func isStalled(_ from: Int) -> Bool { from == side && moved >= place }

  /// One frame in twelve.
  private func hits(_ random: inout SeededGenerator) -> Bool {
    Int.random(in: 0..<12, using: &random) == 0
  }

  /// What becomes of a frame on its way.
  private func harmed(
    _ frame: [UInt8], from: Int, _ random: inout SeededGenerator
  ) -> [[UInt8]] {
    switch fault {
    case .loss where hits(&random): []
    case .repetition where hits(&random): [frame, frame]
    case .lie where from == side: lied(frame, &random)
    default: [frame]
    }
  }

  /// A frame as a peer sends it who wants to be believed what is not so, or to keep us busy.
  private func lied(_ frame: [UInt8], _ random: inout SeededGenerator) -> [[UInt8]] {
    switch Frame.Kind(rawValue: frame[4]) {
    case .heads:
      guard let (claims, isLast) = try? HeadsFrame.parse(Array(frame.dropFirst(5))) else {
        return [frame]
      }
      var told = claims.map { claim in
        let isHigher = Bool.random(using: &random)
        return HeadClaim(
          tag: claim.tag, epoch: claim.epoch,
          seq: claim.seq + (isHigher ? Int64.random(in: 0...50, using: &random) : 0),
          salted: Bool.random(using: &random) ? claim.salted : random.next())
      }
      for _ in 0..<Int.random(in: 0...40, using: &random) {
        told.append(HeadClaim(tag: random.next(), epoch: 0, seq: 7, salted: random.next()))
      }
      var out = [UInt8]()
      HeadsFrame.frame(told, isLast: isLast).append(to: &out)
      return [out]
    case .want where hits(&random): return [[UInt8]](repeating: frame, count: 100)
    case .blocks where frame.count > 20, .keys where frame.count > 60:
      guard Int.random(in: 0..<3, using: &random) == 0 else { return [frame] }
      var changed = frame
      changed[Int.random(in: 13..<frame.count, using: &random)] ^= 1
      return [changed]
    default: return [frame]
    }
  }

  /// Output is whole frames.
  private static func frames(_ bytes: [UInt8]) -> [[UInt8]] {
    var frames = [[UInt8]]()
    var rest = bytes[...]
    while rest.count >= 4 {
      let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) } + 4
      frames.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return frames
  }
}
