/// Where log r of general factors is evaluated for a part whose proposals go by its values.
///
/// There is a probe for each number of the part's state, or none. A probe sets some of the part's numbers and leaves the
/// other parts as they are; the tilt of its number is log r there, less log r with another setting where it has one.
public struct StateProbes: Sendable {
  /// Numbers of the part's state that are set, by their place, counted from 0.
  public typealias Setting = [(feature: Int, value: Double)]

  /// One evaluation or two.
  public struct Probe: Sendable {
    let setting: Setting
    let reference: Setting?

    /// - Parameters:
    ///   - setting: where log r is evaluated.
    ///   - reference: where what is subtracted is evaluated; nil: nothing is.
    public init(_ setting: Setting, against reference: Setting? = nil) {
      self.setting = setting
      self.reference = reference
    }
  }

  let probes: [Probe]
  /// Whether the largest tilt is subtracted from all: where only differences count, large numbers would cost digits.
  let isRelative: Bool

  /// - Parameters:
  ///   - probes: one for each number of a state.
  ///   - isRelative: whether only differences between the tilts count.
  public init(_ probes: [Probe], isRelative: Bool) {
    self.probes = probes
    self.isRelative = isRelative
  }

  /// None: proposals go by gradients.
  public static let none = StateProbes([], isRelative: false)

  /// Each bit at 1 against it at 0: the tilts are log odds.
  public static func bits(_ count: Int) -> StateProbes {
    StateProbes((0..<count).map { Probe([($0, 1)], against: [($0, 0)]) }, isRelative: false)
  }

  /// Each of K values of one cell, whose state is K indicators.
  public static func indicators(_ count: Int) -> StateProbes {
    StateProbes(
      (0..<count).map { own in Probe((0..<count).map { ($0, $0 == own ? 1 : 0) }) }, isRelative: true)
  }

  var isEmpty: Bool { probes.isEmpty }
}
