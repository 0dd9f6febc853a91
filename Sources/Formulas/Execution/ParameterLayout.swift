/// Where each parameter of a model lies in one array.
package struct ParameterLayout: Sendable {
  package struct Entry: Sendable {
    package var name: String
    package var shape: Shape
    package var offset: Int
  }

  package private(set) var entries: [Entry] = []
  package private(set) var count = 0
  private var index: [String: Int] = [:]

  package init() {}

  /// Adds a parameter behind the others; each begins at a multiple of 16 numbers.
  package mutating func append(_ name: String, shape: Shape) {
    index[name] = entries.count
    entries.append(Entry(name: name, shape: shape, offset: count))
    count += (shape.count + 15) / 16 * 16
  }

  package subscript(name: String) -> Entry? { index[name].map { entries[$0] } }

  /// The parameter that a position of the array belongs to.
  package func entry(at position: Int) -> Entry? {
    entries.last { $0.offset <= position }
  }
}
