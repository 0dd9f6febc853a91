import DiffusionDSL
import DiffusionIO
import Foundation

extension Problem {
  /// MNIST, and the network of the digits example that has the paper's dense layers (appendix D.2).
  ///
  /// - Parameter units: of each dense layer; the example has 500, at which the sum of functions optimiser keeps 2.7 GB
  ///   (3 (N + 1) numbers in Double for each of 4.3 million parameters), and 6.7 GB while its state is taken over from one
  ///   stretch of training to the next.
  static func digits(_ size: ProblemSize, units: Int?) throws -> Problem {
    let isQuick = size == .quick
    let units = units ?? (isQuick ? 16 : 300)
    let (rows, heldOut) = isQuick ? (400, 10) : (10_000, 60)
    let (training, test) = try (
      pictures("train-images-idx3-ubyte", rows), pictures("t10k-images-idx3-ubyte", heldOut)
    )
    let definition = Diffusion {
      GaussianKernel(image: ImageShape(width: 28, height: 28))
      SignalToNoise(steps: isQuick ? 20 : 200, firstVariance: 2e-3)
      ReverseNetwork(mean: .velocity) {
        Parallel {
          Chain {
            for _ in 0..<4 { Dense(units, activation: .silu) }
            DensePerPixel(8)
          }
          Convolution(channels: 8)
        }
        PerPixel(20, activation: .silu)
        Readout(.bumps(10, spacing: .signalToNoise))
      }
    }
    return Problem(
      name: .digits, definition: definition, rows: try Dequantised(training).dataset(for: definition.schema),
      heldOut: try Dequantised(test).dataset(for: definition.schema), scaling: .whole,
      minibatches: isQuick ? 5 : 25, smallBatch: isQuick ? 40 : 200, passes: isQuick ? 2 : 10)
  }

  /// The first pictures of a file of the database, plain or compressed.
  private static func pictures(_ name: String, _ count: Int) throws -> ImageSet {
    let data = ProcessInfo.processInfo.environment["DIFFUSION_DATA"] ?? "data"
    let folder = URL(fileURLWithPath: data, isDirectory: true).appendingPathComponent("mnist", isDirectory: true)
    let files = [name, name + ".gz"].map { folder.appendingPathComponent($0, isDirectory: false) }
    guard let file = files.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
      throw MissingData(
        description:
          "there is no \(name) or \(name).gz in '\(folder.relativePath)': run 'Scripts/fetch-data mnist', or "
          + "name the folder above it in DIFFUSION_DATA.")
    }
    let images = try ImageReading(contentsOf: file).images
    guard (images.channels, images.height, images.width, images.levels) == (1, 28, 28, 256), images.count >= count
    else {
      throw UnusableData(
        description: "'\(file.relativePath)' holds \(images): \(count) gray pictures of 28 x 28 bytes are needed.")
    }
    return images.images(at: 0..<count)
  }
}
