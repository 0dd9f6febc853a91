import DiffusionDSL
import DiffusionIO
import Foundation
import Testing

@Suite struct ImageWritingTests {
  @Test func picturesAreReadBackAsTheyWereWritten() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("a")
      for (name, reference) in try ImageReference.all() {
        let images = try reference.images()
        let kept = images.channels == 1 ? [2, 4, 16, 256, 65_536] : [256, 65_536]
        guard let levels = images.levels, kept.contains(levels) else { continue }
        let last = images.count - 1
        try images.write(png: url, image: last)
        let read = try ImageSet(contentsOf: url)
        #expect(read.first == images.last && read.channels == images.channels, "\(name)")
        guard images.channels % 2 == 1 else { continue }
        try images.write(netpbm: url, image: last)
        let again = try ImageSet(contentsOf: url)
        #expect(again.first == images.last && again.range == images.range, "\(name)")
      }
    }
  }

  /// Levels that are no power of two, and fractions, are spread over bytes.
  @Test func otherRangesAreSpread() throws {
    let images = try ImageSet(bytes: [0, 50, 100, 25], height: 2, width: 2, maximum: 100)
    let read = try ImageReading(data: images.png(), name: "f").images
    #expect(read[0] == [0, 128, 255, 64] && read.levels == 256)
    let many = try ImageSet(words: [0, 1, 4_095], height: 1, width: 3, maximum: 4_095)
    #expect(try ImageReading(data: many.png(), name: "f").images[0] == [0, 16, 65_535])
    let floats = try ImageSet(floats: [-1, 0, 1, 0.5], height: 2, width: 2, range: -1...1)
    #expect(try ImageReading(data: floats.png(), name: "f").images[0] == [0, 128, 255, 191])
    #expect(try ImageReading(data: floats.netpbm(), name: "f").images[0] == [0, 128, 255, 191])
  }

  @Test func whatCannotBeWritten() throws {
    let five = try ImageSet(bytes: [UInt8](repeating: 0, count: 5), channels: 5, height: 1, width: 1)
    #expect(throws: ImageFileError.notWritableAs(format: "PNG", problem: "there are 5 channels")) { try five.png() }
    #expect(throws: ImageFileError.self) { try five.netpbm() }
    let one = try ImageSet(bytes: [1], height: 1, width: 1)
    #expect(throws: ImageFileError.notWritableAs(format: "PNG", problem: "there is no image 1 among 1")) {
      try one.png(image: 1)
    }
    #expect(throws: ImageFileError.unwritable(file: "/nowhere/a.png", reason: "No such file or directory")) {
      try one.write(png: URL(fileURLWithPath: "/nowhere/a.png"))
    }
  }

  @Test func picturesAsArrays() throws {
    let gray = try ImageReference.named("idx3").images()
    #expect(try NPYArray(gray).shape == [3, 4, 6])
    let colours = try ImageReference.named("idx4").images()
    for axis in [ImageReadingOptions.ChannelAxis.first, .last] {
      let array = try NPYArray(colours, channelAxis: axis)
      #expect(array.shape == (axis == .first ? [2, 3, 5, 7] : [2, 5, 7, 3]))
      #expect(try ImageReading(data: array.data(), name: "f").images == colours)
    }
  }

  @Test func aContactSheetHasGapsOfOnePixel() throws {
    let images = try ImageSet(bytes: [1, 2, 3, 4, 5, 6], height: 1, width: 2)
    let sheet = try ContactSheet(images, columns: 2).image
    #expect((sheet.height, sheet.width, sheet.channels) == (3, 5, 1))
    #expect(sheet[0] == [1, 2, 127, 3, 4, 127, 127, 127, 127, 127, 5, 6, 127, 127, 127])
    let large = try ContactSheet(images.images(at: 0..<1), magnification: 2).image
    #expect((large.height, large.width) == (2, 4) && large[0] == [1, 1, 2, 2, 1, 1, 2, 2])
    // Gray beside colour is colour.
    let red = try ImageSet(bytes: [9, 8, 0, 0, 0, 0], channels: 3, height: 1, width: 2)
    let both = try ContactSheet(rows: [red, images.images(at: 1...1)]).image
    #expect((both.channels, both.height, both.width) == (3, 3, 2))
    #expect(both[0] == [9, 8, 127, 127, 3, 4, 0, 0, 127, 127, 3, 4, 0, 0, 127, 127, 3, 4])
    let bits = try ContactSheet(ImageSet(bytes: [1, 0], height: 1, width: 1, maximum: 1), columns: 2).image
    #expect(bits[0] == [255, 127, 0] && bits.levels == 256)
  }

  @Test func sheetsThatAreNotPossible() throws {
    let images = try ImageSet(bytes: [1, 2], height: 1, width: 2)
    #expect(throws: DataError.empty) { try ContactSheet(images.images(at: [])) }
    #expect(throws: DataError.invalidCount(what: "the number of columns", value: 0)) {
      try ContactSheet(images, columns: 0)
    }
    #expect(throws: DataError.tooMany(what: "the magnification", value: 65, limit: 64)) {
      try ContactSheet(images, magnification: 65)
    }
    #expect(throws: DataError.unlikeImages("1 x 1 x 2 from 0 to 255", "1 x 1 x 1 from 0 to 255")) {
      try ContactSheet(rows: [images, ImageSet(bytes: [1], height: 1, width: 1)])
    }
    #expect(throws: DataError.empty) { try ContactSheet(rows: []) }
  }
}
