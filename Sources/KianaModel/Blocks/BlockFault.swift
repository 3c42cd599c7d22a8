/// Why a block was not taken, in a form that people read and scripts compare.
package struct BlockFault: Error, Equatable, Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    /// The bytes are not canonical JSON; the detail says which rule and where.
    case json
    /// The line, header or content is longer than the limit.
    case tooLong = "too-long"
    /// A member that every block has is missing.
    case missingMember = "missing-member"
    /// A member has a value that the format does not allow, or does not belong there.
    case badMember = "bad-member"
    /// The content does not match the hash or size that the header promises.
    case contentMismatch = "content-mismatch"
    /// The signature is not by the key that the header names.
    case badSignature = "bad-signature"
    /// The author's key event log is not here.
    case unknownAuthor = "unknown-author"
    /// The key event log that came is malformed or not signed as it should be.
    case badKeyLog = "bad-key-log"
    /// The author's key event log does not know the key, or knows it for another use.
    case unknownKey = "unknown-key"
    /// The key was retired or revoked and its author does not vouch for this block.
    case keyNotGood = "key-not-good"
    /// An earlier block of the feed is missing.
    case gap
    /// `prev` does not name the block before this one.
    case wrongPrev = "wrong-prev"
    /// No key event of the author opens this epoch.
    case unknownEpoch = "unknown-epoch"
    /// The author closed this epoch before this block.
    case leftBehind = "left-behind"
    /// Another block of the author stands at the same place; both are kept as proof.
    case fork
    /// The feed forked and its author has not said yet which branch goes on.
    case contested
    /// Its time is more than 10 minutes ahead; it is held until then.
    case future
    /// It follows a block that is held.
    case heldBehind = "held-behind"
    /// The operator purged it, or its author.
    case purged
    /// The author is not admitted to this node.
    case notAdmitted = "not-admitted"
    /// The author has used up a quota.
    case quota
    /// The node on the other side brought as much as it may a day.
    case peerQuota = "peer-quota"
  }

  package let kind: Kind
  /// What exactly; empty when the kind says it all.
  package let detail: String

  package init(_ kind: Kind, _ detail: String = "") {
    self.kind = kind
    self.detail = detail
  }

  package init(_ fault: JSONFault) {
    self.init(.json, fault.reason)
  }

  /// Words for a message, without the subject.
  package var reason: String {
    detail.isEmpty ? kind.words : detail
  }
}

extension BlockFault.Kind {
  /// What the kind means, where no detail says more.
  package var words: String {
    switch self {
    case .json: "not canonical JSON"
    case .tooLong: "longer than the limit"
    case .missingMember: "a member is missing"
    case .badMember: "a member has a value that is not allowed"
    case .contentMismatch: "the content does not match its hash"
    case .badSignature: "the signature is wrong"
    case .unknownAuthor: "the key log of its author is not here"
    case .badKeyLog: "the key log is not what it should be"
    case .unknownKey: "its author's key log does not have this key"
    case .keyNotGood: "its author does not vouch for this block any more"
    case .gap: "an earlier block of the feed is missing"
    case .wrongPrev: "'prev' does not name the block before it"
    case .unknownEpoch: "its author has not opened this epoch"
    case .leftBehind: "its author closed this epoch before it"
    case .fork: "another block stands at its place; both are kept as proof"
    case .contested: "the feed has forked; its author must choose a branch"
    case .future: "its time has not come yet; it is held"
    case .heldBehind: "it follows a block that is held"
    case .purged: "it was purged here"
    case .notAdmitted: "its author is not admitted here"
    case .quota: "its author's quota is used up"
    case .peerQuota: "this peer has brought as much as it may a day"
    }
  }

  /// Whether the block was put aside and may still enter by itself, rather than being dropped.
  package var isHeld: Bool { self == .future || self == .heldBehind }
}
