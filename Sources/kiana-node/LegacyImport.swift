internal import KianaCLI
internal import KianaModel
internal import KianaOps

extension ImportCommand {
  func importLegacy(_ node: Node, _ console: Console) throws(KianaError) {
  }
}
