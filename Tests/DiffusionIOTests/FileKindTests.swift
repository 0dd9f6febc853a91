import DiffusionIO
import Foundation
import Testing

@Suite struct FileKindTests {
  private func kind(_ bytes: [UInt8]) -> String? { FileKind(of: Data(bytes))?.description }
  private func kind(_ text: String) -> String? { FileKind(of: Data(text.utf8))?.description }

  @Test func kindsByTheirFirstBytes() throws {
    #expect(kind([0xFF, 0xD8, 0xFF, 0xDB]) == "a JPEG picture")
    #expect(kind("GIF89a...") == "a GIF picture")
    #expect(kind("RIFF\u{1}\u{1}\u{1}\u{1}WEBPVP8 ") == "a WebP picture")
    #expect(kind(Array("BM".utf8) + [70, 0, 0, 0, 0, 0, 0, 0, 54]) == "a BMP picture")
    #expect(kind([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]) == "an HDF5 file")
    #expect(kind("PK\u{3}\u{4}") == "a ZIP archive")
    #expect(kind("%PDF-1.4") == "a PDF document")
    #expect(kind([0x1F, 0x8B, 8]) == "compressed with gzip")
    #expect(kind("SQLite format 3\u{0}") == "an SQLite database")
    for (name, expected) in [
      ("gray8.png", "a PNG picture"), ("idx3", "an IDX file"), ("cifar.bin", "a batch of CIFAR-10 pictures"),
      ("p2.pgm", "a PGM or PPM picture"), ("p5.pgm", "a PGM or PPM picture"), ("stored.npz", "an archive of arrays"),
    ] {
      #expect(FileKind(of: try ImageReference.named(name).data)?.description == expected)
    }
  }

  /// Tables whose first column is named as a format begins.
  @Test func tablesAreNone() {
    for text in [
      "", "x,y\n1,2\n", "BMI,age\n20,30\n", "P5\n1\n2\n3\n", "P2,P3\n1 2,3 4\n", "P2\n7\n", "GIF,x\n1,2\n", "PK\n1\n",
      "BZh,x\n1,2\n", "RIFF,b\n1,2\n", "{\"a\": 1}", "\u{FEFF}x\n1\n",
    ] {
      #expect(kind(text) == nil, "\(text)")
    }
  }
}
