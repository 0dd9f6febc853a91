import Expressions
import Foundation

// A model as one .safetensors file: parameters as named tensors, the definition as JSON in the metadata, the scaling
// and the state of training beside them.
//
// Format 5 has readouts that read images pixel by pixel; only models of images are of it. Format 4 has products of
// kernels, kernel regression, and draws of missing cells. Format 3 has kernels other than the Gaussian one, and a
// checksum. Format 2 has neither. Format 1, from before the first release, kept the scaling as JSON in the metadata
// instead of as two tensors of Double. All still load.

private enum ModelFile {
  static let version = 5
  /// The format of models that know no images, which older versions of the library read.
  static let flatVersion = 4
  static let producer = "DiffusionDSL"

  enum Key {
    static let producer = "producer"
    static let version = "format_version"
    static let definition = "definition"
    static let training = "training"
    static let scaling = "scaling"
    static let checksum = "checksum"
  }

  /// In place of a checksum: the file was altered on purpose.
  static let unchecked = "none"

  enum Name {
    static let mean = "scaling.mean"
    static let scale = "scaling.scale"
    static func parameter(_ name: String) -> String { "parameters.\(name)" }
    static let trained = "training.parameters"
    static let first = "training.first_moment"
    static let second = "training.second_moment"
    static let average = "training.average"
    static let best = "training.best"
    static let missing = "training.missing_cells"
    static func updates(_ index: Int) -> String { "training.slice_updates.\(index)" }
    static func clocks(_ index: Int) -> String { "training.slice_clocks.\(index)" }
  }

  /// What of a training state is no tensor.
  struct Training: Codable {
    var optimiser: Optimiser
    var seed: UInt64
    var batchSize: Int
    var tileRows: Int
    var averaging: Double?
    var clipping: Double?
    var step: Int
    var steps: Int
    var averageClock: Double
    var runningLoss: Double
    var runningWeight: Double
    var sliceCounts: [Int]
    // Files of before have neither, nor has training without held-out rows.
    var bestBits: Double?
    var evaluationsWithoutGain: Int?
    /// Nil in files of before, and where no cell was missing.
    var missingCells: Int?

    /// Whether training could have come to these numbers, and can go on from them.
    var isSound: Bool {
      (0...1 << 53).contains(step) && steps >= 0 && batchSize >= 1 && (16...4_096).contains(tileRows)
        && tileRows % 16 == 0 && averageClock.isFinite && averageClock <= 0 && runningLoss.isFinite
        && runningWeight.isFinite && runningWeight >= 0 && (0...step).contains(evaluationsWithoutGain ?? 0)
        && bestBits?.isNaN != true
    }
  }

  // Schedules and formulas may hold infinities, which JSON lacks.
  static func encoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }

  static func decoder(_ types: DefinitionTypes) -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.userInfo[.definitionTypes] = types
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }

  static func decode<Value: Decodable>(
    _ text: String, as type: Value.Type, _ what: String, _ path: String, types: DefinitionTypes = .init()
  ) throws(ModelFileError) -> Value {
    do {
      return try decoder(types).decode(type, from: Data(text.utf8))
    } catch {
      throw .invalidDefinition(file: path, message: "its \(what) cannot be read (\(ModelFile.reason(error)))")
    }
  }

  static func reason(_ error: any Error) -> String {
    switch error {
    case DecodingError.dataCorrupted(let context), DecodingError.keyNotFound(_, let context),
      DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      context.debugDescription
    default: "\(error)"
    }
  }
}

extension TrainedDiffusion {
  /// Writes the model as one `.safetensors` file: definition, parameters, scaling, and the state of training.
  ///
  /// The file is replaced as a whole or not at all, and durably. Parameters are tensors named `parameters.NAME`.
  /// Whoever changes them on purpose sets the metadata's `checksum` to `none`.
  ///
  /// - Parameter url: where the file is to be; one that is there is replaced, its permissions kept.
  /// - Throws: `ModelFileError.notWritable`.
  public func save(to url: URL) throws(ModelFileError) {
    let version = definition.isOfImages ? ModelFile.version : ModelFile.flatVersion
    var file = SafeTensorsFile(metadata: [
      ModelFile.Key.producer: ModelFile.producer, ModelFile.Key.version: "\(version)",
    ])
    file.metadata[ModelFile.Key.definition] = try ModelFile.text(definition, url)
    for parameter in model.parameters {
      file[ModelFile.Name.parameter(parameter.name)] = .init(
        self.parameter(parameter.name) ?? [], shape: parameter.shape.axes)
    }
    file[ModelFile.Name.mean] = .init(scaling.mean)
    file[ModelFile.Name.scale] = .init(scaling.scale)
    if let state { try ModelFile.add(state, to: &file, url) }
    file.metadata[ModelFile.Key.checksum] = file.checksum(without: ModelFile.Key.checksum)
    try file.write(to: url)
  }

