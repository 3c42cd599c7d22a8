internal import KianaCrypto
internal import KianaModel
internal import KianaTesting

/// Two sync machines with a wire between them that does what the input says: it changes, drops,
/// repeats, reorders, cuts and invents frames. Whatever comes, neither machine traps, keeps a block
/// that nobody signed, or answers without end.
struct SessionFuzz {
  private typealias Machine = SyncMachine<MemoryStore>

  /// Who writes, and all that they ever signed.
  private struct Cast: Sendable {
    let aids: [AID]
    let keyLogs: [AID: [UInt8]]
    let chain, forked, theirs: [Block]
    let genuine: Set<Hash32>

    init() {
      let authors = [TestAuthor(1), TestAuthor(2)]
      aids = authors.map(\.aid)
      keyLogs = [aids[0]: authors[0].stream, aids[1]: authors[1].stream]
      chain = authors[0].chain(8)
      forked = authors[0].chain(3, feed: "forked")
      theirs = authors[1].chain(4)
      genuine = Set((chain + forked + theirs).map(\.id))
    }
  }

  private static let cast = Cast()
  private static let bytesOfStepMax = 4 << 20
  private static let stepsMax = 400

  private var input: ArraySlice<UInt8>
  private var isHarmed = false

  init(_ input: [UInt8]) {
    self.input = input[...]
  }

  private mutating func next() -> UInt8 { input.popFirst() ?? 0 }

  mutating func run() {
    let way = next()
    var machines = [machine(0, way), machine(1, way >> 4)]
    var wires: [[[UInt8]]] = [[], []]
    for _ in 0..<Self.stepsMax {
      for side in 0..<2 {
        guard let bytes = try? machines[side].output() else { preconditionFailure("it threw") }
        precondition(bytes.count < Self.bytesOfStepMax, "it answers without end")
        wires[side] += Self.frames(bytes)
      }
      let from = wires[0].isEmpty ? 1 : wires[1].isEmpty ? 0 : Int(next() & 1)
      guard !wires[from].isEmpty || !input.isEmpty else { break }
      deliver(&wires[from], to: &machines[1 - from])
    }
    for machine in machines {
      for block in machine.store.feeds.values.flatMap({ $0 }) {
        precondition(Self.cast.genuine.contains(block.id), "a block that nobody signed was kept")
      }
    }
    guard !isHarmed, way & 0x33 == 0 else { return }
    precondition(
      machines.allSatisfy { $0.isFinished && $0.fault == nil }, "an honest session did not end")
    precondition(
      machines[0].store.feeds.mapValues { $0.map(\.id) }
        == machines[1].store.feeds.mapValues { $0.map(\.id) }, "both sides differ")
  }

  private func machine(_ side: Int, _ way: UInt8) -> Machine {
    let cast = Self.cast
    let chains =
      side == 0
      ? [cast.chain, cast.forked] : [Array(cast.chain.prefix(3)), cast.forked, cast.theirs]
    let store = MemoryStore(
      keyLogs: cast.keyLogs, chains: chains,
      lacking: way & 4 == 0 ? [] : cast.chain.map(\.id), asksFirst: way & 8 != 0)
    var hello = Hello(
      node: cast.aids[side], nonce: [UInt8](repeating: UInt8(side), count: Hello.nonceBytes),
      storeNonce: way & 4 == 0 ? "new" : "met")
    hello.changes = 1
    for capability in [Hello.Capability.contents, .notes, .ranges, .further] {
      hello.offer(capability)
    }
    let direction: SyncDirection =
      switch way & 3 {
      case 1: .pull
      case 2: .push
      default: [.pull, .push]
      }
    return Machine(store, hello, direction: direction, Sodium())
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

  /// Does one thing to what is on its way, and hands it on.
  private mutating func deliver(_ wire: inout [[UInt8]], to machine: inout Machine) {
    let act = input.isEmpty ? 0 : next()
    if act & 0xF >= 8 { isHarmed = true }
    switch act & 0xF {
    case 8 where !wire.isEmpty: wire.removeFirst()
    case 9 where !wire.isEmpty: wire.insert(wire[0], at: 0)
    case 10 where wire.count > 1: wire.swapAt(0, 1)
    case 11 where !wire.isEmpty: flip(&wire[0])
    case 12 where !wire.isEmpty: wire[0].removeLast(min(wire[0].count, Int(next())))
    case 13, 14: wire.insert(invented(), at: 0)
    case 15: machine.receiveEnd()
    default: break
    }
    guard let frame = wire.first else { return }
    wire.removeFirst()
    let cut = act & 0x40 == 0 ? frame.count : frame.count / 2
    for piece in [frame[..<cut], frame[cut...]] where !piece.isEmpty {
      guard (try? machine.receive(piece)) != nil else { preconditionFailure("it threw") }
    }
  }

  private mutating func flip(_ frame: inout [UInt8]) {
    let place = (Int(next()) << 8 | Int(next())) % frame.count
    frame[place] ^= max(1, next())
  }

  /// A frame out of the input: its type, and so many bytes.
  private mutating func invented() -> [UInt8] {
    let kind = next()
    let payload = input.prefix(Int(next()))
    input = input.dropFirst(payload.count)
    return [0, 0, 0, UInt8(truncatingIfNeeded: payload.count + 1), kind] + payload
  }
}
