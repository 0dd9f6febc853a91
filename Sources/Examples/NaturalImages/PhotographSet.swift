import ArgumentParser
import DiffusionDSL
import DiffusionIO
import ExampleSupport
import Foundation

/// Which photographs are learned: colour pictures of 32 x 32 in the binary batches of CIFAR-10.
enum PhotographSet: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// CIFAR-10 (Krizhevsky 2009), as `Scripts/fetch-data cifar-10` fetches it.
  case cifar = "cifar-10"
  /// A part of it.
  case cifarSubset = "cifar10-subset"
  /// Patches of larger photographs.
  case patches

  /// What a table calls them.
  var name: String {
    switch self {
    case .cifar: "CIFAR-10"
    case .cifarSubset: "CIFAR-10, 4,000-image subset"
    case .patches: "natural patches"
    }
  }

  /// How the paper's row differs.
  var difference: String {
    switch self {
    case .cifar: "The paper's row is of the same pictures; it does not tell its beta_1."
    case .cifarSubset: "The paper learned from 50,000 pictures of CIFAR-10, of which these are some."
    case .patches:
      "The paper's row is of CIFAR-10, whose pictures are much less smooth: it does not compare with patches of larger\n"
        + "photographs, for which only the difference from the mixture counts."
    }
  }

  /// Reads the batches.
  ///
  /// - Parameter folder: where they are; nil: the folder of this name below `DIFFUSION_DATA`, or below `./data`.
  /// - Throws: `UnusableData`, `ImageFileError`.
  func read(from folder: String?) throws -> (training: ImageSet, test: ImageSet) {
    let place = folder.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? ExampleData.url(rawValue)
    func exists(_ name: String) -> URL? {
      let url = place.appendingPathComponent(name, isDirectory: false)
      return FileManager.default.fileExists(atPath: url.path) ? url : nil
    }
    let batches = (1...5).compactMap { exists("data_batch_\($0).bin") }
    guard !batches.isEmpty, let test = exists("test_batch.bin") else {
      throw UnusableData(
        sentence:
          "no data_batch_1.bin and test_batch.bin in '\(place.relativePath)': run 'Scripts/fetch-data cifar-10', "
          + "or name a folder that has them with --folder.")
    }
    let (learned, tested) = (try ImageReading(contentsOf: batches).images, try ImageReading(contentsOf: test).images)
    for images in [learned, tested] where (images.channels, images.height, images.width) != (3, 32, 32) {
      throw UnusableData(sentence: "photographs are colour pictures of 32 x 32; the files hold \(images).")
    }
    guard learned.count >= 100, tested.count >= 20 else {
      throw UnusableData(
        sentence: "\(learned.count) pictures to learn from and \(tested.count) to test on are too few: give 100 and 20."
      )
    }
    return (learned, tested)
  }
}
