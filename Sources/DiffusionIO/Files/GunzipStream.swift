/// gzip, unpacked as its bytes come, one member behind the other.
final class GunzipStream {
  /// What is wrong with the compressed bytes.
  struct Fault: Error {
    let reason: String
  }

  private var member = Inflater(isGzip: true)
  /// Whether all members that began have ended.
  private(set) var isComplete = false
  private var isBehindLast = false

  /// Unpacks some more bytes.
  ///
  /// - Parameter sink: takes what comes out, piece by piece.
  /// - Throws: `Fault`, and what `sink` throws.
  func take(_ bytes: UnsafeRawBufferPointer, _ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    var rest = Array(bytes)[...]
    while let first = rest.first {
      if isComplete {
        // Tapes and some programs fill up with zeros; all else is another member.
        if first == 0 { isBehindLast = true }
        if isBehindLast {
          guard rest.allSatisfy({ $0 == 0 }) else {
            throw Fault(reason: "what stands behind its compressed content is not gzip's")
          }
          return
        }
        (member, isComplete) = (Inflater(isGzip: true), false)
      }
      let before = member.consumed
      try member.inflate(rest, sink)
      rest = rest.dropFirst(member.consumed - before)
      switch member.status {
      case .ended: isComplete = true
      case .failed(let reason): throw Fault(reason: reason)
      case .going: break
      }
    }
  }
}
