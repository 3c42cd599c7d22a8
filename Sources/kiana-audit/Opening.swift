internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

extension SharedOptions {
  /// The node of the state directory.
  func openNode() throws(KianaError) -> Node {
    let places = try Places.find(option: state, environment: Self.environment)
    return try Node.open(try StateDirectory.existing(places), now: Clock.milliseconds)
  }
}

extension PassphraseOptions {
  func unlock(_ node: Node) throws(KianaError) -> UnlockSource {
    try UnlockSource.read(try source(), places: node.directory.places)
  }
}
