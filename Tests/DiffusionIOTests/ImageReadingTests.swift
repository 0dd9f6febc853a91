import DiffusionDSL
import DiffusionIO
import Foundation
import Testing

@Suite struct ImageReadingTests {
  @Test func eachKindIsReadToThePixel() throws {
    let references = try ImageReference.all()
    #expect(references.count == 97)
    for (name, reference) in references {
      let images = try reference.images(name)
      let shape = [images.count, images.channels, images.height, images.width]
      #expect(shape == reference.shape, "\(name)")
      #expect(images.range.upperBound == reference.maximum, "\(name)")
      #expect(images.flatMap { $0 } == reference.values, "\(name)")
      #expect(images.labels == reference.labels, "\(name)")
      let isSmall = reference.maximum <= 255 && reference.values.allSatisfy { $0 >= 0 && $0.rounded() == $0 }
      if case .bytes = images.storage { #expect(isSmall, "\(name)") } else { #expect(!isSmall, "\(name)") }
    }
  }

  @Test func aFileIsToldByItsContent() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("digits.jpg")
      let reference = try ImageReference.named("idx3.gz")
      try reference.data.write(to: url)
      #expect(try ImageSet(contentsOf: url).flatMap { $0 } == reference.values)
      #expect(try ImageReading(contentsOf: url).files == [url.path])
    }
  }

  @Test func coloursFirstOrLastAreAskedForWhereTheyMayBeEither() throws {
    let cube = try NPYArray(values: (0..<54).map(Double.init), shape: [2, 3, 3, 3]).data()
    let error = ImageFileError.ambiguousChannels(file: "f", part: nil, shape: [2, 3, 3, 3])
    #expect(throws: error) { try ImageReading(data: cube, name: "f") }
    #expect("\(error)".contains("channelAxis: .first or .last"))
    let first = try ImageReading(data: cube, name: "f", options: .init(channelAxis: .first)).images
    let last = try ImageReading(data: cube, name: "f", options: .init(channelAxis: .last)).images
    #expect(first[1] == (27..<54).map(Double.init))
    #expect(last[1].prefix(4) == [27, 30, 33, 36] && last[1].last == 53)
    // Two channels are none of the usual numbers, so they are asked for too.
    let two = try NPYArray(values: (0..<60).map(Double.init), shape: [2, 2, 3, 5]).data()
    #expect(throws: ImageFileError.self) { try ImageReading(data: two, name: "f") }
    #expect(try ImageReading(data: two, name: "f", options: .init(channelAxis: .first)).images.channels == 2)
  }

  @Test func arraysThatAreNoPictures() throws {
    let flat = try NPYArray(values: [1, 2], shape: [1, 2]).data()
    #expect(throws: ImageFileError.wrongAxes(file: "f", part: nil, shape: [1, 2])) {
      try ImageReading(data: flat, name: "f")
    }
    let infinite = try NPYArray(values: [0, 1, .infinity, 2], shape: [2, 1, 2]).data()
    #expect(
      throws: ImageFileError.notImages(file: "f", part: nil, problem: .notFinite(row: 1, column: 0, value: "inf"))
    ) { try ImageReading(data: infinite, name: "f") }
    let cube = try NPYArray(values: (0..<36).map { $0 == 23 ? .nan : 1 }, shape: [2, 2, 3, 3]).data()
    #expect(
      throws: ImageFileError.notImages(file: "f", part: nil, problem: .notFinite(row: 1, column: 13, value: "nan"))
    ) { try ImageReading(data: cube, name: "f", options: .init(channelAxis: .last)) }
    let none = try NPYArray(values: [], shape: [0, 4, 4]).data()
    #expect(throws: ImageFileError.notImages(file: "f", part: nil, problem: .empty)) {
      try ImageReading(data: none, name: "f")
    }
  }

  @Test func anArchivesArraysByName() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("a.npz")
      let reference = try ImageReference.named("deflated.npz")
      try reference.data.write(to: url)
      #expect(try NPYArray(contentsOf: url, entry: "only").values == reference.values)
      #expect(try NPYArray(contentsOf: url, entry: "only.npy").shape == [3, 4, 6])
      let error = ImageFileError.noEntry(file: url.path, name: "other", available: ["only"])
      #expect(throws: error) { try NPYArray(contentsOf: url, entry: "other") }
      #expect("\(error)" == "'\(url.path)' has no entry 'other': name one of only.")
      #expect(throws: error) { try ImageSet(contentsOf: url, options: .init(entry: "other")) }
    }
  }

  @Test func labelsOfAFileOfTheirOwn() throws {
    let data = Data([0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9])
    #expect(try ImageLabels.read(data: data, name: "l") == [7, 0, 9])
    let images = try ImageReference.named("idx3").images()
    #expect(try images.labelled(by: [7, 0, 9]).images(at: [2, 0]).labels == [9, 7])
    let error = #expect(throws: ImageFileError.self) { try ImageReading(data: data, name: "l") }
    #expect(
      error.map { "\($0)" } == "'l' is an IDX file of labels, which cannot be read: give the file of the images.")
    #expect(throws: ImageFileError.self) {
      try ImageLabels.read(data: ImageReference.named("idx3").data, name: "l")
    }
  }
}
