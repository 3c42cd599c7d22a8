import KianaCrypto
import KianaModel
import KianaTesting
import Testing

/// The trees of RFC 6962, by the vectors of transparency-dev/merkle and a log that stock Tessera
/// wrote.
@Suite(.enabled(if: Vectors.isHere, "the folder of published vectors is not here"))
struct MerkleTests {
  private let crypto = Sodium()

  private func files(_ folder: String) -> [String] {
    let base = "merkle/testdata/\(folder)"
    let found = Shell(in: TemporaryFolder()).run(
      "cd '\(Vectors.folder)' && find '\(base)' -name '*.json' | sort")
    return found.output.split(separator: "\n").map(String.init)
  }

  private func hash(_ value: JSONValue?) -> Hash32? {
    value?.string.flatMap { Base64.decode($0, .standard) }.flatMap { Hash32($0) }
  }

  /// Nil when one of them has not 32 bytes.
  private func hashes(_ value: JSONValue?) -> [Hash32]? {
    let all = (value?.array ?? []).map { hash($0) }
    return all.contains(nil) ? nil : all.compactMap { $0 }
  }

  @Test func `inclusion is proved where the published cases say`() throws {
    let files = files("inclusion")
    print("merkle inclusion: \(files.count) run, 0 skipped")
    #expect(files.count == 98)
    for file in files {
      let one = try JSONValue.parse(try Vectors.read(file), .foreign)
      var isGood = false
      if let leaf = hash(one["leafHash"]), let root = hash(one["root"]),
        let proof = hashes(one["proof"]), let index = one["leafIdx"]?.integer,
        let size = one["treeSize"]?.integer
      {
        isGood = MerkleProof.includes(
          leaf, index: index, size: size, root: root, proof: proof, crypto)
      }
      #expect(isGood == (one["wantErr"] == .bool(false)), "\(file)")
    }
  }

  @Test func `consistency is proved where the published cases say`() throws {
    let files = files("consistency")
    print("merkle consistency: \(files.count) run, 0 skipped")
    #expect(files.count == 98)
    for file in files {
      let one = try JSONValue.parse(try Vectors.read(file), .foreign)
      var isGood = false
      if let first = hash(one["root1"]), let second = hash(one["root2"]),
        let proof = hashes(one["proof"]), let old = one["size1"]?.integer,
        let new = one["size2"]?.integer
      {
        isGood = MerkleProof.isConsistent(
          oldSize: old, oldRoot: first, newSize: new, newRoot: second, proof: proof, crypto)
      }
      // Roots of another length than a digest's are no roots, though their checker compares them.
      let areHashes = hash(one["root1"]) != nil && hash(one["root2"]) != nil
      #expect(isGood == (one["wantErr"] == .bool(false) && areHashes), "\(file)")
    }
  }

  @Test func `the reference tree has the published roots and nodes`() throws {
    let json = try JSONValue.parse(try Vectors.read("merkle/reference_tree.json"), .foreign)
    let leaves = try (json["leaf_inputs"]?.array ?? []).map {
      try #require(Hex.decode(($0.string ?? "-").utf8))
    }
    let roots = json["root_hashes_by_size"]?.array ?? []
    #expect(leaves.count == 8 && roots.count >= 8)
    var frontier = MerkleFrontier()
    var found = [frontier.root(crypto).hex]
    for leaf in leaves {
      frontier.add(leaf, crypto)
      found.append(frontier.root(crypto).hex)
    }
    #expect(found.suffix(roots.count) == roots.compactMap(\.string)[...])
    let memory = MemoryTiles(leaves.map { crypto.treeLeaf($0) }, crypto)
    for (level, row) in (json["node_hashes"]?.array ?? []).enumerated() {
      for (index, node) in (row.array ?? []).enumerated() where (index + 1) << level <= 8 {
        #expect(try memory.subtree(level: level, index: Int64(index)).hex == node.string)
      }
    }
  }

  @Test func `of every tree up to 300 leaves each leaf and each older tree is proved`() throws {
    let leaves = (0..<300).map { crypto.treeLeaf(Array("leaf \($0)".utf8)) }
    var tree = MemoryNodes(leaves, crypto)
    var frontier = MerkleFrontier()
    var roots = [frontier.root(crypto)]
    for leaf in leaves {
      frontier.add(hash: leaf, crypto)
      roots.append(frontier.root(crypto))
    }
    for size in 1...300 {
      #expect(try tree.root(of: 0..<Int64(size), crypto) == roots[size])
      var proved = 0
      for index in 0..<size {
        let proof = try tree.inclusionProof(index: Int64(index), size: Int64(size), crypto)
        let isIn = MerkleProof.includes(
          leaves[index], index: Int64(index), size: Int64(size), root: roots[size],
          proof: proof, crypto)
        if isIn { proved += 1 }
      }
      #expect(proved == size)
      var consistent = 0
      for old in 0...size {
        let proof = try tree.consistencyProof(
          oldSize: Int64(old), newSize: Int64(size), crypto)
        func isConsistent(_ root: Hash32) -> Bool {
          MerkleProof.isConsistent(
            oldSize: Int64(old), oldRoot: root, newSize: Int64(size), newRoot: roots[size],
            proof: proof, acceptsEmpty: true, crypto)
        }
        if isConsistent(roots[old]), old == 1 || !isConsistent(leaves[0]) { consistent += 1 }
      }
      #expect(consistent == size + 1)
    }
  }

