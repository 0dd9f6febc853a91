import Foundation

/// A regular file open for reading.
struct FileReader: ~Copyable {
  let path: String
  /// The size when it was opened.
  let byteCount: Int
  private let descriptor: Int32

  init(opening url: URL) throws(ModelFileError) {
    let path = url.path
    // A pipe without a writer would otherwise keep the caller waiting.
    let descriptor = url.withSystemPath { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard let descriptor else { throw .notReadable(file: path, reason: "its URL is not that of a file") }
    guard descriptor >= 0 else { throw .notReadable(file: path, reason: systemReason(errno)) }
    var status = stat()
    let result = fstat(descriptor, &status)
    let reason = result == 0 ? "it is not a regular file" : systemReason(errno)
    guard result == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .notReadable(file: path, reason: reason)
    }
    self.path = path
    self.byteCount = Int(status.st_size)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// The `count` values that begin at byte `start`; the caller has compared both with `byteCount`.
  func values<Scalar: StoredScalar>(at start: Int, count: Int) throws(ModelFileError) -> [Scalar] {
    var values = [Scalar](repeating: .zero, count: count)
    var failure: Int32 = 0
    let missing = values.withUnsafeMutableBytes { buffer in
      var done = 0
      while done < buffer.count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
        let read = pread(descriptor, rest.baseAddress, rest.count, off_t(start + done))
        if read < 0, errno == EINTR { continue }
        if read < 0 { failure = errno }
        if read <= 0 { break }
        done += read
      }
      return buffer.count - done
    }
    guard failure == 0 else { throw .notReadable(file: path, reason: systemReason(failure)) }
    // Somebody has shortened the file since it was opened.
    guard missing == 0 else {
      let end = start + count * MemoryLayout<Scalar>.size
      throw .truncated(file: path, expectedBytes: byteCount, actualBytes: end - missing)
    }
    Scalar.reorder(&values)
    return values
  }
}

extension URL {
  /// Calls `body` with the path as the system wants it, unless there is none.
  func withSystemPath<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result? {
    guard isFileURL else { return nil }
    return withUnsafeFileSystemRepresentation { $0.map(body) }
  }
}

/// What the system says about one of its error numbers.
package func systemReason(_ code: Int32) -> String {
  String(cString: strerror(code))
}
