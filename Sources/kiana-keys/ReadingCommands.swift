internal import ArgumentParser
internal import KianaCLI
internal import KianaCrypto
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct IdCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "id", abstract: "Print this node's identity.")

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console) throws(KianaError) {
    let aid = try shared.openNode().aid.text
    guard shared.json else { return try console.output.line(aid) }
    try console.output.json([JSONMember("aid", .string(aid))])
  }
}

struct ListCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the keys: use, state, age, days left, and the key.",
    discussion: "Keys that are gone are left out without --all.")

  @OptionGroup var shared: SharedOptions

  @Flag(help: "Also keys that were retired or revoked.")
  var all = false

  @Flag(help: "Print figures for Prometheus instead.")
  var metrics = false

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    guard !metrics else {
      for line in try KeyMetrics(node).lines() { try console.output.line(line) }
      return
    }
    let now = node.now()
    for row in try KeyOverview(node).rows() {
      let isGone = row.state == "retired" || row.state == "revoked"
      guard all || !isGone else { continue }
      let isEndless = row.record.notAfter >= KeyUse.never
      if shared.json {
        try console.output.json([
          JSONMember("added", .string(Moment.text(row.added))),
          JSONMember("key", .string(row.record.key.text)),
          JSONMember(
            "not_after", isEndless ? .null : .string(Moment.text(row.record.notAfter))),
          JSONMember("not_before", .string(Moment.text(row.record.notBefore))),
          JSONMember("reason", row.reason.map { .string($0.rawValue) } ?? .null),
          JSONMember("s", .integer(row.record.addedAt)),
          JSONMember("secret_here", .bool(row.hasSecret)),
          JSONMember("state", .string(row.state)),
          JSONMember("use", .string(row.record.use.rawValue)),
        ])
      } else {
        try console.output.line(
          [
            row.record.use.rawValue, row.reason.map { "revoked:\($0.rawValue)" } ?? row.state,
            KeyWords.days(now - row.added),
            isGone || isEndless ? "-" : KeyWords.days(row.record.notAfter - now),
            row.record.key.text,
          ].joined(separator: "\t"))
      }
    }
  }
}

struct ShowCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show the identity and its control keys, or the key log itself.")

  @OptionGroup var shared: SharedOptions

  @Flag(help: "Print the key log: KERI v1 events with CESR signatures.")
  var log = false

  func perform(_ console: Console) throws(KianaError) {
    let node = try shared.openNode()
    let overview = try KeyOverview(node)
    guard !log else { return try console.output.write(try overview.stream()) }
    let keys = overview.log
    let next = (keys.establishment?.nextDigests ?? []).map { CESR.text(.blake3, $0) }
    let control = (keys.establishment?.keys ?? []).map(\.text)
    let recipient = try node.meta.text(.backupRecipient) ?? ""
    if shared.json {
      try console.output.json([
        JSONMember("aid", .string(node.aid.text)),
        JSONMember("backup_recipient", .string(recipient)),
        JSONMember("contested_from", keys.contestedFrom.map { .integer($0) } ?? .null),
        JSONMember("control", .array(control.map { .string($0) })),
        JSONMember("duplicitous", .bool(keys.isDuplicitous)),
        JSONMember("next", .array(next.map { .string($0) })),
        JSONMember("s", .integer(keys.lastS)),
      ])
    } else {
      var lines = ["identity  \(node.aid.text)", "log       event \(keys.lastS)"]
      lines += control.map { "control   \($0)" }
      lines += next.map { "next      \($0) (its key comes from the recovery code)" }
      lines.append("backups   \(recipient)")
      if keys.isDuplicitous { lines.append("DUPLICITY two rotations reveal the same keys") }
      if let place = keys.contestedFrom { lines.append("CONTESTED from event \(place) on") }
      for line in lines { try console.output.line(line) }
    }
  }
}

