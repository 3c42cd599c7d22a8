import KianaModel
import KianaStore
import KianaTesting
import Testing

@Suite struct StateTests {
  private func find(
    _ option: String?, _ environment: [String: String], system: Bool = false
  ) throws(KianaError) -> Places {
    try Places.find(option: option, environment: { environment[$0] }, exists: { _ in system })
  }

  @Test func `the state directory is looked up in the order that is promised`() throws {
    let home = ["HOME": "/home/ann"]
    #expect(try find("/a", ["KIANA_STATE": "/b", "HOME": "/home/ann"], system: true).state == "/a")
    #expect(try find(nil, ["KIANA_STATE": "/b", "HOME": "/home/ann"], system: true).state == "/b")
    let node = try find(nil, home, system: true)
    #expect(node.state == "/var/lib/kiana")
    #expect(node.guardDirectory == "/var/lib/kiana-guard")
    #expect(node.credential == "/etc/kiana/credential")
    let own = try find(nil, home)
    #expect(own.state == "/home/ann/.local/state/kiana")
    #expect(own.guardDirectory == "/home/ann/.local/share/kiana-guard")
    #expect(own.credential == "/home/ann/.config/kiana/credential")
    let moved = try find(
      nil, ["HOME": "/h", "XDG_STATE_HOME": "/s", "XDG_DATA_HOME": "rel", "XDG_CONFIG_HOME": "/c"])
    #expect(moved.state == "/s/kiana")
    #expect(moved.guardDirectory == "/h/.local/share/kiana-guard")
    #expect(moved.credential == "/c/kiana/credential")
    #expect(throws: KianaError.self) { try find(nil, [:]) }
  }

  @Test(
    arguments: [
      (0x6969, "", "NFS"), (0xFF53_4D42, "", "CIFS"), (0xEF53, "", nil), (0x0102_1994, "", nil),
      (0x6573_5546, "fuse.sshfs", "sshfs"), (0x6573_5546, "fuse.gocryptfs", nil),
    ] as [(UInt32, String, String?)])
  func `a network file system is known by its number`(magic: UInt32, mount: String, name: String?) {
    #expect(FileSystem.networkName(magic: magic, mountType: mount) == name)
  }

  private func code(_ body: () throws(KianaError) -> Void) -> KianaError.Code? {
    do throws(KianaError) {
      try body()
      return nil
    } catch {
      return error.code
    }
  }

  @Test func `a directory that is missing, open to others or no node has a named error`() throws {
    let folder = TemporaryFolder()
    let places = Places(
      state: "\(folder.path)/s", guardDirectory: "\(folder.path)/g", credential: "\(folder.path)/c")
    #expect(code { () throws(KianaError) in _ = try StateDirectory.existing(places) } == .noState)
    let directory = try StateDirectory.new(places)
    #expect(code { () throws(KianaError) in _ = try StateDirectory.existing(places) } == .noState)
    let database = try directory.createTruth()
    #expect(try Migration.version(database) == Schema.truth.count)
    #expect(code { () throws(KianaError) in _ = try StateDirectory.existing(places) } == nil)
  }

  @Test func `a database of a newer kiana or of another program is left alone`() throws {
    let folder = TemporaryFolder()
    let places = Places(
      state: "\(folder.path)/s", guardDirectory: "\(folder.path)/g", credential: "\(folder.path)/c")
    let directory = try StateDirectory.new(places)
    do {
      let database = try directory.createTruth()
      try database.execute("PRAGMA user_version = 99")
    }
    #expect(code { () throws(KianaError) in _ = try directory.openTruth() } == .refused)
    do {
      let database = try Database(path: directory.truthPath, access: .readWrite)
      try database.execute("PRAGMA user_version = 1; PRAGMA application_id = 7")
    }
    #expect(code { () throws(KianaError) in _ = try directory.openTruth() } == .refused)
    try DurableFile.write(
      Array("no database at all, but long enough to look at".utf8), to: directory.truthPath,
      mode: 0o600)
    for suffix in ["-wal", "-shm"] { try DurableFile.delete(directory.truthPath + suffix) }
    #expect(code { () throws(KianaError) in _ = try directory.openTruth() } == .damaged)
  }

  @Test func `the lock is held by one process at a time, and names it`() throws {
    let folder = TemporaryFolder()
    let places = Places(
      state: "\(folder.path)/s", guardDirectory: "\(folder.path)/g", credential: "\(folder.path)/c")
    let directory = try StateDirectory.new(places)
    let lock = try StateLock.take(directory)
    do throws(KianaError) {
      _ = try StateLock.take(directory)
      Issue.record("taken twice")
    } catch {
      #expect(error.code == .stateLocked)
      #expect(error.hint.contains("kill"))
    }
    lock.release()
    #expect(code { () throws(KianaError) in _ = try StateLock.take(directory) } == nil)
  }

  @Test func `a file is replaced whole, and its rights are kept to`() throws {
    let folder = TemporaryFolder()
    let path = "\(folder.path)/f"
    try DurableFile.write([1, 2, 3], to: path, mode: 0o600)
    try DurableFile.write([4], to: path, mode: 0o600)
    #expect(try DurableFile.readPrivate(path, sizeBytesMax: 10) == [4])
    #expect(DurableFile.names(in: folder.path) == ["f"])
    #expect(
      code { () throws(KianaError) in
        try DurableFile.write([5], to: path, mode: 0o600, mayReplace: false)
      } == .inputOutput)
    try DurableFile.write([6], to: path, mode: 0o644)
    #expect(
      code { () throws(KianaError) in
        _ = try DurableFile.readPrivate(path, sizeBytesMax: 10)
      } == .key)
    #expect(
      code { () throws(KianaError) in _ = try DurableFile.read(path, sizeBytesMax: 0) } == .failed)
  }

  @Test func `a transaction that throws leaves nothing`() throws {
    let folder = TemporaryFolder()
    let database = try Database(path: "\(folder.path)/d", access: .create)
    try Migration.run(Schema.truth, on: database)
    #expect(throws: KianaError.self) {
      try database.transaction { () throws(KianaError) in
        try MetaTable(database).set(.created, 5)
        throw KianaError(code: .failed, what: "on purpose")
      }
    }
    #expect(try MetaTable(database).integer(.created) == 0)
    #expect(!database.isInTransaction)
  }

  @Test func `the audit trail refuses to be rewritten`() throws {
    let folder = TemporaryFolder()
    let database = try Database(path: "\(folder.path)/d", access: .create)
    try Migration.run(Schema.truth, on: database)
    let entry = AuditEntry(
      actor: AID(digest: .zero).text, payloadCommitment: nil, payloadSize: 0, result: .ok, time: 1,
      target: "state", type: "state.init", verdict: nil)
    try EventTable(database).insert(0, entry, payload: nil)
    #expect(throws: KianaError.self) { try database.execute("UPDATE event SET t = 2") }
    #expect(throws: KianaError.self) { try database.execute("DELETE FROM event") }
    #expect(
      String(decoding: entry.leaf(), as: UTF8.self)
        == #"{"actor":"EAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","ps":0,"result":"ok","t":1,"target":"state","type":"state.init","v":1}"#
    )
  }
}
