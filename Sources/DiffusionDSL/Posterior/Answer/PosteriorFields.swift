// What an answer says of fields: by a field's own value, by `Named`, or by the name itself.

extension PosteriorAnswer {
  /// The mean of a continuous field, by its name; of a bit the chance of its second label.
  ///
  /// - Throws: `PosteriorError.unknownField`.
  public func mean(of field: String) throws(PosteriorError) -> Estimate { try mean(of: schema.place(of: field)) }

  /// The mean of a field.
  ///
  /// - Throws: `PosteriorError.unknownField`.
  public func mean(of field: some NumberField) throws(PosteriorError) -> Estimate { try mean(of: field.name) }

  /// The standard deviation of a field, by its name.
  ///
  /// - Throws: `PosteriorError.unknownField`.
  public func standardDeviation(of field: String) throws(PosteriorError) -> Estimate {
    try standardDeviation(of: schema.place(of: field))
  }

  /// The standard deviation of a field.
  ///
  /// - Throws: `PosteriorError.unknownField`.
  public func standardDeviation(of field: some NumberField) throws(PosteriorError) -> Estimate {
    try standardDeviation(of: field.name)
  }

  /// Quantiles of a field, by its name; see the method that takes a column.
  ///
  /// - Throws: `PosteriorError.unknownField`, `.invalidProbability`.
  public func quantiles(of field: String, _ levels: [Double]) throws(PosteriorError) -> [Estimate] {
    try quantiles(of: schema.place(of: field), levels)
  }

  /// Quantiles of a field; see the method that takes a column.
  ///
  /// - Throws: `PosteriorError.unknownField`, `.invalidProbability`.
  public func quantiles(of field: some NumberField, _ levels: [Double]) throws(PosteriorError) -> [Estimate] {
    try quantiles(of: field.name, levels)
  }

  /// The central interval that has a field, by its name, with a probability, such as 0.9.
  ///
  /// - Throws: `PosteriorError.unknownField`, `.invalidProbability`.
  public func credibleInterval(
    of field: String, _ probability: Double = 0.9
  ) throws(PosteriorError) -> (lower: Estimate, upper: Estimate) {
    try credibleInterval(of: schema.place(of: field), probability)
  }

  /// The central interval that has a field with a probability, such as 0.9.
  ///
  /// - Throws: `PosteriorError.unknownField`, `.invalidProbability`.
  public func credibleInterval(
    of field: some NumberField, _ probability: Double = 0.9
  ) throws(PosteriorError) -> (lower: Estimate, upper: Estimate) {
    try credibleInterval(of: field.name, probability)
  }

  /// The probabilities of a field's values, by its name, in bins of equal width.
  ///
  /// - Throws: `PosteriorError.unknownField`.
  public func histogram(of field: String, bins count: Int = 20) throws(PosteriorError) -> [Bin] {
    try histogram(of: schema.place(of: field), bins: count)
  }

  /// The probabilities of a field's values in bins of equal width.
  ///
  /// - Throws: `PosteriorError.unknownField`.
  public func histogram(of field: some NumberField, bins count: Int = 20) throws(PosteriorError) -> [Bin] {
    try histogram(of: field.name, bins: count)
  }

  /// The probability of each label of a bit or category, by its name.
  ///
  ///     try answer.probabilities(of: "species")["Gentoo"]
  ///
  /// - Throws: `PosteriorError.unknownField`, `.noLabels` for a continuous field.
  public func probabilities(of field: String) throws(PosteriorError) -> [String: Estimate] {
    let place = try schema.place(of: field)
    return Dictionary(
      zip(schema.columns[place].labels ?? [], try probabilities(of: place)), uniquingKeysWith: { first, _ in first })
  }

  /// The probability of each label of a bit or category; see the method that takes its name.
  ///
  /// - Throws: `PosteriorError.unknownField`, `.noLabels` for a continuous field.
  public func probabilities(of field: Named) throws(PosteriorError) -> [String: Estimate] {
    try probabilities(of: field.name)
  }

  /// The probability of each value of a bit or category.
  ///
  ///     try answer.probabilities(of: species)["Gentoo"]
  ///
  /// - Throws: `PosteriorError.unknownField`, `.noLabels` for a continuous field.
  public func probabilities<F: Field>(
    of field: F
  ) throws(PosteriorError) -> [F.Value: Estimate] where F.Value: Hashable {
    let place = try schema.place(of: field.name)
    // By the labels, for the model may have them in another order.
    var found: [F.Value: Estimate] = [:]
    for (label, estimate) in zip(schema.columns[place].labels ?? [], try probabilities(of: place)) {
      if let value = field.column.number(of: .label(label)).flatMap(field.value(of:)) { found[value] = estimate }
    }
    return found
  }
}
