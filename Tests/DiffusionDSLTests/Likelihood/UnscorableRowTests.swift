import Foundation
import Testing

@testable import DiffusionDSL

/// Rows so far from what a model knows that arithmetic ends: a score of -infinity that names them, or an error that does,
/// and never NaN.
@Suite struct UnscorableRowTests {
  @Test(arguments: [SmallModel.perStep, .shared]) func rowsFarOutAreNamed(_ model: SmallModel) throws {
    let trained = try model.trained(steps: 60)
    let width = trained.dimensions
    let column = ColumnPlace(1, name: trained.schema.names[1])
    let near = Array(repeating: 10.0, count: width)
    var outcomes: Set<String> = []
    for value in [1e7, 1e12, 1e19, 1e22, 1e25, 1e38, 1e40, 1e160, 1e300] {
      var far = near
      far[1] = -value
      let scores: [() throws -> (nats: [Double], impossible: [ImpossibleRow], text: String)] = [
        {
          let bound = try trained.lowerBound(on: [near, far], seed: 1)
          return (bound.rowNats, bound.impossibleRows, "\(bound)")
        },
        {
          let found = try trained.logProbability(of: [near, far], trajectories: 8, seed: 1)
          return (found.rows.map(\.nats), found.impossibleRows, "\(found)")
        },
      ]
      for score in scores {
        do {
          let (nats, impossible, text) = try score()
          #expect(nats[0].isFinite && !nats[1].isNaN && nats[1] < -1e6, "\(value): \(nats)")
          guard nats[1] == -.infinity else {
            outcomes.insert("finite")
            #expect(impossible.isEmpty)
            continue
          }
          outcomes.insert("impossible")
          #expect(impossible.map(\.row) == [1] && impossible[0].outlier?.column == column)
          #expect(impossible[0].outlier?.value == -value)
          #expect(text.contains("row 1 has a score of -infinity: \(column) is -"), "\(text)")
        } catch let error as DataError {
          outcomes.insert("error")
          guard case .unscorable(row: 1, column: column, value: -value, scaled: let scaled) = error else {
            Issue.record("\(error)")
            continue
          }
          #expect(scaled < -1e5)
          #expect("\(error)".hasPrefix("row 1, \(column) is \(-value), which is -"), "\(error)")
        }
      }
    }
    // The numbers above go through more than one way.
    #expect(outcomes.contains("error") && outcomes.count > 1, "\(outcomes)")
  }

  /// Where no number of the row is far, it is the model's reverse step that is named.
  @Test func aModelsOwnFaultIsNotTheRows() throws {
    let trained = try TrainedDiffusion(QueryTests.function { _ in Formula(-1) })
    for score in [
      { _ = try trained.lowerBound(on: [[0.5, 1], [0, 1]]) }, { _ = try trained.logProbability(of: [[0.5, 1]]) },
    ] as [() throws -> Void] {
      let error = #expect(throws: DefinitionError.self) { try score() }
      #expect("\(try #require(error))".contains("numbers that are not finite for row 0"))
    }
  }
}
