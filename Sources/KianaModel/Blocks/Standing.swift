/// Where a stored block stands towards its feed.
package enum Standing: Int64, Sendable {
  /// In the feed's longest valid prefix.
  case inFeed = 0
  /// Beyond the block after which a later epoch goes on; readable, not part of the feed.
  case leftBehind = 1
  /// Not good by the author's key log, or after such a block; kept as proof only.
  case cut = 2
  /// On a branch of a fork that is not the feed's; kept as proof, or until the author's word on it
  /// is here.
  case rival = 3

  /// Whether readers see it: at each place of a feed at most one block is visible.
  package var isVisible: Bool { self == .inFeed || self == .leftBehind }

  /// `in-feed`, `left-behind`, `cut` or `rival`, as commands say it.
  package var word: String {
    switch self {
    case .inFeed: "in-feed"
    case .leftBehind: "left-behind"
    case .cut: "cut"
    case .rival: "rival"
    }
  }
}
