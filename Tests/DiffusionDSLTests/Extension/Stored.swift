import DiffusionDSL
import Foundation

/// A model written to a file and read back by a loader that was told of some types.
func stored(_ trained: TrainedDiffusion, types: DefinitionTypes) throws -> TrainedDiffusion {
  let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors")
  defer { try? FileManager.default.removeItem(at: file) }
  try trained.save(to: file)
  return try TrainedDiffusion(contentsOf: file, types: types)
}
