import Distributions
import Expressions

extension GaussianModel {
  /// Where training starts.
  func initialParameters(seed: UInt64, data: Dataset, scaling: Scaling) -> [Float] {
    let layout = layout
    var values = Array(repeating: Float(0), count: layout.count)
    let noise = NoiseSource(seed: seed, purpose: "initialisation")
    for (index, parameter) in parameters.enumerated() {
      guard let entry = layout[parameter.name] else { continue }
      var stream = noise.stream(chain: UInt64(index), step: 0)
      let range = entry.offset..<entry.offset + entry.shape.count
      switch parameter.initialiser {
      case .constant(let value):
        for position in range { values[position] = Float(value) }
      case .normal(let deviation):
        for position in range { values[position] = Float(deviation) * stream.nextNormal() }
      case .values(let given):
        for (position, value) in zip(range, given) { values[position] = Float(value) }
      case .dataRows:
        let width = data.dimensions
        for start in stride(from: range.lowerBound, to: range.upperBound, by: width) {
          let row = Int.random(in: 0..<data.count, using: &stream)
          let numbers = data[row]
          for column in 0..<width {
            values[start + column] = Float((numbers[column] - scaling.mean[column]) / scaling.scale[column])
          }
        }
      }
    }
    return values
  }
}
