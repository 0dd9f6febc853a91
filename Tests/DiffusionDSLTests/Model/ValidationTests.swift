import Foundation
import Testing

@testable import DiffusionDSL

/// Mistakes that types cannot show: reported together, each at its line.
@Suite struct ValidationTests {
  /// The whole text of what compiling a definition throws; empty where it throws nothing.
  private func report(_ definition: Diffusion) -> String {
    do {
      _ = try DiffusionModel(definition)
      return ""
    } catch {
      return error.description
    }
  }

  private func at(_ line: Int, _ message: String) -> String {
    "DiffusionDSLTests/ValidationTests.swift:\(line): \(message)"
  }

  private func model(
    dimensions: Int = 2, _ schedule: some DiffusionSchedule = Cosine(steps: 4),
    @NetworkBuilder _ network: () -> NetworkBuilder.Complete
  ) -> Diffusion {
    Diffusion {
      GaussianKernel(dimensions: dimensions)
      schedule
      ReverseNetwork(network)
    }
  }

  @Test func everyFaultIsReportedAtItsLine() {
    let line = #line
    let definition = Diffusion {
      GaussianKernel(dimensions: 0)
      Fixed([0.5, -0.25, 1])
      ReverseNetwork {
        Dense(0)
        RadialBasis(units: -3)
        Parallel {
          for _ in 0..<0 { Dense(8) }
        }
        Dense(4)
        Residual {
          Dense(5, activation: .tanh)
          Chain {
            Dense(3)
            Dense(0)
          }
        }
        Readout(.bumps(0))
      }
    }
    #expect(
      report(definition) == """
        \(at(line + 2, "a kernel over 0 dimensions has no state: give 1 or more"))
        \(at(line + 3, "beta_2 is -0.25; each lies between 0 and 1, and only the last may be 1"))
        \(at(line + 5, "Dense has 0 units; give 1 or more"))
        \(at(line + 6, "RadialBasis has -3 units; give 1 or more"))
        \(at(line + 7, "Parallel is empty; give it a layer or more"))
        \(at(line + 15, "Dense has 0 units; give 1 or more"))
        \(at(
          line + 11,
          "Residual adds its input, 4 wide, to what its layers give, 3 wide; make the last layer inside 4 wide"))
        \(at(line + 18, "Readout(.bumps(0)) has no bumps; give 1 or more"))
        """)
  }

  @Test func aSoundDefinitionHasNoFaults() {
    #expect(
      report(
        model {
          Residual { Dense(2, activation: .tanh) }
          Parallel {
            Dense(3)
            RadialBasis(units: 4)
          }
          Residual { Dense(7) }
          Readout(.bumps(1))
        }) == "")
  }

  static let wrongSchedules: [(any DiffusionSchedule, String)] = [
    (ConstantErasure(steps: 0), "a schedule of 0 steps is none: give 1 or more"),
    (Cosine(steps: -1), "a schedule of -1 steps is none: give 1 or more"),
    (Fixed([]), "a schedule of 0 steps is none: give 1 or more"),
    (Fixed([0, 0.5]), "beta_1 is 0.0; each lies between 0 and 1, and only the last may be 1"),
    (Fixed([1, 0.5]), "beta_1 is 1.0; each lies between 0 and 1, and only the last may be 1"),
    (Fixed([0.5, .nan]), "beta_2 is nan; each lies between 0 and 1, and only the last may be 1"),
    (Fixed([0.5, 1.5]), "beta_2 is 1.5; each lies between 0 and 1, and only the last may be 1"),
    (
      Linear(steps: 19),
      "Linear needs 20 steps or more, or its last beta passes 1; 19 were given: choose Cosine or ConstantErasure"
    ),
    (
      Geometric(steps: 4, firstVariance: 0.5, lastVariance: 0.25),
      "a geometric schedule needs 0 < firstVariance < lastVariance < 1, not 0.5 and 0.25"
    ),
    (
      SignalToNoise(steps: 4, firstVariance: 0.5, lastVariance: 0.25),
      "a signal-to-noise schedule needs 0 < firstVariance < lastVariance < 1, not 0.5 and 0.25"
    ),
    (
      LearnedSchedule(steps: 4, firstVariance: 1),
      "firstVariance is beta_1 and lies between 0 and 0.995, not 1.0"
    ),
  ]

  @Test(arguments: wrongSchedules)
  func aScheduleSaysWhatIsWrongWithIt(_ schedule: any DiffusionSchedule, _ message: String) {
    let line = #line + 3
    let definition = Diffusion {
      GaussianKernel(dimensions: 2)
      schedule
      ReverseNetwork { Readout(.perStep) }
    }
    #expect(report(definition) == at(line, message))
  }

  @Test func everyBetaOutsideItsRangeIsReported() {
    let line = #line + 3
    let definition = Diffusion {
      GaussianKernel(dimensions: 2)
      Fixed([2, 0.5, 0])
      ReverseNetwork { Readout(.perStep) }
    }
    #expect(
      report(definition) == """
        \(at(line, "beta_1 is 2.0; each lies between 0 and 1, and only the last may be 1"))
        \(at(line, "beta_3 is 0.0; each lies between 0 and 1, and only the last may be 1"))
        """)
  }

  @Test func aReverseFunctionOfAnotherSizeIsReported() {
    let line = #line + 4
    let definition = Diffusion {
      GaussianKernel(dimensions: 2)
      ConstantErasure(steps: 4)
      ReverseFunction(dimensions: 3) { x, step in GaussianStep(mean: x, variance: step.beta) }
    }
    #expect(
      report(definition)
        == at(line, "a reverse function over 3 dimensions does not fit a kernel over 2: make them equal"))
  }

  @Test func anIllShapedReverseFunctionIsReported() {
    let line = #line + 4
    let definition = Diffusion {
      GaussianKernel(dimensions: 2)
      ConstantErasure(steps: 4)
      ReverseFunction(dimensions: 2) { x, step in GaussianStep(mean: x[5], variance: step.beta) }
    }
    #expect(report(definition) == at(line, "there is no element 5 in [2]"))
    let other = Diffusion {
      GaussianKernel(dimensions: 2)
      ConstantErasure(steps: 4)
      ReverseFunction(dimensions: 2) { x, step in
        GaussianStep(mean: concatenate([x, x]), variance: x[0..<1])
      }
    }
    #expect(
      report(other) == """
        \(at(line + 6, "the reverse function's mean has shape [4] where [2] or a scalar is needed"))
        \(at(line + 6, "the reverse function's variance has shape [1] where [2] or a scalar is needed"))
        """)
  }

  @Test(arguments: [-1, .infinity, .nan]) func theFloorOfALearnedLastStepIsChecked(_ floor: Double) {
    let line = #line + 4
    let definition = Diffusion {
      GaussianKernel(dimensions: 2)
      ConstantErasure(steps: 4)
      ReverseNetwork(lastStep: .learned(floor: floor)) { Readout(.perStep) }
    }
    #expect(
      report(definition)
        == at(line, "the floor of a learned last step's variance is \(floor); give 0 or more, and finite"))
  }

  /// However many steps are asked for, asking for the betas is safe, before any validation.
  @Test(arguments: [0, -1, .min, .max, 1_000_001]) func noScheduleHasThatManySteps(_ steps: Int) {
    let schedules: [any DiffusionSchedule] = [
      ConstantErasure(steps: steps), Linear(steps: steps), Cosine(steps: steps),
      Geometric(steps: steps, firstVariance: 0.1), SignalToNoise(steps: steps, firstVariance: 0.1),
      LearnedSchedule(steps: steps, firstVariance: 0.1),
    ]
    for schedule in schedules {
      #expect(schedule.betas == [])
      #expect(AnySchedule(schedule).betas == [])
      #expect(AnySchedule(schedule).faults.count == 1)
    }
  }

  @Test func theLastBetaOfTwentyEvenOnesIsOne() throws {
    #expect(Linear(steps: 20).betas.last == 1)
    let trained = try TrainedDiffusion(
      Diffusion {
        GaussianKernel(dimensions: 1)
        Linear(steps: 20)
        ReverseFunction(dimensions: 1) { x, step in GaussianStep(mean: x * 0.5, variance: step.beta) }
      })
    #expect(try trained.lowerBound(on: [[0.5], [-1.0]]).bits.isFinite)
  }

  /// Tables that no memory holds are a fault before they are built.
  @Test func tablesThatAreTooLargeAreReported() {
    #expect(
      report(model { Readout(.bumps(1 << 25)) }).hasSuffix(
        "Readout(.bumps(33554432)) has too many bumps for 4 steps; give fewer"))
    let classes = Diffusion {
      CategoricalKernel(classes: 100_000)
      ConstantErasure(steps: 4)
      ReverseNetwork { Readout(.perStep) }
    }
    #expect(
      report(classes).hasSuffix(
        "a kernel over one of 100000 classes with 4 steps takes tables of more than 67108864 numbers: "
          + "give fewer bits, classes or steps"))
  }

  @Test func layersThatNestTooDeepAreReported() {
    func nested(_ depth: Int) -> Diffusion {
      var layer: any NetworkLayer = Dense(2)
      for index in 0..<depth {
        let inside = layer
        layer =
          switch index % 3 {
          case 0: Chain { [inside] }
          case 1: Residual { [inside] }
          default: Parallel { [inside] }
          }
      }
      return model {
        [layer]
        Readout(.perStep)
      }
    }
    #expect(report(nested(63)) == "")
    // A million would end the stack where their fault is looked for, or where they end.
    for depth in [64, 65, 1_000_000] {
      #expect(
        report(nested(depth)).hasSuffix(
          "layers nest more than 64 deep here; put them one behind the other instead of inside each other"))
    }
    let text = String(repeating: #"{"chain":{"_0":["#, count: 100_000)
    #expect(throws: (any Error).self) { try JSONDecoder().decode(AnyLayer.self, from: Data(text.utf8)) }
  }

  @Test func anImageWithoutPixelsIsReported() {
    let line = #line + 2
    let definition = Diffusion {
      GaussianKernel(image: .init(width: 0, height: 3))
      ConstantErasure(steps: 4)
      ReverseNetwork { Readout(.perStep) }
    }
    #expect(
      report(definition)
        == at(line, "an image of 0 x 3 with 1 channel has no pixels: give extents of 1 or more"))
  }

  /// Layers keep the line they were written at, wherever a function puts them.
  @Test func layersFromFunctionsNameALine() {
    let inside = #line + 2
    @LayerBuilder func trunk() -> LayerBuilder.Layers {
      Dense(0)
    }
    let line = #line + 2
    let definition = model {
      [Dense(-1)]
      trunk()
      Readout(.perStep)
    }
    #expect(
      report(definition) == """
        \(at(line, "Dense has -1 units; give 1 or more"))
        \(at(inside, "Dense has 0 units; give 1 or more"))
        """)
  }

  /// Sizes that no memory holds, or whose product no integer does.
  @Test func immenseSizesAreReported() {
    let huge = Int.max
    let line = #line + 2
    let dense = model {
      Dense(huge)
      Readout(.perStep)
    }
    let radial = model {
      RadialBasis(units: huge)
      Readout(.perStep)
    }
    let bumps = model {
      Readout(.bumps(huge))
    }
    #expect(report(dense) == at(line, "Dense has \(huge) units; give 16777216 or fewer"))
    #expect(report(radial) == at(line + 4, "RadialBasis has \(huge) units; give 16777216 or fewer"))
    #expect(report(bumps) == at(line + 8, "Readout(.bumps(\(huge))) has too many bumps for 4 steps; give fewer"))
    #expect(
      report(model(dimensions: huge) { Readout(.perStep) })
        .hasSuffix(": a kernel over \(huge) dimensions is too large: give 16777216 numbers or fewer"))
    #expect(
      report(model(Cosine(steps: huge)) { Readout(.perStep) })
        .hasSuffix(": a schedule of \(huge) steps is too long: give 1000000 or fewer"))
    let wide = model {
      for _ in 0..<2 { Dense(1 << 24) }
      Readout(.perStep)
    }
    #expect(
      report(wide)
        .hasSuffix(": the model has more than 67108864 parameters; give its layers fewer units"))
    let image = Diffusion {
      GaussianKernel(image: .init(width: huge, height: huge, channels: huge))
      ConstantErasure(steps: 4)
      ReverseNetwork { Readout(.perStep) }
    }
    #expect(
      report(image).hasSuffix(
        ": a kernel over images of \(huge) x \(huge) with \(huge) channels is too large: give 16777216 numbers or fewer"
      ))
  }
}
