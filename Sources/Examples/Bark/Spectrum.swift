import Foundation

/// The power spectrum of a square part of a texture, by rings of wave numbers.
struct Spectrum: Sendable {
  /// The mean power at each wave number from 1 to half the side, of the hole without its mean and under a Hann window;
  /// none of a hole of 4 pixels or fewer a side.
  let rings: [Double]

  /// - Parameters:
  ///   - picture: a whole picture, [row][column].
  ///   - holed: where its hole is.
  init(_ picture: [Double], in holed: HoledPicture) {
    let (hidden, side, width) = (holed.hidden, holed.side, holed.hole)
    guard width > 4, let corner = hidden.first else {
      rings = []
      return
    }
    let mean = hidden.reduce(0.0) { $0 + picture[$1] } / Double(hidden.count)
    let window = (0..<width).map { 0.5 - 0.5 * cos(2 * Double.pi * (Double($0) + 0.5) / Double(width)) }
    let cosines = (0..<width).map { cos(2 * Double.pi * Double($0) / Double(width)) }
    let sines = (0..<width).map { sin(2 * Double.pi * Double($0) / Double(width)) }
    let half = width / 2
    // Along the rows, then along the columns.
    var rows = Array(repeating: (re: 0.0, im: 0.0), count: width * (half + 1))
    for row in 0..<width {
      for wave in 0...half {
        var sum = (re: 0.0, im: 0.0)
        for column in 0..<width {
          let value = (picture[corner + row * side + column] - mean) * window[row] * window[column]
          let turn = wave * column % width
          sum.re += value * cosines[turn]
          sum.im -= value * sines[turn]
        }
        rows[row * (half + 1) + wave] = sum
      }
    }
    var (power, count) = (Array(repeating: 0.0, count: half + 1), Array(repeating: 0.0, count: half + 1))
    for wave in 0...half {
      for other in -half...half {
        let ring = Int((Double(wave * wave + other * other)).squareRoot().rounded())
        guard ring >= 1, ring <= half else { continue }
        var sum = (re: 0.0, im: 0.0)
        for row in 0..<width {
          let value = rows[row * (half + 1) + wave]
          let turn = ((other * row) % width + width) % width
          sum.re += value.re * cosines[turn] + value.im * sines[turn]
          sum.im += value.im * cosines[turn] - value.re * sines[turn]
        }
        power[ring] += sum.re * sum.re + sum.im * sum.im
        count[ring] += 1
      }
    }
    rings = (1...half).map { power[$0] / max(1, count[$0]) }
  }

  /// The root mean squared difference of the logarithms, in decibels.
  func distance(to other: Spectrum) -> Double {
    let squares = zip(rings, other.rings).map { pair in
      let decibels = 10 * log10(max(1e-9, pair.0) / max(1e-9, pair.1))
      return decibels * decibels
    }
    return (squares.reduce(0, +) / Double(max(1, squares.count))).squareRoot()
  }
}
