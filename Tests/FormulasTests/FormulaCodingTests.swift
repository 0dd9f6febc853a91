import Formulas
import Foundation
import Testing

/// Formulas as stored values.
@Suite struct FormulaCodingTests {
  static let x = Formula.symbol("x", shape: [4], stage: .row)
  static let t = Formula.symbol("t", shape: .scalar, stage: .step)
  static let weights = Formula((0..<12).map { Double($0) / 7 }, shape: [3, 4])

  static let formulas: [Formula] = [
    Formula(3), Formula([1, -2.5e-300, 0x1.fffffffffffffp1023]), x, t,
    exp(x) + log(x) - log1p(x) * expm1(x) / sqrt(x), square(x) + reciprocal(x) + tanh(x) + sigmoid(x),
    softplus(x) + relu(x) + leakyReLU(x, slope: 0.3) + silu(x) + sin(x) + cos(x) + abs(-x),
    max(x, t) + min(x, 0.5) + (x .> t) + (x .< 1) + select(x .> 0, x, t), x * 3 + 2 - x / 7 + 1 / x,
    x[2] + x[1..<3].reshaped(to: [2, 1])[1], concatenate([x, t, Formula([1, 2])]), sum(x) + mean(x * t),
    softmax(x), logSumExp(x) * t, affine(weights, x), affine(weights, x, bias: Formula([1, 2, 3]) * t),
    squaredDistance(x, centres: weights),
  ]

  @Test(arguments: formulas.indices) func comesBackAsItWas(_ index: Int) throws {
    let formula = FormulaCodingTests.formulas[index]
    let data = try JSONEncoder().encode(formula)
    let back = try JSONDecoder().decode(Formula.self, from: data)
    #expect(back == formula)
    #expect(back.hashValue == formula.hashValue)
    #expect(back.shape == formula.shape && back.stage == formula.stage && back.fault == nil)
    for (other, unlike) in FormulaCodingTests.formulas.enumerated() where other != index { #expect(back != unlike) }
    // The same numbers, too.
    let inputs: [String: [[Double]]] = ["x": [[0.3, 0.6, 0.9, 1.2]]]
    let table = Formula([0.25, 0.75]).atStep()
    let pair = [formula, back].map {
      $0.substituting(["x": .input("x", shape: [4]), "t": table]).broadcast(to: $0.shape, stage: .row)
    }
    let values = try pair.map { try Bench(inputs: inputs, rows: 1).values($0) }
    #expect(values[0] == values[1])
  }

  @Test func formulasThatCannotBeStoredAreUnlike() {
    let (p, q) = (Formula.parameter("p", shape: [2]), Formula.parameter("q", shape: [2]))
    #expect(p == p)
    #expect(p != q)
    #expect(throws: FormulaFault("a formula with 'parameter 'p'' cannot be stored")) {
      _ = try JSONEncoder().encode(exp(p))
    }
  }

