package import KianaModel

/// BLAKE3 hash with 32 bytes of output, unkeyed: the digest that KERI's code `E` stands for.
///
/// libsodium has none, and key events are small, so this is the portable reference construction:
/// chunks of 1,024 bytes, a binary tree of chaining values. Source: the BLAKE3 paper, section 2;
/// checked against the official test vectors.
package enum BLAKE3 {
  private static let chunkBytes = 1024
  private static let blockBytes = 64

  private static let chunkStart: UInt32 = 1 << 0
  private static let chunkEnd: UInt32 = 1 << 1
  private static let parent: UInt32 = 1 << 2
  private static let root: UInt32 = 1 << 3

  private static let initial: [UInt32] = [
    0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB,
    0x5BE0_CD19,
  ]
  private static let permutation = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8]

  /// What one compression starts from; kept until it is known whether it is the root.
  private struct Node {
    var chaining: [UInt32]
    var block: [UInt32]
    var counter: UInt64
    var length: UInt32
    var flags: UInt32

    var chainingValue: [UInt32] { Array(compress(flags: flags)[0..<8]) }

    var rootBytes: Hash32 {
      var out = [UInt8]()
      for word in compress(flags: flags | BLAKE3.root)[0..<8] {
        for shift in stride(from: 0, through: 24, by: 8) {
          out.append(UInt8(truncatingIfNeeded: word >> UInt32(shift)))
        }
      }
      return Hash32(out)!
    }

    private func compress(flags: UInt32) -> [UInt32] {
      BLAKE3.compress(chaining, block, counter, length, flags)
    }
  }

  package static func hash(_ message: [UInt8]) -> Hash32 {
    var stack = [[UInt32]]()
    var offset = 0
    var chunk: UInt64 = 0
    while message.count - offset > chunkBytes {
      var value = chunkNode(message[offset..<offset + chunkBytes], chunk).chainingValue
      offset += chunkBytes
      chunk += 1
      // As many subtrees are complete as the count of chunks ends in zero bits.
      var total = chunk
      while total & 1 == 0 {
        value = parentNode(stack.removeLast(), value).chainingValue
        total >>= 1
      }
      stack.append(value)
    }
    var node = chunkNode(message[offset...], chunk)
    while let left = stack.popLast() { node = parentNode(left, node.chainingValue) }
    return node.rootBytes
  }

  private static func chunkNode(_ bytes: ArraySlice<UInt8>, _ counter: UInt64) -> Node {
    var chaining = initial
    var offset = bytes.startIndex
    var flags = chunkStart
    while bytes.endIndex - offset > blockBytes {
      let block = words(bytes[offset..<offset + blockBytes])
      chaining = Array(compress(chaining, block, counter, UInt32(blockBytes), flags)[0..<8])
      flags = 0
      offset += blockBytes
    }
    return Node(
      chaining: chaining, block: words(bytes[offset...]), counter: counter,
      length: UInt32(bytes.endIndex - offset), flags: flags | chunkEnd)
  }

  private static func parentNode(_ left: [UInt32], _ right: [UInt32]) -> Node {
    Node(
      chaining: initial, block: left + right, counter: 0, length: UInt32(blockBytes), flags: parent)
  }

  /// Sixteen little-endian words, filled up with zeros.
  private static func words(_ bytes: ArraySlice<UInt8>) -> [UInt32] {
    var out = [UInt32](repeating: 0, count: 16)
    for (place, byte) in bytes.enumerated() {
      out[place / 4] |= UInt32(byte) << UInt32(8 * (place % 4))
    }
    return out
  }

  private static func compress(
    _ chaining: [UInt32], _ block: [UInt32], _ counter: UInt64, _ length: UInt32, _ flags: UInt32
  ) -> [UInt32] {
    var state =
      chaining + initial[0..<4] + [
        UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32), length,
        flags,
      ]
    var block = block
    for round in 0..<7 {
      mixRound(&state, block)
      if round < 6 { block = permutation.map { block[$0] } }
    }
    for index in 0..<8 {
      state[index] ^= state[index + 8]
      state[index + 8] ^= chaining[index]
    }
    return state
  }

  private static func mixRound(_ state: inout [UInt32], _ block: [UInt32]) {
    for column in 0..<4 {
      mix(
        &state, column, 4 + column, 8 + column, 12 + column, block[2 * column],
        block[2 * column + 1])
    }
    for diagonal in 0..<4 {
      mix(
        &state, diagonal, 4 + (diagonal + 1) % 4, 8 + (diagonal + 2) % 4, 12 + (diagonal + 3) % 4,
        block[8 + 2 * diagonal], block[9 + 2 * diagonal])
    }
  }

  private static func mix(
    _ state: inout [UInt32], _ a: Int, _ b: Int, _ c: Int, _ d: Int, _ x: UInt32, _ y: UInt32
  ) {
    state[a] = state[a] &+ state[b] &+ x
    state[d] = rotateRight(state[d] ^ state[a], 16)
    state[c] = state[c] &+ state[d]
    state[b] = rotateRight(state[b] ^ state[c], 12)
    state[a] = state[a] &+ state[b] &+ y
    state[d] = rotateRight(state[d] ^ state[a], 8)
    state[c] = state[c] &+ state[d]
    state[b] = rotateRight(state[b] ^ state[c], 7)
  }

  private static func rotateRight(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word >> count | word << (32 - count)
  }
}
