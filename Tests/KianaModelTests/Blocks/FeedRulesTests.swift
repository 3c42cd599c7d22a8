import KianaCrypto
import KianaModel
import KianaTesting
import Testing

@Suite struct FeedRulesTests {
  private let author = TestAuthor(1)

  private func place(
    _ block: Block, head: Block?, openings: [EpochOpening] = [], holding: [Block] = []
  ) throws -> FeedRules.Placement {
    try FeedRules.place(block.header, head: head?.position, openings: openings) { position in
      holding.contains { $0.position == position }
    }
  }

  @Test func `in an epoch blocks follow each other without gaps`() throws {
    let chain = author.chain(3)
    #expect(try place(chain[0], head: nil) == .next)
    #expect(try place(chain[1], head: chain[0]) == .next)
    #expect(try place(chain[2], head: chain[0]) == .refused(.gap))
    #expect(try place(chain[1], head: nil) == .refused(.gap))
    #expect(try place(chain[0], head: chain[1]) == .taken)
    let stranger = author.block("x", after: author.block("other"))
    #expect(try place(stranger, head: chain[0]) == .refused(.wrongPrev))
    let headed = author.block { $0.prev = .zero }
    #expect(try place(headed, head: nil) == .refused(.wrongPrev))
  }

  @Test func `an epoch begins where the key log says`() throws {
    let chain = author.chain(3)
    let opening = EpochOpening(epoch: 1, after: chain[1].position)
    let next = author.block("new", after: chain[1]) {
      $0.epoch = 1
      $0.seq = 0
    }
    #expect(try place(next, head: chain[2]) == .refused(.unknownEpoch))
    #expect(try place(next, head: chain[2], openings: [opening], holding: chain) == .next)
    #expect(
      try place(next, head: chain[0], openings: [opening], holding: [chain[0]]) == .refused(.gap))
    #expect(try place(chain[2], head: next, openings: [opening]) == .refused(.leftBehind))
    #expect(try place(chain[1], head: next, openings: [opening]) == .taken)
    let wrong = author.block("new") { $0.epoch = 1 }
    #expect(
      try place(wrong, head: chain[2], openings: [opening], holding: chain) == .refused(.wrongPrev))
    let fresh = EpochOpening(epoch: 1, after: nil)
    #expect(try place(wrong, head: chain[2], openings: [fresh], holding: chain) == .next)
    #expect(try place(wrong, head: nil, openings: [fresh]) == .next)
  }
}
