internal import Glibc
internal import KianaModel
internal import KianaTesting

/// Many feeds of small blocks, 32 an author; always the same.
final class FeedCorpus {
  private let feeds: Int
  /// Of each feed.
  private let blocks: Int
  private var authors = [TestAuthor]()
  private var heads = [Block]()
  private var random = SeededGenerator(seed: 1)

  private static let feedsOfAuthor = 32

  init(feeds: Int, blocks: Int) {
    self.feeds = feeds
    self.blocks = blocks
  }

  private func next(_ feed: Int, after last: Block?) -> Block {
    authors[feed / Self.feedsOfAuthor].block(
      "feed \(feed) \(last?.header.seq ?? -1)", after: last,
      feed: "feed-\(feed % Self.feedsOfAuthor)", time: 1_700_000_000_000)
  }

  func writeBase(to path: String) {
    let out = LineFile(path)
    for feed in 0..<feeds {
      if feed % Self.feedsOfAuthor == 0 {
        authors.append(TestAuthor(authors.count))
        out.put(authors[authors.count - 1].line)
      }
      var last: Block?
      for _ in 0..<blocks {
        let block = next(feed, after: last)
        out.put(block.line)
        last = block
      }
      if let last { heads.append(last) }
    }
  }

  /// Blocks that follow what was written before: one in each of evenly spread feeds, or scattered.
  /// - Returns: how many bytes they have on the wire, their frames' heads not counted.
  func writeMore(_ count: Int, isScattered: Bool, to path: String) -> Double {
    let out = LineFile(path)
    var size = 0
    for index in 0..<count {
      let feed =
        isScattered ? Int.random(in: 0..<feeds, using: &random) : index * (feeds / count)
      let block = next(feed, after: heads[feed])
      heads[feed] = block
      out.put(block.line)
      var wire = [UInt8]()
      WireBlock.append(block, to: &wire)
      size += wire.count
    }
    return Double(size)
  }
}

/// A file that is written line by line.
@safe final class LineFile {
  private let file: UnsafeMutablePointer<FILE>

  init(_ path: String) {
    guard let file = unsafe fopen(path, "w") else { preconditionFailure("cannot write \(path)") }
    unsafe self.file = unsafe file
  }

  deinit { unsafe fclose(file) }

  func put(_ line: [UInt8]) {
    let whole = line + [0x0A]
    _ = unsafe whole.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
  }
}
