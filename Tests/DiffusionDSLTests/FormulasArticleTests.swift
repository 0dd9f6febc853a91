// article
import DiffusionDSL
// end of article
import Foundation
import Testing

/// The code of Formulas.md; what its tables say of edges is checked in FunctionEdgeTests and NaNTests.
@Suite struct FormulasArticleTests {
  @Test func theCodeRuns() throws {
    // article
    let ring = Factor { x in
      let radius = sqrt(square(x[0]) + square(x[1]) + 1e-6)
      return square(radius - 2) * -8
    }
    let shrinking = ReverseFunction(dimensions: 2) { x, step in
      let toCentre = tanh(x) * sqrt(step.beta)
      return GaussianStep(mean: x - toCentre, variance: step.beta)
    }
    // end of article

    // article
    let mistake = exp(Formula([1, 2]) + Formula([1, 2, 3]))
    print(mistake.fault?.message ?? "no fault")
    // add takes operands of one shape, or a scalar and any shape, but got [2] and [3]
    // end of article
    #expect(
      mistake.fault?.message
        == "add takes operands of one shape, or a scalar and any shape, but got [2] and [3]")

    // article
    func huber(_ x: Formula, _ width: Double) -> Formula {
      guard width > 0 else { return .faulty("a Huber loss has a width above 0, not \(width)", shape: x.shape) }
      return select(abs(x) .< width, square(x) / 2, (abs(x) - width / 2) * width)
    }
    // end of article
    #expect(huber(Formula([1, 2]), 0).fault?.message == "a Huber loss has a width above 0, not 0.0")
    let x = Formula.input("x", shape: [2])
    let values = try TileProgram(outputs: [huber(x, 1)], layout: ParameterLayout(), precision: .double)
    #expect(values.outputCount == 1)

    // article
    let unsafe = Factor { x in select(x[0] .> 0, log(x[0]), -1e30) }  // slope NaN at 0
    let safe = Factor { x in
      let isPositive = x[0] .> 0
      return select(isPositive, log(select(isPositive, x[0], 1)), -1e30)
    }
    // end of article

    let model = Diffusion {
      GaussianKernel(dimensions: 2)
      Cosine(steps: 10)
      shrinking
    }
    let trained = try TrainedDiffusion(model)
    for factor in [ring, safe, unsafe] {
      let query = trained.posterior { factor }
      let answer = try query.sample(8, method: .particles(64), seed: 1)
      #expect(answer.samples.count == 8)
    }
  }

  @Test func articleSaysWhatRuns() throws {
    try Article.compare("Formulas.md", with: #filePath, blocks: 5)
  }
}
