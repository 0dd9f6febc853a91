import Formulas

/// An optimiser that updates each parameter by that parameter's gradient and history alone.
///
/// A per-step parameter's slice that a minibatch does not touch keeps its value and its moments, and has a count of
/// updates of its own. So a step costs no more for a thousand time steps than for ten.
///
///     struct AdaGrad: ElementwiseOptimiser {
///       static let typeName = "adagrad"
///       static let moments = ["sum_of_squares"]
///       var rate: LearningRate = 0.01
///       var sourceText: String { "AdaGrad()" }
///       var faults: [String] { rate.faults }
///
///       func coefficients(updates: Int) {}
///
///       func update(_ range: ParameterRange, rate: Double, coefficients: Void) {
///         for index in range.indices {
///           let gradient = range.gradient(index)
///           range[moment: 0, index] += gradient * gradient
///           range[index] -= rate * gradient / (range[moment: 0, index].squareRoot() + 1e-8)
///         }
///       }
///     }
public protocol ElementwiseOptimiser: Optimiser {
  /// Numbers that depend on how often a parameter was updated, such as Adam's bias corrections; Void where none do.
  associatedtype Coefficients = Void

  /// The names of the numbers that it keeps for each parameter, all 0 at first. Files have a tensor of each,
  /// `training.NAME`.
  static var moments: [String] { get }

  /// The learning rate and how it changes.
  var rate: LearningRate { get set }

  /// The coefficients of an update; asked for once for neighbouring ranges with the same count.
  ///
  /// - Parameter updates: updates of these parameters, this one included, from 1.
  func coefficients(updates: Int) -> Coefficients

  /// Updates parameters and their moments by the gradient.
  ///
  /// - Parameters:
  ///   - range: parameters, their gradient and their moments.
  ///   - rate: the learning rate at this step.
  ///   - coefficients: of this update.
  func update(_ range: ParameterRange, rate: Double, coefficients: Coefficients)
}

extension ElementwiseOptimiser {
  /// The learning rate, as `rate`.
  public var learningRate: LearningRate? {
    get { rate }
    set { if let newValue { rate = newValue } }
  }

  /// Updates range by range, and of per-step parameters only the slices that have a gradient.
  public func updates(
    of parameters: TrainedParameters, from state: [String: StateTensor]?
  ) throws -> OptimiserUpdates {
    let updates = try ElementwiseUpdates(self, parameters)
    if let state { try updates.restore(state) }
    return OptimiserUpdates(
      prepare: { try updates.prepare($0) }, apply: { updates.apply(touched: $0) }, tensors: { updates.tensors })
  }
}

/// Neighbouring parameters with their gradient and their moments, for one update of an `ElementwiseOptimiser`.
///
/// Indices run from 0. Outside of `indices` numbers read as NaN and are not written.
public struct ParameterRange {
  /// How many parameters.
  public private(set) var count: Int
  // What keeps the memory behind the pointers.
  let parameters: AlignedBuffer
  let gradient: AlignedBuffer
  let moments: [AlignedBuffer]
  let level: VectorLevel
  /// Multiplies the gradient.
  @usableFromInline let scale: Double
  @usableFromInline let isDouble: Bool
  @usableFromInline let parameterBase: UnsafeMutableRawPointer
  @usableFromInline let gradientBase: UnsafeMutableRawPointer
  @usableFromInline let momentBases: [UnsafeMutableRawPointer]

  /// - Parameters:
  ///   - momentBases: the moments' addresses, made once since an array is memory.
  ///   - offset: the first parameter's place in all buffers.
  init(
    _ parameters: AlignedBuffer, gradient: AlignedBuffer, moments: [AlignedBuffer],
    momentBases: [UnsafeMutableRawPointer], offset: Int, count: Int, scale: Double, level: VectorLevel
  ) {
    self.parameters = parameters
    self.gradient = gradient
    self.moments = moments
    self.momentBases = momentBases
    self.count = count
    self.scale = scale
    self.level = level
    isDouble = parameters.precision == .double
    bytesBefore = offset * parameters.precision.bytes
    parameterBase = parameters.pointer
    gradientBase = gradient.pointer
  }

  @usableFromInline private(set) var bytesBefore: Int

  /// Other parameters of the same buffers: a range made anew for each slice would count references for longer than the
  /// slice's update takes.
  mutating func move(to offset: Int, count: Int) {
    self.count = count
    bytesBefore = offset * parameters.precision.bytes
  }

  /// The places of the parameters, from 0.
  @inlinable public var indices: Range<Int> { 0..<count }

  /// A parameter.
  @inlinable public subscript(index: Int) -> Double {
    get { read(parameterBase, index) }
    nonmutating set { write(parameterBase, index, newValue) }
  }

  /// The gradient with respect to a parameter, clipped where training clips.
  @inlinable public func gradient(_ index: Int) -> Double { read(gradientBase, index) * scale }

  /// A moment of a parameter, by its place among the optimiser's `moments`.
  @inlinable public subscript(moment moment: Int, index: Int) -> Double {
    get { momentBases.indices.contains(moment) ? read(momentBases[moment], index) : .nan }
    nonmutating set { if momentBases.indices.contains(moment) { write(momentBases[moment], index, newValue) } }
  }

  @inlinable func read(_ base: UnsafeMutableRawPointer, _ index: Int) -> Double {
    guard index >= 0, index < count else { return .nan }
    return isDouble
      ? base.load(fromByteOffset: bytesBefore + index * 8, as: Double.self)
      : Double(base.load(fromByteOffset: bytesBefore + index * 4, as: Float.self))
  }

  @inlinable func write(_ base: UnsafeMutableRawPointer, _ index: Int, _ value: Double) {
    guard index >= 0, index < count else { return }
    if isDouble {
      base.storeBytes(of: value, toByteOffset: bytesBefore + index * 8, as: Double.self)
    } else {
      base.storeBytes(of: Float(value), toByteOffset: bytesBefore + index * 4, as: Float.self)
    }
  }

  /// One of the loops in C, over parameters, gradient and the first two moments.
  func update(_ kind: ParameterUpdate.Kind, _ scale: ParameterUpdate.Scale) {
    ParameterUpdate(kind, precision: isDouble ? .double : .single, level: level).apply(
      scale, parameters: parameterBase + bytesBefore, gradient: gradientBase + bytesBefore,
      first: momentBases[0] + bytesBefore, second: momentBases[1] + bytesBefore, count: count)
  }
}
