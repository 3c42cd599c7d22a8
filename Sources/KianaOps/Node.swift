package import KianaCrypto
package import KianaModel
package import KianaStore

/// An opened state directory: what every operation of this room works on.
///
/// One connection to `kiana.db`, and the settings. Not to be shared between threads.
package final class Node {
  package let directory: StateDirectory
  package let database: Database
  package let settings: Settings
  /// This node's identity.
  package let aid: AID
  package let crypto = Sodium()
  /// Milliseconds since 1970-01-01 UTC; handed in, so that tests choose.
  package let now: () -> Int64

  package let meta: MetaTable
  package let authors: AuthorTable
  package let feeds: FeedTable
  package let blocks: BlockTable
  package let keyEvents: KeyEventTable
  package let held: HeldTable
  package let redactions: RedactionTable
  package let admissions: AdmissionTable
  package let events: EventTable
  package let legacy: LegacyTable
  package let peerMemory: PeerMemoryTable
  package let peerHeads: PeerHeadTable
  package let trust: TrustTable
  package let freshNotes: FreshNoteTable
  package let peerCharges: PeerChargeTable
  package let lacking: LackingTable
  package var recorder: Recorder

  private var keyLogs = [AID: KeyLog]()
  /// Authors whose `admit/1` blocks have to be added up again before the commit.
  var staleAdmitters = Set<Int64>()
  /// When the logs were read.
  private var keyLogsMark: Database.Mark?

  private init(
    directory: StateDirectory, database: Database, settings: Settings, aid: AID,
    now: @escaping () -> Int64
  ) {
    self.directory = directory
    self.database = database
    self.settings = settings
    self.aid = aid
    self.now = now
    meta = MetaTable(database)
    authors = AuthorTable(database)
    feeds = FeedTable(database)
    blocks = BlockTable(database)
    keyEvents = KeyEventTable(database)
    held = HeldTable(database)
    redactions = RedactionTable(database)
    admissions = AdmissionTable(database)
    events = EventTable(database)
    legacy = LegacyTable(database)
    peerMemory = PeerMemoryTable(database)
    peerHeads = PeerHeadTable(database)
    trust = TrustTable(database)
    freshNotes = FreshNoteTable(database)
    peerCharges = PeerChargeTable(database)
    lacking = LackingTable(database)
    recorder = Recorder(database, actor: aid)
  }

  /// Opens the node of a state directory.
  ///
  /// - Parameters:
  ///   - directory: found and checked by `StateDirectory`.
  ///   - now: milliseconds since 1970.
  /// - Throws: `noState` when there is no node in it, `refused` for a newer schema.
  package static func open(
    _ directory: StateDirectory, now: @escaping () -> Int64
  ) throws(KianaError) -> Node {
    let settings = try directory.settings()
    let database = try directory.openTruth()
    guard let text = try MetaTable(database).text(.aid), let aid = AID(text) else {
      throw KianaError(
        code: .noState, what: "cannot use the state directory '\(directory.path)'",
        why: "no node was finished in it", hint: "run 'kiana-node init' to make one")
    }
    return Node(
      directory: directory, database: database, settings: settings, aid: aid, now: now)
  }

  /// The key event log of an author; nil when none of it is here.
  package func keyLog(of aid: AID) throws(KianaError) -> KeyLog? {
    let mark = try database.mark()
    if mark != keyLogsMark { keyLogs.removeAll() }
    keyLogsMark = mark
    if let known = keyLogs[aid] { return known }
    guard let author = try authors.find(aid) else { return nil }
    let stream = try keyEvents.stream(author: author.no)
    guard !stream.isEmpty else { return nil }
    do throws(KeyLogFault) {
      let log = try KeyLog.replay(stream, aid: aid, crypto)
      keyLogs[aid] = log
      return log
    } catch {
      throw KianaError(
        code: .damaged, what: "the key log of '\(aid.text)' is damaged", why: error.reason,
        hint: "run 'kiana-node verify', and restore from a backup")
    }
  }

  /// Keeps a log that was written in the transaction that is open.
  func remember(_ log: KeyLog) {
    keyLogs[log.aid] = log
  }

  /// Forgets a log that changed on disk.
  package func forgetKeyLog(of aid: AID) {
    keyLogs[aid] = nil
  }
}