  /// Reads a model that `save(to:)` wrote.
  ///
  ///     let trained = try TrainedDiffusion(contentsOf: url, types: DefinitionTypes(layers: [Gate.self]))
  ///
  /// - Parameters:
  ///   - url: the file.
  ///   - types: of parts that are not the library's, such as layers of your own.
  /// - Throws: `ModelFileError`, which says what is wrong with the file; a file of a newer format is refused, and so is
  ///   one with a part of a type that is not known, by the type's name.
  public init(contentsOf url: URL, types: DefinitionTypes = .init()) throws(ModelFileError) {
    let file = try SafeTensorsFile(reading: url)
    let path = url.path
    guard file.metadata[ModelFile.Key.producer] == ModelFile.producer,
      let version = file.metadata[ModelFile.Key.version].flatMap({ Int($0) }), version >= 1,
      let definitionText = file.metadata[ModelFile.Key.definition]
    else {
      throw .invalidDefinition(file: path, message: "it holds tensors, but no model of DiffusionDSL")
    }
    guard version <= ModelFile.version else {
      throw .newerFormat(file: path, found: version, supported: ModelFile.version)
    }
    if version >= 3 {
      let checksum = file.metadata[ModelFile.Key.checksum]
      guard checksum == ModelFile.unchecked || checksum == file.checksum(without: ModelFile.Key.checksum) else {
        throw .altered(file: path)
      }
    }
    var definition = try ModelFile.decode(definitionText, as: Diffusion.self, "definition", path, types: types)
    if version < 5 { definition = definition.readingAllOfImages }
    let model: DiffusionModel
    do {
      model = try DiffusionModel(definition)
    } catch {
      throw .invalidDefinition(file: path, message: error.description)
    }
    let layout = model.layout
    // A small file may announce a model that takes all memory.
    for entry in layout.entries {
      _ = try file.values(ModelFile.Name.parameter(entry.name), shape: entry.shape.axes, as: Float.self)
    }
    var parameters = Array(repeating: Float(0), count: layout.count)
    for entry in layout.entries {
      let values: [Float] = try file.values(ModelFile.Name.parameter(entry.name), shape: entry.shape.axes)
      parameters.replaceSubrange(entry.offset..<entry.offset + values.count, with: values)
    }
    if let bad = parameters.firstIndex(where: { !$0.isFinite }), let entry = layout.entry(at: bad) {
      throw .invalidDefinition(file: path, message: "parameter '\(entry.name)' has a number that is not finite")
    }
    let scaling = try ModelFile.scaling(file, version: version, kernel: definition.kernel, path)
    let state = try ModelFile.state(file, layout: layout, path)
    self.init(model: model, parameters: parameters, scaling: scaling, state: state)
  }
}

extension ModelFile {
  fileprivate static func text(_ value: some Encodable, _ url: URL) throws(ModelFileError) -> String {
    do {
      return String(decoding: try encoder().encode(value), as: UTF8.self)
    } catch {
      throw .notWritable(file: url.path, reason: reason(error))
    }
  }

  fileprivate static func scaling(
    _ file: SafeTensorsFile, version: Int, kernel: KernelDefinition, _ path: String
  ) throws(ModelFileError) -> Scaling {
    let scaling: Scaling
    if version == 1 {
      scaling = try decode(file.metadata[Key.scaling] ?? "", as: Scaling.self, "scaling", path)
    } else {
      let shape = [kernel.dimensions]
      scaling = Scaling(
        mean: try file.values(Name.mean, shape: shape), scale: try file.values(Name.scale, shape: shape))
    }
    if let fault = scaling.fault(for: kernel) { throw .invalidDefinition(file: path, message: fault) }
    return scaling
  }

