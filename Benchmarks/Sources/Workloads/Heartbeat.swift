import DiffusionDSL

/// Binary sequences of 20 bits with a 1 in every fifth bin, in each of their five phases.
private let sequences: [[Double]] = (0..<5).map { phase in (0..<20).map { $0 % 5 == phase ? 1 : 0 } }

/// The paper's network for them; the peers' programs run the same arithmetic.
private let heartbeat = Diffusion {
  BinomialKernel(bits: 20, mean: 0.2)
  ConstantErasure(steps: 2_000)
  ReverseNetwork {
    for _ in 0..<3 { Dense(50, activation: .sigmoid) }
    Readout(.bumps(10))
  }
}

/// Such a model after some updates: its speed is not that of a readout full of zeros.
private func begun(threads: Int) async throws -> TrainedDiffusion {
  try await heartbeat.fit(
    to: sequences, using: .adam(rate: 1e-3), steps: 100, seed: 1, options: .init(batchSize: 500, threads: threads))
}

let heartbeatTrain = Workload(name: "heartbeat-train", unit: "examples") { threads in
  let data = try Dataset(sequences)
  let (steps, batch) = (2_000, 500)
  return Workload.Run(units: steps * batch) {
    _ = try await heartbeat.fit(
      to: data, using: .adam(rate: 1e-3), steps: steps, seed: 1, options: .init(batchSize: batch, threads: threads))
  }
}

let heartbeatSample = Workload(name: "heartbeat-sample", unit: "chain-steps") { threads in
  let model = try await begun(threads: threads)
  let chains = 1_000
  return Workload.Run(units: chains * model.steps) {
    _ = try model.sample(chains, seed: 1, options: .init(threads: threads))
  }
}

let heartbeatBound = Workload(name: "heartbeat-bound", unit: "sequence-steps") { threads in
  let model = try await begun(threads: threads)
  let data = try Dataset((0..<200).map { sequences[$0 % sequences.count] })
  return Workload.Run(units: data.count * (model.steps - 1)) {
    _ = try model.lowerBound(on: data, seed: 1, options: .init(threads: threads))
  }
}
