import Foundation

/// The part of an axis that is shown, and where its values stand.
struct AxisRange {
  var low: Double
  var high: Double
  let scale: Panel.Scale

  /// - Parameter values: Everything drawn on the axis.
  init(_ axis: Panel.Axis, values: [Double], startsAtZero: Bool) {
    scale = axis.scale
    if let range = axis.range {
      (low, high) = (range.lowerBound, range.upperBound)
      return
    }
    let shown = values.filter { $0.isFinite && (axis.scale == .linear || $0 > 0) }
    guard let least = shown.min(), let most = shown.max() else {
      (low, high) = axis.scale == .linear ? (0, 1) : (1, 10)
      return
    }
    switch axis.scale {
    case .linear:
      let spread = most - least
      let margin = spread > 0 ? 0.05 * spread : max(0.5, 0.05 * abs(most))
      low = startsAtZero && least >= 0 ? 0 : least - margin
      high = most + margin
    case .logarithmic:
      let factor = least < most ? pow(most / least, 0.04) : 2
      low = least / factor
      high = most * factor
    }
  }

  var isValid: Bool {
    low.isFinite && high.isFinite && low < high && (scale == .linear || low > 0)
  }

  /// Widens a linear range about its middle to `length`.
  mutating func widen(to length: Double) {
    let middle = (low + high) / 2
    (low, high) = (middle - length / 2, middle + length / 2)
  }

  /// What is to be taken from the values beside the axis, where six digits would not tell them apart: a round number
  /// near the middle.
  var offset: Double? {
    let length = high - low
    guard scale == .linear, length > 0, max(abs(low), abs(high)) / length >= 2e4 else { return nil }
    let unit = pow(10, ceil(log10(length)) + 1)
    return ((low + high) / 2 / unit).rounded() * unit
  }

  /// Round values, at most one every `spacing` pixels, or closer where there would be less than two; nil on a
  /// logarithmic axis, where the decades serve.
  func ticks(pixels: Double, spacing: Double) -> [Double]? {
    guard scale == .linear else { return nil }
    let most = max(2, pixels / spacing)
    let rough = (high - low) / most
    let power = pow(10, floor(log10(rough)))
    let steps = [0.5, 1, 2, 2.5, 5, 10].map { $0 * power }
    let usual = steps.dropFirst().firstIndex { $0 >= rough * (1 - 1e-9) } ?? steps.count - 1
    func ends(_ step: Double) -> (Double, Double) {
      ((low / step - 1e-9).rounded(.up), (high / step + 1e-9).rounded(.down))
    }
    var step = steps[usual]
    var (first, last) = ends(step)
    if last - first < 1 {
      step = steps[usual - 1]
      (first, last) = ends(step)
    }
    guard step > 0, first.isFinite, last.isFinite, last - first < 1_000 else { return [] }
    return stride(from: first, through: last, by: 1).map { index in
      // Through decimal text, so that 3 * 0.1 is shown as 0.3.
      index == 0 ? 0 : Double(String(format: "%.15g", index * step)) ?? index * step
    }
  }
}