  static let damaged: [(String, String)] = [
    ("[]", "a stored formula is empty"),
    (#"[{"operation":"exp","operands":[0]}]"#, "operand 0 does not stand before its use"),
    (#"[{"operation":"exp","operands":[-1]}]"#, "operand -1 does not stand before its use"),
    (#"[{"operation":"exp"}]"#, "'exp' takes 1 operands, not 0"),
    (#"[{"operation":"frobnicate"}]"#, "'frobnicate' is no operation"),
    (
      #"[{"operation":"constant","numbers":[1,2],"shape":[3]}]"#,
      "a constant of shape [3] takes 3 numbers, but 2 were given"
    ),
    (
      #"[{"operation":"symbol","name":"x","shape":[-4]}]"#,
      "[-4] is no shape: extents of 1 or more, 16777216 numbers in all"
    ),
    (
      #"[{"operation":"symbol","name":"x","shape":[16777216,16777216,16777216]}]"#,
      "[16777216, 16777216, 16777216] is no shape: extents of 1 or more, 16777216 numbers in all"
    ),
    (
      #"[{"operation":"symbol","name":"x","shape":[0]}]"#,
      "[0] is no shape: extents of 1 or more, 16777216 numbers in all"
    ),
    (
      #"[{"operation":"symbol","name":"x","shape":[4]},{"operation":"slice","operands":[0],"numbers":[1e300,2]}]"#,
      "a slice has no extent"
    ),
    (
      #"[{"operation":"symbol","name":"x","shape":[4]},{"operation":"slice","operands":[0],"numbers":[2]}]"#,
      "'slice' lacks a number"
    ),
    (
      #"[{"operation":"symbol","name":"x","shape":[4]},{"operation":"slice","operands":[0],"numbers":[3,3]}]"#,
      "there are no elements 3..<6 in [4]"
    ),
    (
      #"[{"operation":"symbol","name":"x","shape":[4]},{"operation":"affine","operands":[0]}]"#,
      "'affine' takes 2 or 3 operands"
    ),
    (#"[{"operation":"concatenate"}]"#, "nothing to concatenate"),
  ]

  /// Joined with itself again and again, a vector soon has more numbers than an integer counts.
  @Test func aFormulaThatGrowsWithoutEndIsRefused() {
    let entries = (0..<70).map { #"{"operation":"concatenate","operands":[\#($0),\#($0)]}"# }
    let text = #"[{"operation":"symbol","name":"x","shape":[4],"stage":3},"# + entries.joined(separator: ",") + "]"
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Formula.self, from: Data(text.utf8)) }
  }

  @Test func whatIsPutInForASymbolFitsIt() {
    let matrix = Formula.symbol("w", shape: [3, 4], stage: .shared)
    let product = affine(matrix, FormulaCodingTests.x)
    #expect(product.substituting(["w": FormulaCodingTests.weights]).fault == nil)
    #expect(product.substituting(["w": Formula([1, 2])]).fault != nil)
    #expect(product.substituting(["w": .input("rows", shape: [3, 4])]).fault != nil)
  }

  /// 0 and -0 are equal, and their reciprocals are not.
  @Test func zerosOfBothSignsAreKeptApart() throws {
    let x = Formula.input("x", shape: [1])
    let zeros = concatenate([
      select(x .> 0, Formula([0.0]), x), select(x .> 0, Formula([-0.0]), x), x * 0.0, x * -0.0,
    ])
    let values = try Bench(inputs: ["x": [[2]]], rows: 1).values(zeros)
    #expect(values[0].map(\.sign) == [.plus, .minus, .plus, .minus])
  }

  @Test(arguments: damaged.indices) func damagedFormulasAreRefused(_ index: Int) {
    let (text, message) = FormulaCodingTests.damaged[index]
    #expect {
      _ = try JSONDecoder().decode(Formula.self, from: Data(text.utf8))
    } throws: { error in
      guard case DecodingError.dataCorrupted(let context)? = error as? DecodingError else { return false }
      return context.debugDescription == message
    }
  }

  /// Bytes changed at random, and entries of random operations: an error or a sound formula, which also compiles.
  @Test func nothingStoredTraps() throws {
    var numbers = Numbers(seed: 3)
    func below(_ count: Int) -> Int { Int(numbers.uniform(0...1) * Double(count)) % max(1, count) }
    let originals = try FormulaCodingTests.formulas.map { Array(try JSONEncoder().encode($0)) }
    let alphabet = Array(#"0123456789-+.eE"[]{},:abcx"#.utf8)
    var accepted = 0
    func tryOut(_ data: Data) {
      guard let formula = try? JSONDecoder().decode(Formula.self, from: data) else { return }
      accepted += 1
      // A large shape is sound, but takes the memory that it says.
      guard !String(decoding: data, as: UTF8.self).contains(/[0-9]{4}/) else { return }
      _ = try? Bench(rows: 1).values(formula.substituting(["t": Formula([1, 2]).atStep()]))
    }
    for round in 0..<6_000 {
      var bytes = originals[round % originals.count]
      for _ in 0...below(3) { bytes[below(bytes.count)] = alphabet[below(alphabet.count)] }
      tryOut(Data(bytes))
    }
    let names = [
      "constant", "symbol", "exp", "log", "add", "multiply", "select", "slice", "reshape", "broadcast", "concatenate",
      "sum", "affine", "squaredDistance", "softmax", "logSumExp", "scale", "shift", "leakyReLU", "maximum", "sign",
      "tanhGradient", "sigmoidGradient", "softplusGradient",
    ]
    let extents = [[], [1], [2], [3], [2, 3], [3, 2], [1, 1, 2]]
    for _ in 0..<6_000 {
      var entries: [[String: Any]] = [["operation": "symbol", "name": "x", "shape": [3], "stage": 3]]
      for position in 1...(1 + below(8)) {
        var entry: [String: Any] = ["operation": names[below(names.count)]]
        entry["operands"] = (0..<below(4)).map { _ in below(position) }
        let shape = extents[below(extents.count)]
        if below(2) == 0 { entry["shape"] = shape }
        entry["numbers"] = (0..<(below(2) == 0 ? shape.reduce(1, *) : below(3))).map { _ in Double(below(4)) }
        if below(2) == 0 { entry["stage"] = below(5) }
        if entry["operation"] as? String == "symbol" { entry["name"] = "x" }
        entries.append(entry)
      }
      tryOut(try JSONSerialization.data(withJSONObject: entries))
    }
    #expect(accepted > 500)
  }
}
