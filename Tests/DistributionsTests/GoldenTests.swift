import Foundation
import Testing

@testable import Distributions

/// Against mpmath's values (Golden/generate.py).
@Suite struct GoldenTests {
  @Test(arguments: GoldenValues.densities) func density(_ golden: Golden) throws {
    let parameters = golden.arguments.dropLast()
    let x = try #require(golden.arguments.last)
    let value: Double
    switch golden.name {
    case "Normal": value = try normal(parameters).logDensity(at: x)
    case "Bernoulli": value = try Bernoulli(probability: parameters[0]).logDensity(at: Int(x))
    case "Binomial": value = try binomial(parameters).logDensity(at: Int(x))
    case "Poisson": value = try Poisson(mean: parameters[0]).logDensity(at: Int(x))
    case "Gamma": value = try gamma(parameters).logDensity(at: x)
    case "Beta": value = try beta(parameters).logDensity(at: x)
    default: value = try uniform(parameters).logDensity(at: x)
    }
    expectClose(value, golden.value, relative: 2e-13, absolute: 2e-13)
  }

  @Test(arguments: GoldenValues.entropies) func entropy(_ golden: Golden) throws {
    let parameters = golden.arguments[...]
    let value: Double
    switch golden.name {
    case "Normal": value = try normal(parameters).entropy
    case "Bernoulli": value = try Bernoulli(probability: parameters[0]).entropy
    case "Binomial": value = try binomial(parameters).entropy
    case "Poisson": value = try Poisson(mean: parameters[0]).entropy
    case "Gamma": value = try gamma(parameters).entropy
    case "Beta": value = try beta(parameters).entropy
    default: value = try uniform(parameters).entropy
    }
    // Relative where an entropy of bits or counts is tiny; expansions and sums are good to 1e-11.
    let isCount = ["Poisson", "Binomial"].contains(golden.name)
    let absolute = golden.name == "Bernoulli" ? 0 : isCount ? 1e-16 : 1e-14
    expectClose(value, golden.value, relative: isCount ? 2e-12 : 1e-13, absolute: absolute)
  }

  @Test(arguments: GoldenValues.divergences) func divergence(_ golden: Golden) throws {
    let (a, b) = (golden.arguments.prefix(golden.arguments.count / 2), golden.arguments)
    let other = Array(b.suffix(b.count / 2))[...]
    let value: Double
    switch golden.name {
    case "Normal": value = try normal(a).klDivergence(to: normal(other))
    case "Bernoulli": value = try Bernoulli(probability: a[0]).klDivergence(to: Bernoulli(probability: other[0]))
    case "Binomial": value = try binomial(a).klDivergence(to: binomial(other))
    case "Poisson": value = try Poisson(mean: a[0]).klDivergence(to: Poisson(mean: other[0]))
    case "Gamma": value = try gamma(a).klDivergence(to: gamma(other))
    case "Beta": value = try beta(a).klDivergence(to: beta(other))
    default: value = try uniform(a).klDivergence(to: uniform(other))
    }
    // The parameters' own rounding moves a divergence between close neighbours by about 1e-16 of its square root.
    expectClose(value, golden.value, relative: 1e-12, absolute: 1e-15)
  }

  @Test(arguments: GoldenValues.functions) func function(_ golden: Golden) throws {
    let functions: [String: (Double) -> Double] = [
      "logGamma": SpecialFunctions.logGamma, "digamma": SpecialFunctions.digamma,
      "normalCumulative": SpecialFunctions.normalCumulative,
      "normalLogCumulative": SpecialFunctions.normalLogCumulative,
      "normalQuantile": SpecialFunctions.normalQuantile, "kolmogorovTail": SpecialFunctions.kolmogorovTail,
      "chiSquareTail4": { SpecialFunctions.chiSquareTail($0, degreesOfFreedom: 4) },
      "stirlingRemainder": SpecialFunctions.stirlingRemainder, "digammaMinusLog": SpecialFunctions.digammaMinusLog,
    ]
    let function = try #require(functions[golden.name])
    // Phi's argument is rounded once by 1/sqrt(2), which at -37 costs 37^2 roundings.
    let relative = golden.name == "normalCumulative" ? 1e-12 : 2e-13
    let absolute = golden.name == "stirlingRemainder" ? 1e-16 : 0
    expectClose(function(golden.arguments[0]), golden.value, relative: relative, absolute: absolute)
  }

  private func expectClose(
    _ value: Double, _ expected: Double, relative: Double, absolute: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = abs(value - expected)
    #expect(
      error <= max(relative * abs(expected), absolute),
      "\(value) for \(expected), relative error \(error / abs(expected))", sourceLocation: sourceLocation)
  }

  private func normal(_ p: ArraySlice<Double>) throws -> Normal { try Normal(mean: p[0], standardDeviation: p[1]) }
  private func binomial(_ p: ArraySlice<Double>) throws -> Binomial {
    try Binomial(trials: Int(p[0]), probability: p[1])
  }
  private func gamma(_ p: ArraySlice<Double>) throws -> Gamma { try Gamma(shape: p[0], scale: p[1]) }
  private func beta(_ p: ArraySlice<Double>) throws -> Beta { try Beta(alpha: p[0], beta: p[1]) }
  private func uniform(_ p: ArraySlice<Double>) throws -> Uniform { try Uniform(lower: p[0], upper: p[1]) }
}
