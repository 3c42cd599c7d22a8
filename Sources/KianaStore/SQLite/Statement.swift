internal import CSQLite
package import KianaModel

/// A prepared statement: values in, rows out. Indexes of values count from 1, of columns from 0, as
/// in SQLite.
///
/// It is lent by a `Database` and belongs to it. After the last row it must be `reset`, since an
/// open statement keeps a read transaction open.
@safe
package final class Statement {
  private let handle: OpaquePointer
  private unowned let database: Database

  /// The destructor that makes SQLite copy a value at once; the C macro is a cast that Swift does
  /// not import.
  private static let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  init(_ handle: OpaquePointer, database: Database) {
    unsafe self.handle = handle
    self.database = database
  }

  func finalize() {
    unsafe sqlite3_finalize(handle)
  }

  package func bind(_ index: Int32, _ value: Int64) {
    unsafe sqlite3_bind_int64(handle, index, value)
  }

  package func bind(_ index: Int32, _ value: Int) {
    unsafe sqlite3_bind_int64(handle, index, Int64(value))
  }

  package func bind(_ index: Int32, _ value: Bool) {
    unsafe sqlite3_bind_int(handle, index, value ? 1 : 0)
  }

  package func bind(_ index: Int32, _ value: String) {
    var value = value
    value.withUTF8 { utf8 in
      _ = unsafe utf8.withMemoryRebound(to: CChar.self) { text in
        unsafe sqlite3_bind_text64(
          handle, index, text.baseAddress ?? UnsafePointer(bitPattern: 1), UInt64(text.count),
          Self.transient, UInt8(SQLITE_UTF8))
      }
    }
  }

  package func bind(_ index: Int32, _ value: [UInt8]) {
    unsafe value.withUnsafeBytes { bytes in
      // A null pointer would bind NULL; an empty array is an empty value.
      _ = unsafe sqlite3_bind_blob64(
        handle, index, bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1), UInt64(bytes.count),
        Self.transient)
    }
  }

  package func bind(_ index: Int32, _ value: Hash32) {
    bind(index, value.bytes)
  }

  package func bindNull(_ index: Int32) {
    unsafe sqlite3_bind_null(handle, index)
  }

  /// Moves to the next row.
  /// - Returns: whether there is one.
  package func step() throws(KianaError) -> Bool {
    let status = unsafe sqlite3_step(handle)
    switch status {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default:
      let error = database.error(status)
      reset()
      throw error
    }
  }

  /// Runs to the end and resets.
  package func run() throws(KianaError) {
    while try step() {}
    reset()
  }

  /// Ends the rows and forgets the values.
  package func reset() {
    unsafe sqlite3_reset(handle)
    unsafe sqlite3_clear_bindings(handle)
  }

  package func int(_ column: Int32) -> Int64 {
    unsafe sqlite3_column_int64(handle, column)
  }

  package func isNull(_ column: Int32) -> Bool {
    unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
  }

  package func real(_ column: Int32) -> Double {
    unsafe sqlite3_column_double(handle, column)
  }

  /// The text of a column; empty when it is NULL.
  package func text(_ column: Int32) -> String {
    String(decoding: blob(column), as: UTF8.self)
  }

  /// The bytes of a column; empty when it is NULL.
  package func blob(_ column: Int32) -> [UInt8] {
    guard let start = unsafe sqlite3_column_blob(handle, column) else { return [] }
    let count = Int(unsafe sqlite3_column_bytes(handle, column))
    return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  /// The 32 bytes of a column; zero when it has another length, which no table of ours allows.
  package func hash(_ column: Int32) -> Hash32 {
    guard let start = unsafe sqlite3_column_blob(handle, column),
      unsafe sqlite3_column_bytes(handle, column) == Int32(Hash32.byteCount)
    else { return .zero }
    let bytes = unsafe UnsafeBufferPointer(
      start: start.assumingMemoryBound(to: UInt8.self), count: Hash32.byteCount)
    return Hash32(unsafe bytes.span) ?? .zero
  }
}
