import DiffusionDSL
import Foundation
import Testing

@testable import DiffusionIO

@Suite struct DamagedImageTests {
  private func message(_ data: Data) -> String {
    do {
      return "\(try ImageReading(data: data, name: "f").images)"
    } catch {
      return "\(error)"
    }
  }

  private func altered(_ name: String, _ change: (inout Data) -> Void) throws -> Data {
    var data = try ImageReference.named(name).data
    change(&data)
    return data
  }

  /// A PNG file of other extents, with the right checksum.
  private func png(width: UInt8, height: UInt8, checksum: [UInt8]) throws -> Data {
    try altered("gray8.png") { data in
      (data[17], data[21]) = (width, height)
      (data[18], data[22]) = (width, height)
      data.replaceSubrange(29..<33, with: checksum)
    }
  }

  @Test func eachHasItsSentenceAndByte() throws {
    let again = "; copy it again from a complete one."
    let gray = try ImageReference.named("gray8.png").data
    let end = gray.count - 12
    let cases: [(Data, String)] = [
      (gray.dropLast(20), "'f' at byte 69 is damaged: the chunk IDAT is to have"),
      (gray.dropLast(12), "'f' at byte \(end) is damaged: it ends there, and the chunk IEND is lacking"),
      (try altered("gray8.png") { $0[45] ^= 1 }, "is damaged: the checksum of the chunk IDAT is wrong"),
      (try altered("gray8.png") { $0[17] = 3 }, "'f' at byte 29 is damaged: the checksum of the chunk IHDR is wrong"),
      (gray + [0], "'f' at byte \(gray.count) is damaged: more stands behind the chunk IEND"),
      (try altered("gray8.png") { $0[0] = 0 }, "'f' at byte 0 is damaged: the signature of a PNG file is changed"),
      (Data(gray.prefix(6)), "'f' at byte 6 is damaged: the signature of a PNG file is changed or cut short"),
      (
        try png(width: 0xEA, height: 0xEA, checksum: [0x7E, 0x09, 0x79, 0x5E]),
        "'f' at byte 16 is damaged: 15395335 x 15395333 pixels are promised"
      ),
      (
        try ImageReference.named("idx3").data.dropLast(),
        "'f' at byte 87 is damaged: it ends there, and its header promises 88 bytes"
      ),
      (try ImageReference.named("idx3").data + [1], "'f' at byte 88 is damaged: 1 bytes stand behind the numbers"),
      (
        Data([0, 0, 8, 3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
        "'f' at byte 4 is damaged: it promises 4294967295 x 4294967295 x 4294967295 numbers"
      ),
      (
        Data([0, 0, 8, 3, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0x10, 0, 0, 0, 0x10, 0]),
        "'f' at byte 16 is damaged: it ends there, and its header promises 72057594021150736 bytes"
      ),
      (Data([0, 0, 8, 3, 0, 0]), "'f' at byte 6 is damaged: it ends in its header, which has 16 bytes"),
      (try altered("idx3.gz") { $0[$0.count - 8] ^= 1 }, "'f' at byte"),
      (try altered("idx3.gz") { $0[$0.count - 8] ^= 1 }, "is damaged: incorrect data check"),
      (try ImageReference.named("idx3.gz").data.dropLast(9), "the compressed content is cut short"),
      (try ImageReference.named("idx3.gz").data + [7], "what stands behind the compressed content is not gzip's"),
      (
        Data("P5\n70000 70000\n255\nabc".utf8),
        "'f' at byte 22 is damaged: it ends there, and its header promises 70000 x 70000 pixels of 1"
      ),
      (Data("P2\n2 1\n255\n1 256\n".utf8), "'f' at byte 13 is damaged: number 1 of the pixels is 256, not in 0...255"),
      (
        Data("P5\n2 1\n9\n\u{1}\u{a}".utf8),
        "'f' at byte 10 is damaged: a pixel is 10, and the header says that 9 is the largest"
      ),
      (Data("P6 2 x".utf8), "'f' at byte 5 is damaged: the height is lacking"),
      (Data("P5 2 0 255 ".utf8), "'f' at byte 5 is damaged: the height is 0, not in 1...2147483647"),
      (Data("P5 1 1 70000 a".utf8), "'f' at byte 7 is damaged: the largest value is 70000, not in 1...65535"),
      (Data("P5 1 1 255 ab".utf8), "'f' at byte 12 is damaged: more stands behind the pixels"),
      (
        try ImageReference.named("cifar.bin").data.dropLast(),
        "'f' at byte 6145 is damaged: it ends there, 3072 bytes into CIFAR-10 picture 1, which has 3073"
      ),
      (
        try ImageReference.named("u1.npy").data.dropLast(),
        "'f' at byte 199 is damaged: it ends there, and its header promises 200 bytes"
      ),
      (try altered("stored.npz") { $0[200] ^= 1 }, "is damaged: the checksum of entry 'only.npy' is wrong"),
      (try ImageReference.named("deflated.npz").data.dropLast(30), "the archive's last record is lacking"),
      (Data(), "'f' is no picture that can be read: convert it to PNG"),
      (Data([0xFF, 0xD8, 0xFF, 0xE0]), "'f' is a JPEG picture, which cannot be read: convert it to PNG."),
      (Data("%PDF-1.7".utf8), "'f' is a PDF document, which cannot be read: write its numbers as CSV or NPY."),
    ]
    for (data, expected) in cases {
      let found = message(data)
      #expect(found.contains(expected), "\(found)")
      #expect(!found.contains("\n") && found.hasSuffix("."), "\(found)")
      if found.contains("damaged") { #expect(found.hasSuffix(again), "\(found)") }
    }
  }

  /// A label of many that is none is told with its byte, and random bytes are not taken for a batch.
  @Test func aWrongLabelOfABatch() throws {
    var data = Data(repeating: 3, count: 20 * 3_073)
    data[5 * 3_073] = 10
    #expect(message(data).contains("'f' at byte 15365 is damaged: the label of CIFAR-10 picture 5 is 10"))
    #expect(message(Data(repeating: 99, count: 3_073)).contains("is no picture that can be read"))
  }

  /// Whatever is cut off or changed, there is an answer.
  @Test func everyTruncationAndEveryChangedByteGivesAnErrorOrPictures() throws {
    for (name, reference) in try ImageReference.all() {
      var data = reference.data
      // The batches are long, and each of their bytes but the labels is like another.
      let places = data.count > 1_000 ? Array(stride(from: 0, to: data.count, by: 439)) : Array(data.indices)
      for count in places {
        let message = message(data.prefix(count))
        // A number in digits may lack its last ones, a file zeros at its end, a batch its last pictures.
        let isWhole =
          ["p2.pgm", "p3.ppm", "p2max1023.pgm"].contains(name) && count >= data.count - 4
          || name == "idx3members.gz" && count >= data.count - 9 || name == "cifar.bin" && count % 3_073 == 0
        #expect(message.hasSuffix(".") || isWhole, "\(name) to \(count): \(message)")
      }
      for place in places {
        for change: UInt8 in [0x01, 0x80, 0xFF] {
          data[place] ^= change
          #expect(!message(data).contains("\n"))
          data[place] ^= change
        }
      }
      #expect(data == reference.data)
    }
  }

  /// Pixels that are changed under a right checksum reach libpng, whose errors are jumps.
  @Test(arguments: ["rgb8i.png", "palette4.png", "gray16.png", "graykey2.png"])
  func changedPixelsWithARightChecksum(_ name: String) throws {
    let data = try [UInt8](ImageReference.named(name).data)
    var messages: Set<String> = []
    var place = 8
    while place < data.count {
      let length = data[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      let content = place + 8..<place + 8 + length
      if data[place + 4..<place + 8].elementsEqual("IDAT".utf8) {
        for byte in content {
          for change: UInt8 in [0x01, 0x10, 0xFF] {
            var changed = data
            changed[byte] ^= change
            let checksum = CRC32.of(changed[place + 4..<content.upperBound])
            for index in 0..<4 {
              changed[content.upperBound + index] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * index))
            }
            messages.insert(message(Data(changed)))
          }
        }
      }
      place = content.upperBound + 4
    }
    // What libpng has to say differs with its version; that it says it at a byte does not.
    #expect(messages.contains { $0.hasPrefix("'f' at byte ") && $0.hasSuffix("copy it again from a complete one.") })
    #expect(!messages.contains { $0.contains("checksum of the chunk") || $0.contains("\n") })
  }

  /// In a PNG file no changed byte goes unnoticed, since each chunk has its checksum.
  @Test func everyChangedByteOfAPNGFileIsNoticed() throws {
    var data = try ImageReference.named("rgb8i.png").data
    for place in data.indices {
      data[place] ^= 0x10
      #expect(throws: ImageFileError.self, "\(place)") { try ImageReading(data: data, name: "f") }
      data[place] ^= 0x10
    }
  }
}
