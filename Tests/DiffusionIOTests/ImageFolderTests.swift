import DiffusionDSL
import DiffusionIO
import Foundation
import Testing

@Suite struct ImageFolderTests {
  private func put(_ names: [String: String], _ folder: URL) throws {
    let references = try ImageReference.all()
    for (name, reference) in names {
      try (references[reference]?.data ?? Data(reference.utf8)).write(to: folder.appendingPathComponent(name))
    }
  }

  private func image(_ value: UInt16, _ maximum: Int, _ name: String, _ folder: URL) throws {
    let images =
      maximum > 255
      ? try ImageSet(words: [value, 0], height: 1, width: 2, maximum: maximum)
      : try ImageSet(bytes: [UInt8(value), 0], height: 1, width: 2, maximum: maximum)
    try images.write(png: folder.appendingPathComponent(name))
  }

  @Test func filesAreReadInTheOrderOfTheirNames() throws {
    try withTemporaryFolder { folder in
      try put(["b.png": "gray8.png", "a.png": "beside.png", "c.pgm": "p5.pgm", "notes.txt": "hello", "e": ""], folder)
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("more"), withIntermediateDirectories: true)
      try Data([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0]).write(to: folder.appendingPathComponent("Thumbs.db"))
      let reading = try ImageReading(contentsOf: folder)
      #expect(reading.files == ["a.png", "b.png", "c.pgm"])
      #expect(
        reading.passedOver.map(\.description) == [
          "Thumbs.db: it is a document of an old Office program", "e: it is empty", "more: it is a folder",
          "notes.txt: it is no picture",
        ])
      let values = try ["beside.png", "gray8.png", "p5.pgm"].flatMap { try ImageReference.named($0).values }
      #expect(reading.images.flatMap { $0 } == values)
    }
  }

  @Test func picturesOfDifferentKindsAreNamed() throws {
    try withTemporaryFolder { folder in
      try put(["0.png": "gray8.png", "1.png": "rgb8.png", "2.png": "beside.png", "3.png": "pixel.png"], folder)
      let error = #expect(throws: ImageFileError.self) { try ImageSet(contentsOf: folder) }
      #expect(
        error.map { "\($0)" }
          == "'\(folder.path)' has pictures that are not alike: '0.png' is gray, height 5, width 7, bytes, as most "
          + "are, but '1.png' is colour, height 5, width 7, bytes, '3.png' is gray, height 1, width 1, bytes; make "
          + "them alike, or take the others out.")
    }
  }

  /// Bytes and fractions, each alone, are the same pictures; together one of them is a mistake.
  @Test func aRangeThatChangesIsRefused() throws {
    for (first, second) in [
      ("bytes_f4.npy", "fractions_f4.npy"), ("gray8.png", "gray4.png"), ("p5.pgm", "p5max100.pgm"),
      ("gray8.png", "gray16.png"),
    ] {
      try withTemporaryFolder { folder in
        try put(["a": first, "b": second], folder)
        let error = #expect(throws: ImageFileError.self, "\(first) \(second)") { try ImageSet(contentsOf: folder) }
        #expect(
          error.map { "\($0)" }?.contains("'a' is ") == true && error.map { "\($0)" }?.contains("'b' is ") == true)
      }
    }
  }

  /// A file whose 16 bits all happen to be bytes does not change what the others are.
  @Test(arguments: [["a", "b", "c"], ["b", "a", "c"], ["c", "b", "a"]])
  func sixteenBitsStayWhereOneFileNeedsThem(_ names: [String]) throws {
    try withTemporaryFolder { folder in
      try image(257, 65_535, "\(names[0]).png", folder)
      try image(258, 65_535, "\(names[1]).png", folder)
      try image(514, 65_535, "\(names[2]).png", folder)
      let images = try ImageSet(contentsOf: folder)
      let expected = zip(names, [257.0, 258, 514]).sorted { $0.0 < $1.0 }.map { [$0.1, 0] }
      #expect(Array(images) == expected && images.levels == 65_536)
    }
    try withTemporaryFolder { folder in
      try image(257, 65_535, "a.png", folder)
      try image(3, 255, "b.png", folder)
      let images = try ImageSet(contentsOf: folder)
      #expect(Array(images) == [[1, 0], [3, 0]] && images.levels == 256)
    }
  }

  @Test func whatIsAPictureAndCannotBeReadIsAnError() throws {
    try withTemporaryFolder { folder in
      try put(["a.png": "gray8.png", "b.png": "<html>"], folder)
      #expect(throws: ImageFileError.unknownKind(file: folder.appendingPathComponent("b.png").path, part: nil)) {
        try ImageSet(contentsOf: folder)
      }
      try Data([0xFF, 0xD8, 0xFF, 0xE0]).write(to: folder.appendingPathComponent("b.png"))
      let error = #expect(throws: ImageFileError.self) { try ImageSet(contentsOf: folder) }
      #expect(
        error.map { "\($0)" }?.contains("b.png' is a JPEG picture, which cannot be read: convert it to PNG.") == true)
    }
    try withTemporaryFolder { folder in
      #expect(throws: ImageFileError.noImages(folder: folder.path, passedOver: [])) {
        try ImageSet(contentsOf: folder)
      }
      try put(["notes.txt": "hello"], folder)
      let error = #expect(throws: ImageFileError.self) { try ImageSet(contentsOf: folder) }
      #expect(
        error.map { "\($0)" } == "'\(folder.path)' has no picture that can be read (notes.txt: it is no picture): put "
          + "pictures into it as PNG, PGM, PPM, IDX, CIFAR-10, NPY or NPZ.")
    }
    #expect(throws: ImageFileError.unreadable(file: "/nowhere/a.png", reason: "no such file")) {
      try ImageSet(contentsOf: URL(fileURLWithPath: "/nowhere/a.png"))
    }
  }

  @Test func batchesOneBehindTheOther() throws {
    try withTemporaryFolder { folder in
      try put(["1.bin": "cifar.bin", "2.bin": "cifar.bin"], folder)
      let urls = ["2.bin", "1.bin"].map(folder.appendingPathComponent)
      let images = try ImageReading(contentsOf: urls).images
      #expect(images.count == 4 && images.labels == [9, 3, 9, 3] && images[0] == images[2])
      #expect(try ImageSet(contentsOf: folder).labels == images.labels)
    }
  }
}
