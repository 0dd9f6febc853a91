#!/usr/bin/env diffusion-script
import DiffusionDSL
import Foundation

// Where on the swiss roll are the points whose first number is 0.3? Asks a saved model of the roll.
//
//     swift run -c release swiss-roll
//     swiss-roll-posterior.swift output/swiss-roll/swiss-roll.safetensors

guard CommandLine.arguments.count == 2 else {
  print("usage: swiss-roll-posterior.swift MODEL.safetensors")
  exit(64)
}
do {
  let roll = try TrainedDiffusion(contentsOf: URL(fileURLWithPath: CommandLine.arguments[1]))
  let query = roll.posterior {
    Observe(0, equals: 0.3)
  }
  let answer = try query.sample(1_000, method: .particles(1_024), seed: 1)

  // The line x0 = 0.3 crosses the roll several times, so a histogram says more than a mean.
  for bin in try answer.histogram(of: 1, bins: 16) {
    let bar = String(repeating: "#", count: Int((60 * bin.probability.value).rounded()))
    print(String(format: "%6.2f  %5.3f  ", bin.range.lowerBound, bin.probability.value) + bar)
  }
  let error = answer.logEvidenceStandardError ?? .nan
  print(String(format: "log p(x0 = 0.3) = %.3f +- %.3f nats", answer.logEvidence, error))
} catch {
  FileHandle.standardError.write(Data("swiss-roll-posterior: \(error)\n".utf8))
  exit(65)
}
