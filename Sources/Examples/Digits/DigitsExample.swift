import ArgumentParser
import DiffusionDSL
import DiffusionIO
import DiffusionPlots
import ExampleSupport
import Foundation

@main
struct DigitsExample: Example {
  static let configuration = CommandConfiguration(
    commandName: "digits",
    abstract: "Trains a diffusion model on handwritten digits, scores and draws samples, and completes pictures.",
    discussion: """
      Prints the bound K of test digits in bits a pixel and bits/dim, the log likelihood by Parzen windows on true \
      samples beside table 2 of Sohl-Dickstein et al. (2015), and how often a classifier finds the right digit in \
      completions of which a half or a quarter was known. Draws samples (figure App.1 of that paper), what bits and samples \
      become with fewer steps, the training curve and completions, and writes the model.

      MNIST is looked for in the folder mnist below $DIFFUSION_DATA, or below ./data; 'Scripts/fetch-data mnist' fetches \
      it. With --pretrained no data are needed: a model that comes with the example draws samples, shows what fewer steps \
      make of them, and completes one.

      Networks: 'dense' has the paper's dense layers, 'convolution' its multi-scale convolutions; 'both', one behind the \
      other, is the best that was found, and 'small' the same in a file of half a megabyte. With the objective 'bound' K \
      is best, and with 'noisy' samples are. A checkpoint is written every \
      two minutes; with --resume training goes on from it, or is passed over where all steps are done; its objective is then the one that it began with, and 'objective' in the JSON is null.

      JSON: parzen_bits and parzen_standard_error (over test digits); training_digits_bits, the same of digits learned \
      from in place of samples, and training_digits_with_noise_bits, with noise of variance beta_1; K_bits_per_pixel (of \
      digits scaled to variance 1), bits_per_dim (in gray levels) and the beta_1 that both hold for; images_per_second \
      in training; half_accuracy and quarter_accuracy, the share of completions in which the classifier finds the digit; \
      classifier_accuracy on whole test digits; half_effective_size, what the particles of a completion are worth as \
      independent draws; network, objective, data, steps (of training, in all), seed and quick as they were; seconds, all in all. \
      What a run does not measure is null.
      """)

  @Option(help: "The model to train.")
  var network = NetworkChoice.both

  @Option(help: "What training minimises: the bound's terms, or those of noisy steps above all.")
  var objective = ObjectiveChoice.noisy

  @Option(help: "The pictures: handwritten digits or, in the same form, clothing.")
  var data = DigitSet.mnist

  @Option(help: .init("Folder with the four files of the data (default: see above).", valueName: "dir"))
  var folder: String?

  @Option(parsing: .unconditional, help: .init("Training steps in all (default: 120000).", valueName: "count"))
  var steps: Int?

  @Flag(help: "Go on from the checkpoint in the output directory.")
  var resume = false

  @Flag(help: "Train nothing: draw and complete samples of the model that comes with the example.")
  var pretrained = false

  @OptionGroup var options: ExampleOptions

  func validate() throws {
    if let steps, !(1...100_000_000).contains(steps) {
      throw ValidationError("--steps \(steps) is not possible: give a number from 1 to 100000000")
    }
    if pretrained, resume || steps != nil || folder != nil {
      throw ValidationError("--pretrained trains nothing and reads no data: leave out --resume, --steps and --folder")
    }
  }

  func run(in context: ExampleContext) async throws -> Report {
    let start = ContinuousClock.now
    // Before the work, which would be lost if nothing could be written.
    let output = try context.outputDirectory()
    var report = pretrained ? try await showPretrained(in: context, output) : try await study(in: context, output)
    report.seconds = Double((ContinuousClock.now - start) / .seconds(1))
    return report
  }