struct HistoryCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "List the key events with their times, reasons and positions.")

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console) throws(KianaError) {
    for row in try KeyOverview(try shared.openNode()).history() {
      let event = row.event
      let time = Moment.text(row.time)
      if shared.json {
        try console.output.json([
          JSONMember("anchors", .array(event.anchors.map(\.json))),
          JSONMember("counts", .bool(row.counts)),
          JSONMember("event", .string(event.kind.rawValue)),
          JSONMember("s", .integer(event.s)),
          JSONMember("said", .string(CESR.text(.blake3, event.said))),
          JSONMember("time", .string(time)),
        ])
        continue
      }
      let start = "\(event.s)\t\(time)\t\(event.kind.rawValue)"
      if event.anchors.isEmpty {
        try console.output.line(row.counts ? start : "\(start)\tsuspended")
      }
      for anchor in event.anchors {
        try console.output.line(
          "\(start)\t\(row.counts ? "" : "suspended:")\(Self.words(anchor))")
      }
    }
  }

  private static func words(_ anchor: KeyAnchor) -> String {
    func last(_ pins: [FeedPosition], _ log: LogPosition?) -> String {
      if let log { return "\tup to entry \(log.size) of \(log.origin)" }
      return pins.isEmpty
        ? ""
        : "\tup to " + pins.map { "\($0.feed)/\($0.epoch)/\($0.seq)" }.joined(separator: " ")
    }
    switch anchor {
    case .add(let use, let key, _, _): return "add\t\(use.rawValue)\t\(key.text)"
    case .grace(let use, let key): return "grace\t\(use.rawValue)\t\(key.text)"
    case .retire(let use, let key, let pins, let log):
      return "retire\t\(use.rawValue)\t\(key.text)\(last(pins, log))"
    case .revoke(let use, let key, let reason, let pins, let log):
      return "revoke:\(reason.rawValue)\t\(use.rawValue)\t\(key.text)\(last(pins, log))"
    case .epoch(let feed, let opening):
      let after = opening.after.map { "after \($0.epoch)/\($0.seq)" } ?? "from nothing"
      return "epoch\t\(feed)\t\(opening.epoch) \(after)"
    }
  }
}

struct VerifyCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Verify a key log from its first event on: this node's, or one in a file.",
    discussion: "Exit status 13 when it is not what it should be.")

  @OptionGroup var shared: SharedOptions

  @Argument(help: ArgumentHelp("A key log as 'show --log' prints it.", valueName: "file"))
  var file: String?

  static let bytesMax = 2 * KeyLog.eventsMax * (KeyEvent.bytesMax + 4096)

  func perform(_ console: Console) throws(KianaError) {
    let stream: [UInt8]
    if let file {
      stream = try LineReader(path: file, lineBytesMax: Self.bytesMax).rest(
        bytesMax: Self.bytesMax)
    } else {
      stream = try KeyOverview(try shared.openNode()).stream()
    }
    let log = try replay(stream)
    let active = log.keys.filter { $0.state == .active }
    if shared.json {
      try console.output.json([
        JSONMember("aid", .string(log.aid.text)),
        JSONMember("contested_from", log.contestedFrom.map { .integer($0) } ?? .null),
        JSONMember("duplicitous", .bool(log.isDuplicitous)),
        JSONMember("events", .integer(Int64(log.events.count))),
        JSONMember(
          "keys",
          .array(
            active.map {
              .object([
                JSONMember("key", .string($0.key.text)),
                JSONMember("use", .string($0.use.rawValue)),
              ])
            })),
        JSONMember("s", .integer(log.lastS)),
      ])
    } else {
      try console.output.line(
        "\(log.aid.text): \(log.events.count) events, \(active.count) keys in use")
    }
    if log.isDuplicitous {
      throw KianaError(
        code: .damaged, what: "the key log contradicts itself for good",
        why: "two rotations reveal the same keys",
        hint: "nothing that this identity signed can be trusted any more")
    }
    if let place = log.contestedFrom {
      throw KianaError(
        code: .damaged, what: "the key log contradicts itself from event \(place) on",
        why: "two interactions stand there",
        hint: "its owner settles it with 'kiana-keys emergency' and the recovery code")
    }
  }

  private func replay(_ stream: [UInt8]) throws(KianaError) -> KeyLog {
    let crypto = Sodium()
    do throws(KeyLogFault) {
      let events = try KeyEvent.parse(
        stream: stream, eventsMax: 2 * KeyLog.eventsMax, crypto)
      guard let aid = events.first?.aid else { throw KeyLogFault("it has no events") }
      return try KeyLog.replay(stream, aid: aid, crypto)
    } catch {
      throw KianaError(
        code: .damaged, what: "the key log is not what it should be", why: error.reason)
    }
  }
}
