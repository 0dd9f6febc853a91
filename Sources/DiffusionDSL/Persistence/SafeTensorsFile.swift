import Foundation

/// A .safetensors file: named tensors and string metadata.
///
/// The format is that of the `safetensors` package (format description in its README): the length N of the header as
/// 8 little-endian bytes, N bytes of JSON, and the tensors' values, little-endian and in row-major order. A tensor's
/// values may be anything at this level, NaN and infinities too.
struct SafeTensorsFile: Sendable {
  /// An element type, by its name in the header.
  enum Element: String, CaseIterable, Sendable {
    case float32 = "F32"
    case float64 = "F64"
    case int64 = "I64"
    case uint64 = "U64"

    var byteCount: Int {
      switch self {
      case .float32: 4
      case .float64, .int64, .uint64: 8
      }
    }
  }

  /// A tensor's values in row-major order (the last index runs fastest).
  enum Values: Hashable, Sendable {
    case float32([Float])
    case float64([Double])
    case int64([Int64])
    case uint64([UInt64])

    var element: Element {
      switch self {
      case .float32: .float32
      case .float64: .float64
      case .int64: .int64
      case .uint64: .uint64
      }
    }

    var count: Int {
      switch self {
      case .float32(let values): values.count
      case .float64(let values): values.count
      case .int64(let values): values.count
      case .uint64(let values): values.count
      }
    }
  }

  struct Tensor: Hashable, Sendable {
    /// The extents, the slowest index first; none for a scalar.
    var shape: [Int]
    /// As many as the product of `shape`, which `write(to:)` checks.
    var values: Values

    init(shape: [Int], values: Values) {
      self.shape = shape
      self.values = values
    }

    init<Scalar: TensorScalar>(_ values: [Scalar], shape: [Int]) {
      self.init(shape: shape, values: Scalar.wrap(values))
    }

    init<Scalar: TensorScalar>(_ values: [Scalar]) {
      self.init(values, shape: [values.count])
    }
  }

  var metadata: [String: String]
  /// The tensors in the order in which they were added, or in which the file's header lists them.
  private(set) var tensors: [(name: String, tensor: Tensor)] = []
  private var positions: [String: Int] = [:]
  /// Where this was read from, for error messages.
  private let path: String

  init(metadata: [String: String] = [:]) {
    self.metadata = metadata
    path = "(not saved yet)"
  }

  /// Reads a whole file, having checked its header against its size before any memory is set aside for values.
  ///
  /// Throws `notReadable`, `notSafeTensors`, `truncated`, `corruptedHeader` or `unsupportedElementType`.
  init(reading url: URL) throws(ModelFileError) {
    let file = try FileReader(opening: url)
    let header = try SafeTensorsHeader(reading: file)
    metadata = header.metadata
    path = file.path
    for entry in header.entries {
      let start = header.dataStart + entry.begin
      let values: Values =
        switch entry.element {
        case .float32: .float32(try file.values(at: start, count: entry.count))
        case .float64: .float64(try file.values(at: start, count: entry.count))
        case .int64: .int64(try file.values(at: start, count: entry.count))
        case .uint64: .uint64(try file.values(at: start, count: entry.count))
        }
      self[entry.name] = Tensor(shape: entry.shape, values: values)
    }
  }

  /// The tensor of that name. Setting one replaces it in its place or adds it at the end; setting nil removes it.
  subscript(name: String) -> Tensor? {
    get { positions[name].map { tensors[$0].tensor } }
    set {
      switch (positions[name], newValue) {
      case (let position?, let tensor?):
        tensors[position].tensor = tensor
      case (nil, let tensor?):
        positions[name] = tensors.count
        tensors.append((name, tensor))
      case (let position?, nil):
        tensors.remove(at: position)
        positions = [:]
        for (position, entry) in tensors.enumerated() { positions[entry.name] = position }
      case (nil, nil):
        break
      }
    }
  }

  /// The values of a tensor that has to be there, with that shape and element type.
  ///
  /// Throws `missingTensor`, `wrongShape` or `unsupportedElementType`.
  func values<Scalar: TensorScalar>(
    _ name: String, shape: [Int], as type: Scalar.Type = Scalar.self
  ) throws(ModelFileError) -> [Scalar] {
    guard let tensor = self[name] else { throw .missingTensor(file: path, name: name) }
    guard let values = Scalar.unwrap(tensor.values) else {
      throw .unsupportedElementType(
        file: path, tensor: name, type: tensor.values.element.rawValue, supported: [Scalar.element.rawValue])
    }
    guard tensor.shape == shape else {
      throw .wrongShape(file: path, tensor: name, expected: shape, actual: tensor.shape)
    }
    return values
  }

  /// Writes the file as a whole or not at all, and durably: once this returns, a loss of power does not undo it.
  ///
  /// The order of the tensors in the file is theirs here, except that wider elements come first, which keeps every
  /// tensor aligned to its elements. Equal contents give equal bytes.
  ///
  /// Throws `notWritable`; what `url` held before is then still there.
  func write(to url: URL) throws(ModelFileError) {
    let wide = tensors.filter { $0.tensor.values.element.byteCount == 8 }
    let narrow = tensors.filter { $0.tensor.values.element.byteCount != 8 }
    let header = try SafeTensorsHeader.encoded(metadata: metadata, tensors: wide + narrow, path: url.path)
    try DurableFile.replace(url) { (writer) throws(ModelFileError) in
      try writer.write(header)
      for (_, tensor) in wide + narrow {
        switch tensor.values {
        case .float32(let values): try writer.write(values)
        case .float64(let values): try writer.write(values)
        case .int64(let values): try writer.write(values)
        case .uint64(let values): try writer.write(values)
        }
      }
    }
  }
}
