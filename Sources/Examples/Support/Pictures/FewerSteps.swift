import DiffusionDSL
import DiffusionIO
import DiffusionPlots
import Foundation

/// What becomes of a model's bits and samples when its chain takes several steps at once.
public struct FewerSteps: Sendable {
  /// One number of steps.
  public struct Entry: Sendable {
    /// Steps of the chain.
    public let steps: Int
    /// K of the scaled pictures, in bits a pixel.
    public let bits: Double
    /// Of the difference from the longest chain, over pictures: the same pictures are scored each time.
    public let standardErrorOfLoss: Double
    /// Samples, and samples without noise in their steps, of the same seed.
    public let samples: Rows, deterministic: Rows
  }

  /// By number of steps, ascending.
  public let entries: [Entry]
  private let shape: ImageShape

  /// Measures.
  ///
  /// - Parameters:
  ///   - model: over images.
  ///   - rows: whose bound is measured.
  ///   - counts: numbers of steps, ascending, from 2 to the model's own.
  ///   - pictures: samples of each.
  ///   - threads: nil: as many as there are processors.
  /// - Throws: `DefinitionError`, `Cancelled`.
  public init(
    of model: TrainedDiffusion, on rows: some RowSource, counts: [Int], pictures: Int, seed: UInt64, threads: Int?,
    on console: Console
  ) throws {
    guard let image = model.definition.image else {
      throw DefinitionError([DefinitionFault("fewer steps are shown for models of images")])
    }
    shape = image
    let pixels = Double(image.width * image.height)
    let computation = ComputeOptions(threads: threads)
    // From the longest chain on: what the others lose is measured against it.
    var longest: [Double]?
    let measured = try counts.reversed().map { count in
      console.progress("measuring a chain of \(count) steps")
      let chain = count < model.steps ? try model.strided(steps: count) : model
      let bound = try chain.lowerBound(on: rows, seed: seed, options: computation)
      let rowBits = longest ?? bound.rowBits
      longest = rowBits
      let losses = Moments(of: zip(rowBits, bound.rowBits).map { ($0 - $1) / pixels })
      return Entry(
        steps: count, bits: bound.scaledBitsPerPixel ?? .nan,
        standardErrorOfLoss: losses.standardError,
        samples: try chain.sample(pictures, seed: seed, options: computation),
        deterministic: try chain.deterministicSample(pictures, seed: seed, options: computation))
    }
    entries = measured.reversed()
  }

  /// Bits by number of steps.
  public var table: String {
    var table = TextTable(
      ["steps", "K, bits a pixel", "less than of \(entries.last?.steps ?? 0)", "std. error"], alignments: [])
    for entry in entries.reversed() {
      table.add(
        "\(entry.steps)", decimals(entry.bits), decimals((entries.last?.bits ?? .nan) - entry.bits),
        decimals(entry.standardErrorOfLoss))
    }
    return "\(table)"
  }

  /// Bits against steps.
  public var figure: Figure {
    let (steps, bits) = (entries.map { Double($0.steps) }, entries.map(\.bits))
    let axis = Panel.Axis("steps of the chain", scale: .logarithmic)
    return Figure(
      panelSize: (460, 320),
      panels: [
        [
          Panel(
            x: axis, y: .init("K (bits a pixel)"),
            layers: [.line(x: steps, y: bits), .scatter(x: steps, y: bits, color: .blue, size: 2)])
        ]
      ])
  }

  /// A row of samples for each number of steps, the most first: on the left with noise in each step, on the right, from the
  /// same x_T, without.
  ///
  /// - Parameter range: of numbers that are shown as black and white.
  public func sheet(range: ClosedRange<Double>) throws -> ContactSheet {
    try ContactSheet(
      rows: entries.reversed().map { entry in
        try ImageSet(
          rounding: entry.samples.flat + entry.deterministic.flat, channels: shape.channels,
          height: shape.height, width: shape.width, range: range)
      }, magnification: 2)
  }
}
