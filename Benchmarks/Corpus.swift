internal import Glibc
internal import KianaCrypto
internal import KianaModel
internal import KianaTesting

/// Blocks of about 1 KB for a benchmark, always the same for the same count.
///
/// `alpha` stands in 5 % of them, `beta` in 4 %, `common` in half.
struct Corpus {
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  private mutating func next(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }

  private mutating func text(_ index: Int) -> String {
    var words = (0..<90).map { _ in "w" + String(10_000 + next(20_000)) }
    if index % 20 == 0 { words.append("alpha") }
    if index % 25 == 0 { words.append("beta") }
    if index % 2 == 0 { words.append("common") }
    return words.joined(separator: " ")
  }

  /// Writes an export file of one author.
  /// - Returns: some ids, evenly spread.
  mutating func write(count: Int, to path: String) -> [Hash32] {
    guard let file = unsafe fopen(path, "w") else { preconditionFailure("cannot write \(path)") }
    defer { unsafe fclose(file) }
    let author = TestAuthor(42)
    func put(_ line: [UInt8]) {
      let whole = line + [0x0A]
      _ = unsafe whole.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
    }
    put(author.line)
    var ids = [Hash32]()
    var last: Block?
    for index in 0..<count {
      let block = author.block(
        text(index), after: last, time: 1_700_000_000_000 + Int64(index) * 1000,
        edit: {
          $0.tags = ["t\(index % 100)"]
          $0.topic = "topic \(index % 1000)"
        })
      put(block.line)
      if index % max(1, count / 50) == 0 { ids.append(block.id) }
      last = block
    }
    return ids
  }
}
