import Foundation

/// One result, in the form in which the peers' programs print theirs.
struct Report: Encodable {
  var peer = "diffusiondsl"
  let workload: String
  let rate: Double
  let unit: String
  let threads: Int

  func line() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
