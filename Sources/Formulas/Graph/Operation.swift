/// What a node of an expression computes.
///
/// One small set serves networks, bounds and a user's log r(x). Gradients are expressions over the same set
/// (Differentiation.swift), so some operations exist only as the derivative of another.
///
/// The set is closed: what a user writes is a formula of these, never a new one. So what an operation does is found in
/// switches, each without a default, and a new case does not compile before it has a name and a form (here), a stored
/// form (FormulaCoding.swift), an adjoint (Differentiation.swift), a place (Addressing.swift) and an instruction
/// (InstructionSelection.swift). Its shape rule is the function that makes it (Graph/), and constants are folded by
/// the instruction itself.
package enum Operation: Hashable, Sendable {
  // Leaves.
  case constant([Double])
  case parameter(String)
  case input(String)

  // Elementwise: the operands have the result's shape and stage; `broadcast` makes it so.
  case unary(Unary)
  case leakyReLU(slope: Double)
  case scale(Double)
  case shift(Double)
  case binary(Binary)
  case leakyReLUGradient(slope: Double)
  /// condition, value where it is not 0, value elsewhere
  case select

  // Shape and stage.
  case broadcast
  case reshape
  /// The same numbers, kept apart from what they are made of, so that a gradient can be taken at them.
  case variable
  /// Along the first axis.
  case slice(start: Int, count: Int)
  /// Along the first axis, zeros around.
  case pad(before: Int, total: Int)
  /// Along the first axis.
  case concatenate
  /// The slice [t + offset] of a table whose first axis is the time step.
  case atStep(offset: Int)

  // Sums.
  /// Over all features: a scalar of the same stage.
  case sum
  /// Over the rows of a tile, for each feature.
  case sumLanes
  /// Over features and rows.
  case sumAll
  case cumulativeSum
  case reverseCumulativeSum

  // Matrices. Weights [m, k] are the same for all rows.
  /// W, x, and optionally a bias: W x + b
  case affine(bias: Bool)
  /// W, y: W^T y
  case affineTransposed
  /// y, x: y x^T, summed over rows where they differ
  case outer
  /// g [j], W [j, ...]: the sum over j of g_j W_j
  case weightedSum
  /// g [j], m [...]: [j, ...]
  case outerProduct
  /// W [j, ...], m [...]: the products' sums, [j]
  case contractRows

  // Images [channels, height, width], and kernels [outputs, channels, height, width], the same for all rows.
  /// w, x, and what is added: the convolution, zeros beside the image
  case convolve(Addend)
  /// w, g: the sum over outputs and taps of w g that an image gets back
  case convolveTransposed
  /// g, x: the sum over pixels and rows of g x for each tap
  case convolutionKernel
  /// The sums or means of two by two pixels, of those that are there at an odd edge.
  case pool(mean: Bool)
  /// Each pixel at up to four places; with `mean` divided by their number. The adjoint of the pool.
  case upsample(mean: Bool)
  /// Over all axes but the first, and over rows.
  case sumPlanes

  // Radial bases and normalisation over features.
  /// x [d], centres [n, d]: |x - c|^2, [n]
  case squaredDistance
  /// x, centres, adjoint [n]
  case squaredDistanceGradientX
  /// x, centres, adjoint [n]; summed over rows
  case squaredDistanceGradientCentres
  case softmax
  /// softmax, adjoint
  case softmaxGradient
  /// f (a scalar), x (a variable that f is made of): df/dx, which takes its place when the graph is built
  case gradient
  case logSumExp

  package enum Unary: String, Codable, CaseIterable, Sendable {
    case negate, exp, log, log1p, expm1, sqrt, square, reciprocal, tanh, sigmoid, softplus, relu, sin, cos
    case absolute, sign
  }

  package enum Binary: String, Codable, CaseIterable, Sendable {
    case add, subtract, multiply, divide, maximum, minimum, greater
    case tanhGradient, sigmoidGradient, softplusGradient
  }

  /// What a convolution is added to.
  package enum Addend: String, Codable, CaseIterable, Sendable {
    case nothing
    /// A number for each output.
    case bias
    /// An image of half the height and width, rounded up.
    case coarse
  }

  /// How an operation is computed, as far as those that use its result are concerned.
  enum Form {
    /// Given before a program runs.
    case leaf
    /// Number by number, of operands of one shape and stage.
    case elementwise
    /// The numbers of an operand, read at another address or in another mode.
    case view
    /// A sum that its instruction can add to what a place holds.
    case accumulation
    /// From whole vectors, by an instruction of its own.
    case function
  }

  var form: Form {
    switch self {
    case .constant, .parameter, .input: .leaf
    case .unary, .leakyReLU, .scale, .shift, .binary, .leakyReLUGradient, .select: .elementwise
    case .broadcast, .reshape, .variable, .gradient, .slice, .atStep: .view
    case .sumLanes, .sumAll, .outer, .outerProduct, .contractRows, .convolutionKernel, .sumPlanes,
      .squaredDistanceGradientCentres:
      .accumulation
    case .pad, .concatenate, .sum, .cumulativeSum, .reverseCumulativeSum, .affine, .affineTransposed, .weightedSum,
      .convolve, .convolveTransposed, .pool, .upsample, .squaredDistance, .squaredDistanceGradientX, .softmax,
      .softmaxGradient, .logSumExp:
      .function
    }
  }

  /// The operation's name in messages.
  package var name: String {
    switch self {
    case .constant: "constant"
    case .parameter(let name): "parameter '\(name)'"
    case .input(let name): "input '\(name)'"
    case .unary(let function): function.rawValue
    case .binary(let function): function.rawValue
    case .leakyReLU: "leakyReLU"
    case .leakyReLUGradient: "leakyReLU gradient"
    case .scale: "scale"
    case .shift: "shift"
    case .select: "select"
    case .broadcast: "broadcast"
    case .reshape: "reshape"
    case .variable: "variable"
    case .gradient: "gradient"
    case .slice: "slice"
    case .pad: "pad"
    case .concatenate: "concatenate"
    case .atStep: "atStep"
    case .sum: "sum"
    case .sumLanes: "sum over rows"
    case .sumAll: "sum over features and rows"
    case .cumulativeSum: "cumulativeSum"
    case .reverseCumulativeSum: "reverse cumulativeSum"
    case .affine: "affine"
    case .affineTransposed: "transposed affine"
    case .outer: "outer product"
    case .weightedSum: "weightedSum"
    case .outerProduct: "outer product with weights"
    case .contractRows: "contraction"
    case .convolve: "convolution"
    case .convolveTransposed: "transposed convolution"
    case .convolutionKernel: "convolution's kernel gradient"
    case .pool: "pooling"
    case .upsample: "upsampling"
    case .sumPlanes: "sum over pixels and rows"
    case .squaredDistance: "squaredDistance"
    case .squaredDistanceGradientX: "squaredDistance gradient"
    case .squaredDistanceGradientCentres: "squaredDistance gradient"
    case .softmax: "softmax"
    case .softmaxGradient: "softmax gradient"
    case .logSumExp: "logSumExp"
    }
  }
}
