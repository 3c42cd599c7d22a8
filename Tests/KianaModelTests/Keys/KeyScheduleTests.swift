import KianaCrypto
import KianaModel
import KianaTesting
import Testing

/// The plan by which keys are replaced, carried out on a log in memory.
@Suite struct KeyScheduleTests {
  private static let day: Int64 = 86_400_000
  private static let start: Int64 = 1_800_000_000_000

  /// A node's log and clock, without a disk.
  private final class Owner {
    let author = TestAuthor(1)
    let crypto = Sodium()
    var now = start
    var policy = KeySchedule.Policy()
    var isSeenByMost = true
    var times = [Int64: Int64]()
    var secrets = Set<KeyText>()
    private var lastKey: UInt8 = 10
    private var known: KeyLog?
    private(set) var done = [KeySchedule.Step]()

    init() {
      // The author's first key has no end; a node's has.
      secrets.insert(author.key(10))
      author.anchor(.grace(.block, author.key(10)))
      for use in KeyUse.allCases { add(use, notBefore: now) }
      times[author.s] = now
    }

    func log() throws -> KeyLog {
      if let known, known.lastS == author.s { return known }
      let log = try KeyLog.replay(author.stream, aid: author.aid, crypto)
      known = log
      return log
    }

    func schedule() throws -> KeySchedule { KeySchedule(try log(), policy) }

    private func add(_ use: KeyUse, notBefore: Int64) {
      lastKey += 1
      let raw = author.key(lastKey)
      let key = use.isSigning ? raw : KeyText(raw: raw.raw, isSigningKey: false)
      secrets.insert(key)
      anchor(.add(use, key, notBefore: notBefore, notAfter: KeyUse.never))
    }

    private func anchor(_ anchor: KeyAnchor) {
      author.anchor(anchor)
      times[author.s] = now
    }

    func tick() throws {
      let steps = try schedule().steps(
        KeySchedule.Circumstances(
          now: now, time: { self.times[$0] ?? 0 }, isSeenByMost: isSeenByMost, secrets: secrets))
      for step in steps {
        switch step {
        case .stage(let use, let notBefore): add(use, notBefore: notBefore)
        case .replace(let use): add(use, notBefore: now)
        case .promote(let use, let old, _): anchor(.grace(use, old))
        case .retire(let use, let key): anchor(.retire(use, key, last: []))
        case .destroy(_, let key): secrets.remove(key)
        }
      }
      done += steps
      // Done is done.
      let again = try schedule().steps(
        KeySchedule.Circumstances(
          now: now, time: { self.times[$0] ?? 0 }, isSeenByMost: isSeenByMost, secrets: secrets))
      #expect(again.allSatisfy { if case .destroy = $0 { true } else { false } })
    }
  }

  @Test func `in a year of hourly looks each use has one key that signs, with its secret`() throws {
    let owner = Owner()
    for hour in 0..<400 * 8 {
      owner.now = Self.start + Int64(hour) * Self.day / 8
      try owner.tick()
      guard hour % 40 == 0 else { continue }
      let log = try owner.log()
      for use in KeyUse.allCases {
        let key = try #require(log.signingKey(use))
        #expect(owner.secrets.contains(key))
        #expect(log.keys.count { $0.use == use && $0.state == .active } <= 2)
      }
      #expect(try owner.schedule().overdue(now: owner.now).isEmpty)
    }
    let log = try owner.log()
    func count(_ use: KeyUse) -> Int { log.keys.count { $0.use == use } }
    // 400 days: thirteen times thirty, once a year, and never.
    #expect(count(.log) == 14)
    #expect(count(.witness) == 2)
    #expect(count(.backup) == 1)
    // Secrets of what is retired are gone, but for those that open old messages.
    for record in log.keys {
      if case .retired = record.state {
        #expect(owner.secrets.contains(record.key) == (record.use == .enc))
      }
    }
  }

  @Test func `a staged key waits for the others, and a day longer when they stay away`() throws {
    let owner = Owner()
    owner.isSeenByMost = false
    owner.now = Self.start + 29 * Self.day
    try owner.tick()
    let old = try #require(try owner.log().signingKey(.block))
    let staged = try #require(try owner.log().keys.last { $0.use == .block }).key
    #expect(old != staged)
    owner.now += Self.day
    try owner.tick()
    #expect(try owner.log().signingKey(.block) == old)
    owner.isSeenByMost = true
    try owner.tick()
    #expect(try owner.log().signingKey(.block) == staged)

    let alone = Owner()
    alone.isSeenByMost = false
    alone.now = Self.start + 29 * Self.day
    try alone.tick()
    alone.now += 2 * Self.day
    try alone.tick()
    #expect(
      try alone.log().signingKey(.log) == alone.log().keys.last { $0.use == .log }?.key)
  }

  @Test func `a key that nobody looked after goes on signing, and counts as overdue`() throws {
    let owner = Owner()
    let key = try #require(try owner.log().signingKey(.block))
    owner.now = Self.start + 100 * Self.day
    #expect(
      try owner.schedule().overdue(now: owner.now).map(\.use) == [.block, .log, .peer])
    #expect(try owner.log().signingKey(.block) == key)
    try owner.tick()
    owner.now += Self.day
    try owner.tick()
    #expect(try owner.schedule().overdue(now: owner.now).isEmpty)
    #expect(try owner.log().signingKey(.block) != key)
  }

  @Test func `a use without any key gets one at once`() throws {
    let owner = Owner()
    let key = try #require(try owner.log().signingKey(.file))
    owner.author.anchor(.revoke(.file, key, .lost, last: []))
    #expect(try owner.log().signingKey(.file) == nil)
    try owner.tick()
    #expect(owner.done.contains(.replace(.file)))
    #expect(try owner.log().signingKey(.file) != nil)
    try owner.tick()
    #expect(owner.done.contains(.destroy(.file, key)))
  }
}
