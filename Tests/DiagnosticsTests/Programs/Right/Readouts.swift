import DiffusionDSL

let kinds: [Readout.Kind] = [.perStep, .bumps(10), .shared]
let networks = kinds.map { kind in
  ReverseNetwork {
    Dense(8)
    Readout(kind)
  }
}

let bare = [
  ReverseNetwork { Readout(.perStep) },
  ReverseNetwork { Readout(.bumps(10)) },
  ReverseNetwork { Readout(.shared) },
]
