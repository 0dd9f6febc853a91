import DiffusionDSL

/// The pictures of several files, put together while all are alike.
struct GatheredImages {
  /// What files have to have in common.
  private struct Kind: Hashable {
    let channels: Int
    let height: Int
    let width: Int
    let values: String

    var description: String {
      let colour =
        switch channels {
        case 1: "gray"
        case 2: "gray with opacity"
        case 3: "colour"
        case 4: "colour with opacity"
        default: "\(channels) channels"
        }
      return "\(colour), height \(height), width \(width), \(values)"
    }
  }

  /// In the order in which they were met first, with the names of their files.
  private var kinds: [(kind: Kind, files: [String])] = []
  private var order: [String] = []
  /// The pictures of the first kind; nil before the first file, and again once there are two kinds.
  private var images: ImageSet?
  private var storage = ImageSet.Storage.bytes([])
  private var labels: [Int]? = []
  /// Whether each file so far has 16 bits, though they may all be such as bytes hold.
  private var isWide = true

  mutating func add(_ file: DecodedImages, _ name: String) {
    var file = file
    if isWide, file.isWide, let first = images, first.range != file.images.range {
      widen(&file)
    }
    let kind = Kind(
      channels: file.images.channels, height: file.images.height, width: file.images.width,
      values: file.images.range.upperBound == 65_535 ? "numbers to 65535" : file.values)
    order.append(name)
    isWide = isWide && file.isWide
    if let place = kinds.firstIndex(where: { $0.kind == kind }) {
      kinds[place].files.append(name)
    } else {
      kinds.append((kind, [name]))
    }
    guard kinds.count == 1 else {
      // There will be an error: no more is kept than it needs.
      (images, storage) = (nil, .bytes([]))
      return
    }
    if images == nil { images = file.images.images(at: 0..<1) }
    append(file.images)
  }

  /// All pictures.
  ///
  /// - Parameter folder: what errors call them together.
  /// - Throws: `ImageFileError.different`, `.noImages`, `.notImages`.
  func images(of folder: String) throws(ImageFileError) -> ImageSet {
    guard let most = kinds.map(\.files.count).max(), let common = kinds.first(where: { $0.files.count == most }) else {
      throw .noImages(folder: folder, passedOver: [])
    }
    guard let images else {
      var what: [String: String] = [:]
      for kind in kinds where kind.kind != common.kind {
        for file in kind.files { what[file] = kind.kind.description }
      }
      throw .different(
        folder: folder, common: common.kind.description, example: common.files.first ?? "",
        others: order.compactMap { file in what[file].map { .init(file: file, what: $0) } })
    }
    do throws(DataError) {
      return try made(like: images)
    } catch {
      throw .notImages(file: folder, part: nil, problem: error)
    }
  }

  private func made(like first: ImageSet) throws(DataError) -> ImageSet {
    let (channels, height, width) = (first.channels, first.height, first.width)
    let maximum = first.levels.map { $0 - 1 } ?? 0
    return switch storage {
    case .bytes(let values):
      try ImageSet(
        bytes: values, channels: channels, height: height, width: width, maximum: maximum, labels: labels)
    case .words(let values):
      try ImageSet(
        words: values, channels: channels, height: height, width: width, maximum: maximum, labels: labels)
    case .floats(let values):
      try ImageSet(
        floats: values, channels: channels, height: height, width: width, range: first.range, labels: labels)
    }
  }

  /// Files of 16 bits of which some could be narrowed to bytes and some not: all stay as they are in the files.
  private mutating func widen(_ file: inout DecodedImages) {
    file.images = file.images.inWords
    guard let first = images, first.range.upperBound == 255, file.images.range.upperBound == 65_535 else { return }
    images = first.inWords
    if case .bytes(let bytes) = storage { storage = .words(bytes.map { UInt16($0) * 257 }) }
    kinds = kinds.map { entry in
      let kind = Kind(
        channels: entry.kind.channels, height: entry.kind.height, width: entry.kind.width, values: "numbers to 65535")
      return (kind, entry.files)
    }
  }

  private mutating func append(_ images: ImageSet) {
    // Files without labels leave none to all.
    labels = images.labels.flatMap { new in labels.map { $0 + new } }
    switch (storage, images.storage) {
    case (.bytes(var values), .bytes(let new)):
      // The array is held here alone while it grows.
      storage = .floats([])
      values.append(contentsOf: new)
      storage = .bytes(values)
    case (.words(var values), .words(let new)):
      storage = .bytes([])
      values.append(contentsOf: new)
      storage = .words(values)
    case (.floats(var values), .floats(let new)):
      storage = .bytes([])
      values.append(contentsOf: new)
      storage = .floats(values)
    case (_, let new): storage = new
    }
  }
}
