// Formulas as values that are stored and compared: a list of operations, operands before what is made of them.
//
// Decoding goes through the same functions as a user's code, so a damaged file cannot make an ill-shaped formula.

/// One operation of a stored formula.
private struct Entry: Codable, Hashable {
  var operation: String
  var operands: [Int]?
  var name: String?
  var numbers: [Double]?
  var shape: [Int]?
  var stage: Int?
}

extension Formula: Codable, Hashable {
  /// Stores the formula as a list of operations.
  ///
  /// - Throws: `FormulaFault` for an operation that has no stored form, and what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(try entries())
  }

  /// A stored formula.
  ///
  /// - Throws: `DecodingError` where the list of operations does not make a formula.
  public init(from decoder: any Decoder) throws {
    let entries = try decoder.singleValueContainer().decode([Entry].self)
    var formulas: [Formula] = []
    for entry in entries {
      let formula = try StoredOperation(entry, earlier: formulas, decoder).formula()
      if let fault = formula.fault { throw Formula.corrupted(decoder, fault.message) }
      // Parts that are joined again and again would soon be more than can be counted.
      guard formula.shape.count <= 1 << 24 else {
        throw Formula.corrupted(decoder, "'\(entry.operation)' gives \(formula.shape), more than 16777216 numbers")
      }
      formulas.append(formula)
    }
    guard let last = formulas.last else { throw Formula.corrupted(decoder, "a stored formula is empty") }
    self = last
  }

  /// Whether two formulas are the same operations on the same operands; algebra is not applied.
  public static func == (left: Formula, right: Formula) -> Bool {
    if left.node === right.node { return true }
    guard let left = try? left.entries(), let right = try? right.entries() else { return false }
    return left == right
  }

  /// A hash of the shape and the outermost operation.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(shape)
    hasher.combine(node.operation)
  }

  private func entries() throws -> [Entry] {
    var index: [ObjectIdentifier: Int] = [:]
    var entries: [Entry] = []
    for node in node.withOperands {
      var entry = Entry(operation: "", operands: node.operands.compactMap { index[ObjectIdentifier($0)] })
      switch node.operation {
      case .constant(let values): (entry.operation, entry.numbers, entry.shape) = ("constant", values, node.shape.axes)
      case .input(let name):
        (entry.operation, entry.name, entry.shape) = ("symbol", name, node.shape.axes)
        entry.stage = node.stage.rawValue
      case .unary(let function): entry.operation = function.rawValue
      case .binary(let function): entry.operation = function.rawValue
      case .leakyReLU(let slope): (entry.operation, entry.numbers) = ("leakyReLU", [slope])
      case .scale(let factor): (entry.operation, entry.numbers) = ("scale", [factor])
      case .shift(let amount): (entry.operation, entry.numbers) = ("shift", [amount])
      case .slice(let start, let count):
        (entry.operation, entry.numbers) = ("slice", [Double(start), Double(count)])
      case .broadcast:
        (entry.operation, entry.shape, entry.stage) = ("broadcast", node.shape.axes, node.stage.rawValue)
      case .reshape: (entry.operation, entry.shape) = ("reshape", node.shape.axes)
      case .convolve(let addend): (entry.operation, entry.name) = ("convolve", addend.rawValue)
      case .pool(mean: true): entry.operation = "pool"
      case .upsample(mean: false): (entry.operation, entry.shape) = ("upsample", node.shape.axes)
      case .select, .concatenate, .sum, .affine, .squaredDistance, .softmax, .logSumExp:
        entry.operation = node.operation.name
      case .parameter, .leakyReLUGradient, .variable, .gradient, .pad, .atStep, .sumLanes, .sumAll, .cumulativeSum,
        .reverseCumulativeSum, .affineTransposed, .outer, .weightedSum, .outerProduct, .contractRows,
        .convolveTransposed, .convolutionKernel, .pool, .upsample, .sumPlanes, .squaredDistanceGradientX,
        .squaredDistanceGradientCentres, .softmaxGradient:
        throw FormulaFault("a formula with '\(node.operation.name)' cannot be stored")
      }
      if entry.operands?.isEmpty == true { entry.operands = nil }
      index[ObjectIdentifier(node)] = entries.count
      entries.append(entry)
    }
    return entries
  }

  fileprivate static func corrupted(_ decoder: any Decoder, _ message: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: message))
  }
}

