import Formulas
import Foundation

/// A mix of J readouts by Gaussian bumps over the steps: parameters of shape [J, ...] (Sohl-Dickstein et al. 2015,
/// eqs. 62-63).
struct BumpDependence: StepDependence {
  static let typeName = "bumps"
  /// J.
  let count: Int
  /// Over what the centres are spread.
  let spacing: BumpSpacing

  // The keys that files have. Those of bumps over t have no spacing: they date from when there was no other.
  private enum CodingKeys: String, CodingKey {
    case count = "_0"
    case spacing
  }

  init(count: Int, spacing: BumpSpacing = .time) {
    self.count = count
    self.spacing = spacing
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    count = try container.decode(Int.self, forKey: .count)
    spacing = try container.decodeIfPresent(BumpSpacing.self, forKey: .spacing) ?? .time
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(count, forKey: .count)
    if spacing != .time { try container.encode(spacing, forKey: .spacing) }
  }

  var sourceText: String { ".bumps(\(count)\(spacing == .time ? "" : ", spacing: .\(spacing.rawValue)"))" }
  var needsStepFeatures: Bool { false }

  func faults(steps: Int, of part: String) -> [String] {
    if count < 1 { return ["\(part) has no bumps; give 1 or more"] }
    guard Shape([count, steps]).count > SizeLimit.table else { return [] }
    return ["\(part) has too many bumps for \(steps) steps; give fewer"]
  }

  func parameter(shape: Shape, _ tables: GaussianTables, _ register: (_ shape: Shape) -> Formula) -> Formula {
    let copies = register(Shape([count] + shape.axes))
    switch spacing {
    case .time:
      let mix = Formula(overTime(steps: tables.steps).flatMap { $0 }, shape: [tables.steps, count])
      return weightedSum(mix.atStep(offset: -1), copies)
    case .signalToNoise: return weightedSum(overSignalToNoise(tables), copies)
    }
  }

  func shares(_ schedule: AnySchedule) -> [[Double]]? {
    switch spacing {
    case .time: return overTime(steps: schedule.steps)
    case .signalToNoise:
      if schedule.isLearned { return nil }
      let clock = ErasureClock(schedule.betas)
      let ratios = (1...schedule.steps).map { t in
        Swift.max(-20, Swift.min(20, Foundation.log(clock.alphaBars[t]) - Foundation.log(clock.noises[t])))
      }
      return weights(at: ratios, from: ratios[ratios.count - 1], to: ratios[0])
    }
  }

  /// g_j(t), eq. 63, [T][count]: centres spread over 0 to T; those of t = 1 first.
  private func overTime(steps: Int) -> [[Double]] {
    let times = (1...max(1, steps)).map { Double($0) }
    if count == 1 { return times.map { _ in [1] } }
    return weights(at: times, from: 0, to: Double(steps))
  }

  /// Gaussian bumps at positions, normalised over the bumps: centres spread evenly over an interval, their standard
  /// deviation the distance between neighbours.
  private func weights(at positions: [Double], from first: Double, to last: Double) -> [[Double]] {
    if count == 1 { return positions.map { _ in [1] } }
    let spacing = Swift.max((last - first) / Double(count - 1), BumpDependence.leastSpacing)
    return positions.map { position in
      let weights = (0..<count).map { j in
        let distance = position - first - Double(j) * spacing
        return Foundation.exp(-distance * distance / (2 * spacing * spacing))
      }
      let total = weights.reduce(0, +)
      return weights.map { $0 / total }
    }
  }

  /// The same over log(abar_t / (1 - abar_t)) at the row's step, [count], which follows a schedule that is learned.
  private func overSignalToNoise(_ tables: GaussianTables) -> Formula {
    if count == 1 { return Formula([1]) }
    let ratio = tables.logSignalToNoise
    let (first, last) = (ratio[tables.steps - 1], ratio[0])
    let spacing = max((last - first) / Double(count - 1), Formula(BumpDependence.leastSpacing))
    let place = (tables.now(ratio) - first) / spacing
    let distances = place - Formula((0..<count).map { Double($0) })
    let weights = exp(square(distances) * -0.5)
    return weights / sum(weights)
  }

  /// Where all steps lie at one place there is no distance between neighbours.
  private static let leastSpacing = 1e-9
}
