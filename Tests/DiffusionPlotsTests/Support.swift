import Foundation
import Testing

@testable import DiffusionPlots

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A folder of its own for each test; set FIGURES to keep what is drawn.
func withFolder(_ body: (URL) throws -> Void) throws {
  if let kept = ProcessInfo.processInfo.environment["FIGURES"] {
    return try body(URL(fileURLWithPath: kept, isDirectory: true))
  }
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder)
}

/// The width and height in a PNG's header, or nil if it is none.
func pngSize(_ url: URL) throws -> [Int]? {
  let bytes = [UInt8](try Data(contentsOf: url))
  let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  let end: [UInt8] = [0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]
  guard bytes.count > 40, bytes.starts(with: signature), bytes.suffix(8).elementsEqual(end) else { return nil }
  return [16, 20].map { start in bytes[start..<start + 4].reduce(0) { $0 * 256 + Int($1) } }
}

/// What an XML parser makes of an SVG.
final class SVGReader: NSObject, XMLParserDelegate {
  private(set) var size: [Int] = []
  private(set) var texts: [String] = []
  private(set) var isValid = false
  private var depth = 0
  private var text = ""

  init(_ url: URL) throws {
    super.init()
    let parser = XMLParser(data: try Data(contentsOf: url))
    parser.delegate = self
    isValid = parser.parse()
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    if name == "svg" {
      size = [attributes["width"], attributes["height"]].compactMap { $0.flatMap { Int($0) } }
    }
    if name == "text" {
      depth += 1
      text = ""
    }
  }

  func parser(_ parser: XMLParser, foundCharacters characters: String) {
    if depth > 0 { text += characters }
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    guard name == "text" else { return }
    depth -= 1
    texts.append(text.trimmingCharacters(in: .whitespacesAndNewlines))
  }
}

let gnuplotIsThere = Gnuplot.found != nil

/// Fixed points without a generator: the golden ratio's multiples fill the unit interval evenly.
func spread(_ count: Int, _ start: Double = 0) -> [Double] {
  (0..<count).map { (start + Double($0 + 1) * 0.6180339887498949).truncatingRemainder(dividingBy: 1) }
}

/// Normal values by Box and Muller.
func normals(_ count: Int, _ start: Double = 0) -> [Double] {
  let angles = (0..<count).map { (start + Double($0 + 1) * 0.7548776662466927).truncatingRemainder(dividingBy: 1) }
  return zip(spread(count, start), angles).map { (-2 * log(max($0, 1e-12))).squareRoot() * cos(2 * .pi * $1) }
}