/// One operation of a stored formula with its operands, which stand before it.
private struct StoredOperation {
  private let entry: Entry
  private let operands: [Formula]
  private let decoder: any Decoder

  init(_ entry: Entry, earlier: [Formula], _ decoder: any Decoder) throws {
    self.entry = entry
    self.decoder = decoder
    operands = try (entry.operands ?? []).map { index -> Formula in
      guard earlier.indices.contains(index) else {
        throw Formula.corrupted(decoder, "operand \(index) does not stand before its use")
      }
      return earlier[index]
    }
  }

  /// What a user's code would make of the operands: a faulty formula where the shapes do not fit.
  func formula() throws -> Formula {
    let shape = try shape()
    let stage = Stage(rawValue: entry.stage ?? 0) ?? .constant
    switch entry.operation {
    case "constant": return Formula(entry.numbers ?? [], shape: shape)
    case "symbol": return .symbol(entry.name ?? "", shape: shape, stage: stage)
    case "leakyReLU": return leakyReLU(try only(), slope: try number(0))
    case "scale": return try only() * (try number(0))
    case "shift": return try only() + (try number(0))
    case "slice": return try slice()
    case "broadcast": return try only().broadcast(to: shape, stage: stage)
    case "reshape": return try only().reshaped(to: shape)
    case "select":
      try take(3)
      return select(operands[0], operands[1], operands[2])
    case "concatenate": return concatenate(operands)
    case "sum": return sum(try only())
    case "softmax": return softmax(try only())
    case "logSumExp": return logSumExp(try only())
    case "affine":
      guard operands.count == 2 || operands.count == 3 else { throw corrupted("'affine' takes 2 or 3 operands") }
      return affine(operands[0], operands[1], bias: operands.count == 3 ? operands[2] : nil)
    case "convolve": return try convolved()
    case "pool": return meanPooled(try only())
    case "upsample":
      guard shape.axes.count == 3 else { throw corrupted("'upsample' gives an image, not \(shape)") }
      return upsampled(try only(), height: shape.axes[1], width: shape.axes[2])
    case "squaredDistance":
      try take(2)
      return squaredDistance(operands[0], centres: operands[1])
    default:
      if let function = Operation.Unary(rawValue: entry.operation) { return try only().unary(function) }
      if let function = Operation.Binary(rawValue: entry.operation) {
        try take(2)
        return operands[0].binary(function, operands[1])
      }
      throw corrupted("'\(entry.operation)' is no operation")
    }
  }

  private func convolved() throws -> Formula {
    guard let addend = Operation.Addend(rawValue: entry.name ?? "") else {
      throw corrupted("a convolution is not added to '\(entry.name ?? "")'")
    }
    try take(addend == .nothing ? 2 : 3)
    switch addend {
    case .nothing: return convolution(operands[0], operands[1])
    case .bias: return convolution(operands[0], operands[1], bias: operands[2])
    case .coarse: return convolution(operands[0], operands[1], coarse: operands[2])
    }
  }

  private func slice() throws -> Formula {
    let whole = try only()
    guard let start = Int(exactly: try number(0)), let count = Int(exactly: try number(1)), start >= 0,
      (1...1 << 24).contains(count), start <= 1 << 24
    else { throw corrupted("a slice has no extent") }
    return whole[start..<start + count]
  }

  private func take(_ count: Int) throws {
    guard operands.count == count else {
      throw corrupted("'\(entry.operation)' takes \(count) operands, not \(operands.count)")
    }
  }

  private func only() throws -> Formula {
    try take(1)
    return operands[0]
  }

  private func number(_ index: Int) throws -> Double {
    guard let numbers = entry.numbers, numbers.indices.contains(index) else {
      throw corrupted("'\(entry.operation)' lacks a number")
    }
    return numbers[index]
  }

  /// The stored extents, each at least 1, since some operations divide by them; their product must not overflow.
  private func shape() throws -> Shape {
    let axes = entry.shape ?? []
    guard axes.allSatisfy({ (1...1 << 24).contains($0) }), axes.count <= 4,
      axes.reduce(1.0, { $0 * Double($1) }) <= 0x1p24
    else { throw corrupted("\(axes) is no shape: extents of 1 or more, 16777216 numbers in all") }
    return Shape(axes)
  }

  private func corrupted(_ message: String) -> DecodingError { Formula.corrupted(decoder, message) }
}
