internal import Glibc
internal import KianaCrypto
package import KianaModel
internal import KianaStore

/// Takes original KI_ana blocks in: each becomes a block of kind `legacy/1` in this node's feed
/// `legacy`, with the original bytes as content and a verdict for hash, signature and link.
package struct LegacyImport {
  /// What became of one original block.
  package struct Judged: Sendable {
    package let path: String
    package let format: LegacyBlock.Format
    package let digest: Hash32
    package let hash: LegacyBlock.Verdict
    package let signature: LegacyBlock.Verdict
    package let link: LegacyBlock.Link
    /// The block that holds it; nil when nothing was stored.
    package var block: Hash32?
    /// Whether it was here already.
    package var isKnown: Bool

    package var isBad: Bool { hash == .bad || signature == .bad }
  }

  package struct Summary: Equatable, Sendable {
    package var stored = 0
    package var known = 0
    package var bad = 0
    /// Files without a block of any format, or that could not be read.
    package var skipped = 0

    package init() {}
  }

  private let node: Node
  private static let fileBytesMax = 256 << 20
  private static let blocksAtOnce = 500

  package init(_ node: Node) {
    self.node = node
  }

  /// - Parameters:
  ///   - paths: files, and folders whose `*.json` files are read, in order of their names.
  ///   - writer: nil judges and stores nothing.
  ///   - skip: called for each file that holds no block.
  package func run(
    _ paths: [String], writer: borrowing BlockWriter?,
    report: (Judged) throws(KianaError) -> Void,
    skip: (_ path: String, _ why: String) throws(KianaError) -> Void
  ) throws(KianaError) -> Summary {
    var files = [String]()
    for path in paths { files += try Self.files(path) }
    let targets = try linkTargets(files)
    var summary = Summary()
    var seen = Set<Hash32>()
    for file in files {
      var blocks: [LegacyBlock]
      do throws(KianaError) {
        blocks = try read(file)
      } catch {
        summary.skipped += 1
        try skip(file, error.why)
        continue
      }
      if blocks.isEmpty {
        summary.skipped += 1
        try skip(file, "it holds no original KI_ana block")
      }
      for block in blocks where block.bytes.count > node.settings.contentBytesMax {
        summary.skipped += 1
        try skip(file, "a block in it has \(block.bytes.count) bytes, too many for a content")
      }
      blocks.removeAll { $0.bytes.count > node.settings.contentBytesMax }
      for start in stride(from: 0, to: blocks.count, by: Self.blocksAtOnce) {
        let part = blocks[start..<min(start + Self.blocksAtOnce, blocks.count)]
        for judged in try take(Array(part), file, targets, &seen, writer) {
          if judged.isKnown { summary.known += 1 } else { summary.stored += 1 }
          if judged.isBad { summary.bad += 1 }
          try report(judged)
        }
      }
    }
    return summary
  }

  /// The hashes by which the blocks of all files may be named: links may point into other files.
  private func linkTargets(_ files: [String]) throws(KianaError) -> Set<String> {
    var targets = Set<String>()
    for file in files {
      guard let blocks = try? read(file) else { continue }
      for block in blocks { targets.formUnion(block.linkTargets(node.crypto)) }
    }
    return targets
  }

  private func take(
    _ blocks: [LegacyBlock], _ file: String, _ targets: Set<String>, _ seen: inout Set<Hash32>,
    _ writer: borrowing BlockWriter?
  ) throws(KianaError) -> [Judged] {
    var judged = [Judged]()
    var fresh = [(place: Int, block: LegacyBlock)]()
    for block in blocks {
      var one = judge(block, file, targets)
      if let known = try node.legacy.find(one.digest) {
        one.block = known.block
        one.isKnown = true
      } else if !seen.insert(one.digest).inserted {
        one.isKnown = true
      } else {
        fresh.append((judged.count, block))
      }
      judged.append(one)
    }
    guard !fresh.isEmpty else { return judged }
    switch writer {
    case nil: return judged
    case .some(let writer):
      let before = judged
      let ids = try writer.sign(fresh.map { Self.draft($0.block) }) { (ids) throws(KianaError) in
        for (id, one) in zip(ids, fresh) { try note(before[one.place], id) }
      }
      for (id, one) in zip(ids, fresh) { judged[one.place].block = id }
      return judged
    }
  }

  private func judge(_ block: LegacyBlock, _ file: String, _ targets: Set<String>) -> Judged {
    let crypto = node.crypto
    return Judged(
      path: file, format: block.format, digest: crypto.sha256(block.bytes),
      hash: block.hashVerdict(
        crypto, stated: block.format == .genesis ? Self.genesisHash(beside: file) : nil),
      signature: block.signatureVerdict(crypto), link: block.link { targets.contains($0) },
      block: nil, isKnown: false)
  }

  private func note(_ judged: Judged, _ id: Hash32) throws(KianaError) {
    try node.legacy.insert(
      LegacyRow(
        digest: judged.digest, block: id, format: judged.format.rawValue,
        hash: judged.hash.rawValue, signature: judged.signature.rawValue,
        link: judged.link.rawValue))
  }

  private static func draft(_ block: LegacyBlock) -> Draft {
    let topic = block.topic
    return Draft(
      content: block.bytes, feed: "legacy", kind: "legacy/1", mediaType: "application/json",
      tags: ["legacy-\(block.format.rawValue.lowercased())"],
      topic: topic.utf8.count <= BlockLimits.wordBytesMax ? topic : "")
  }

  /// The original keeps the hash of its genesis block in a file beside it.
  private static func genesisHash(beside file: String) -> String? {
    let path = DurableFile.parent(of: file) + "/genesis_hash.txt"
    guard let bytes = try? DurableFile.read(path, sizeBytesMax: 1024) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self).split { $0.isWhitespace }.first
    return text.map(String.init)
  }

  private func read(_ file: String) throws(KianaError) -> [LegacyBlock] {
    let bytes = try DurableFile.read(file, sizeBytesMax: Self.fileBytesMax)
    let name = file.split(separator: "/").last.map(String.init) ?? file
    do throws(JSONFault) {
      return try LegacyFile.blocks(bytes, name: name)
    } catch {
      throw KianaError(code: .failed, what: "cannot read '\(file)'", why: error.reason)
    }
  }

  /// The file itself, or the `*.json` files of a folder and those below it; links are not followed.
  private static func files(_ path: String) throws(KianaError) -> [String] {
    guard Places.isDirectory(path) else {
      guard DurableFile.exists(path) else {
        throw KianaError(
          code: .notFound, what: "cannot read '\(path)'", why: "there is no such file or folder")
      }
      return [path]
    }
    var found = [String]()
    for name in DurableFile.names(in: path) {
      let inner = "\(path)/\(name)"
      if DurableFile.isLink(inner) { continue }
      if Places.isDirectory(inner) {
        found += try files(inner)
      } else if name.hasSuffix(".json") {
        found.append(inner)
      }
    }
    return found
  }
}
