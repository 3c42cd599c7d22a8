/// The RFC 6962 Merkle tree root over leaves that arrive one by one, in O(log n) memory.
package struct MerkleRoot {
  /// Roots of the complete subtrees so far, the largest first; bit k of `count` says whether there
  /// is one of 2^k leaves.
  private var peaks = [Hash32]()
  package private(set) var count = 0
  private let crypto: any Cryptography

  package init(_ crypto: any Cryptography) {
    self.crypto = crypto
  }

  /// Adds a leaf: its hash is SHA-256(0x00 || bytes).
  package mutating func add(_ leaf: [UInt8]) {
    var node = crypto.sha256([0x00], leaf)
    var size = count
    while size & 1 == 1 {
      node = crypto.sha256([0x01], peaks.removeLast().bytes, node.bytes)
      size >>= 1
    }
    peaks.append(node)
    count += 1
  }

  /// The root; of no leaf it is SHA-256 of nothing.
  package var root: Hash32 {
    guard var node = peaks.last else { return crypto.sha256() }
    for peak in peaks.dropLast().reversed() {
      node = crypto.sha256([0x01], peak.bytes, node.bytes)
    }
    return node
  }
}
