import Foundation

/// A way to estimate a density from rows. Everything is in the data's own units.
protocol DensityMethod: Sendable {
  /// What the results call it.
  var name: String { get }

  /// Fits the density to training rows; a method that needs validation rows sets some of them aside.
  ///
  /// Stops with `CancellationError` within a tenth of a second of the task's cancellation.
  func fit(
    _ training: RowMatrix, columns: [String], options: FitOptions, progress: @escaping @Sendable (String) -> Void
  ) async throws -> any FittedDensity
}

/// How to fit.
struct FitOptions: Sendable {
  var seed: UInt64
  /// The share of the training rows that a method may set aside to decide when to stop.
  var validationShare = 0.1
  /// A small fraction of the work will do.
  var quick = false
  /// By default one for each core.
  var threads: Int?
}

/// A density that was fitted to rows.
protocol FittedDensity: Sendable {
  /// What the user should know about how it was fitted, a sentence each.
  var notes: [String] { get }

  /// The base-2 logarithm of the density (or a lower bound of it) at each row.
  func log2Density(of rows: RowMatrix) async throws -> [Double]

  func sample(_ count: Int, seed: UInt64) async throws -> RowMatrix

  /// Writes the model to a file, if it has a form to be saved in; returns whether it has.
  func save(to url: URL) throws -> Bool
}

extension FittedDensity {
  var notes: [String] { [] }

  func save(to url: URL) throws -> Bool { false }
}
