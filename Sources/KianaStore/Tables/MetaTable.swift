package import KianaModel

/// Single values of the node: who it is, which copy of the store this is, how far it counted.
package struct MetaTable {
  /// The names in use.
  package enum Name: String, Sendable {
    /// The node's own AID, 44 characters.
    case aid
    /// Random; renewed on a restore and after a boot without a clean mark. Part of every cursor.
    case storeNonce = "store_nonce"
    /// The kernel's boot id when the store was last opened for writing.
    case bootID = "boot_id"
    /// The last `block.no` that was given.
    case lastBlock = "last_block"
    /// The age recipient of the backups.
    case backupRecipient = "backup_recipient"
    /// The recipients of recovery codes that were replaced, apart by spaces.
    case formerRecipients = "former_recipients"
    /// When the node was made, milliseconds since 1970.
    case created
    /// Why this state counts as restored and must not sign; empty or missing when it may.
    case restored
    /// Counts of the whole store, so that `status` need not scan.
    case blocks
    case contentBytes = "content_bytes"
    /// Changes to feeds and key logs, counted.
    case feedChanges = "feed_changes"
    /// Freshness notes that came or were made, counted.
    case freshChanges = "fresh_changes"
    /// The change that brought the newest own key event.
    case keyChange = "key_change"
    /// When the keys were looked after last, milliseconds since 1970.
    case lastTick = "last_tick"
    /// The first entry of the audit trail that is still here.
    case auditFirst = "audit_first"
    /// Why the audit log must not be signed before 'kiana-audit resume'; empty when it may.
    case auditRestored = "audit_restored"
    /// For which copy and guard file the audit log was resumed before the node was.
    case auditSettled = "audit_settled"
    /// The witness key that may have signed newer states of other logs than this copy knows.
    case witnessRestored = "witness_restored"
  }

  private let database: Database

  package init(_ database: Database) {
    self.database = database
  }

  package func text(_ name: Name) throws(KianaError) -> String? {
    let row = try find(name)
    defer { row.reset() }
    return try row.step() ? row.text(0) : nil
  }

  /// 0 when the value was never set.
  package func integer(_ name: Name) throws(KianaError) -> Int64 {
    let row = try find(name)
    defer { row.reset() }
    return try row.step() ? row.int(0) : 0
  }

  package func set(_ name: Name, _ value: String) throws(KianaError) {
    let row = try database.statement("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)")
    row.bind(1, name.rawValue)
    row.bind(2, value)
    try row.run()
  }

  package func set(_ name: Name, _ value: Int64) throws(KianaError) {
    let row = try database.statement("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)")
    row.bind(1, name.rawValue)
    row.bind(2, value)
    try row.run()
  }

  private func find(_ name: Name) throws(KianaError) -> Statement {
    let row = try database.statement("SELECT value FROM meta WHERE name = ?1")
    row.bind(1, name.rawValue)
    return row
  }
}
