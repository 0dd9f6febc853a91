import Formulas
import Foundation

/// What a posterior's factors say in closed form of the columns of one part, and psi_t that follows from it.
///
/// Columns are counted within the part, from 0. Times are told as offsets from the row's step t: 0 is t, -1 is t - 1.
public struct ColumnFactors: Sendable {
  /// A normal factor carried to some step: psi(x) = e^logConstant N(target; root x, variance).
  public struct Normal: Sendable {
    /// The value that x_0 is near, in scaled units.
    public let target: Formula
    /// How much of x_0 is left in x.
    public let root: Formula
    /// The factor's own variance and that of the diffusion.
    public let variance: Formula
    /// The logarithm of the factor before the normal density.
    public let logConstant: Formula

    /// log psi(x) of a number x.
    public func logPsi(_ x: Formula) -> Formula {
      ColumnFactors.logNormal(target - root * x, variance) + logConstant
    }
  }

  /// The closed forms of one column as inputs of the program.
  struct ClosedForms: Sendable {
    /// N(x_0; mean, variance), in scaled units.
    var normal: (mean: Formula, variance: Formula)?
    /// r of each value.
    var weights: Formula?
  }

  /// The normal factors of all columns as vectors, for a part of many columns: what follows from them alone is computed
  /// once for a tile, and a row's share is a few operations on vectors instead of some for each column.
  struct Vector {
    /// Shape [columns], in scaled units; 0 where a column has no factor.
    var mean: Formula
    /// Shape [columns]; 1 where a column has no factor.
    var variance: Formula
    /// 1 for each column that has a factor, 0 for others.
    var isGiven: [Double]
  }

  /// Normal factors of all columns carried to some step.
  struct NormalVector {
    /// Shape [columns], as are the root and the variance; 0 where a column has no factor.
    let target: Formula
    /// 0 where a column has no factor.
    let root: Formula
    /// 1 where a column has no factor.
    let variance: Formula
    /// Of all columns together.
    let logConstant: Formula
    /// How many columns have a factor.
    let count: Double
  }

  let columns: [ClosedForms]
  let vector: Vector?
  let tables: GuidanceTables

  init(columns: [ClosedForms], vector: Vector? = nil, tables: GuidanceTables) {
    self.columns = columns
    self.vector = vector
    self.tables = tables
  }

  private func table(_ values: [Double], _ offset: Int) -> Formula { Formula(values).atStep(offset: offset) }

  private func column(_ column: Int) -> ClosedForms? { columns.indices.contains(column) ? columns[column] : nil }

  private func ownNormal(_ column: Int) -> (mean: Formula, variance: Formula)? {
    guard let vector else { return self.column(column)?.normal }
    guard vector.isGiven.indices.contains(column), vector.isGiven[column] == 1 else { return nil }
    return (vector.mean[column], vector.variance[column])
  }

  /// Whether a column has a normal factor, such as a known value.
  public func hasNormal(_ column: Int) -> Bool {
    vector.map { $0.isGiven.indices.contains(column) && $0.isGiven[column] == 1 }
      ?? (self.column(column)?.normal != nil)
  }

  /// Whether a column has a table of weights, one for each of its values.
  public func hasWeights(_ column: Int) -> Bool { self.column(column)?.weights != nil }

  /// The normal factor of a column at a step; nil where it has none.
  public func normal(_ column: Int, at offset: Int) -> Normal? {
    guard let (target, variance) = ownNormal(column) else { return nil }
    return carried(target, variance, at: offset)
  }

  /// The normal factors of all columns at a step, as vectors; nil where they are not told as vectors.
  func normals(at offset: Int) -> NormalVector? {
    guard let vector else { return nil }
    let carried = carried(vector.mean, vector.variance, at: offset)
    let isGiven = Formula(vector.isGiven)
    return NormalVector(
      target: carried.target, root: isGiven * carried.root, variance: select(isGiven, carried.variance, 1),
      logConstant: sum(isGiven * carried.logConstant), count: vector.isGiven.reduce(0, +))
  }

  private func carried(_ target: Formula, _ variance: Formula, at offset: Int) -> Normal {
    let stretch = table(tables.stretches, offset)
    var logConstant = Formula(0)
    if tables.exponents.contains(where: { $0 != 1 }) {
      logConstant =
        (log(stretch) + (1 - table(tables.exponents, offset)) * log(variance * (2 * Double.pi))) * 0.5
    }
    return Normal(
      target: target, root: table(tables.roots, offset),
      variance: variance * stretch + table(tables.noises, offset), logConstant: logConstant)
  }

  /// psi at each value of a column's table at a step, shape [values]: (kept r + (1 - kept) sum pi r)^exponent, which is
  /// what a diffusion that draws values anew from pi leaves of r. Nil where the column has no table.
  ///
  /// A family of another diffusion may use it too: psi may be any positive function that is r at t = 0.
  ///
  /// - Parameters:
  ///   - pi: the chance of each value in pi.
  ///   - offset: the step.
  public func psi(_ column: Int, stationary pi: [Double], at offset: Int) -> Formula? {
    guard let r = self.column(column)?.weights else { return nil }
    let kept = table(tables.kept, offset)
    let mixed = r * kept + sum(r * Formula(pi)) * (1 - kept)
    if tables.exponents.allSatisfy({ $0 == 1 }) { return mixed }
    return exp(log(max(mixed, 1e-30)) * table(tables.exponents, offset))
  }

  /// log of a column's normal factor at an estimate of x_0 made at the row's step, widened by what is left of the
  /// diffusion; nil where the column has none.
  public func logTwist(_ column: Int, estimate: Formula) -> Formula? {
    guard let (target, variance) = ownNormal(column) else { return nil }
    return ColumnFactors.logNormal(target - estimate, variance + table(tables.noises, 0))
  }

  /// The sum of `logTwist` over all columns that have a normal factor; nil where factors are not told as vectors.
  func logTwists(estimate: Formula) -> Formula? {
    vector.map { vector in
      let variance = vector.variance + table(tables.noises, 0)
      return sum(ColumnFactors.logNormal(vector.mean - estimate, variance) * Formula(vector.isGiven))
    }
  }

  static func logNormal(_ misfit: Formula, _ variance: Formula) -> Formula {
    (square(misfit) / variance + log(variance * (2 * Double.pi))) * -0.5
  }
}