  @Test(arguments: [1, 2, 3, 255, 256, 257, 300])
  func `a tree of tiles gives the same proofs`(size: Int) throws {
    let leaves = (0..<size).map { crypto.treeLeaf(Array("leaf \($0)".utf8)) }
    var nodes = MemoryNodes(leaves, crypto)
    var tiles = TileTree(MemoryTiles(leaves, crypto), crypto)
    for index in stride(from: 0, to: size, by: 17) {
      #expect(
        try tiles.inclusionProof(index: Int64(index), size: Int64(size), crypto)
          == nodes.inclusionProof(index: Int64(index), size: Int64(size), crypto))
      #expect(
        try tiles.consistencyProof(oldSize: Int64(index), newSize: Int64(size), crypto)
          == nodes.consistencyProof(oldSize: Int64(index), newSize: Int64(size), crypto))
    }
  }

  @Test func `a frontier is read again as it was written, and in no other way`() throws {
    var frontier = MerkleFrontier()
    for number in 0..<77 { frontier.add([UInt8(number)], crypto) }
    #expect(MerkleFrontier(count: frontier.count, peaks: frontier.peaks) == frontier)
    #expect(MerkleFrontier(count: 76, peaks: frontier.peaks) == nil)
  }

  @Test func `the log of stock Tessera is read: tiles, bundles, and sixteen checkpoints`() throws {
    let base = "tessera-log/testdata/log"
    var checkpoints = 0
    var entries = [[UInt8]]()
    for size in 0...15 {
      let text = try Vectors.read("\(base)/checkpoint.\(size)")
      let note = try #require(SignedNote(text))
      let checkpoint = try #require(Checkpoint(note.text))
      #expect(checkpoint.size == Int64(size) && checkpoint.origin == note.signatures[0].name)
      if size > 0 {
        let tile = Tile.path(level: 0, index: 0, count: size)
        let leaves = try #require(Tile.hashes(try Vectors.read("\(base)/\(tile)")))
        let bundle = Tile.path(level: nil, index: 0, count: size)
        entries = try #require(EntryBundle.entries(try Vectors.read("\(base)/\(bundle)")))
        #expect(entries.map { crypto.treeLeaf($0) } == leaves)
        #expect(EntryBundle.bytes(entries) == (try Vectors.read("\(base)/\(bundle)")))
      }
      var frontier = MerkleFrontier()
      for entry in entries { frontier.add(entry, crypto) }
      #expect(frontier.root(crypto) == checkpoint.root)
      checkpoints += 1
    }
    print("tessera: \(checkpoints) checkpoints run, 0 skipped")
  }

  @Test func `tiles lie where C2SP tlog-tiles puts them`() {
    #expect(Tile.path(level: 0, index: 1_234_067, count: 256) == "tile/0/x001/x234/067")
    #expect(Tile.path(level: nil, index: 0, count: 8) == "tile/entries/000.p/8")
    #expect(Tile.path(level: 15, index: 1000, count: 255) == "tile/15/x001/000.p/255")
  }
}

/// All nodes of a tree, made once.
private struct MemoryNodes: MerkleSource {
  private var levels: [[Hash32]]

  init(_ leaves: [Hash32], _ crypto: any Cryptography) {
    levels = [leaves]
    while let row = levels.last, row.count > 1 {
      levels.append((0..<row.count / 2).map { crypto.treeNode(row[2 * $0], row[2 * $0 + 1]) })
    }
  }

  func subtree(level: Int, index: Int64) throws(KianaError) -> Hash32 {
    levels[level][Int(index)]
  }
}

/// Tiles that are computed from leaves in memory.
private struct MemoryTiles: TileSource, MerkleSource {
  private let leaves: [Hash32]
  private let crypto: any Cryptography

  init(_ leaves: [Hash32], _ crypto: any Cryptography) {
    self.leaves = leaves
    self.crypto = crypto
  }

  func tile(level: Int, index: Int64) throws(KianaError) -> [Hash32] {
    if level == 0 { return Array(leaves.dropFirst(Int(index) * Tile.width).prefix(Tile.width)) }
    var hashes = [Hash32]()
    for below in index * 256..<(index + 1) * 256 {
      let tile = try tile(level: level - 1, index: below)
      guard tile.count == Tile.width else { break }
      hashes.append(Tile.root(tile, crypto))
    }
    return hashes
  }

  func subtree(level: Int, index: Int64) throws(KianaError) -> Hash32 {
    Tile.root(leaves[Int(index) << level..<Int(index + 1) << level], crypto)
  }
}
