package import KianaModel
package import KianaOps

/// A whole session between two nodes, over a wire that changes nothing but what a test says.
package struct TestSession {
  package typealias Machine = SyncMachine<NodeSyncStore>

  /// How one side takes part.
  package struct Side {
    package var direction: SyncDirection = [.pull, .push]
    package var withContent = true
    /// Nil for a sync that somebody typed.
    package var quotaName: String?
    package var feeds: Set<String>?
    package var notes = [SyncNote]()

    package init() {}
  }

  package private(set) var left: Machine
  package private(set) var right: Machine
  /// Frames that went either way.
  package private(set) var frames = [Frame]()

  /// Runs until nothing moves any more.
  ///
  /// - Parameter toLeft: what the left side gets in place of a frame.
  package init(
    _ left: TestNode, _ right: TestNode, _ edit: (inout Side, inout Side) -> Void = { _, _ in },
    toLeft change: (Frame) -> [Frame] = { [$0] }
  ) throws(KianaError) {
    var (first, second) = (Side(), Side())
    edit(&first, &second)
    self.left = try Self.machine(left, first)
    self.right = try Self.machine(right, second)
    var readers = [FrameReader(), FrameReader()]
    while true {
      let toRight = try self.left.output()
      try self.right.receive(toRight)
      let toLeft = try self.right.output()
      for (index, bytes) in [toRight, toLeft].enumerated() {
        readers[index].append(bytes)
        while let frame = try? readers[index].next() {
          frames.append(frame)
          guard index == 1 else { continue }
          var changed = [UInt8]()
          for frame in change(frame) { frame.append(to: &changed) }
          try self.left.receive(changed)
        }
      }
      if toRight.isEmpty, toLeft.isEmpty { break }
    }
    self.left.store.close()
    self.right.store.close()
  }

  private static func machine(_ node: TestNode, _ side: Side) throws(KianaError) -> Machine {
    let store = NodeSyncStore(
      node.node, admits: side.quotaName == nil, withContent: side.withContent, workers: 1,
      quotaName: side.quotaName)
    return try store.session(side.direction, feeds: side.feeds, notes: side.notes)
  }

  package var isWhole: Bool {
    left.fault == nil && right.fault == nil && left.isFinished && right.isFinished
  }

  /// Bytes of both ways.
  package var bytes: Int { left.summary.bytesOut + right.summary.bytesOut }
}
