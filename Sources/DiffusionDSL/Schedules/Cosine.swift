import Foundation

/// abar_t = f(t) / f(0), f(t) = cos^2((t / T + 0.008) / 1.008 pi / 2), beta_t at most 0.999 (Nichol, Dhariwal 2021).
public struct Cosine: GivenSchedule {
  public static let typeName = "cosine"
  /// T.
  public let steps: Int

  /// - Parameter steps: T, 1 or more.
  public init(steps: Int) { self.steps = steps }

  public var betas: [Double] {
    func signal(_ t: Int) -> Double {
      let angle = (Double(t) / Double(steps) + 0.008) / 1.008 * Double.pi / 2
      return cos(angle) * cos(angle)
    }
    return (1...steps).map { min(0.999, 1 - signal($0) / signal($0 - 1)) }
  }

  public var faults: [String] { [] }
  public var sourceText: String { "Cosine(steps: \(steps))" }
}
