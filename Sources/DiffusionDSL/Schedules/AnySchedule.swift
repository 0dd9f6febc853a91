/// A schedule of any type as a value, as it stands in a definition and in a saved model.
public struct AnySchedule: Sendable {
  /// The schedule itself.
  public let schedule: any DiffusionSchedule

  /// A schedule as a part of a definition.
  public init(_ schedule: some DiffusionSchedule) { self.schedule = schedule }

  /// T.
  public var steps: Int { schedule.steps }
  /// Whether training changes it.
  public var isLearned: Bool { schedule.isLearned }
  /// The schedule as it would be written.
  public var sourceText: String { schedule.sourceText }

  /// beta_1 ... beta_T, T numbers; for a learned schedule, those that training starts from. Empty where `steps` is out
  /// of range.
  public var betas: [Double] { schedule.betas { schedule.betas } }

  /// What is wrong with it, one sentence each.
  var faults: [String] {
    if steps < 1 { return ["a schedule of \(steps) steps is none: give 1 or more"] }
    if steps > SizeLimit.steps {
      return ["a schedule of \(steps) steps is too long: give \(SizeLimit.steps) or fewer"]
    }
    if let fault = PartCoding.fault(ofNameOf: schedule, library: AnySchedule.library) { return [fault] }
    if !schedule.faults.isEmpty { return schedule.faults }
    let betas = betas
    // They are asked for wherever they are needed, so they have to be the same each time.
    if betas.map(\.bitPattern) != self.betas.map(\.bitPattern) {
      return [
        "\(type(of: schedule)) gives other betas each time that it is asked: make them depend on its own values alone, and "
          + "draw random ones before"
      ]
    }
    if betas.count != steps {
      return ["a schedule of \(steps) steps has \(betas.count) betas: make them as many"]
    }
    let mayEndAtOne = !isLearned
    return betas.indices.filter { index in
      let isLastOne = mayEndAtOne && index == steps - 1 && betas[index] == 1
      return !(betas[index] > 0 && betas[index] < 1 || isLastOne)
    }.map { "beta_\($0 + 1) is \(betas[$0]); each lies between 0 and 1, and only the last may be 1" }
  }
}

extension AnySchedule: Codable, Hashable {
  /// The schedules of the library.
  private static let library: [any DiffusionSchedule.Type] = [
    ConstantErasure.self, Linear.self, Cosine.self, Geometric.self, SignalToNoise.self, Fixed.self,
    LearnedSchedule.self, Strided.self,
  ]

  /// - Throws: `DecodingError`, for a type that is neither the library's nor in the decoder's `DefinitionTypes` with
  ///   its name.
  public init(from decoder: any Decoder) throws {
    let others = decoder.definitionTypes.compactMap { $0 as? any DiffusionSchedule.Type }
    let type = try PartCoding.type(in: decoder, among: AnySchedule.library + others, kind: "schedule") { $0.typeName }
    schedule = try PartCoding.decode(type, from: decoder)
  }

  public func encode(to encoder: any Encoder) throws { try PartCoding.encode(schedule, to: encoder) }

  /// Whether both are of one type and equal.
  public static func == (left: AnySchedule, right: AnySchedule) -> Bool { left.schedule.isEqual(to: right.schedule) }

  public func hash(into hasher: inout Hasher) { hasher.combine(schedule) }
}
