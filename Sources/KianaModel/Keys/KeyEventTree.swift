/// The valid events of one identity as a tree by `p`, and the path through it that counts.
struct KeyEventTree {
  private struct Node {
    let event: KeyEvent
    /// The establishment event whose keys are in force after this event.
    let ruler: Int
    var children = [Int]()
  }

  struct Path {
    var events = [KeyEvent]()
    var evidence = [KeyEvent]()
    var superseded = [KeyEvent]()
    var contestedFrom: Int64?
    var isDuplicitous = false
  }

  private var nodes = [Node]()
  private var places = [Hash32: Int]()

  /// Adds an event whose parent was added before.
  ///
  /// - Parameter isTrusted: whether its signatures were checked before, at this place of this log.
  /// - Throws: when it follows nothing here, or is not signed by the keys in force.
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
    else { throw KeyLogFault("event \(event.s) follows no event that is here") }
    let ruler = nodes[parent].ruler
    guard let keys = nodes[ruler].event.establishment else {
      preconditionFailure("a ruler is an establishment event")
    }
    if let revealed = event.establishment {
      if !isTrusted { try Self.checkRotation(event, revealed, before: keys, crypto) }
      append(event, parent: parent, ruler: nodes.count)
    } else {
      if !isTrusted { try Self.checkSignatures(event, keys, crypto) }
      append(event, parent: parent, ruler: ruler)
    }
  }

  private static func checkSignatures(
    _ event: KeyEvent, _ keys: KeyEvent.Establishment, _ crypto: any Cryptography
  ) throws(KeyLogFault) {
    guard let signed = signers(event, keys.keys, crypto), keys.threshold.isMet(by: signed.all)
    else { throw KeyLogFault("the signature of event \(event.s) is wrong") }
  }

  /// A rotation must be signed by its own keys, and those of them that were committed to must
  /// reach the threshold that was committed to. Source: KERI v1, section "Rotation".
  private static func checkRotation(
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
    places[event.said] = nodes.count
    if let parent { nodes[parent].children.append(nodes.count) }
    nodes.append(Node(event: event, ruler: ruler))
  }

  /// The path that counts; nil when there is no inception.
  func path() -> Path? {
    guard !nodes.isEmpty else { return nil }
    var path = Path()
    var onPath = Set<Int>()
    var ruler = 0
    while true {
      let rotations = nodes.indices.filter { index in
        nodes[index].event.kind == .rot && parentRuler(index) == ruler
      }
      if rotations.count == 1, let parent = parent(of: rotations[0]) {
        for index in chain(from: ruler, to: parent) { onPath.insert(index) }
        ruler = rotations[0]
        continue
      }
      path.isDuplicitous = rotations.count > 1
      var last = ruler
      onPath.insert(last)
      while true {
        let next = nodes[last].children.filter { nodes[$0].event.kind == .ixn }
        guard next.count == 1 else {
          if next.count > 1 { path.contestedFrom = nodes[last].event.s + 1 }
          break
        }
        last = next[0]
        onPath.insert(last)
      }
      break
    }
    for index in nodes.indices {
      if onPath.contains(index) {
        path.events.append(nodes[index].event)
      } else if nodes[index].event.kind == .ixn, let rulerBefore = parentRuler(index),
        rulerBefore != ruler, onPath.contains(rulerBefore)
      {
        path.superseded.append(nodes[index].event)
      } else {
        path.evidence.append(nodes[index].event)
      }
    }
    path.events.sort { $0.s < $1.s }
    return path
  }

  private func parent(of index: Int) -> Int? {
    nodes[index].event.prior.flatMap { places[$0] }
  }

  private func parentRuler(_ index: Int) -> Int? {
    parent(of: index).map { nodes[$0].ruler }
  }

  private func chain(from first: Int, to last: Int) -> [Int] {
    var found = [last]
    while let index = found.last, index != first, let parent = parent(of: index) {
      found.append(parent)
    }
    return found
  }
}
