import DiffusionDSL
import ExampleSupport

/// Fills holes by all methods and scores them.
struct HoleFilling: Sendable {
  /// Over pictures of the holes' surroundings.
  let model: TrainedDiffusion
  /// The part of the photograph that it learned from.
  let learned: ImageSet
  /// Of each hole by each method that draws.
  let draws: Int
  let options: ExampleOptions
  let output: OutputDirectory
  let console: Console

  /// What each method makes of a hole; methods that make nothing of it are left out.
  ///
  /// - Parameter index: the hole's among all: each has random numbers of its own.
  /// - Throws: `Cancelled`, and what writing for other programs throws.
  func fill(_ picture: HoledPicture, index: Int) throws -> [Inpainting] {
    let seed = options.seed &+ UInt64(index)
    var found: [Inpainting] = []
    for way in InpaintingWay.all {
      guard
        let inpainting = try way.draw(
          draws, of: picture, by: model, seed: seed, threads: options.threads, on: console)
      else {
        console.warn("no particle came through with the known pixels (\(way.name)): it is left out.")
        continue
      }
      found.append(inpainting)
    }
    found.append(RealCrops(learned).draw(draws, of: picture, seed: seed))
    return try found
      + Rivals.inpaint(picture, learned: learned, draws: draws, seed: seed, in: output, on: console)
  }

  /// The scores of each method that filled a hole, hole by hole.
  func scores(of found: [[Inpainting]], _ pictures: [HoledPicture]) async throws -> [BarkReport.Method] {
    console.progress("scoring what is in the holes")
    let nearest = NearestPatches(learned)
    let references = try await pictures.concurrentMap(threads: options.threadCount) {
      HoleScores.Reference($0, learned: nearest)
    }
    var keys: [String] = []
    for inpainting in found.joined() where !keys.contains(inpainting.key) { keys.append(inpainting.key) }
    let work = keys.flatMap { key in
      zip(found, references).map { (fills: $0.first { $0.key == key }, reference: $1) }
    }
    let scores = try await work.concurrentMap(threads: options.threadCount) { item in
      item.fills.map { HoleScores($0.draws, beside: item.reference) }
    }
    return keys.enumerated().compactMap { index, key -> BarkReport.Method? in
      let fills = found.compactMap { $0.first { $0.key == key } }
      guard let first = fills.first else { return nil }
      return BarkReport.Method(
        key: key, name: first.name, draws: first.draws.count, effectiveSize: fills.compactMap(\.effectiveSize).min(),
        scores: Array(scores[index * pictures.count..<(index + 1) * pictures.count]))
    }
  }
}
