/// The right edge of an RFC 6962 Merkle tree: enough to add leaves and to say the root, in O(log n)
/// memory.
package struct MerkleFrontier: Equatable, Sendable {
  /// Roots of the complete subtrees so far, the largest first; bit k of `count` says whether there
  /// is one of 2^k leaves.
  package private(set) var peaks = [Hash32]()
  package private(set) var count: Int64 = 0

  package init() {}

  /// - Returns: nil unless there are as many peaks as a tree of that size has.
  package init?(count: Int64, peaks: [Hash32]) {
    guard count >= 0, count.nonzeroBitCount == peaks.count else { return nil }
    self.count = count
    self.peaks = peaks
  }

  /// Adds a leaf's hash.
  package mutating func add(hash: Hash32, _ crypto: any Cryptography) {
    var node = hash
    var size = count
    while size & 1 == 1 {
      node = crypto.treeNode(peaks.removeLast(), node)
      size >>= 1
    }
    peaks.append(node)
    count += 1
  }

  /// Adds a leaf.
  package mutating func add(_ leaf: [UInt8], _ crypto: any Cryptography) {
    add(hash: crypto.treeLeaf(leaf), crypto)
  }

  /// The root; of no leaf it is SHA-256 of nothing.
  package func root(_ crypto: any Cryptography) -> Hash32 {
    guard var node = peaks.last else { return crypto.sha256() }
    for peak in peaks.dropLast().reversed() { node = crypto.treeNode(peak, node) }
    return node
  }
}
