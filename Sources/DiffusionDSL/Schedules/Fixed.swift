/// beta_1 ... beta_T as given; each in (0, 1), the last may be 1.
public struct Fixed: GivenSchedule {
  public static let typeName = "fixed"
  /// beta_t at index t - 1.
  public let betas: [Double]

  /// - Parameter betas: beta_t at index t - 1; their number is T.
  public init(_ betas: [Double]) { self.betas = betas }

  // The key that files have.
  private enum CodingKeys: String, CodingKey {
    case betas = "_0"
  }

  public var steps: Int { betas.count }
  public var faults: [String] { [] }
  public var sourceText: String { "Fixed(...)  // \(betas.count) steps" }
}
