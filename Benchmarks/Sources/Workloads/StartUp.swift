/// An empty run: what the harness itself costs.
let startUp = Workload(name: "harness", unit: "runs") {
  Workload.Run(units: 1) {}
}
