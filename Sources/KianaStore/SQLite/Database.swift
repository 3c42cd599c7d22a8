internal import CSQLite
package import KianaModel

/// One SQLite connection, to be used from one thread at a time.
///
/// Settings (DESIGN section 3): WAL, `busy_timeout` 10 s, foreign keys on, `secure_delete` on, so
/// that what is deleted leaves no trace in free pages. Statements are prepared once per connection
/// and text, and lent by `statement(_:)`.
@safe
package final class Database {
  /// How a database file is opened.
  package enum Access: Sendable {
    case readOnly, readWrite
    /// Read and write, made when it is not there.
    case create
  }

  /// What a commit survives.
  package enum Durability: Sendable {
    /// A power cut: one fsync a commit. For what this node signs.
    case full
    /// The death of the process: for what peers can send again.
    case normal
  }

  /// Says of a file that it is ours: "kian" in ASCII.
  package static let applicationID: Int64 = 0x6B69_616E

  private let handle: OpaquePointer
  /// What the last transaction asked for; nil before the first.
  private var durability: Durability?
  private var statements = [String: Statement]()
  /// How many transactions of this connection were undone.
  package private(set) var rollbacks = 0
  package let path: String

  private static let busyTimeoutMilliseconds: Int32 = 10_000
  private static let cacheKibibytes = 8192
  /// SQLite's own 1,000 pages make an import wait for the disk four times as often.
  private static let checkpointPages = 4000

  /// Opens a database file.
  ///
  /// - Throws: `noState` when it cannot be opened, `damaged` when it is not a database, `refused`
  ///   when it is one of another program.
  package init(path: String, access: Access) throws(KianaError) {
    var opened: OpaquePointer?
    let flags: Int32 =
      switch access {
      case .readOnly: SQLITE_OPEN_READONLY
      case .readWrite: SQLITE_OPEN_READWRITE
      case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    let status = unsafe sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
    guard status == SQLITE_OK, let opened = unsafe opened else {
      let error = unsafe SQLiteError.make(opened, status: status, path: path)
      unsafe sqlite3_close_v2(opened)
      throw error
    }
    unsafe handle = opened
    self.path = path
    unsafe sqlite3_extended_result_codes(handle, 1)
    unsafe sqlite3_busy_timeout(handle, Self.busyTimeoutMilliseconds)
    do throws(KianaError) {
      try checkOwner()
      try execute("PRAGMA secure_delete = ON")
      try execute("PRAGMA foreign_keys = ON")
      try execute("PRAGMA cache_size = -\(Self.cacheKibibytes)")
      if access != .readOnly {
        try execute("PRAGMA journal_mode = WAL")
        try execute("PRAGMA wal_autocheckpoint = \(Self.checkpointPages)")
      }
    } catch {
      close()
      throw error
    }
  }

  deinit {
    close()
  }

  private var isClosed = false

  private func close() {
    guard !isClosed else { return }
    isClosed = true
    for statement in statements.values { statement.finalize() }
    statements.removeAll()
    unsafe sqlite3_close_v2(handle)
  }

  /// An empty file becomes ours; one of another program is refused.
  private func checkOwner() throws(KianaError) {
    let row = try statement("PRAGMA application_id")
    let found = try row.step() ? row.int(0) : 0
    row.reset()
    guard found != Self.applicationID else { return }
    let tables = try statement("SELECT count(*) FROM sqlite_schema")
    let count = try tables.step() ? tables.int(0) : 0
    tables.reset()
    guard found == 0, count == 0 else {
      throw KianaError(
        code: .refused, what: "cannot use '\(path)'",
        why: "it is a database of another program",
        hint: "choose another state directory with --state")
    }
  }

  /// Runs statements that take no values and give no rows.
  package func execute(_ sql: String) throws(KianaError) {
    let status = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    guard status == SQLITE_OK else { throw error(status) }
  }

  /// The prepared statement of this text, reset and without values.
  ///
  /// The same text gives the same statement, so a loop over its rows must not ask for it again.
  package func statement(_ sql: String) throws(KianaError) -> Statement {
    if let known = statements[sql] {
      known.reset()
      return known
    }
    var prepared: OpaquePointer?
    let status = unsafe sqlite3_prepare_v3(
      handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard status == SQLITE_OK, let prepared = unsafe prepared else { throw error(status) }
    let made = unsafe Statement(prepared, database: self)
    statements[sql] = made
    return made
  }

  /// Runs `body` between BEGIN IMMEDIATE and COMMIT; an error rolls everything back.
  package func transaction<Result>(
    _ durability: Durability = .full, _ body: () throws(KianaError) -> Result
  ) throws(KianaError) -> Result {
    if durability != self.durability {
      try execute(
        durability == .full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL")
      self.durability = durability
    }
    return try enclose("BEGIN IMMEDIATE", body)
  }

  /// Runs `body` on one snapshot of the data, whatever others write meanwhile. It must be short: as
  /// long as it lasts the write-ahead log cannot be taken over into the file.
  package func read<Result>(
    _ body: () throws(KianaError) -> Result
  ) throws(KianaError) -> Result {
    try enclose("BEGIN", body)
  }

  private func enclose<Result>(
    _ begin: String, _ body: () throws(KianaError) -> Result
  ) throws(KianaError) -> Result {
    precondition(!isInTransaction, "transactions do not nest")
    try statement(begin).run()
    do throws(KianaError) {
      let result = try body()
      try statement("COMMIT").run()
      return result
    } catch {
      for statement in statements.values { statement.reset() }
      if isInTransaction { unsafe sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
      rollbacks += 1
      throw error
    }
  }

  /// A mark that is another one when what was read before may not be so any more: another
  /// connection wrote, or a transaction of this one was undone.
  package func mark() throws(KianaError) -> Mark {
    let row = try statement("PRAGMA data_version")
    defer { row.reset() }
    return Mark(version: try row.step() ? row.int(0) : 0, rollbacks: rollbacks)
  }

  /// What `mark()` gives.
  package struct Mark: Equatable, Sendable {
    fileprivate let version: Int64
    fileprivate let rollbacks: Int
  }

  /// Whether a transaction is open on this connection.
  package var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

  /// Rows that the last statement inserted, changed or deleted.
  package var changes: Int { Int(unsafe sqlite3_changes64(handle)) }

  package var lastInsertedRow: Int64 { unsafe sqlite3_last_insert_rowid(handle) }

  /// Moves the whole WAL into the database file and empties it, so that nothing deleted stays in
  /// it.
  ///
  /// - Throws: `stateLocked` when a reader of another process keeps the WAL from being emptied.
  package func checkpointAndTruncate() throws(KianaError) {
    let row = try statement("PRAGMA wal_checkpoint(TRUNCATE)")
    defer { row.reset() }
    guard try row.step(), row.int(0) == 0 else {
      throw KianaError(
        code: .stateLocked, what: "cannot empty the write-ahead log of '\(path)'",
        why: "another process is reading", hint: "run the command again when it has finished")
    }
  }

  /// What SQLite finds wrong with the structure of the file; nothing when it is sound.
  package func integrityFaults() throws(KianaError) -> [String] {
    let row = try statement("PRAGMA integrity_check(20)")
    defer { row.reset() }
    var found = [String]()
    while try row.step() { found.append(row.text(0)) }
    return found == ["ok"] ? [] : found
  }

  /// The error of a failed call on this connection.
  func error(_ status: Int32) -> KianaError {
    unsafe SQLiteError.make(handle, status: status, path: path)
  }
}

/// SQLite's result codes in the toolkit's words.
enum SQLiteError {
  static func make(_ handle: OpaquePointer?, status: Int32, path: String) -> KianaError {
    let text = unsafe String(cString: sqlite3_errmsg(handle))
    let what = "cannot use the database '\(path)'"
    switch status & 0xFF {
    case SQLITE_BUSY, SQLITE_LOCKED:
      return KianaError(
        code: .stateLocked, what: what, why: "another process is writing to it",
        hint: "try again")
    case SQLITE_FULL:
      return KianaError(
        code: .inputOutput, what: what, why: "the disk is full",
        hint: "free some space and run the command again; nothing was half done")
    case SQLITE_IOERR, SQLITE_NOLFS:
      return KianaError(
        code: .inputOutput, what: what, why: text, hint: "check the disk; 'dmesg' may say more")
    case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT:
      return KianaError(
        code: .damaged, what: what, why: text,
        hint: "restore it from a backup")
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
      return KianaError(
        code: .noState, what: what, why: "it is not writable",
        hint: "run the command as the user that owns it")
    case SQLITE_CANTOPEN:
      return KianaError(
        code: .noState, what: what, why: text, hint: "run 'kiana-node init' to make a node")
    default:
      return KianaError(code: .failed, what: what, why: text)
    }
  }
}
