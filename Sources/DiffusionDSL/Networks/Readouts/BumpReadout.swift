import Formulas
import Foundation

/// A mix of J readouts by Gaussian bumps over t: parameters of shape [J, ...] (Sohl-Dickstein et al. 2015, eqs. 62-63).
struct BumpReadout: ReadoutTime {
  static let typeName = "bumps"
  /// J.
  let count: Int

  // The key that files have.
  private enum CodingKeys: String, CodingKey {
    case count = "_0"
  }

  var sourceText: String { ".bumps(\(count))" }
  var needsStepFeatures: Bool { false }

  func faults(steps: Int) -> [String] {
    if count < 1 { return ["Readout(.bumps(\(count))) has no bumps; give 1 or more"] }
    guard Shape([count, steps]).count > SizeLimit.table else { return [] }
    return ["Readout(.bumps(\(count))) has too many bumps for \(steps) steps; give fewer"]
  }

  func parameter(_ name: String, shape: Shape, steps: Int, _ registry: ParameterRegistry) -> Formula {
    let copies = registry.parameter(name, shape: Shape([count] + shape.axes), .constant(0))
    let mix = Formula(BumpReadout.weights(count, steps: steps).flatMap { $0 }, shape: [steps, count])
    return weightedSum(mix.atStep(offset: -1), copies)
  }

  func shares(steps: Int) -> [[Double]]? { BumpReadout.weights(count, steps: steps) }

  /// g_j(t), eq. 63, [T][count]: Gaussian bumps whose centres spread over (0, T), normalised over j; those of t = 1
  /// first.
  static func weights(_ count: Int, steps: Int) -> [[Double]] {
    let spacing = count > 1 ? Double(steps) / Double(count - 1) : Double(steps)
    return (1...max(1, steps)).map { t in
      let weights = (0..<count).map { j in
        let distance = Double(t) - (count > 1 ? Double(j) * spacing : Double(steps) / 2)
        return Foundation.exp(-distance * distance / (2 * spacing * spacing))
      }
      let total = weights.reduce(0, +)
      return weights.map { $0 / total }
    }
  }
}
