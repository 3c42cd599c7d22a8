/// Proofs about RFC 6962 Merkle trees: that a leaf is in a tree, and that a tree goes on from an
/// older one.
///
/// Source: RFC 9162 sections 2.1.3 and 2.1.4 (the trees of RFC 6962).
package enum MerkleProof {
  /// Whether the proof leads from a leaf's hash to the root.
  ///
  /// - Parameters:
  ///   - index: of the leaf, from 0.
  ///   - size: leaves of the tree.
  ///   - proof: from the leaf upwards.
  package static func includes(
    _ leaf: Hash32, index: Int64, size: Int64, root: Hash32, proof: [Hash32],
    _ crypto: any Cryptography
  ) -> Bool {
    guard index >= 0, index < size else { return false }
    var place = index
    var last = size - 1
    var node = leaf
    for sibling in proof {
      guard last > 0 else { return false }
      if place & 1 == 1 || place == last {
        node = crypto.treeNode(sibling, node)
        while place & 1 == 0, place > 0 { (place, last) = (place >> 1, last >> 1) }
      } else {
        node = crypto.treeNode(node, sibling)
      }
      (place, last) = (place >> 1, last >> 1)
    }
    return last == 0 && node == root
  }

  /// Whether the proof shows that the newer tree begins with the leaves of the older one.
  ///
  /// - Parameter acceptsEmpty: an older tree of no leaves is consistent with every tree, by an
  ///   empty proof, as C2SP tlog-witness has it; elsewhere nothing can be proved about it.
  package static func isConsistent(
    oldSize: Int64, oldRoot: Hash32, newSize: Int64, newRoot: Hash32, proof: [Hash32],
    acceptsEmpty: Bool = false, _ crypto: any Cryptography
  ) -> Bool {
    guard oldSize >= 0, oldSize <= newSize else { return false }
    if oldSize == newSize { return proof.isEmpty && oldRoot == newRoot }
    if oldSize == 0 { return acceptsEmpty && proof.isEmpty && oldRoot == crypto.sha256() }
    var nodes = proof[...]
    if oldSize & (oldSize - 1) == 0 { nodes = ([oldRoot] + proof)[...] }
    var place = oldSize - 1
    var last = newSize - 1
    while place & 1 == 1 { (place, last) = (place >> 1, last >> 1) }
    guard let first = nodes.popFirst() else { return false }
    var (old, new) = (first, first)
    for node in nodes {
      guard last > 0 else { return false }
      if place & 1 == 1 || place == last {
        old = crypto.treeNode(node, old)
        new = crypto.treeNode(node, new)
        while place & 1 == 0, place > 0 { (place, last) = (place >> 1, last >> 1) }
      } else {
        new = crypto.treeNode(new, node)
      }
      (place, last) = (place >> 1, last >> 1)
    }
    return last == 0 && old == oldRoot && new == newRoot
  }

  // MARK: which subtrees a proof names

  /// The leaves under each node of an inclusion proof, in its order.
  package static func inclusionRanges(index: Int64, size: Int64) -> [Range<Int64>] {
    precondition(index >= 0 && index < size, "only a leaf of the tree can be proved")
    var found = [Range<Int64>]()
    var (start, end) = (Int64(0), size)
    while end - start > 1 {
      let middle = start + split(end - start)
      if index < middle {
        found.append(middle..<end)
        end = middle
      } else {
        found.append(start..<middle)
        start = middle
      }
    }
    return found.reversed()
  }

  /// The leaves under each node of a consistency proof, in its order.
  package static func consistencyRanges(oldSize: Int64, newSize: Int64) -> [Range<Int64>] {
    precondition(oldSize >= 0 && oldSize <= newSize, "the older tree is the smaller one")
    guard oldSize > 0 else { return [] }
    var found = [Range<Int64>]()
    var (start, end) = (Int64(0), newSize)
    while end != oldSize {
      let middle = start + split(end - start)
      if oldSize <= middle {
        found.append(middle..<end)
        end = middle
      } else {
        found.append(start..<middle)
        start = middle
      }
    }
    if start > 0 { found.append(start..<end) }
    return found.reversed()
  }

  /// The largest power of two below the count.
  package static func split(_ count: Int64) -> Int64 {
    1 << Int64(63 - (count - 1).leadingZeroBitCount)
  }
}

/// Where the nodes of a tree come from: complete subtrees of 2^level leaves.
package protocol MerkleSource {
  /// The root of the `index`-th complete subtree of 2^`level` leaves.
  mutating func subtree(level: Int, index: Int64) throws(KianaError) -> Hash32
}

extension MerkleSource {
  /// The root over the leaves of a range whose start fits its largest complete subtree, as all
  /// ranges of proofs do.
  package mutating func root(
    of range: Range<Int64>, _ crypto: any Cryptography
  ) throws(KianaError) -> Hash32 {
    let count = range.upperBound - range.lowerBound
    if count == 0 { return crypto.sha256() }
    if count & (count - 1) == 0 {
      return try subtree(
        level: count.trailingZeroBitCount, index: range.lowerBound / count)
    }
    let middle = range.lowerBound + MerkleProof.split(count)
    let left = try root(of: range.lowerBound..<middle, crypto)
    let right = try root(of: middle..<range.upperBound, crypto)
    return crypto.treeNode(left, right)
  }

  package mutating func inclusionProof(
    index: Int64, size: Int64, _ crypto: any Cryptography
  ) throws(KianaError) -> [Hash32] {
    try roots(MerkleProof.inclusionRanges(index: index, size: size), crypto)
  }

  package mutating func consistencyProof(
    oldSize: Int64, newSize: Int64, _ crypto: any Cryptography
  ) throws(KianaError) -> [Hash32] {
    try roots(MerkleProof.consistencyRanges(oldSize: oldSize, newSize: newSize), crypto)
  }

  private mutating func roots(
    _ ranges: [Range<Int64>], _ crypto: any Cryptography
  ) throws(KianaError) -> [Hash32] {
    var proof = [Hash32]()
    for range in ranges { proof.append(try root(of: range, crypto)) }
    return proof
  }
}

extension Cryptography {
  /// The hash of a leaf (RFC 6962 section 2.1).
  package func treeLeaf(_ bytes: [UInt8]) -> Hash32 {
    sha256([0x00], bytes)
  }
}
