// Conditions for `select`: numbers of 1 and 0.

infix operator .> : ComparisonPrecedence
infix operator .< : ComparisonPrecedence

extension Formula {
  /// 1 where the left number is greater, 0 elsewhere and where either is NaN; a condition for `select`.
  ///
  /// Its gradient is 0. Shapes as for +.
  public static func .> (left: Formula, right: Formula) -> Formula { left.binary(.greater, right) }
  /// 1 where the left number is less, 0 elsewhere and where either is NaN; a condition for `select`.
  ///
  /// Its gradient is 0. Shapes as for +.
  public static func .< (left: Formula, right: Formula) -> Formula { right.binary(.greater, left) }

  // Generic, and so second to those above for a literal, but without them in the way of arithmetic on numbers.
  /// 1 where a formula is greater than a number, 0 elsewhere.
  public static func .> <Number: BinaryFloatingPoint>(left: Formula, right: Number) -> Formula {
    left .> Formula(Double(right))
  }
  /// 1 where a number is greater than a formula, 0 elsewhere.
  public static func .> <Number: BinaryFloatingPoint>(left: Number, right: Formula) -> Formula {
    Formula(Double(left)) .> right
  }
  /// 1 where a formula is less than a number, 0 elsewhere.
  public static func .< <Number: BinaryFloatingPoint>(left: Formula, right: Number) -> Formula {
    left .< Formula(Double(right))
  }
  /// 1 where a number is less than a formula, 0 elsewhere.
  public static func .< <Number: BinaryFloatingPoint>(left: Number, right: Formula) -> Formula {
    Formula(Double(left)) .< right
  }
}

// A formula has no value yet, so no `if` can ask for it.
extension Formula {
  /// Not available: write `.>`.
  @available(*, unavailable, message: "a formula has no value yet: write a .> b, and select(a .> b, x, y) for a choice")
  public static func > (left: Formula, right: Formula) -> Bool { false }
  /// Not available: write `.<`.
  @available(*, unavailable, message: "a formula has no value yet: write a .< b, and select(a .< b, x, y) for a choice")
  public static func < (left: Formula, right: Formula) -> Bool { false }
  /// Not available: write `.>`.
  @available(*, unavailable, message: "a formula has no value yet: write a .> b, and select(a .> b, x, y) for a choice")
  public static func >= (left: Formula, right: Formula) -> Bool { false }
  /// Not available: write `.<`.
  @available(*, unavailable, message: "a formula has no value yet: write a .< b, and select(a .< b, x, y) for a choice")
  public static func <= (left: Formula, right: Formula) -> Bool { false }
}
