import DiffusionDSL
import Testing

/// Parts of pictures.
struct ImageWindowsTests {
  /// Two pictures of 2 channels, 3 rows and 4 columns, of which every number tells its place.
  static func pictures() throws -> ImageSet {
    var numbers: [UInt8] = []
    for image in 0..<2 {
      for channel in 0..<2 {
        for row in 0..<3 {
          for column in 0..<4 { numbers.append(UInt8(100 * image + 50 * channel + 10 * row + column)) }
        }
      }
    }
    return try ImageSet(bytes: numbers, channels: 2, height: 3, width: 4, labels: [7, 8])
  }

  @Test func windowsAreEveryPlaceOfThePictures() throws {
    let windows = try Self.pictures().windows(width: 2, height: 2, stride: 1)
    // 3 across, 2 down.
    #expect(windows.count == 12 && windows.dimensions == 8)
    #expect(windows[0] == [0, 1, 10, 11, 50, 51, 60, 61])
    #expect(windows[1] == [1, 2, 11, 12, 51, 52, 61, 62])
    #expect(windows[3] == [10, 11, 20, 21, 60, 61, 70, 71])
    #expect(windows[11] == [112, 113, 122, 123, 162, 163, 172, 173])
    #expect(windows.labels == Array(repeating: 7, count: 6) + Array(repeating: 8, count: 6))
    // Places that would go beyond the edge are left out.
    let wide = try Self.pictures().windows(width: 2, height: 1, stride: 2)
    #expect(wide.count == 8 && wide[1] == [2, 3, 52, 53] && wide[2] == [20, 21, 70, 71])
    #expect(try Self.pictures().windows(width: 4, height: 3, stride: 9) == Self.pictures())
  }

  @Test func windowsThatAreNotPossibleAreRefused() throws {
    let pictures = try Self.pictures()
    for (width, height, stride) in [(5, 1, 1), (1, 4, 1), (0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, -3), (.max, 1, 1)] {
      #expect(throws: DataError.self) { try pictures.windows(width: width, height: height, stride: stride) }
    }
    #expect(try pictures.windows(width: 1, height: 1, stride: Int(Int32.max)).count == 2)
    // More numbers than a machine holds, of one picture that it does.
    let large = try ImageSet(bytes: Array(repeating: 0, count: 1 << 22), height: 2_048, width: 2_048)
    #expect(throws: DataError.self) { try large.windows(width: 1_024, height: 1_024, stride: 1) }
  }

  @Test func aPartIsTheSameOfEveryPicture() throws {
    let part = try Self.pictures().cropped(rows: 1..<3, columns: 2..<4)
    #expect(part.count == 2 && part[0] == [12, 13, 22, 23, 62, 63, 72, 73] && part.labels == [7, 8])
    for (rows, columns) in [
      (0..<0, 0..<1), (0..<4, 0..<1), (2..<4, 0..<1), (-1..<1, 0..<1), (0..<1, 3..<5), (Int.min..<1, 0..<1),
    ] {
      #expect(throws: DataError.self) { try Self.pictures().cropped(rows: rows, columns: columns) }
    }
  }

  @Test func mirroredPicturesHaveTheirRowsTurned() throws {
    let mirrored = try Self.pictures().mirrored
    #expect(mirrored[0].prefix(8) == [3, 2, 1, 0, 13, 12, 11, 10] && mirrored[1].last == 170)
    #expect(try mirrored.mirrored == Self.pictures())
    let words = try ImageSet(words: [1, 2, 300], height: 1, width: 3).mirrored
    #expect(words.storage == .words([300, 2, 1]))
    let floats = try ImageSet(floats: [0, 0.5], height: 1, width: 2).mirrored
    #expect(floats.storage == .floats([0.5, 0]))
  }

  @Test func flippedPicturesHaveTheirRowsExchanged() throws {
    let flipped = try Self.pictures().flipped
    #expect(flipped[0].prefix(8) == [20, 21, 22, 23, 10, 11, 12, 13] && flipped.labels == [7, 8])
    #expect(try flipped.flipped == Self.pictures() && flipped.mirrored == Self.pictures().mirrored.flipped)
    let floats = try ImageSet(floats: [0, 0.5, 1], height: 3, width: 1).flipped
    #expect(floats.storage == .floats([1, 0.5, 0]))
  }

  @Test func setsAreJoinedWhereTheyAreAlike() throws {
    let pictures = try Self.pictures()
    let all = try pictures.appending(pictures.mirrored)
    #expect(all.count == 4 && all[3] == pictures.mirrored[1] && all.labels == [7, 8, 7, 8])
    let plain = try ImageSet(bytes: Array(repeating: 1, count: 24), channels: 2, height: 3, width: 4)
    #expect(try pictures.appending(plain).labels == nil)
    for other in [
      try ImageSet(bytes: Array(repeating: 1, count: 24), channels: 2, height: 4, width: 3),
      try ImageSet(bytes: Array(repeating: 1, count: 24), channels: 2, height: 3, width: 4, maximum: 9),
      try ImageSet(words: Array(repeating: 1, count: 24), channels: 2, height: 3, width: 4),
    ] {
      #expect(throws: DataError.self) { try pictures.appending(other) }
    }
  }
}
