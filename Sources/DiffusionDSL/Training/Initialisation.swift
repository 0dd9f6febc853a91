import Distributions
import Formulas

extension DiffusionModel {
  /// Where training starts.
  func initialParameters(seed: UInt64, data: Dataset, scaling: Scaling) -> [Float] {
    let layout = layout
    var values = Array(repeating: Float(0), count: layout.count)
    let noise = NoiseSource(seed: seed, purpose: "initialisation")
    for (index, parameter) in parameters.enumerated() {
      guard let entry = layout[parameter.name] else { continue }
      var stream = noise.stream(chain: UInt64(index), step: 0)
      let range = entry.offset..<entry.offset + entry.shape.count
      switch parameter.source {
      case .start(.constant(let value)):
        for position in range { values[position] = Float(value) }
      case .start(.normal(let deviation)):
        for position in range { values[position] = Float(deviation) * stream.nextNormal() }
      case .start(.values(let given)):
        for (position, value) in zip(range, given) { values[position] = Float(value) }
      case .regressionRows(let part):
        let features = self.parts[part].features
        for (place, row) in regressionRows(of: data, count: parameter.shape.axes[0], seed: seed).enumerated() {
          let state = states(of: scaling.applied(to: data[row]))
          for (offset, feature) in features.enumerated() {
            values[range.lowerBound + place * features.count + offset] = Float(state[feature])
          }
        }
      case .start(.dataRows):
        for start in stride(from: range.lowerBound, to: range.upperBound, by: features) {
          let row = Int.random(in: 0..<data.count, using: &stream)
          for (offset, number) in states(of: scaling.applied(to: data[row])).enumerated() {
            // A missing cell has no number yet.
            values[start + offset] = number.isNaN ? 0 : Float(number)
          }
        }
      }
    }
    return values
  }

  /// The places of `count` complete rows, drawn without replacement.
  private func regressionRows(of data: Dataset, count: Int, seed: UInt64) -> [Int] {
    var stream = NoiseSource(seed: seed, purpose: "regression rows").stream(chain: 0, step: 0)
    return Array(data.completeRows.shuffled(using: &stream).prefix(count))
  }
}
