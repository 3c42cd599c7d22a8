/// The valid events of one identity as a tree by `p`, and the path through it that counts.
struct KeyEventTree {
  private struct Node {
    let event: KeyEvent
    /// The establishment event whose keys are in force after this event.
    let ruler: Int
    let parent: Int?
    var interactions = [Int]()
  }

  struct Path {
    var events = [KeyEvent]()
    var evidence = [KeyEvent]()
    var void = [KeyEvent]()
    var unattached = [KeyEvent]()
    var contestedFrom: Int64?
    var isDuplicitous = false
  }

  private var nodes = [Node]()
  private var places = [Hash32: Int]()
  /// By establishment event, the rotations that follow it or one of its interactions.
  private var rotations = [Int: [Int]]()
  /// By the first of the digests that it committed to, establishment events.
  private var commitments = [Hash32: [Int]]()
  private var unattached = [(event: KeyEvent, isTrusted: Bool)]()

  /// Adds an event; those at places before it were added before.
  ///
  /// - Parameter isTrusted: whether its signatures were checked before, as part of this log.
  /// - Throws: when it is not signed by the keys in force. One that follows nothing here waits for
  ///   `path`.
  mutating func add(
    _ event: KeyEvent, isTrusted: Bool, _ crypto: any Cryptography
  ) throws(KeyLogFault) {
    guard places[event.said] == nil else { return }
    if event.kind == .icp {
      guard let keys = event.establishment, nodes.isEmpty else {
        throw KeyLogFault("it has two first events")
      }
      if !isTrusted { try Self.checkSignatures(event, keys, crypto) }
      append(event, parent: nil, ruler: 0)
      return
    }
    guard let prior = event.prior, let parent = places[prior],
      nodes[parent].event.s + 1 == event.s
    else { return unattached.append((event, isTrusted)) }
    let ruler = nodes[parent].ruler
    let keys = establishment(ruler)
    if let revealed = event.establishment {
      if !isTrusted { try Self.checkRotation(event, revealed, before: keys, crypto) }
      rotations[ruler, default: []].append(nodes.count)
      append(event, parent: parent, ruler: nodes.count)
    } else {
      if !isTrusted { try Self.checkSignatures(event, keys, crypto) }
      append(event, parent: parent, ruler: ruler)
    }
  }

  private func establishment(_ ruler: Int) -> KeyEvent.Establishment {
    guard let keys = nodes[ruler].event.establishment else {
      preconditionFailure("a ruler is an establishment event")
    }
    return keys
  }

  static func checkSignatures(
    _ event: KeyEvent, _ keys: KeyEvent.Establishment, _ crypto: any Cryptography
  ) throws(KeyLogFault) {
    guard let signed = signers(event, keys.keys, crypto), keys.threshold.isMet(by: signed.all)
    else { throw KeyLogFault("the signature of event \(event.s) is wrong") }
  }

  /// A rotation must be signed by its own keys, and those of them that were committed to must
  /// reach the threshold that was committed to. Source: KERI v1, section "Rotation".
  static func checkRotation(
    _ event: KeyEvent, _ revealed: KeyEvent.Establishment, before: KeyEvent.Establishment,
    _ crypto: any Cryptography
  ) throws(KeyLogFault) {
    guard let signed = signers(event, revealed.keys, crypto),
      revealed.threshold.isMet(by: signed.all)
    else { throw KeyLogFault("the signature of rotation \(event.s) is wrong") }
    let exposed = signed.committed.filter { place in
      before.nextDigests.indices.contains(place)
        && revealed.keys[place].commitment(crypto) == before.nextDigests[place]
    }
    guard before.nextThreshold.isMet(by: exposed) else {
      throw KeyLogFault("rotation \(event.s) does not reveal the keys that were committed to")
    }
  }

  /// The places of the keys whose signatures are good; nil when any signature is not.
  private static func signers(
    _ event: KeyEvent, _ keys: [KeyText], _ crypto: any Cryptography
  ) -> (all: Set<Int>, committed: Set<Int>)? {
    var all = Set<Int>()
    var committed = Set<Int>()
    for signature in event.signatures {
      guard keys.indices.contains(signature.index),
        crypto.isSignature(signature.bytes, of: event.bytes, by: keys[signature.index].raw)
      else { return nil }
      all.insert(signature.index)
      if signature.countsForCommitment { committed.insert(signature.index) }
    }
    return (all, committed)
  }

  private mutating func append(_ event: KeyEvent, parent: Int?, ruler: Int) {
    let index = nodes.count
    places[event.said] = index
    if let parent, event.kind == .ixn { nodes[parent].interactions.append(index) }
    for digest in event.establishment?.nextDigests ?? [] {
      commitments[digest, default: []].append(index)
    }
    nodes.append(Node(event: event, ruler: ruler, parent: parent))
  }

  /// The path that counts; nil when there is no inception.
  func path(_ crypto: any Cryptography) -> Path? {
    guard !nodes.isEmpty else { return nil }
    var path = Path()
    let strays = strayRotations(crypto)
    var onPath = [Bool](repeating: false, count: nodes.count)
    onPath[0] = true
    var ruler = 0
    while true {
      let here = (rotations[ruler] ?? []).map { nodes[$0].event } + (strays[ruler] ?? [])
      if here.count > 1 {
        path.isDuplicitous = true
        path.evidence = Array(here.sorted { $0.said < $1.said }.prefix(Self.proofsOfDuplicity))
        break
      }
      guard let next = rotations[ruler]?.first else { break }
      var index = next
      while index != ruler, let parent = nodes[index].parent {
        onPath[index] = true
        index = parent
      }
      ruler = next
    }
    if !path.isDuplicitous { path.contestedFrom = goOn(from: ruler, &onPath) }
    let kept = Set(path.evidence.map(\.said))
    for (index, node) in nodes.enumerated() where !kept.contains(node.event.said) {
      if onPath[index] {
        path.events.append(node.event)
      } else if !path.isDuplicitous, node.ruler == ruler {
        path.evidence.append(node.event)
      } else {
        path.void.append(node.event)
      }
    }
    path.unattached = unattached.map(\.event).filter { !kept.contains($0.said) }
    path.events.sort { $0.s < $1.s }
    return path
  }

  /// Two rotations of one commitment say it all.
  private static let proofsOfDuplicity = 2

  /// Goes on over interactions that nothing contradicts.
  ///
  /// - Returns: the place at which two stand; nil when none do.
  private func goOn(from ruler: Int, _ onPath: inout [Bool]) -> Int64? {
    var last = ruler
    while nodes[last].interactions.count == 1 {
      last = nodes[last].interactions[0]
      onPath[last] = true
    }
    return nodes[last].interactions.isEmpty ? nil : nodes[last].event.s + 1
  }

  /// Rotations whose prior event is not here and that reveal what an establishment event committed
  /// to. The interactions between may have been void elsewhere, so that nobody has them any more;
  /// beside another rotation they are duplicity all the same.
  private func strayRotations(_ crypto: any Cryptography) -> [Int: [KeyEvent]] {
    var strays = [Int: [KeyEvent]]()
    for (event, isTrusted) in unattached {
      guard let revealed = event.establishment else { continue }
      let rulers = Set(revealed.keys.flatMap { commitments[$0.commitment(crypto)] ?? [] })
      for ruler in rulers.sorted() where nodes[ruler].event.s < event.s {
        let isGood =
          isTrusted
          || (try? Self.checkRotation(event, revealed, before: establishment(ruler), crypto))
            != nil
        if isGood { strays[ruler, default: []].append(event) }
      }
    }
    return strays
  }
}
