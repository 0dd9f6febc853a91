import Foundation
import Testing

@testable import Formulas

/// Operations on images: values against an independent program's, gradients against central differences.
@Suite struct ImageTests {
  /// What References/images.py computed.
  struct Reference: Codable, Sendable, CustomTestStringConvertible {
    var kernel: [Int]
    var image: [Int]
    var x, w, b, coarse, convolved, pooled, upsampled: [Double]
    var testDescription: String { "kernel \(kernel) over \(image)" }
  }

  static let references: [Reference] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let file = folder.appendingPathComponent("References/images.json")
    guard let data = try? Data(contentsOf: file) else { return [] }
    return (try? JSONDecoder().decode([Reference].self, from: data)) ?? []
  }()

  static let levels = VectorLevel.allCases.filter(\.isAvailable)

  @Test func referencesAreThere() { #expect(ImageTests.references.count == 8) }

  /// Each row is a multiple of the reference's image, so that rows that were mixed up would be seen.
  private func rows(_ values: [Double], count: Int) -> [[Double]] {
    (0..<count).map { row in values.map { $0 * Double(row + 1) } }
  }

  private func bench(_ reference: Reference, rows count: Int) -> Bench {
    Bench(
      inputs: ["x": rows(reference.x, count: count), "coarse": rows(reference.coarse, count: count)],
      parameters: [
        ("w", Shape(reference.kernel), reference.w), ("b", [reference.kernel[0]], reference.b),
      ],
      rows: count)
  }

  private func check(
    _ values: [[Double]], _ expected: [Double], relative: Double, _ comment: Comment? = nil, bias: [Double]? = nil
  ) {
    let scale = expected.map(abs).max() ?? 1
    for (row, found) in values.enumerated() {
      #expect(found.count == expected.count, comment)
      for (index, value) in found.enumerated() {
        // What does not grow with the image is the bias, of which a row has one.
        let constant = bias.map { $0[index * $0.count / expected.count] } ?? 0
        let right = (expected[index] - constant) * Double(row + 1) + constant
        #expect(abs(value - right) <= relative * (scale + 1) * Double(row + 1), comment)
      }
    }
  }

  @Test(arguments: ImageTests.references) func valuesAreScipys(_ reference: Reference) throws {
    let w = Formula.parameter("w", shape: Shape(reference.kernel))
    let b = Formula.parameter("b", shape: [reference.kernel[0]])
    let x = Formula.input("x", shape: Shape(reference.image))
    let coarse = Formula.input("coarse", shape: Shape([reference.kernel[0]] + reference.image.dropFirst()).halved)
    for level in ImageTests.levels {
      for (precision, relative) in [(Precision.double, 1e-12), (.single, 4e-6)] {
        let bench = bench(reference, rows: 19)
        let name: Comment = "\(level) \(precision)"
        let convolved = try bench.values(convolution(w, x, bias: b), precision: precision, level: level)
        check(convolved, reference.convolved, relative: relative, name, bias: reference.b)
        let pooled = try bench.values(meanPooled(x), precision: precision, level: level)
        check(pooled, reference.pooled, relative: relative, name)
        let up = upsampled(coarse, height: reference.image[1], width: reference.image[2])
        check(try bench.values(up, precision: precision, level: level), reference.upsampled, relative: relative, name)
        let joined = try bench.values(convolution(w, x, coarse: coarse), precision: precision, level: level)
        let apart = try bench.values(convolution(w, x) + up, precision: precision, level: level)
        for (left, right) in zip(joined, apart) {
          for (a, b) in zip(left, right) { #expect(abs(a - b) <= 100 * relative, name) }
        }
      }
    }
  }

  /// A function of a convolution has the same bits where the convolution applies it, also as a part of a larger value,
  /// and where it does not, since its own values are asked for too.
  @Test(arguments: [Precision.single, .double]) func aConvolutionAppliesAFunctionToTheBit(_ precision: Precision) throws
  {
    let functions: [(Formula) -> Formula] = [{ softplus($0) }, { tanh($0) }, { exp(-$0) }, { relu($0) }]
    for reference in ImageTests.references {
      let w = Formula.parameter("w", shape: Shape(reference.kernel))
      let x = Formula.input("x", shape: Shape(reference.image))
      let b = Formula.parameter("b", shape: [reference.kernel[0]])
      let coarse = Formula.input("coarse", shape: Shape([reference.kernel[0]] + reference.image.dropFirst()).halved)
      let bench = bench(reference, rows: 19)
      for z in [convolution(w, x), convolution(w, x, bias: b), convolution(w, x, coarse: coarse)] {
        for function in functions {
          let alone = function(z)
          let (inPart, inBoth) = (concatenate([x, alone]), concatenate([z, alone]))
          func applied(_ formula: Formula) throws -> Int {
            let program = try TileProgram(outputs: [formula], layout: bench.layout, precision: precision)
            return program.body.instructions.count { $0.activation != 0 }
          }
          #expect(try [alone, inPart, inBoth].map(applied) == [1, 1, 0])
          for level in ImageTests.levels {
            func values(_ formula: Formula, last: Int) throws -> [[Double]] {
              try bench.values(formula, precision: precision, level: level).map { Array($0.suffix(last)) }
            }
            let found = try values(alone, last: alone.shape.count)
            #expect(try values(inPart, last: alone.shape.count) == found)
            #expect(try values(inBoth, last: alone.shape.count) == found)
          }
        }
      }
    }
  }

  /// A row's bits are the same in every company.
  @Test func aRowsBitsDoNotDependOnTheTile() throws {
    for reference in ImageTests.references {
      let w = Formula.parameter("w", shape: Shape(reference.kernel))
      let z = convolution(w, .input("x", shape: Shape(reference.image)))
      for level in ImageTests.levels {
        let all = try bench(reference, rows: 50).values(z, precision: .single, level: level)
        var one = bench(reference, rows: 1)
        one.inputs["x"] = [bench(reference, rows: 50).inputs["x"]?[37] ?? []]
        #expect(try one.values(z, precision: .single, level: level)[0] == all[37])
      }
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var image: [Int]
    var kernel: [Int]
    var loss: @Sendable (_ x: Formula, _ w: Formula, _ b: Formula) -> Formula
    var testDescription: String { "\(name) of \(image)" }
  }

  /// One of each operation in a composition that is not linear in anything, over sizes that two does not divide.
  static let cases: [Case] = [[1, 1, 1], [2, 1, 5], [2, 3, 4], [1, 5, 7]].flatMap { image -> [Case] in
    let (height, width) = (image[1], image[2])
    return [
      Case(name: "convolution", image: image, kernel: [3, image[0], 3, 3]) { x, w, b in
        sum(tanh(convolution(w, x, bias: b)))
      },
      Case(name: "wide convolution", image: image, kernel: [2, image[0], 1, 5]) { x, w, b in
        sum(square(convolution(w, tanh(x), bias: b)))
      },
      Case(name: "convolution of one pixel", image: image, kernel: [4, image[0], 1, 1]) { x, w, b in
        sum(tanh(convolution(w, x, bias: b)))
      },
      Case(name: "two scales", image: image, kernel: [3, image[0], 3, 3]) { x, w, b in
        sum(softplus(convolution(w, x, coarse: convolution(w, meanPooled(x), bias: b))))
      },
      Case(name: "convolution of a convolution", image: image, kernel: [image[0], image[0], 3, 3]) { x, w, b in
        sum(square(convolution(w, tanh(convolution(w, x, bias: b)))))
      },
      Case(name: "pooling and upsampling", image: image, kernel: [image[0], image[0], 3, 3]) { x, w, b in
        let z = convolution(w, x, bias: b)
        return sum(square(upsampled(tanh(meanPooled(z)), height: height, width: width) + z))
      },
      Case(name: "gradient at the image", image: image, kernel: [2, image[0], 3, 3]) { x, w, b in
        let at = (x * 2).asVariable
        let inner = convolution(w, at, coarse: convolution(w, meanPooled(at), bias: b))
        return sum(square(gradient(of: sum(tanh(inner)), at: at)))
      },
      Case(name: "gradient of softplus at the image", image: image, kernel: [2, image[0], 3, 3]) { x, w, b in
        let at = x.asVariable
        return sum(square(gradient(of: sum(softplus(convolution(w, at, bias: b) * 3)), at: at)))
      },
    ]
  }

  @Test(arguments: ImageTests.cases) func gradientsAreThoseOfDifferences(_ test: Case) throws {
    var numbers = Numbers(seed: 11)
    let (image, kernel) = (Shape(test.image), Shape(test.kernel))
    let rows = 18
    let inputs = (0..<rows).map { _ in numbers.vector(image.count) }
    func bench(_ p: [Double], _ w: [Double], _ b: [Double]) -> Bench {
      Bench(
        inputs: ["x": inputs], parameters: [("p", image, p), ("w", kernel, w), ("b", [test.kernel[0]], b)], rows: rows)
    }
    let values = [numbers.vector(image.count), numbers.vector(kernel.count), numbers.vector(test.kernel[0])]
    let x = Formula.input("x", shape: image) * Formula.parameter("p", shape: image)
    let loss = test.loss(x, .parameter("w", shape: kernel), .parameter("b", shape: [test.kernel[0]]))
    let found = try bench(values[0], values[1], values[2]).gradient(loss).gradient
    for (index, name) in ["p", "w", "b"].enumerated() {
      for place in values[index].indices {
        func shifted(_ by: Double) throws -> Double {
          var moved = values
          moved[index][place] += by
          return try bench(moved[0], moved[1], moved[2]).gradient(loss).loss
        }
        let expected = (try shifted(1e-5) - shifted(-1e-5)) / 2e-5
        let value = found[name]?[place] ?? 0
        #expect(abs(value - expected) <= 2e-6 * max(1, abs(expected)), "\(name)[\(place)]")
      }
    }
  }

  /// The gradient of a kernel is a sum over all rows and pixels, at each width and in tiles of any size.
  @Test(arguments: ImageTests.levels) func kernelGradientsAreTheSameAtEachWidth(_ level: VectorLevel) throws {
    for reference in ImageTests.references {
      var bench = bench(reference, rows: 48)
      // The outputs' adjoint, given, so that the kernel's gradient is all that is computed.
      bench.inputs["g"] = rows(reference.convolved, count: 48)
      let z = convolution(
        .parameter("w", shape: Shape(reference.kernel)), .input("x", shape: Shape(reference.image)),
        bias: .parameter("b", shape: [reference.kernel[0]]))
      let loss = sum(z * .input("g", shape: z.shape))
      let exact = try bench.gradient(loss).gradient
      for (precision, relative) in [(Precision.double, 1e-12), (.single, 5e-6)] {
        for tileRows in [16, 48] {
          let found = try bench.gradient(loss, precision: precision, tileRows: tileRows, level: level).gradient
          for (name, values) in exact {
            let scale = values.map(abs).max() ?? 1
            for (a, b) in zip(values, found[name] ?? []) { #expect(abs(a - b) <= relative * (scale + 1)) }
          }
        }
      }
    }
  }

  @Test func shapesThatDoNotFitAreFaults() {
    let image = Formula.input("x", shape: [2, 4, 5])
    let kernel = Formula.parameter("w", shape: [3, 2, 3, 3])
    let even = Formula.parameter("w", shape: [3, 2, 2, 3])
    let narrow = Formula.parameter("w", shape: [3, 1, 3, 3])
    #expect(convolution(even, image).fault?.message.contains("odd height and width") == true)
    #expect(convolution(narrow, image).fault?.message.contains("[3 x 1 x 3 x 3] and [2 x 4 x 5]") == true)
    #expect(convolution(kernel, .input("x", shape: [40])).fault != nil)
    #expect(convolution(kernel, image, bias: .parameter("b", shape: [2])).fault?.message.contains("[3]") == true)
    let small = Formula.input("y", shape: [3, 2, 2])
    #expect(convolution(kernel, image, coarse: small).fault?.message.contains("[3 x 2 x 3]") == true)
    #expect(convolution(.input("v", shape: [3, 2, 3, 3]), image).fault?.message.contains("vary by row") == true)
    #expect(meanPooled(.input("x", shape: [4])).fault != nil)
    #expect(upsampled(image, height: 10, width: 10).fault?.message.contains("[channels x 5 x 5]") == true)
    #expect(upsampled(image, height: -1, width: 0).fault != nil)
    #expect(upsampled(image, height: 7, width: 9).fault == nil)
  }
}
