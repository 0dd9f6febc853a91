import Distributions
import Expressions

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
      switch parameter.initialiser {
      case .constant(let value):
        for position in range { values[position] = Float(value) }
      case .normal(let deviation):
        for position in range { values[position] = Float(deviation) * stream.nextNormal() }
      case .values(let given):
        for (position, value) in zip(range, given) { values[position] = Float(value) }
      case .dataRows:
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
}
