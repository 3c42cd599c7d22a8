internal import ArgumentParser
internal import KianaCLI
internal import KianaModel
internal import KianaOps
internal import KianaStore

struct GetCommand: KianaCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Print one block, named by its id or the first digits of it.")

  @OptionGroup var shared: SharedOptions

  @Flag(help: "Print the signed header bytes and nothing else.")
  var header = false

  @Flag(help: "Print the content bytes and nothing else.")
  var content = false

  @Flag(help: "Print the block in the line form, as export does.")
  var line = false

  @Argument(help: ArgumentHelp("The id, or at least its first 4 digits.", valueName: "id"))
  var id: String

  func validate() throws {
    guard [header, content, line, shared.json].count(where: { $0 }) <= 1 else {
      throw ValidationError("--header, --content, --line and --json exclude each other")
    }
  }

  func perform(_ console: Console) throws(KianaError) {
    let reader = BlockReader(try shared.openNode())
    let id = try reader.resolve(id)
    // The header of a block is good for something also when its content is damaged.
    let block = header ? try reader.read(id) : try reader.readChecked(id)
    if header { return try console.output.write(block.row.header) }
    if line { return try console.output.write(BlockLine.bytes(of: block.block) + [0x0A]) }
    if shared.json {
      return try console.output.json(BlockText.members(block) + BlockText.content(block))
    }
    guard content else { return try console.output.write(Array(BlockText.page(block).utf8)) }
    guard let bytes = block.content?.bytes else {
      throw KianaError(
        code: .notFound, what: "block '\(block.id.hex)' has no content here",
        why: block.contentState == "absent" ? "it has not come yet" : "it was \(block.contentState)"
      )
    }
    try console.output.write(bytes)
  }
}
