/// One side of a sync session, without I/O: bytes in, bytes out; the nonce and the store are handed
/// in (`docs/PROTOCOL.md`).
///
/// Both sides run the same machine. It may stop anywhere: what the store took stays, and the next
/// session goes on from there. The parts of it: what differs (`SyncComparing`), what this side asks
/// for (`SyncTaking`, `SyncContents`), what it gives (`SyncServing`).
package struct SyncMachine<Store: SyncStore> {
  package typealias Summary = SyncSummary
  package typealias Direction = SyncDirection

  package internal(set) var store: Store
  package internal(set) var summary = Summary()
  /// The first ones of this session; `summary` counts all.
  package internal(set) var remarks = [SyncRemark]()
  /// What the other side's operator wrote, and its author vouches for.
  package internal(set) var notes = [SyncNote]()
  /// Why the session ended early; nil while it goes on or when it ended well.
  package internal(set) var fault: SyncFault?
  package internal(set) var peer: Hello?
  /// Of a machine that only plans.
  package internal(set) var plan = SyncPlan()
  /// Grows whenever the session comes nearer to its end; who keeps a session open without that is
  /// not worth waiting for.
  package internal(set) var progress = 0

  let hello: Hello
  let direction: Direction
  let feeds: Set<String>?
  let isPlanOnly: Bool
  let crypto: any Cryptography
  private var reader = FrameReader()
  private var ready = [UInt8]()
  private var outbox: [SyncNote]
  var salt: SessionSalt?

  /// What differs.
  var comparing = SyncComparing()
  /// What this side asked for.
  var taking = SyncTaking()
  /// What the other side asked for.
  var serving = SyncServing()
  private var credit: Int64 = 0
  private var owedCredit: Int64 = 0
  /// Frames that bring nothing.
  private var idleFrames = 0
  private var isDone = false
  private var isPeerDone = false

  static var remarksMax: Int { 100 }
  static var notesMax: Int { 100 }
  static var claimsMax: Int { 1_000_000 }
  private static var readyBytesMax: Int { 1 << 20 }
  private static var idleFramesMax: Int { 1000 }

  /// - Parameters:
  ///   - feeds: only feeds of these names; nil for all.
  ///   - isPlanOnly: compares the heads and moves nothing.
  ///   - notes: for the other side's operator.
  package init(
    _ store: Store, _ hello: Hello, direction: Direction = [.pull, .push],
    feeds: Set<String>? = nil, isPlanOnly: Bool = false, notes: [SyncNote] = [],
    _ crypto: any Cryptography
  ) {
    self.isPlanOnly = isPlanOnly
    self.store = store
    self.hello = hello
    self.direction = direction
    self.feeds = feeds
    self.crypto = crypto
    outbox = notes
    send(hello.frame)
  }

  /// Whether nothing more will come or go.
  package var isFinished: Bool {
    (fault != nil || (isDone && isPeerDone && serving.isEmpty)) && ready.isEmpty
  }

  /// How much of a frame has come whose end has not.
  package var partialFrameBytes: Int { reader.partialBytes }

  // MARK: bytes out

  /// The bytes to write next; nothing when the machine waits for the other side.
  package mutating func output() throws(KianaError) -> [UInt8] {
    while fault == nil, ready.count < Self.readyBytesMax, credit > 0, try serveNext() {}
    defer { ready.removeAll(keepingCapacity: true) }
    summary.bytesOut += ready.count
    return ready
  }

  mutating func send(_ frame: Frame) {
    frame.append(to: &ready)
  }

  /// Sends what counts against the other side's credit.
  mutating func spend(_ frame: Frame) {
    credit -= Int64(frame.payload.count)
    send(frame)
  }

  /// How long a frame of blocks may be now.
  var frameBytesMax: Int64 { min(peer?.frameBytesMax ?? 0, credit) }

  mutating func end(_ fault: SyncFault) {
    guard self.fault == nil else { return }
    send(fault.frame)
    serving = SyncServing()
    self.fault = fault
  }

  // MARK: bytes in

  /// Takes what came.
  /// - Throws: what the store throws; a fault of the other side ends the session and is in `fault`.
  package mutating func receive(_ bytes: some Collection<UInt8>) throws(KianaError) {
    summary.bytesIn += bytes.count
    guard fault == nil else { return }
    reader.append(bytes)
    while fault == nil {
      let frame: Frame?
      do throws(SyncFault) {
        frame = try reader.next()
      } catch {
        return end(error)
      }
      guard let frame else { break }
      try handle(frame)
    }
    if reader.skipped > Self.idleFramesMax { end(Self.idling) }
    try takeArrived()
  }

  /// The other side ended its stream.
  package mutating func receiveEnd() {
    guard !(isDone && isPeerDone) else { return }
    fault =
      fault
      ?? SyncFault(
        "cut", reader.isInside ? "the stream ended inside a frame" : "the other side ended early")
  }

  private mutating func handle(_ frame: Frame) throws(KianaError) {
    guard peer != nil || frame.kind == .hello || frame.kind == .error else {
      return end(SyncFault("order", "a frame came before HELLO"))
    }
    if frame.kind != .keys { try sendMissingKeys() }
    switch frame.kind {
    case .hello: try handleHello(frame.payload)
    case .heads: try handleHeads(frame.payload)
    case .headsDelta: try handleDelta(frame.payload)
    case .rangeReconciliation: try handleRanges(frame.payload)
    case .keys: try handleKeys(frame.payload)
    case .want: try handleWant(frame.payload)
    case .blocks: try handleBlocks(frame.payload)
    case .proof: try handleProof(frame.payload)
    case .content: try handleContent(frame.payload)
    case .note: try handleNote(frame.payload)
    case .fresh: try handleFresh(frame.payload)
    case .credit: handleCredit(frame.payload)
    case .bye:
      progress += 1
      isPeerDone = true
      try remember()
    case .error: fault = SyncFault(error: frame.payload)
    }
  }

  private mutating func handleHello(_ payload: [UInt8]) throws(KianaError) {
    guard peer == nil else { return end(SyncFault("order", "HELLO came twice")) }
    let theirs: Hello
    do throws(SyncFault) {
      theirs = try Hello.parse(payload)
    } catch {
      return end(error)
    }
    guard theirs.network == hello.network else {
      return end(SyncFault("net", "it belongs to the network '\(Printable.line(theirs.network))'"))
    }
    progress += 1
    peer = theirs
    credit = theirs.creditBytes
    let salt = SessionSalt(hello, theirs, crypto)
    self.salt = salt
    if theirs.has(.notes) { for note in outbox { send(note.frame) } }
    try beginComparing(with: theirs, salt)
  }

  // MARK: credit

  private mutating func handleCredit(_ payload: [UInt8]) {
    var offset = 0
    guard let bytes = Varint.read(payload, &offset), offset == payload.count, bytes <= 1 << 40,
      credit <= 1 << 40
    else { return end(SyncFault("credit", "a CREDIT frame is malformed")) }
    credit += bytes
    if bytes < 1 << 14 { idle() }
  }

  /// Counts a frame that brings nothing, as somebody sends who wants to be waited for.
  mutating func idle() {
    idleFrames += 1
    if idleFrames > Self.idleFramesMax { end(Self.idling) }
  }

  private static var idling: SyncFault { SyncFault("idle", "frames came that bring nothing") }

  /// Gives credit back in halves of the window, so that the other side never waits for long.
  mutating func owe(_ bytes: Int) {
    owedCredit += Int64(bytes)
    guard owedCredit >= hello.creditBytes / 2 else { return }
    var payload = [UInt8]()
    Varint.append(owedCredit, to: &payload)
    owedCredit = 0
    send(Frame(.credit, payload))
  }

  // MARK: the end

  mutating func remark(_ remark: SyncRemark) {
    if remarks.count < Self.remarksMax { remarks.append(remark) }
  }

  mutating func finishWhenDone() throws(KianaError) {
    guard fault == nil, comparing.hasAllHeads, taking.isIdle, !isDone else { return }
    guard try !askForContents() else { return }
    isDone = true
    try sendFreshNotes()
    try remember()
    send(Frame(.bye, JSONValue.object([JSONMember("reason", .string("done"))]).canonical()))
  }

  /// Both sides took what they wanted: the next session need only look at what changes from now on.
  private mutating func remember() throws(KianaError) {
    guard isDone, isPeerDone, fault == nil, remembers, !taking.isIncomplete, let peer,
      let theirs = peer.changes, let mine = hello.changes
    else { return }
    try store.remember(SyncMemory(mine: mine, theirs: theirs), of: peer)
  }
}
