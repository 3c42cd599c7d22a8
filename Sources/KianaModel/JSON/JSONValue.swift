/// A JSON value as a tree, for control data: key events, settings of others, records.
///
/// Blocks, which come by the million, are read by `CanonicalJSON` without a tree.
package indirect enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  /// A number with a fraction or exponent, or beyond 2^53, kept as it was written. Only data of
  /// others (the original KI_ana files) has these; our formats know integers only.
  case lexeme(String)
  case string(String)
  case array([JSONValue])
  /// Members in the order of the text, each name once.
  case object([JSONMember])

  /// The member of that name; nil when there is none or this is not an object.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  package var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  package var integer: Int64? {
    guard case .integer(let number) = self else { return nil }
    return number
  }

  package var array: [JSONValue]? {
    guard case .array(let items) = self else { return nil }
    return items
  }

  package var members: [JSONMember]? {
    guard case .object(let members) = self else { return nil }
    return members
  }
}

/// One name and value of an object.
package struct JSONMember: Equatable, Sendable {
  package let name: String
  package let value: JSONValue

  package init(_ name: String, _ value: JSONValue) {
    self.name = name
    self.value = value
  }
}
