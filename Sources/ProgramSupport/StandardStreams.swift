import Foundation

/// What the system is asked of standard input, output and error before the work begins.
enum StandardStreams {
  /// A reader that goes away, such as `head`, must not end the work: files are still to be written.
  ///
  /// Where a stream is closed, the next file opened would take its number, and words meant for people would end up in
  /// that file; so its number is taken by one that gives nothing and takes nothing.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) < 0 {
      // The lowest free number is the one that is closed.
      _ = open("/dev/null", O_RDONLY)
    }
  }

  /// Writes all of `data`; returns the system's error number, or 0.
  static func write(_ data: Data, to stream: Int32) -> Int32 {
    data.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = Foundation.write(stream, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written >= 0 {
          rest = rest.dropFirst(written)
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }
}

/// Standard output did not take the results.
struct ResultsNotWritten: Error, CustomStringConvertible, Equatable {
  /// The system's words.
  var reason: String

  var description: String {
    "cannot write the results to standard output (\(reason)); the files that were to be written are."
  }
}
