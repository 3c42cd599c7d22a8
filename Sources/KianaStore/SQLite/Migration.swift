package import KianaModel

/// Brings a database to the newest version of its schema. A script that shipped is never edited;
/// `user_version` counts how many have run.
package enum Migration {
  package static func version(_ database: Database) throws(KianaError) -> Int {
    let row = try database.statement("PRAGMA user_version")
    defer { row.reset() }
    return try row.step() ? Int(row.int(0)) : 0
  }

  /// Runs what has not run yet; each script in one transaction with its count.
  package static func run(_ scripts: [String], on database: Database) throws(KianaError) {
    try refuseNewer(database, try version(database), scripts)
    for (index, script) in scripts.enumerated() {
      try database.transaction { () throws(KianaError) in
        // Another process may have been faster, before this transaction began.
        guard try version(database) == index else { return }
        if index == 0 { try database.execute("PRAGMA application_id = \(Database.applicationID)") }
        try database.execute(script)
        try database.execute("PRAGMA user_version = \(index + 1)")
      }
    }
  }

  /// - Throws: `refused` when a newer kiana wrote the database.
  static func refuseNewer(
    _ database: Database, _ version: Int, _ scripts: [String]
  ) throws(KianaError) {
    guard version <= scripts.count else {
      throw KianaError(
        code: .refused, what: "cannot use the database '\(database.path)'",
        why: "a newer kiana wrote it (schema \(version), this one knows \(scripts.count))",
        hint: "install the newer kiana")
    }
  }
}
