import Foundation

/// Replaces a file as a whole or not at all.
///
/// The bytes go to a temporary file in the same folder, which is renamed to the old one only when they are on the disk;
/// then the folder is synchronised, so that the name is on the disk too.
package enum DurableFile {
  /// A file being written.
  package struct Writer {
    fileprivate let descriptor: Int32
    fileprivate let path: String

    func write<Scalar: StoredScalar>(_ values: [Scalar]) throws(ModelFileError) {
      var values = values
      Scalar.reorder(&values)
      try check(values.withUnsafeBytes(write), path)
    }

    package func write(_ data: Data) throws(ModelFileError) { try check(data.withUnsafeBytes(write), path) }

    /// Returns an error number or 0.
    private func write(_ buffer: UnsafeRawBufferPointer) -> Int32 {
      var done = 0
      while done < buffer.count {
        let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
        let written = systemWrite(descriptor, rest.baseAddress, rest.count)
        if written < 0, errno == EINTR { continue }
        if written < 0 { return errno }
        done += written
      }
      return 0
    }
  }

  /// Writes results: a file as `replace` does, but a device or a pipe as it is.
  ///
  /// - Throws: `ModelFileError.notWritable`, or what `body` throws.
  package static func write(to url: URL, _ body: (Writer) throws -> Void) throws {
    if isSpecial(url) {
      let descriptor = try opened(url, O_WRONLY | O_APPEND, url.path)
      defer { close(descriptor) }
      return try body(Writer(descriptor: descriptor, path: url.path))
    }
    var failure: (any Error)?
    do {
      try replace(url) { (writer) throws(ModelFileError) in
        do {
          try body(writer)
        } catch {
          failure = error
          throw .notWritable(file: url.path, reason: "\(error)")
        }
      }
    } catch {
      throw failure ?? error
    }
  }

  /// Whether something other than a file or a folder has the name, or it is that of an open file, as `/dev/stdout` is.
  package static func isSpecial(_ url: URL) -> Bool {
    if ["/dev/fd/", "/dev/std", "/proc/self/fd/"].contains(where: url.path.hasPrefix) { return true }
    var status = stat()
    guard url.withSystemPath({ stat($0, &status) }) == 0 else { return false }
    return ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
  }

  /// Makes what `body` writes the content of `url`, through a symbolic link too, with the permissions of the file that
  /// was there. On failure that file stays as it was and the temporary one is removed.
  ///
  /// Throws `notWritable`, or what `body` throws.
  static func replace(
    _ url: URL, writing body: (Writer) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    let path = url.path
    guard url.isFileURL else { throw .notWritable(file: path, reason: "its URL is not that of a file") }
    let target = followed(url)
    let permissions = try permissions(of: target, path)
    let folder = target.deletingLastPathComponent()
    let temporary = folder.appendingPathComponent(".\(UUID().uuidString).tmp")

    let descriptor = try opened(temporary, O_WRONLY | O_CREAT | O_EXCL, path)
    var isOpen = true
    do throws(ModelFileError) {
      try body(Writer(descriptor: descriptor, path: path))
      if let permissions { try check(fchmod(descriptor, permissions) == 0 ? 0 : errno, path) }
      try check(synchronize(descriptor), path)
      // Some network file systems report a failed write only here.
      isOpen = false
      try check(close(descriptor) == 0 ? 0 : errno, path)
      try rename(temporary, to: target, path)
    } catch {
      if isOpen { close(descriptor) }
      _ = temporary.withSystemPath { unlink($0) }
      throw error
    }
    try synchronize(folder: folder, path)
  }

  /// Where symbolic links lead, whether there is a file or not.
  package static func followed(_ url: URL) -> URL {
    var url = url
    // As many as systems follow.
    for _ in 0..<40 {
      guard let next = try? FileManager.default.destinationOfSymbolicLink(atPath: url.path) else { break }
      url = URL(fileURLWithPath: next, relativeTo: url.deletingLastPathComponent()).absoluteURL
    }
    return url
  }

  /// The permissions of the file that is to be replaced, or nil if there is none.
  private static func permissions(of target: URL, _ path: String) throws(ModelFileError) -> mode_t? {
    var status = stat()
    guard target.withSystemPath({ stat($0, &status) }) == 0 else { return nil }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .notWritable(file: path, reason: "something that is not a regular file has that name")
    }
    return status.st_mode & 0o777
  }

  private static func opened(_ url: URL, _ flags: Int32, _ path: String) throws(ModelFileError) -> Int32 {
    let descriptor = url.withSystemPath { open($0, flags | O_CLOEXEC, 0o666) }
    guard let descriptor else { throw .notWritable(file: path, reason: "its URL is not that of a file") }
    guard descriptor >= 0 else { throw .notWritable(file: path, reason: systemReason(errno)) }
    return descriptor
  }

  private static func rename(_ source: URL, to target: URL, _ path: String) throws(ModelFileError) {
    let result = source.withSystemPath { source in target.withSystemPath { systemRename(source, $0) } }
    try check(result == 0 ? 0 : errno, path)
  }

  private static func synchronize(folder: URL, _ path: String) throws(ModelFileError) {
    let reason = "the new file has its name, but may not outlast a loss of power"
    guard let descriptor = folder.withSystemPath({ open($0, O_RDONLY | O_CLOEXEC) }), descriptor >= 0 else {
      throw .notWritable(file: path, reason: "\(reason): \(systemReason(errno))")
    }
    defer { close(descriptor) }
    let failure = synchronize(descriptor)
    // There are file systems that have no such operation for folders.
    guard failure == 0 || failure == EINVAL || failure == ENOTSUP else {
      throw .notWritable(file: path, reason: "\(reason): \(systemReason(failure))")
    }
  }

  /// Waits until the disk has the file; returns an error number or 0.
  private static func synchronize(_ descriptor: Int32) -> Int32 {
    #if canImport(Darwin)
      // There fsync leaves the bytes in the drive's own cache. Not every file system supports the stronger call.
      if fcntl(descriptor, F_FULLFSYNC) == 0 { return 0 }
    #endif
    while fsync(descriptor) != 0 {
      if errno != EINTR { return errno }
    }
    return 0
  }

}

private func check(_ failure: Int32, _ path: String) throws(ModelFileError) {
  guard failure == 0 else { throw .notWritable(file: path, reason: systemReason(failure)) }
}

// The system's functions whose names the ones above hide.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

private func systemRename(_ source: UnsafePointer<CChar>, _ target: UnsafePointer<CChar>) -> Int32 {
  rename(source, target)
}