  /// Training, scores, samples and completions.
  private func study(in context: ExampleContext, _ output: OutputDirectory) async throws -> Report {
    let console = context.console
    let study = Study(try data.read(from: folder), network, objective, trainingSteps: steps, options)
    console.print(study.introduction(resumes: resume))

    let training = try await study.training.run(
      on: Dequantised(study.digits.training), checkpoint: output.file("checkpoint.safetensors"), resumes: resume,
      on: console)
    let model = training.model.withoutTrainingState()
    let modelFile = try output.file("digits.safetensors")
    try model.save(to: modelFile)
    console.print("wrote \(modelFile.relativePath)")
    console.progress("scoring")
    let bound = try study.score(model)
    console.print("\n" + study.results(bound, model) + "\n")
    try context.draw(study.trainingCurve(training.record, bound), as: "training", in: output)

    let samples = try study.samples(of: model, study.recipe.samples, on: console)
    try context.draw(
      ContactSheet(
        ImageSet(levels: samples.prefix(100).flatMap { $0 }, shape: UnitPixels.shape), columns: 10, magnification: 2),
      as: "samples", in: output)
    try showFewerSteps(
      of: model, on: Dequantised(study.digits.test.images(at: 0..<study.recipe.strided)), in: context, output)
    console.progress("scoring samples by Parzen windows")
    let learned = study.trainingDigits()
    let deviation = model.betas[0].squareRoot() * model.scaling.scale[0] / 255
    let scores = try await study.parzen([
      UnitPixels(levels: samples), learned, learned.noisy(deviation: deviation, seed: options.seed),
    ])
    let (score, ofTraining, ofNoisy) = (scores[0], scores[1], scores[2])
    console.print("\n" + study.results(score, training: ofTraining, noisy: ofNoisy, set: data) + "\n")

    let classifier = try study.classifier(on: console)
    let accuracy = classifier.accuracy(
      on: UnitPixels(study.digits.test), study.digits.test.labels ?? [])
    var completions: [Completions] = []
    for part in KnownPart.allCases {
      let completed = try await study.completions(of: model, knowing: part, on: console)
      completions.append(completed)
      try context.draw(completed.sheet(), as: "completions-\(part.name)", in: output)
    }
    console.print("\n" + study.results(completions, classifier, accuracyOnTest: accuracy))

    return Report(
      parzen: score, trainingDigitsBits: ofTraining.bits, noisyTrainingDigitsBits: ofNoisy.bits,
      scaledBitsPerPixel: bound.scaledBitsPerPixel, bitsPerDim: bound.bitsPerDim, firstVariance: model.betas[0],
      imagesPerSecond: training.picturesPerSecond,
      halfAccuracy: completions[0].accuracy(by: classifier).value,
      quarterAccuracy: completions[1].accuracy(by: classifier).value, classifierAccuracy: accuracy,
      effectiveSize: completions[0].meanEffectiveSize, trainingSteps: training.model.trainingSteps,
      network: network.rawValue, objective: resume ? nil : objective.rawValue, set: data.rawValue, seed: options.seed,
      quick: options.quick, seconds: 0)
  }

  /// What bits and samples become with fewer steps.
  private func showFewerSteps(
    of model: TrainedDiffusion, on rows: some RowSource, in context: ExampleContext, _ output: OutputDirectory
  ) throws {
    let fewer = try FewerSteps(
      of: model, on: rows, counts: [5, 10, 20, 50, 100, 200].filter { $0 <= model.steps }, pictures: 8,
      seed: options.seed, threads: options.threads, on: context.console)
    context.console.print("\n" + fewer.table + "\n")
    try context.draw(fewer.figure, as: "fewer-steps", in: output)
    try context.draw(fewer.sheet(range: 0.5...255.5), as: "fewer-steps-samples", in: output)
  }

  /// Samples, fewer steps and a completion of the model that comes with the example.
  private func showPretrained(in context: ExampleContext, _ output: OutputDirectory) async throws -> Report {
    let console = context.console
    let model = try ComingModel(of: "digits").load()
    console.print("digits: a model with \(model.parameterCount) parameters, T = \(model.steps)")
    let computation = ComputeOptions(threads: options.threads)
    console.progress("sampling")
    let samples = try model.sample(options.quick ? 9 : 100, seed: options.seed, options: computation)
    try context.draw(
      ContactSheet(ImageSet(levels: samples.flatMap { $0 }, shape: UnitPixels.shape), magnification: 2), as: "samples",
      in: output)
    console.print("\nChains of fewer steps, K of \(counted(samples.count, "sample")):")
    try showFewerSteps(of: model, on: samples, in: context, output)
    console.progress("completing a sample")
    // Pictures of digits are not in the repository: the model's own samples are completed.
    let (count, particles) = options.quick ? (1, 32) : (4, 128)
    let answers = try Posterior.sample(
      8,
      from: samples.prefix(count).map { picture in
        model.posterior { Observe(mask: KnownPart.half.mask, equals: picture) }
      }, method: .particles(particles, repeats: 1), seed: options.seed, options: computation)
    let completions = Completions(
      part: .half, truth: Array(samples.prefix(count)), labels: [], drawn: answers.map(\.samples), nearest: [],
      effectiveSizes: answers.map(\.effectiveSampleSize), particles: particles)
    try context.draw(completions.sheet(), as: "completions-half", in: output)
    console.print(
      "Of \(counted(count, "sample")) the left half was kept and the rest drawn anew, \(particles) particles each, worth "
        + "\(decimals(completions.meanEffectiveSize, 1)) draws.")
    return Report(
      firstVariance: model.betas[0], effectiveSize: completions.meanEffectiveSize, network: "pretrained",
      set: DigitSet.mnist.rawValue, seed: options.seed, quick: options.quick, seconds: 0)
  }
}