  fileprivate static func add(_ state: TrainingState, to file: inout SafeTensorsFile, _ url: URL) throws(ModelFileError)
  {
    let training = Training(
      optimiser: state.optimiser, seed: state.seed, batchSize: state.batchSize, tileRows: state.tileRows,
      averaging: state.averaging, clipping: state.clipping, step: state.step, steps: state.steps,
      averageClock: state.averageClock, runningLoss: state.runningLoss, runningWeight: state.runningWeight,
      sliceCounts: state.sliceUpdates.map(\.count), bestBits: state.selection.best?.bits,
      evaluationsWithoutGain: state.selection.best.map { _ in state.selection.evaluationsWithoutGain },
      missingCells: state.missingCells.isEmpty ? nil : state.missingCells.count)
    file.metadata[Key.training] = try text(training, url)
    file[Name.trained] = .init(state.parameters)
    file[Name.first] = .init(state.firstMoment)
    file[Name.second] = .init(state.secondMoment)
    // An average that keeps nothing is not kept.
    if !state.average.isEmpty { file[Name.average] = .init(state.average) }
    if !state.missingCells.isEmpty { file[Name.missing] = .init(state.missingCells) }
    if let best = state.selection.best { file[Name.best] = .init(best.parameters) }
    for (index, updates) in state.sliceUpdates.enumerated() {
      file[Name.updates(index)] = .init(updates.map { Int64($0) })
      file[Name.clocks(index)] = .init(state.sliceClocks[index])
    }
  }

  fileprivate static func state(
    _ file: SafeTensorsFile, layout: ParameterLayout, _ path: String
  ) throws(ModelFileError) -> TrainingState? {
    guard let text = file.metadata[Key.training] else { return nil }
    let training = try decode(text, as: Training.self, "state of training", path)
    let shape = [layout.count]
    var updates: [[Int]] = []
    var clocks: [[Double]] = []
    guard training.sliceCounts.count <= layout.entries.count,
      training.sliceCounts.allSatisfy({ $0 >= 0 && $0 <= layout.count }), training.isSound
    else { throw unsoundState(path) }
    for (index, count) in training.sliceCounts.enumerated() {
      let stored: [Int64] = try file.values(Name.updates(index), shape: [count])
      let times: [Double] = try file.values(Name.clocks(index), shape: [count])
      // A slice is updated at most once a step, and its average is never ahead of the others'.
      guard stored.allSatisfy({ (0...Int64(training.step)).contains($0) }),
        times.allSatisfy({ (training.averageClock...0).contains($0) })
      else { throw unsoundState(path) }
      updates.append(stored.map { Int($0) })
      clocks.append(times)
    }
    let keepsAverage = (training.averaging ?? 0) != 0
    let state = TrainingState(
      optimiser: training.optimiser, seed: training.seed, batchSize: training.batchSize, tileRows: training.tileRows,
      averaging: training.averaging, clipping: training.clipping, step: training.step, steps: training.steps,
      parameters: try file.values(Name.trained, shape: shape), firstMoment: try file.values(Name.first, shape: shape),
      secondMoment: try file.values(Name.second, shape: shape), sliceUpdates: updates,
      missingCells: try training.missingCells.map { (count) throws(ModelFileError) in
        try file.values(Name.missing, shape: [max(0, count)])
      } ?? [],
      average: keepsAverage ? try file.values(Name.average, shape: shape) : [],
      averageClock: training.averageClock, sliceClocks: clocks, runningLoss: training.runningLoss,
      runningWeight: training.runningWeight,
      selection: .init(
        best: try training.bestBits.map { (bits) throws(ModelFileError) in
          (bits, try file.values(Name.best, shape: shape))
        }, evaluationsWithoutGain: training.evaluationsWithoutGain ?? 0))
    let numbers = [
      state.parameters, state.firstMoment, state.secondMoment, state.average, state.selection.best?.parameters ?? [],
    ]
    guard numbers.allSatisfy({ $0.allSatisfy(\.isFinite) }), state.missingCells.allSatisfy(\.isFinite) else {
      throw unsoundState(path)
    }
    return state
  }

  private static func unsoundState(_ path: String) -> ModelFileError {
    .invalidDefinition(file: path, message: "its state of training does not fit its definition")
  }
}
