/// Numbers of which some are missing (NaN), compared so that missing equals missing.
enum MissingCells {
  static func areSame(_ left: [Double], _ right: [Double]) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
  }

  static func hash(_ numbers: [Double], into hasher: inout Hasher) {
    hasher.combine(numbers.count)
    // A NaN's bits may differ from another's.
    for number in numbers { hasher.combine(number.isNaN ? nil : number) }
  }
}
