import BenchmarkModels
import DiffusionDSL

/// The model after some updates: its speed is not that of a readout full of zeros.
private func begun(threads: Int) async throws -> TrainedDiffusion {
  try await Heartbeat.paper.fit(
    to: Heartbeat.sequences, using: .adam(rate: 1e-3), steps: 100, seed: 1,
    options: .init(batchSize: 500, threads: threads))
}

let heartbeatTrain = Workload(name: "heartbeat-train", unit: "examples") { threads in
  let data = try Dataset(Heartbeat.sequences)
  let (steps, batch) = (2_000, 500)
  return Workload.Run(units: steps * batch) {
    _ = try await Heartbeat.paper.fit(
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
  let data = try Heartbeat.rows(200)
  return Workload.Run(units: data.count * (model.steps - 1)) {
    _ = try model.lowerBound(on: data, seed: 1, options: .init(threads: threads))
  }
}
