import KianaCrypto
import KianaModel
import KianaTesting
import Testing

@Suite struct FeedRulesTests {
  private let author = TestAuthor(1)

  private func rules() throws -> FeedRules {
    FeedRules(try KeyLog.replay(author.stream, aid: author.aid, Sodium()), feed: "main")
  }

  @Test func `an epoch begins where the key log says`() throws {
    let chain = author.chain(3)
    #expect(try rules().begins(0, seq: 0, prev: nil))
    #expect(try !rules().begins(0, seq: 0, prev: chain[0].id))
    #expect(try !rules().begins(1, seq: 0, prev: chain[1].id))
    author.anchor(.epoch(feed: "main", EpochOpening(epoch: 1, after: chain[1].position)))
    #expect(try rules().begins(1, seq: 0, prev: chain[1].id))
    #expect(try !rules().begins(1, seq: 0, prev: chain[2].id))
    #expect(try !rules().begins(1, seq: 1, prev: chain[1].id))
    author.anchor(.epoch(feed: "main", EpochOpening(epoch: 2, after: nil)))
    #expect(try rules().begins(2, seq: 0, prev: nil))
  }

  /// Epoch 1 goes on after block 3 of epoch 0, epoch 2 after block 1 of epoch 1, up to its block 2.
  @Test(arguments: [
    (0, 0, 8), (0, 3, 5), (0, 5, 5), (1, 0, 4), (1, 1, 3), (1, 4, 3), (2, 1, 1), (2, 4, 0),
  ])
  func `blocks after a place are counted without those left behind`(
    epoch: Int64, seq: Int64, count: Int64
  ) {
    func place(_ epoch: Int64, _ seq: Int64) -> FeedPosition {
      FeedPosition(epoch: epoch, feed: "main", id: .zero, seq: seq)
    }
    let openings = [
      EpochOpening(epoch: 1, after: place(0, 3)), EpochOpening(epoch: 2, after: place(1, 1)),
    ]
    #expect(place(epoch, seq).blocks(upTo: place(2, 2), openings) == count)
  }

  @Test func `what a later epoch does not go on from stays behind`() throws {
    let chain = author.chain(6)
    let late = author.block("late", after: chain[4]) {
      $0.epoch = 1
      $0.seq = 0
    }
    func left() throws -> [Bool] {
      let rules = try rules()
      return (chain + [late]).map {
        rules.isLeftBehind(epoch: $0.header.epoch, seq: $0.header.seq)
      }
    }
    author.anchor(.epoch(feed: "main", EpochOpening(epoch: 1, after: chain[4].position)))
    #expect(try left() == [false, false, false, false, false, true, false])
    author.anchor(.epoch(feed: "main", EpochOpening(epoch: 2, after: late.position)))
    #expect(try left() == [false, false, false, false, false, true, false])
    author.anchor(.epoch(feed: "main", EpochOpening(epoch: 3, after: chain[2].position)))
    #expect(try left() == [false, false, false, true, true, true, true])
    author.anchor(.epoch(feed: "main", EpochOpening(epoch: 4, after: nil)))
    #expect(try left() == [Bool](repeating: true, count: 7))
  }

  @Test func `at a named place only the named block may stand`() throws {
    let chain = author.chain(2)
    #expect(try !rules().namesAnother(than: .zero, epoch: 0, seq: 1))
    author.anchor(.retire(.block, author.key(10), last: [chain[1].position]))
    let rules = try rules()
    #expect(rules.names == [chain[1].position])
    #expect(rules.namesAnother(than: .zero, epoch: 0, seq: 1))
    #expect(!rules.namesAnother(than: chain[1].id, epoch: 0, seq: 1))
    #expect(!rules.namesAnother(than: .zero, epoch: 0, seq: 0))
  }
}
