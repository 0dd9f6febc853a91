/// A text that is no table, by how it begins.
struct TextKind {
  /// What it is, with its article.
  let description: String
  /// What makes a table of it.
  let remedy: String

  /// - Returns: nil for what may be a table.
  init?(_ file: FileBytes) {
    if file.beginsAsHTML {
      (description, remedy) = ("an HTML or XML page", "save the table in it as CSV")
    } else if file.beginsAsJSON {
      (description, remedy) = ("a JSON text", "write its numbers as CSV or NPY")
    } else {
      return nil
    }
  }
}

extension FileBytes {
  /// The first bytes that are no blanks, behind a byte order mark.
  private func firstLetters(_ count: Int) -> [UInt8] {
    let start = has([0xEF, 0xBB, 0xBF]) ? 3 : 0
    return Array(bytes.dropFirst(start).lazy.filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }.prefix(count))
  }

  fileprivate var beginsAsHTML: Bool {
    let head = String(decoding: firstLetters(14), as: UTF8.self).lowercased()
    return head.hasPrefix("<!doctypehtml") || head.hasPrefix("<html") || head.hasPrefix("<?xml")
  }

  /// A bracket and what may follow it; of a table's first cell with a bracket in its name the second is a letter.
  fileprivate var beginsAsJSON: Bool {
    let head = firstLetters(2)
    guard head.count == 2 else { return false }
    switch head[0] {
    case UInt8(ascii: "{"): return head[1] == UInt8(ascii: "\"") || head[1] == UInt8(ascii: "}")
    case UInt8(ascii: "["):
      return "{[\"]-0123456789".utf8.contains(head[1])
    default: return false
    }
  }
}
