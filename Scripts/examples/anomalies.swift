#!/usr/bin/env diffusion-script
import DiffusionDSL
import DiffusionIO
import Foundation

// Which rows of a table are the odd ones? Trains a model of the table, whatever its columns are, and lists the rows of
// the least log probability.
//
//     anomalies.swift FILE.csv [HOW-MANY]

let arguments = CommandLine.arguments
guard (2...3).contains(arguments.count), let most = arguments.count > 2 ? Int(arguments[2]) : 10, most > 0 else {
  print("usage: anomalies.swift FILE.csv [HOW-MANY]")
  exit(64)
}

do {
  let file = URL(fileURLWithPath: arguments[1])
  let schema = try GuessedSchema(contentsOf: file).schema
  let table = try Table(contentsOf: file, schema: schema)
  let model = Diffusion {
    ProductKernel {
      for column in schema.columns {
        switch column.kind {
        case .continuous: Continuous(column.name)
        case .binary(let labels): Binary(column.name, labels[0], labels[1])
        case .category(let labels): Category(column.name, of: labels)
        }
      }
    }
    ConstantErasure(steps: 40)
    // The floor keeps rounded numbers from a density without end.
    ReverseNetwork(mean: .noise, lastStep: .learned(floor: 1e-2)) {
      for _ in 0..<2 { Dense(24, activation: .silu) }
      Readout(.bumps(8))
    }
  }
  let trained = try await model.fit(
    to: table, using: .adam(rate: .cosine(5e-3)), steps: 1_000, seed: 1,
    options: TrainingOptions(batchSize: 256, averaging: 0.995))
  let scores = try trained.logProbability(of: table, trajectories: 64, seed: 1)

  let odd = table.indices.sorted { scores.rows[$0].nats < scores.rows[$1].nats }.prefix(most)
  for row in odd {
    print(String(format: "row %d: %.1f bits  ", row + 1, scores.rows[row].bits) + "\(table[row])")
  }
} catch {
  FileHandle.standardError.write(Data("anomalies: \(error)\n".utf8))
  exit(65)
}
