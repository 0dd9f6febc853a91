extension String {
  /// The text itself, or its beginning and end about an ellipsis where it has more than `most` characters: names of
  /// columns often differ in their ends alone.
  package func shortened(to most: Int) -> String {
    guard count > most else { return self }
    let kept = max(1, most - 1)
    return prefix((kept + 1) / 2) + "\u{2026}" + suffix(kept / 2)
  }
}
