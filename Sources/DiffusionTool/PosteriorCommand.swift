import ArgumentParser
import DiffusionDSL
import ProgramSupport

struct PosteriorCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "posterior",
    abstract: "Draws rows from a model given what is known of them, with the evidence.",
    discussion: """
      What is known is given by --observe, --near and --where, each as often as need be; all of it holds together. A \
      model without named fields calls its numbers x0, x1 and so on; 'inspect' shows names and labels.

      --where takes comparisons and lists: 'species == Adelie', 'bill > 40', '35 <= bill <= 45', 'sex != male', \
      'bill in 35...45', 'island in Biscoe,Dream'. Names and labels with blanks, commas or operators stand in quotes.

      --evidence adds log Z, Z being the model's average of what is known, in nats with its standard error. Of --observe \
      and --near on numbers it is a density in the data's units. In the JSON object it is log_evidence, with \
      log_evidence_standard_error, effective_sample_size (as many independent draws would do as well), guidance, particles \
      and repeats. Warnings say where the answer is not to be trusted.

      Of a model of pictures, --picture with --mask fills a hole: white in the mask, from half of its range on, is the \
      hole, black is what is known and comes out exactly as it was given. --output sheet.png shows the picture with its hole \
      in gray, then the completions.

      --method perturbed bends one chain for each row and weighs nothing: there is no evidence, and what is not known \
      may be far off. --guidance annealed and constant are refused for what can be impossible, and need very many \
      particles for a narrow --near.
      """)

  enum Method: String, CaseIterable, ExpressibleByArgument, Sendable {
    case particles, perturbed
  }

  enum GuidanceName: String, CaseIterable, ExpressibleByArgument, Sendable {
    case carried, annealed, constant, twisted

    var guidance: Guidance {
      switch self {
      case .carried: .carried
      case .annealed: .annealed
      case .constant: .constant
      case .twisted: .twisted
      }
    }
  }

  @OptionGroup var model: ModelArgument

  @Option(
    parsing: .unconditionalSingleValue,
    help: .init("A value that a field has, such as x0=0.3.", valueName: "field=value"),
    transform: { try Assignment($0) })
  var observe: [Assignment] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: .init(
      "A value near which a field is, with a standard deviation, such as x1=0.5,0.1.", valueName: "field=value,sd"),
    transform: { try Nearness($0) })
  var near: [Nearness] = []

  @Option(
    name: .customLong("where"), parsing: .unconditionalSingleValue,
    help: .init("A condition on a field, such as 'species == Adelie'.", valueName: "condition"),
    transform: { try ConditionText($0) })
  var conditions: [ConditionText] = []

  @OptionGroup var hole: HoleOptions

  @Option(name: [.short, .long], parsing: .unconditional, help: "How many rows (default: 100, of pictures 8).")
  var count: Int?

  @Option(parsing: .unconditional, help: "Pictures in a row of the sheet (default: as many as rows).")
  var columns: Int?

  @Option(help: "particles: weighted, exact as they grow in number; perturbed: the paper's chain, near the posterior.")
  var method = Method.particles

  @Option(parsing: .unconditional, help: "Particles of each repeat (default: 4096, of pictures 64).")
  var particles: Int?

  @Option(
    parsing: .unconditional,
    help: "Independent repeats, from whose spread the errors come (default: 30, of pictures 8).")
  var repeats: Int?

  @Option(help: "How what is known acts along the trajectory.")
  var guidance = GuidanceName.carried

  @Flag(help: "Add log-evidence with its standard error: on standard error, or in the JSON object.")
  var evidence = false

  @OptionGroup var computation: ComputationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let count { try Usage.check("--count", count, 1...Usage.most) }
    if let columns { try Usage.check("--columns", columns, 1...100_000) }
    if let particles { try Usage.check("--particles", particles, 1...Usage.most) }
    if let repeats { try Usage.check("--repeats", repeats, 1...Usage.most) }
    if observe.isEmpty, near.isEmpty, conditions.isEmpty, hole.picture == nil {
      throw ValidationError("nothing is known: give at least one of --observe, --near and --where, or ask 'sample'")
    }
    if evidence, method == .perturbed {
      throw ValidationError("--method perturbed has no weights and so no evidence: choose --method particles")
    }
  }

  func run(on console: Console) async throws {
    try output.check()
    let trained = try model.read()
    try output.check(for: trained)
    var picture: PicturePosterior?
    if let file = hole.picture, let mask = hole.mask {
      let posterior = try PicturePosterior(trained, picture: file, mask: mask)
      console.note(posterior.summary)
      picture = posterior
    }
    let query = try query(trained, picture)
    let (particles, repeats) = work(of: trained)
    let answer = try query.sample(
      count ?? (trained.definition.image == nil ? 100 : 8),
      method: method == .particles ? .particles(particles, repeats: repeats) : .perturbed,
      guidance: guidance.guidance, seed: computation.seed, options: computation.compute("drawing", on: console))
    if answer.isImpossible {
      throw ConditionError(answer.warnings.first ?? "what is known is impossible: remove some of it.")
    }
    let pictures =
      try picture?.results(answer.samples, columns: columns)
      ?? trained.definition.image.map {
        PictureResults(shape: $0, values: PictureValues(of: trained), numbers: answer.samples.flat, columns: columns)
      }
    var table = answer.table
    if picture != nil, let pictures { table = try Table(cells: pictures.numbers, schema: table.schema) }
    try output.write(
      ResultTable(table), pictures: pictures,
      beside: evidence ? evidenceObject(answer, particles: particles, repeats: repeats) : [:], on: console)
    if picture != nil, !evidence {
      console.note("effective sample size \(decimals(answer.effectiveSampleSize, 0))")
    }
    if evidence { console.note(evidenceSentence(answer)) }
    for warning in answer.warnings { console.warn(warning) }
  }

  /// Particles and repeats: of pictures fewer, since each takes seconds of work.
  private func work(of trained: TrainedDiffusion) -> (particles: Int, repeats: Int) {
    let isPicture = trained.definition.image != nil
    return (particles ?? (isPicture ? 64 : 4_096), repeats ?? (isPicture ? 8 : 30))
  }

  private func query(_ trained: TrainedDiffusion, _ picture: PicturePosterior?) throws -> Posterior {
    let schema = trained.definition.schema
    var terms: [any PosteriorTerm] = []
    for known in observe {
      let field = try FieldValues(known.field, schema)
      terms.append(Observe(field.name, equals: try field.cell(known.value)))
    }
    for known in near {
      terms.append(
        Near(
          try FieldValues(known.field, schema).continuous(), to: known.value, standardDeviation: known.deviation))
    }
    if let picture { terms.append(picture.term) }
    for condition in conditions { terms += try condition.terms(schema) }
    return trained.posterior { terms }
  }

  private func evidenceObject(
    _ answer: PosteriorAnswer, particles: Int, repeats: Int
  ) -> [String: JSONValue] {
    [
      "log_evidence": JSONValue(answer.logEvidence), "unit": .text("nats"),
      "log_evidence_standard_error": JSONValue(answer.logEvidenceStandardError),
      "effective_sample_size": JSONValue(answer.effectiveSampleSize), "guidance": .text(answer.guidance),
      "particles": .integer(particles), "repeats": .integer(repeats),
    ]
  }

  private func evidenceSentence(_ answer: PosteriorAnswer) -> String {
    let error = answer.logEvidenceStandardError.map { " +- \(decimals($0, 4))" } ?? ""
    return "log evidence \(decimals(answer.logEvidence, 4))\(error) nats, effective sample size "
      + decimals(answer.effectiveSampleSize, 0)
  }
}
