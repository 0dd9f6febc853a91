import DiffusionDSL
import Testing

@Suite struct ImageSetTests {
  @Test func rowsAndPartsOfASet() throws {
    let images = try ImageSet(
      bytes: Array(0..<24), channels: 2, height: 2, width: 3, maximum: 30, labels: [4, 0])
    #expect(images.count == 2 && images.dimensions == 12 && images.levels == 31 && images.range == 0...30)
    #expect(images[1] == (12..<24).map(Double.init) && images[2] == [] && images[-1] == [])
    #expect(images.description == "2 images of 2 x 2 x 3, 0...30, labelled")
    let part = images.images(at: [1, 7, 0, 1])
    #expect(part.count == 3 && part.labels == [0, 4, 0] && part[1] == images[0])
    let channel = try images.selecting(channels: 1..<2)
    #expect(channel.channels == 1 && channel[0] == (6..<12).map(Double.init) && channel.labels == [4, 0])
    #expect(throws: DataError.wrongChannels("1..<3", channels: 2)) { try images.selecting(channels: 1..<3) }
    let words = try ImageSet(words: [1, 65_535], height: 1, width: 1)
    #expect(words.levels == 65_536 && words[1] == [65_535])
    let floats = try ImageSet(floats: [0.5, -1], height: 1, width: 1, range: -1...1)
    #expect(floats.levels == nil && floats[1] == [-1] && floats.images(at: 0..<1)[0] == [0.5])
  }

  @Test func whatIsNoSetOfImages() {
    #expect(throws: DataError.empty) { try ImageSet(bytes: [], height: 1, width: 1) }
    #expect(throws: DataError.notWholeImages(numbers: 5, size: "1 x 2 x 2")) {
      try ImageSet(bytes: [1, 2, 3, 4, 5], height: 2, width: 2)
    }
    #expect(throws: DataError.notWholeImages(numbers: 1, size: "2147483647 x 2147483647 x 2147483647")) {
      try ImageSet(bytes: [1], channels: 2_147_483_647, height: 2_147_483_647, width: 2_147_483_647)
    }
    #expect(throws: DataError.invalidCount(what: "the width", value: 0)) {
      try ImageSet(bytes: [1], height: 1, width: 0)
    }
    #expect(throws: DataError.outsideRange(image: 1, column: 0, value: "2", range: "0...1")) {
      try ImageSet(bytes: [1, 2], height: 1, width: 1, maximum: 1)
    }
    #expect(throws: DataError.tooMany(what: "the largest value of a byte", value: 256, limit: 255)) {
      try ImageSet(bytes: [1], height: 1, width: 1, maximum: 256)
    }
    #expect(throws: DataError.notFinite(row: 1, column: 0, value: "nan")) {
      try ImageSet(floats: [1, .nan], height: 1, width: 1)
    }
    for range in [1...1, -1e308...1e308, 0...Double.infinity] {
      #expect(throws: DataError.impossibleRange("\(range)")) {
        try ImageSet(floats: [1], height: 1, width: 1, range: range)
      }
    }
    #expect(throws: DataError.outsideRange(image: 0, column: 0, value: "2.0", range: "0...1")) {
      try ImageSet(floats: [2], height: 1, width: 1)
    }
    #expect(throws: DataError.wrongLabels(expected: 1, found: 2)) {
      try ImageSet(bytes: [1], height: 1, width: 1, labels: [1, 2])
    }
    #expect(throws: DataError.invalidLabel(image: 0, label: -1)) {
      try ImageSet(bytes: [1], height: 1, width: 1).labelled(by: [-1])
    }
  }

  @Test func samplesAreRoundedToWhatThereIs() throws {
    let images = try ImageSet(rounding: [-3, 0.4, 254.6, 1e300, 7.5, 8.49], height: 1, width: 3)
    #expect(images.storage == .bytes([0, 0, 255, 255, 8, 8]))
    let signed = try ImageSet(rounding: [-1, 0, 1], height: 1, width: 3, range: -1...1, maximum: 2)
    #expect(signed[0] == [0, 1, 2])
    let narrow = try ImageSet(rounding: [-1, 0, 1e300], height: 1, width: 3, range: 0...Double.leastNonzeroMagnitude)
    #expect(narrow[0] == [0, 0, 255])
    #expect(throws: DataError.notFinite(row: 1, column: 0, value: "inf")) {
      try ImageSet(rounding: [0, .infinity], height: 1, width: 1)
    }
  }

  @Test func channelsThatCarryNothingAreHinted() throws {
    let gray = try ImageSet(bytes: [1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4], channels: 3, height: 1, width: 2)
    #expect(gray.hasEqualColours && gray.hint?.contains("red, green and blue are equal") == true)
    let colour = try ImageSet(bytes: [1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 5], channels: 3, height: 1, width: 2)
    #expect(!colour.hasEqualColours && colour.hint == nil)
    let opaque = try ImageSet(words: [1, 65_535, 2, 65_535], channels: 2, height: 1, width: 1)
    #expect(opaque.isOpaque && opaque.hint?.contains("selecting(channels: 0..<1)") == true)
    #expect(try !ImageSet(words: [1, 65_535, 2, 0], channels: 2, height: 1, width: 1).isOpaque)
    #expect(try !ImageSet(bytes: [255], height: 1, width: 1).isOpaque)
  }
}
