import DiffusionDSL

let diffusion = Diffusion {
  40
  // expected-error@-1 {{'buildExpression' is unavailable: this is no part of a Diffusion: write a kernel, a schedule, then a ReverseNetwork with the layers inside}}
}
