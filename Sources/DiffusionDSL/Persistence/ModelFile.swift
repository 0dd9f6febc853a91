import Formulas
import Foundation

// A model as one .safetensors file: parameters as named tensors, the definition as JSON in the metadata, the scaling
// and the state of training beside them.
//
// Format 6 has a scaling of one mean and one scale where all columns share them; format 5 has readouts that read images
// pixel by pixel. Only models of images are of these. Format 4 has products of
// kernels, kernel regression, and draws of missing cells. Format 3 has kernels other than the Gaussian one, and a
// checksum. Format 2 has neither. Format 1, from before the first release, kept the scaling as JSON in the metadata
// instead of as two tensors of Double. All still load.

private enum ModelFile {
  static let version = 6
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
    /// Stands before the names of a training state's tensors.
    static let training = "training."
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
    } catch DecodingError.dataCorrupted(let context) where context.underlyingError is UnknownPartType {
      throw .unknownType(file: path, part: context.debugDescription)
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
  /// The file is replaced as a whole or not at all, and durably. Parameters are tensors named `parameters.NAME`. To
  /// edit them with another program, set the metadata's `checksum` to `none`.
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
    // A large picture's scaling would be longer than its parameters.
    let isShared = definition.isOfImages && scaling.isShared
    file[ModelFile.Name.mean] = .init(isShared ? Array(scaling.mean.prefix(1)) : scaling.mean)
    file[ModelFile.Name.scale] = .init(isShared ? Array(scaling.scale.prefix(1)) : scaling.scale)
    if let state { try ModelFile.add(state, to: &file, url) }
    file.metadata[ModelFile.Key.checksum] = file.checksum(without: ModelFile.Key.checksum)
    try file.write(to: url)
  }

  /// Reads a model that `save(to:)` wrote.
  ///
  ///     let trained = try TrainedDiffusion(contentsOf: url, types: [Gate.self])
  ///
  /// - Parameters:
  ///   - url: the file.
  ///   - types: of parts that are not the library's, such as layers of your own. An optimiser's is needed only to train
  ///     the model on: without it all else works, `resume(on:totalSteps:options:)` refuses, and saving keeps the state
  ///     of training as it was.
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
    // A small file may declare a model that would fill the memory.
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
    let state = try ModelFile.state(file, model, path, types: types)
    self.init(model: model, parameters: parameters, scaling: scaling, state: state)
  }
}

extension TrainedDiffusion {
  /// Reads a model and checks that it has the expected definition, such as the one that a program declares.
  ///
  ///     let trained = try TrainedDiffusion(contentsOf: url, expecting: model)
  ///
  /// A trained model's definition has what the declared one leaves to be taken from data, such as the shares of a
  /// field's labels; that may be anything. All else is to be equal.
  ///
  /// - Parameters:
  ///   - url: the file.
  ///   - definition: what the model is to be.
  ///   - types: of parts that are not the library's and that `definition` does not have, such as an optimiser of your own.
  /// - Throws: `ModelFileError.otherDefinition`, which names the difference, and what `init(contentsOf:types:)` throws.
  public init(
    contentsOf url: URL, expecting definition: Diffusion, types: DefinitionTypes = .init()
  ) throws(ModelFileError) {
    try self.init(contentsOf: url, types: DefinitionTypes(types.types + definition.partTypes))
    if let difference = definition.difference(from: self.definition) {
      throw .otherDefinition(file: url.path, difference: difference)
    }
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
      let isShared = version >= 6 && file[Name.mean]?.shape == [1]
      let shape = [isShared ? 1 : kernel.dimensions]
      let (mean, scale): ([Double], [Double]) = (
        try file.values(Name.mean, shape: shape), try file.values(Name.scale, shape: shape)
      )
      scaling =
        isShared
        ? Scaling(
          mean: Array(repeating: mean[0], count: kernel.dimensions),
          scale: Array(repeating: scale[0], count: kernel.dimensions)) : Scaling(mean: mean, scale: scale)
    }
    if let fault = scaling.fault(for: kernel) { throw .invalidDefinition(file: path, message: fault) }
    return scaling
  }

  fileprivate static func add(_ state: TrainingState, to file: inout SafeTensorsFile, _ url: URL) throws(ModelFileError)
  {
    file.metadata[Key.training] = try text(state, url)
    for (name, tensor) in state.orderedTensors { file[Name.training + name] = .init(tensor) }
  }

  fileprivate static func state(
    _ file: SafeTensorsFile, _ model: DiffusionModel, _ path: String, types: DefinitionTypes
  ) throws(ModelFileError) -> TrainingState? {
    guard let text = file.metadata[Key.training] else { return nil }
    var state = try decode(text, as: TrainingState.self, "state of training", path, types: types)
    for (name, tensor) in file.tensors where name.hasPrefix(Name.training) {
      state.tensors[String(name.dropFirst(Name.training.count))] = tensor.stateTensor
    }
    // What belongs to the optimiser it checks itself, when training goes on.
    let shape = [model.layout.count]
    var (floats, doubles) = ([(TrainingState.Name.parameters, shape)], [(String, [Int])]())
    if (state.averaging ?? 0) != 0 { floats.append((TrainingState.Name.average, shape)) }
    if state.bestBits != nil { floats.append((TrainingState.Name.best, shape)) }
    if let count = state.missingCells { doubles.append((TrainingState.Name.missingCells, [count])) }
    if state.stepSampling == .byLoss {
      let sampler = StepSampler(first: model.firstReverseStep, last: model.steps)
      doubles.append((TrainingState.Name.stepLosses, [2, sampler.squares.count]))
    }
    if state.tensors[TrainingState.Name.stepWeights] != nil {
      doubles.append((TrainingState.Name.stepWeights, [model.steps]))
    }
    for (index, count) in state.sliceCounts.enumerated() {
      doubles.append((TrainingState.Name.clocks(index), [count]))
    }
    for (name, shape) in floats { _ = try file.values(Name.training + name, shape: shape, as: Float.self) }
    for (name, shape) in doubles { _ = try file.values(Name.training + name, shape: shape, as: Double.self) }
    guard state.isSound else {
      throw .invalidDefinition(file: path, message: "its state of training does not fit its definition")
    }
    return state
  }
}

extension SafeTensorsFile.Tensor {
  /// A tensor of a training's state.
  fileprivate init(_ tensor: StateTensor) {
    switch tensor.numbers {
    case .floats(let values): self.init(values, shape: tensor.shape)
    case .doubles(let values): self.init(values, shape: tensor.shape)
    case .integers(let values): self.init(values, shape: tensor.shape)
    }
  }

  /// The tensor as a training's state has it; nil for an element type that no state has.
  fileprivate var stateTensor: StateTensor? {
    switch values {
    case .float32(let values): StateTensor(.floats(values), shape: shape)
    case .float64(let values): StateTensor(.doubles(values), shape: shape)
    case .int64(let values): StateTensor(.integers(values), shape: shape)
    case .uint64: nil
    }
  }
}
