internal import CZlib

/// Files compressed by gzip, and raw deflate as it stands in archives.
enum Gzip {
  /// Deflate makes at most this many bytes of one (a distance of 258 bytes takes two bits).
  static let mostRatio = 1_032

  static func matches(_ file: FileBytes) -> Bool { file.has([0x1F, 0x8B]) }

  /// What a file was made of, one member behind the other.
  ///
  /// Memory grows with what is unpacked, whatever a header says.
  ///
  /// - Throws: `ImageFileError.damaged` with a byte of the compressed file.
  static func unpacked(_ file: FileBytes) throws(ImageFileError) -> FileBytes {
    var (bytes, place) = ([UInt8](), 0)
    repeat {
      guard file.has([0x1F, 0x8B], at: place) else {
        throw file.damage(at: place, "what stands behind the compressed content is not gzip's")
      }
      let (member, used) = try Inflation.run(file, place..<file.bytes.count, isGzip: true, most: Int.max)
      if bytes.isEmpty { bytes = member } else { bytes.append(contentsOf: member) }
      place += used
      // Tapes and some programs fill up with zeros.
      if file.bytes[place...].allSatisfy({ $0 == 0 }) { break }
    } while place < file.bytes.count
    return FileBytes(file: file.file, part: "unpacked", bytes: bytes)
  }
}

/// zlib's inflate, fed with bytes as they come.
final class Inflater {
  enum Status: Equatable {
    case going
    case ended
    case failed(String)
  }

  /// zlib keeps the address.
  private let stream: UnsafeMutablePointer<z_stream>
  private var chunk = [UInt8](repeating: 0, count: 1 << 16)
  private(set) var status = Status.going
  /// Bytes that went in.
  private(set) var consumed = 0

  /// - Parameter isGzip: whether the bytes have gzip's header and checksum, or none.
  init(isGzip: Bool) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 is the largest window; 16 more asks for gzip's wrapping, the sign for none.
    let result = inflateInit2_(stream, isGzip ? 31 : -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    if result != Z_OK { status = .failed("zlib cannot be used") }
  }

  deinit {
    inflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// Unpacks bytes until they are used up or the content ends.
  ///
  /// - Parameter sink: takes what comes out, piece by piece.
  func inflate(_ bytes: ArraySlice<UInt8>, _ sink: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    var place = bytes.startIndex
    var isFull = false
    // What fills the chunk may have left more behind, even where all bytes have gone in.
    while status == .going, place < bytes.endIndex || isFull {
      // zlib counts in 32 bits.
      let part = bytes[place..<min(bytes.endIndex, place + 1 << 24)]
      let (used, made) = advance(part)
      place += used
      consumed += used
      isFull = made == chunk.count
      if made > 0 { try chunk.withUnsafeBytes { try sink(UnsafeRawBufferPointer(rebasing: $0[..<made])) } }
      if used == 0, made == 0 { break }
    }
  }

  private func advance(_ bytes: ArraySlice<UInt8>) -> (used: Int, made: Int) {
    bytes.withUnsafeBufferPointer { input in
      chunk.withUnsafeMutableBufferPointer { room in
        // inflate reads from the memory only, though its type does not say so.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = room.baseAddress
        stream.pointee.avail_out = UInt32(room.count)
        switch CZlib.inflate(stream, Z_NO_FLUSH) {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: status = .ended
        default: status = .failed(stream.pointee.msg.map { String(cString: $0) } ?? "it cannot be unpacked")
        }
        return (input.count - Int(stream.pointee.avail_in), room.count - Int(stream.pointee.avail_out))
      }
    }
  }
}

/// zlib's inflate over bytes in memory.
enum Inflation {
  /// - Parameters:
  ///   - range: where the compressed bytes lie.
  ///   - isGzip: whether they have gzip's header and checksum, or none.
  ///   - most: how many bytes may come out.
  /// - Returns: what came out, and how many bytes went in.
  /// - Throws: `ImageFileError.damaged`.
  static func run(
    _ file: FileBytes, _ range: Range<Int>, isGzip: Bool, most: Int
  ) throws(ImageFileError) -> (bytes: [UInt8], used: Int) {
    struct TooMuch: Error {}
    let inflater = Inflater(isGzip: isGzip)
    var output: [UInt8] = []
    do {
      try inflater.inflate(file.bytes[range]) { piece in
        output.append(contentsOf: piece)
        if output.count > most { throw TooMuch() }
      }
    } catch {
      throw file.damage(
        at: range.lowerBound + inflater.consumed, "more than the \(most) bytes that are promised come out")
    }
    let end = range.lowerBound + inflater.consumed
    switch inflater.status {
    case .ended: return (output, inflater.consumed)
    case .going: throw file.damage(at: end, "the compressed content is cut short")
    case .failed(let reason): throw file.damage(at: end, reason)
    }
  }
}

/// The checksum of PNG, gzip and ZIP.
enum CRC32 {
  static func of(_ bytes: ArraySlice<UInt8>) -> Int {
    var sum = crc32(0, nil, 0)
    var rest = bytes
    while !rest.isEmpty {
      let part = rest.prefix(1 << 24)
      part.withUnsafeBufferPointer { sum = crc32(sum, $0.baseAddress, UInt32($0.count)) }
      rest = rest.dropFirst(1 << 24)
    }
    return Int(sum)
  }
}
