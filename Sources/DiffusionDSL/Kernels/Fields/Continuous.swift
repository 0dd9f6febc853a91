/// A field whose cells are real numbers, diffused towards a normal distribution.
///
///     let bill = Continuous("bill")
public struct Continuous: Field, ContinuousKernel {
  /// What the field is called; unique in its kernel.
  public let name: String
  /// The mean and standard deviation of pi in the data's units; nil: those of the data that the model is trained on.
  public let unit: Unit?

  /// The mean and standard deviation of pi, in the data's units.
  public struct Unit: Codable, Hashable, Sendable {
    /// The mean, finite.
    public let mean: Double
    /// The standard deviation, positive.
    public let scale: Double
  }

  /// A number whose mean and scale are taken from the data that the model is trained on.
  public init(_ name: String) {
    self.name = name
    unit = nil
  }

  /// A number that is brought to (x - mean) / scale, whatever the data.
  ///
  /// - Parameters:
  ///   - name: unique in its kernel.
  ///   - mean: finite, in the data's units.
  ///   - scale: positive, in the data's units (else a fault of the definition).
  public init(_ name: String, mean: Double, scale: Double) {
    self.name = name
    unit = Unit(mean: mean, scale: scale)
  }

  /// The field as a column of a table.
  public var column: Column { Column(name, .continuous) }
  /// The field as a kernel.
  public var definition: KernelDefinition {
    KernelDefinition(column, GaussianKernel(dimensions: 1), unit: unit)
  }

  /// The number itself; nil for NaN, which is a missing cell.
  public func value(of number: Double) -> Double? { number.isNaN ? nil : number }
  /// The number itself.
  public func number(of value: Double) -> Double? { value }
}
