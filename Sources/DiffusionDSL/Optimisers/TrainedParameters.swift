import Formulas

/// The parameters that a training changes: their numbers, and which a step updates always and which slice by slice.
///
/// Per-step parameters are updated slice by slice, only those that a minibatch touched, so a step costs no more for a
/// thousand time steps than for ten.
public struct TrainedParameters {
  let program: TileProgram
  /// All parameters of the model, in its layout.
  let buffer: AlignedBuffer
  let level: VectorLevel
  /// Parameters updated at every step, as ranges of the layout. They contain the zeros that round each parameter up to
  /// whole vectors.
  let dense: [Range<Int>]
  /// How many slices each per-step parameter has.
  let sliceCounts: [Int]
  /// How many numbers training changes.
  let trainedCount: Int
  /// For each trained parameter, its numbers' places in the layout and its per-step record, if it has one.
  private let places: [(range: Range<Int>, record: Int?)]

  init(program: TileProgram, buffer: AlignedBuffer, level: VectorLevel) {
    self.program = program
    self.buffer = buffer
    self.level = level
    var ranges: [Range<Int>] = []
    var places: [(range: Range<Int>, record: Int?)] = []
    for entry in program.trained {
      let record = program.records.firstIndex { $0.parameter.name == entry.name }
      places.append((entry.offset..<entry.offset + entry.shape.count, record))
      guard record == nil else { continue }
      let end = entry.offset + (entry.shape.count + 15) / 16 * 16
      if let last = ranges.last, last.upperBound == entry.offset {
        ranges[ranges.count - 1] = last.lowerBound..<end
      } else {
        ranges.append(entry.offset..<end)
      }
    }
    dense = ranges
    self.places = places
    trainedCount = places.reduce(0) { $0 + $1.range.count }
    sliceCounts = program.records.map { $0.parameter.shape.count / max(1, $0.slice) }
  }

  /// A gradient's Euclidean norm, over what the minibatch touched.
  func norm(of gradient: AlignedBuffer, touched: [[Int]]) -> Double {
    var sum = 0.0
    for range in dense { sum += gradient.sumOfSquares(from: range.lowerBound, count: range.count, level: level) }
    for (record, slices) in zip(program.records, touched) {
      for slice in slices {
        sum += gradient.sumOfSquares(
          from: record.parameter.offset + slice * record.slice, count: record.slice, level: level)
      }
    }
    return sum.squareRoot()
  }

  // MARK: - As one array, without the padding of the layout

  /// Copies the trained parameters' numbers out of a buffer of the layout.
  func read(_ source: AlignedBuffer, into array: inout [Double]) {
    if array.count != trainedCount { array = Array(repeating: 0, count: trainedCount) }
    var place = 0
    for (range, _) in places {
      for position in range {
        array[place] = source[position]
        place += 1
      }
    }
  }

  /// Copies a gradient out of a buffer of the layout, times a scale; what the minibatch did not touch is 0.
  func read(_ gradient: AlignedBuffer, touched: [[Int]], scale: Double, into array: inout [Double]) {
    if array.count != trainedCount { array = Array(repeating: 0, count: trainedCount) }
    var first = 0
    for (range, record) in places {
      if let record {
        for place in first..<first + range.count { array[place] = 0 }
        let length = program.records[record].slice
        for slice in touched[record] {
          for number in slice * length..<(slice + 1) * length {
            array[first + number] = gradient[range.lowerBound + number] * scale
          }
        }
      } else {
        for number in 0..<range.count { array[first + number] = gradient[range.lowerBound + number] * scale }
      }
      first += range.count
    }
  }

  /// Replaces the trained parameters' numbers.
  func write(_ array: [Double]) {
    var place = 0
    for (range, _) in places {
      for position in range {
        buffer[position] = array[place]
        place += 1
      }
    }
  }
}
