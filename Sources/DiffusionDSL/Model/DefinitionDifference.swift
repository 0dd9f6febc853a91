extension Diffusion {
  /// How another definition differs from this one, as a sentence that names the first difference; nil where it does not.
  ///
  /// What this definition leaves to be taken from data (pi of discrete parts, how many rows a `KernelRegression` keeps)
  /// may be anything in the other.
  func difference(from other: Diffusion) -> String? {
    if let difference = kernel.difference(from: other.kernel) { return difference }
    if schedule != other.schedule {
      return Diffusion.difference("schedule", schedule.sourceText, other.schedule.sourceText)
    }
    if reverse.undetermined(like: reverse) != other.reverse.undetermined(like: reverse) {
      return Diffusion.difference("reverse function", reverse.sourceText, other.reverse.sourceText)
    }
    return nil
  }

  /// A sentence with the first lines of two texts that differ.
  fileprivate static func difference(_ part: String, _ expected: String, _ found: String) -> String {
    let lines = (expected: expected.split(separator: "\n"), found: found.split(separator: "\n"))
    let place = zip(lines.expected, lines.found).enumerated().first { $1.0 != $1.1 }?.offset
    let count = min(lines.expected.count, lines.found.count)
    guard let place = place ?? (lines.expected.count == lines.found.count ? nil : count) else {
      return "its \(part) has other numbers or formulas than are expected in \(expected)"
    }
    func line(_ lines: [Substring]) -> String {
      place < lines.count ? "'\(lines[place].drop { $0 == " " })'" : "nothing"
    }
    return "its \(part) has \(line(lines.found)) where \(line(lines.expected)) is expected"
  }
}

extension KernelDefinition {
  /// How another kernel differs from this one; nil where it does not.
  fileprivate func difference(from other: KernelDefinition) -> String? {
    guard isProduct == other.isProduct, parts.count == other.parts.count else {
      return Diffusion.difference("kernel", sourceText, other.sourceText)
    }
    for (own, other) in zip(parts, other.parts) {
      let found = own.kernel.isUndetermined ? other.with(other.kernel.undetermined) : other
      if own != found { return Diffusion.difference("kernel", own.sourceText, other.sourceText) }
    }
    return nil
  }
}

extension ReverseDefinition {
  /// The same, without the number of rows that a regression keeps where an expected one does not give it.
  fileprivate func undetermined(like expected: ReverseDefinition) -> ReverseDefinition {
    guard case .regression(let expected) = expected, expected.rows == nil, case .regression(let own) = self else {
      return self
    }
    return .regression(
      KernelRegression(
        rows: nil, bandwidth: own.bandwidth, replacement: own.replacement, lastStep: own.lastStep))
  }
}

extension Diffusion {
  /// The types of its kernels, of its schedule and of all layers in its network.
  var partTypes: [any DefinitionPart.Type] {
    var types: [any DefinitionPart.Type] = kernel.parts.map { type(of: $0.kernel) }
    types.append(type(of: schedule.schedule))
    guard case .network(let network) = reverse else { return types }
    var layers = network.layers
    // No deeper than a definition may nest.
    for _ in 0...SizeLimit.nesting where !layers.isEmpty {
      types += layers.map { type(of: $0.value.layer) }
      layers = layers.flatMap { $0.value.layer.inside }
    }
    return types
  }
}
