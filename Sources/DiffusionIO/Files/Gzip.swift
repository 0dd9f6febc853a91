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
    var stream = z_stream()
    // 15 is the largest window; 16 more asks for gzip's wrapping, the sign for none.
    let status = inflateInit2_(&stream, isGzip ? 31 : -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw file.damage(at: range.lowerBound, "zlib cannot be used") }
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var place = range.lowerBound
    var result = Z_OK
    while result == Z_OK {
      // zlib counts in 32 bits.
      let part = min(range.upperBound - place, 1 << 24)
      let (used, made) = file.bytes.withUnsafeBufferPointer { input in
        chunk.withUnsafeMutableBufferPointer { room in
          // inflate reads from the memory only, though its type does not say so.
          stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + place) }
          stream.avail_in = UInt32(part)
          stream.next_out = room.baseAddress
          stream.avail_out = UInt32(room.count)
          result = inflate(&stream, Z_NO_FLUSH)
          return (part - Int(stream.avail_in), room.count - Int(stream.avail_out))
        }
      }
      place += used
      output.append(contentsOf: chunk[..<made])
      if output.count > most { throw file.damage(at: place, "more than the \(most) bytes that are promised come out") }
      if result == Z_OK, used == 0, made == 0 { result = Z_BUF_ERROR }
    }
    guard result == Z_STREAM_END else {
      let reason = stream.msg.map { String(cString: $0) }
      throw file.damage(
        at: place, result == Z_BUF_ERROR ? "the compressed content is cut short" : reason ?? "it cannot be unpacked")
    }
    return (output, place - range.lowerBound)
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
