import Distributions
import Foundation

/// A mixture made ready for densities of the first columns of rows.
struct MixtureDensities: Sendable {
  private let columns: Int
  private let levels: Int
  /// For each component, the inverse of its covariance's lower factor, row by row as far as the diagonal.
  private let whitening: [[Double]]
  /// The logarithm of what stands before the exponential, [component][scale].
  private let constants: [[Double]]
  /// 1 / (2 scale), [component][scale].
  private let rates: [[Double]]

  init(_ mixture: ScaleMixture, columns: Int) throws(UnfittableRows) {
    self.columns = columns
    let parts = mixture.parts
    levels = parts.first?.scales.count ?? 0
    var (whitening, constants): ([[Double]], [[Double]]) = ([], [])
    for part in parts {
      guard let factor = part.covariance.leading(columns).lowerFactor else { throw UnfittableRows() }
      whitening.append(MixtureDensities.inverse(factor))
      let logarithm = (0..<columns).reduce(0.0) { $0 + log(factor[$1][$1]) }
      constants.append(
        zip(part.weights, part.scales).map { weight, scale in
          log(weight) - 0.5 * Double(columns) * log(2 * Double.pi * scale) - logarithm
        })
    }
    (self.whitening, self.constants) = (whitening, constants)
    rates = parts.map { $0.scales.map { 0.5 / $0 } }
  }

  /// The inverse of a lower triangular matrix, row by row as far as the diagonal.
  private static func inverse(_ factor: [[Double]]) -> [Double] {
    let size = factor.count
    var rows: [[Double]] = []
    for row in 0..<size {
      rows.append(
        (0...row).map { column in
          if column == row { return 1 / factor[row][row] }
          var sum = 0.0
          for between in column..<row { sum += factor[row][between] * rows[between][column] }
          return -sum / factor[row][row]
        })
    }
    return rows.flatMap { $0 }
  }

  /// A row of a component's inverse factor, as far as the diagonal.
  func whiteningRow(_ row: Int, of component: Int) -> ArraySlice<Double> {
    let begin = row * (row + 1) / 2
    return whitening[component][begin...begin + row]
  }

  /// The shares of components and scales in one row, [component][scale], the largest being 1.
  func shares(of row: [Double]) -> [Double] {
    var logs: [Double] = []
    for (component, inverse) in whitening.enumerated() {
      var (square, place) = (0.0, 0)
      for index in 0..<columns {
        var sum = 0.0
        for column in 0...index {
          sum += row[column] * inverse[place]
          place += 1
        }
        square += sum * sum
      }
      for level in 0..<levels { logs.append(constants[component][level] - square * rates[component][level]) }
    }
    let largest = logs.max() ?? 0
    return logs.map { exp($0 - largest) }
  }

  /// z^T covariance^-1 z of a panel's rows, for a component.
  private func square(_ rows: Panels, _ panel: Int, _ component: Int) -> Panels.Lanes {
    let begin = panel * rows.columns
    let inverse = whitening[component]
    var (total, place) = (Panels.Lanes.zero, 0)
    for row in 0..<columns {
      var sum = Panels.Lanes.zero
      for column in 0...row {
        sum += rows.lanes[begin + column] * inverse[place]
        place += 1
      }
      total += sum * sum
    }
    return total
  }

  /// log p of a panel's rows.
  func logDensities(_ rows: Panels, _ panel: Int) -> [Double] {
    let logs = terms(rows, panel).logs
    return (0..<8).map { lane in
      let largest = logs.reduce(-Double.infinity) { max($0, $1[lane]) }
      return largest + log(logs.reduce(0) { $0 + exp($1[lane] - largest) })
    }
  }

  private func terms(_ rows: Panels, _ panel: Int) -> (logs: [Panels.Lanes], squares: [Panels.Lanes]) {
    var (logs, squares): ([Panels.Lanes], [Panels.Lanes]) = ([], [])
    logs.reserveCapacity(whitening.count * levels)
    for component in whitening.indices {
      let square = square(rows, panel, component)
      squares.append(square)
      for level in 0..<levels {
        logs.append(Panels.Lanes(repeating: constants[component][level]) - square * rates[component][level])
      }
    }
    return (logs, squares)
  }

  /// What a block of panels gives for an update.
  struct Shares: Sendable {
    /// Of components and scales in rows, [panel][component][scale].
    var shares: [Panels.Lanes] = []
    /// Summed over rows, [component][scale].
    var totals: [Double]
    /// The same, times rows' squares.
    var squares: [Double]
  }

  func shares(_ rows: Panels, _ block: Range<Int>) -> Shares {
    let parts = whitening.count * levels
    var result = Shares(totals: Array(repeating: 0, count: parts), squares: Array(repeating: 0, count: parts))
    result.shares.reserveCapacity(block.count * parts)
    for panel in block {
      var (logs, squares) = terms(rows, panel)
      for lane in 0..<8 {
        let largest = logs.reduce(-Double.infinity) { max($0, $1[lane]) }
        var sum = 0.0
        for part in 0..<parts {
          let share = exp(logs[part][lane] - largest)
          logs[part][lane] = share
          sum += share
        }
        // Rows that fill the last panel up have no share.
        let factor = lane < rows.used(panel) ? 1 / sum : 0
        for part in 0..<parts { logs[part][lane] *= factor }
      }
      for part in 0..<parts {
        result.totals[part] += logs[part].sum()
        result.squares[part] += (logs[part] * squares[part / levels]).sum()
      }
      result.shares += logs
    }
    return result
  }
}
