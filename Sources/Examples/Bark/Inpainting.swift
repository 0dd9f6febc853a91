/// What a method makes of a hole.
struct Inpainting: Sendable {
  /// What keys of the JSON call the method.
  let key: String
  let name: String
  /// Whole pictures, in levels; one for a method that gives one answer.
  let draws: [[Double]]
  /// What particles are worth as independent draws; nil for other methods.
  let effectiveSize: Double?
}
