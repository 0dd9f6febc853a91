/// A field with two labels, diffused towards a Bernoulli distribution pi.
///
///     let sex = Binary("sex", "female", "male")
public struct Binary: Field, KernelTerm {
  /// What the field is called; unique in its kernel.
  public let name: String
  /// The label that stands for 0, then the one that stands for 1.
  public let labels: [String]
  let mean: BitMean

  /// - Parameters:
  ///   - name: unique in its kernel.
  ///   - zero: the label that the number 0 stands for.
  ///   - one: the label that the number 1 stands for; another one.
  ///   - mean: the chance of `one` in pi.
  public init(_ name: String, _ zero: String = "false", _ one: String = "true", mean: BitMean = .fromData) {
    self.name = name
    labels = [zero, one]
    self.mean = mean
  }

  /// The field as a column of a table.
  public var column: Column { Column(name, .binary(labels)) }
  /// The field as a kernel.
  public var definition: KernelDefinition {
    KernelDefinition(column, BinomialKernel(bits: 1, mean: mean))
  }

  /// The label that 0 or 1 stands for; nil for another number.
  public func value(of number: Double) -> String? { number == 0 ? labels[0] : number == 1 ? labels[1] : nil }
  /// The number, 0 or 1, that stands for a label; nil for another text.
  public func number(of value: String) -> Double? { labels.firstIndex(of: value).map(Double.init) }
}
