import Formulas

/// How a readout's weights depend on the time step t.
protocol ReadoutTime: DefinitionPart {
  /// Whether the network gets features of t beside x_t.
  var needsStepFeatures: Bool { get }

  /// What is wrong with it for T steps, one sentence each.
  func faults(steps: Int) -> [String]

  /// The weights at the row's step, of a shape; registers the parameter that they come from, which starts at 0.
  func parameter(_ name: String, shape: Shape, _ tables: GaussianTables, _ registry: ParameterRegistry) -> Formula

  /// Where the weights at step t are a mixture of several copies of the weights, and nothing else depends on t: the
  /// share of each copy at each step of a given schedule, [T][copies], those of t = 1 first. Nil for any other readout.
  func shares(_ schedule: AnySchedule) -> [[Double]]?
}

/// Over what the centres of a readout's bumps are spread evenly.
public enum BumpSpacing: String, Codable, CaseIterable, Hashable, Sendable {
  /// t from 0 to T: the paper's (Sohl-Dickstein et al. 2015, eq. 63).
  case time
  /// log(abar_t / (1 - abar_t)) from its value at T to that at 1, kept within +-20: the first steps, which few of the
  /// bumps over t tell apart and where most of the bits of images are, get as many as the later ones.
  case signalToNoise
}

extension Readout {
  /// How the readout depends on t.
  public struct Kind: Codable, Hashable, Sendable {
    let time: any ReadoutTime

    init(_ time: any ReadoutTime) { self.time = time }

    /// An independent readout for each step (Sohl-Dickstein et al. 2015, appendix D.1).
    public static let perStep = Kind(PerStepReadout())
    /// A mixture of `count` readouts, 1 or more, by Gaussian bumps over t (Sohl-Dickstein et al. 2015, eqs. 62-63).
    ///
    ///     Readout(.bumps(10, spacing: .signalToNoise))
    ///
    /// - Parameter spacing: over what the bumps' centres are spread evenly.
    public static func bumps(_ count: Int, spacing: BumpSpacing = .time) -> Kind {
      Kind(BumpReadout(count: count, spacing: spacing))
    }
    /// One readout for all steps; the network gets t and its log signal-to-noise ratio as sinusoidal inputs.
    public static let shared = Kind(SharedReadout())

    private static let library: [any ReadoutTime.Type] = [PerStepReadout.self, BumpReadout.self, SharedReadout.self]

    public init(from decoder: any Decoder) throws {
      let type = try PartCoding.type(in: decoder, among: Kind.library, kind: "readout") { $0.typeName }
      time = try PartCoding.decode(type, from: decoder)
    }

    public func encode(to encoder: any Encoder) throws { try PartCoding.encode(time, to: encoder) }

    /// Whether both depend on t in the same way, with equal values.
    public static func == (left: Kind, right: Kind) -> Bool { left.time.isEqual(to: right.time) }

    public func hash(into hasher: inout Hasher) { hasher.combine(time) }
  }
}
