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

  let columns: [ClosedForms]
  let tables: GuidanceTables

  private func table(_ values: [Double], _ offset: Int) -> Formula { Formula(values).atStep(offset: offset) }

  private func column(_ column: Int) -> ClosedForms? { columns.indices.contains(column) ? columns[column] : nil }

  /// Whether a column has a normal factor, such as a known value.
  public func hasNormal(_ column: Int) -> Bool { self.column(column)?.normal != nil }

  /// Whether a column has a table of weights, one for each of its values.
  public func hasWeights(_ column: Int) -> Bool { self.column(column)?.weights != nil }

  /// The normal factor of a column at a step; nil where it has none.
  public func normal(_ column: Int, at offset: Int) -> Normal? {
    guard let (target, variance) = self.column(column)?.normal else { return nil }
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
    guard let (target, variance) = self.column(column)?.normal else { return nil }
    return ColumnFactors.logNormal(target - estimate, variance + table(tables.noises, 0))
  }

  static func logNormal(_ misfit: Formula, _ variance: Formula) -> Formula {
    (square(misfit) / variance + log(variance * (2 * Double.pi))) * -0.5
  }
}
