import DiffusionDSL

enum Island: String, CaseIterable {
  case biscoe = "Biscoe"
  case dream = "Dream"
}

let species = Category("species", of: ["Adelie", "Chinstrap", "Gentoo"])
let island = Category("island", of: Island.self)
let sex = Binary("sex", "female", "male")
let bill = Continuous("bill")

func query(_ trained: TrainedDiffusion, _ other: TrainedDiffusion, limit: Double, isNarrow: Bool) -> Posterior {
  let posterior = trained.posterior {
    species == "Adelie"
    island != .dream
    sex == "male"
    bill > 40
    (35...45).contains(bill)
    (30...).contains(bill)
    (..<60).contains(bill)
    Observe(0, equals: 0.3)
    if isNarrow { Near(bill, to: 41, standardDeviation: 0.5) }
    for column in 1..<3 { Near(column, to: 0, standardDeviation: 1) }
    Weights(species, ["Adelie": 2, "Gentoo": 1])
    Factor { row in -square(row[bill] - 40) / 8 + row[species][0] }
    Factor { row in select(row[bill] .> limit - 1, 0, -1e30) + select(row[bill] .< 60, 0, -1) }
    Factor { row in -pow(row[bill] / limit, 4) }
    Near(mask: [true, false], to: [1, 2], standardDeviation: limit)
    other
  }
  return posterior.posterior { Observe(1, equals: 2) } * Near(2, to: 1, standardDeviation: 1)
}

let product: (TrainedDiffusion) -> Posterior = { $0 * Factor { x in -square(x[1] - 0.5) / (2 * 0.1 * 0.1) } }

func byNames(_ trained: TrainedDiffusion, measured: Double, label: String) throws -> Double {
  let answer = try trained.posterior {
    Observe("bill", equals: measured)
    Observe("year", equals: 2007)
    Observe("sex", equals: label)
    Observe(Named("mass"), equals: measured)
    Observe(Named("island"), equals: "Dream")
    Near(Named("flipper"), to: measured, standardDeviation: 1)
    Weights(Named("species"), ["Adelie": 2])
  }.sample(10, seed: 1)
  return try answer.mean(of: "bill").value + answer.mean(of: Named("mass")).value
    + (answer.probabilities(of: "species")["Adelie"]?.value ?? 0)
}
