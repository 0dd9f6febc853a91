#!/usr/bin/env diffusion-script
import DiffusionDSL
import DiffusionIO
import Foundation

// Which sex, and which measurements, have the penguins whose cells are missing? Trains a model of the table and draws
// them, given the cells that are there.
//
//     impute-penguins.swift penguins.csv

guard CommandLine.arguments.count == 2 else {
  print("usage: impute-penguins.swift PENGUINS.csv")
  exit(64)
}

let species = Category("species", of: ["Adelie", "Chinstrap", "Gentoo"])
let sex = Binary("sex", "female", "male")
let measurements = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"].map { Continuous($0) }
let model = Diffusion {
  ProductKernel {
    species
    sex
    for measurement in measurements { measurement }
  }
  ConstantErasure(steps: 40)
  ReverseNetwork(mean: .noise, lastStep: .learned(floor: 1e-3)) {
    for _ in 0..<2 { Dense(24, activation: .silu) }
    Readout(.bumps(8))
  }
}

do {
  let table = try Table(contentsOf: URL(fileURLWithPath: CommandLine.arguments[1]), schema: model.schema)
  let penguins = try await model.fit(
    to: table, using: .adam(rate: .cosine(5e-3)), steps: 1_000, seed: 1,
    options: TrainingOptions(batchSize: 256, averaging: 0.995))
  let imputation = try penguins.impute(table, draws: 200, seed: 1)

  for cell in imputation.cells {
    if cell.labels != nil {
      let male = cell.probabilities[1]
      print(
        String(
          format: "row %d: %@ with probability %.2f", cell.row + 1, male < 0.5 ? "female" : "male", max(male, 1 - male))
      )
    } else {
      let interval = cell.interval(0.9)
      print(
        String(
          format: "row %d: %@ %.1f, 90%% in %.1f ... %.1f", cell.row + 1, cell.field, cell.mean, interval.lowerBound,
          interval.upperBound))
    }
  }
} catch {
  FileHandle.standardError.write(Data("impute-penguins: \(error)\n".utf8))
  exit(65)
}
