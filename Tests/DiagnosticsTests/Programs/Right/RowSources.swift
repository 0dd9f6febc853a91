import DiffusionDSL

func queries(_ trained: TrainedDiffusion, _ table: Table, _ data: Dataset, _ unknown: Double?) throws {
  _ = try trained.lowerBound(on: [[1, 2], [3, 4]])
  _ = try trained.lowerBound(on: [[1, 2.5], [3, 4]])
  _ = try trained.lowerBound(on: [[1, nil], [3, 4]])
  _ = try trained.lowerBound(on: [[1, nil], [2.5, 3]])
  _ = try trained.lowerBound(on: [[0.5, unknown]])
  _ = try trained.lowerBound(on: [[Float(1), 2]])
  _ = try trained.lowerBound(on: table)
  _ = try trained.lowerBound(on: data, seed: 3)
  _ = try trained.lowerBound(on: trained.sample(10, seed: 1))
  _ = try trained.logProbability(of: [[1, nil], [3, 4]])
  _ = try trained.logProbability(of: table, trajectories: 64)
  _ = try trained.impute([[0, 1, nil, 0.2], [1, 0, 2, 0.7], [nil, 1, 1, nil]], draws: 20, seed: 5)
  _ = try trained.impute(table, seed: 5)
  _ = try trained.forwardTrajectory(of: [[1, 2]], seed: 1)
  _ = try Dataset([[1, nil], [2.5, 3]])
}

func conditions(_ trained: TrainedDiffusion) -> Posterior {
  trained.posterior {
    Named("species") == "Adelie"
    Named("island") != "Dream"
    Named("year") == 2_008
    Named("bill") > 40
    60 >= Named("bill")
    (35...45).contains(Named("bill"))
    (..<60).contains(Named("bill"))
    ["Adelie", "Gentoo"].contains(Named("species"))
    Observe([0, 1], equals: [1, 2])
    Near([0, 1], to: [1, 2], standardDeviation: 1)
    Near(to: [1, 2, 3], standardDeviation: 1)
    Factor { row in select(row["bill"] .> 40, 0, -1e30) }
  }
}
