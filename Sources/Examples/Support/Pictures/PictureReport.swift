/// What `--json` prints of a model of pictures. Keys without a value are null, so that every run prints the same keys.
public struct PictureReport: Encodable, Sendable {
  /// At the model's own beta_1, then at others.
  public var scores: [PictureScore] = []
  /// The paper's row.
  public let paper: PictureStudy.PaperRow
  /// Pictures taken in a second by training.
  public var imagesPerSecond: Double?
  /// All in all.
  public var seconds = 0.0
  /// Of training, in all.
  public var steps: Int?
  /// The options as they were.
  public var network: String
  private let schedule: String, data: String, seed: UInt64, quick: Bool

  /// A report of a run that has begun.
  public init(
    _ choice: PictureOptions, data: String, _ options: ExampleOptions, paper: PictureStudy.PaperRow
  ) {
    (network, schedule) = (choice.network.rawValue, choice.schedule.rawValue)
    (self.data, seed, quick) = (data, options.seed, options.quick)
    self.paper = paper
  }

  private enum CodingKeys: String, CodingKey {
    case bits = "K_bits_per_pixel"
    case standardError = "K_standard_error"
    case overNull = "K_minus_null_bits_per_pixel"
    case bitsPerDim = "bits_per_dim"
    case firstVariance = "beta_1"
    case baseline = "baseline_bits_per_pixel"
    case bitsAtPaperVariance = "K_bits_per_pixel_at_paper_beta_1"
    case paperVariance = "paper_beta_1"
    case baselineAtPaperVariance = "baseline_bits_per_pixel_at_paper_beta_1"
    case paperBits = "paper_K"
    case paperOverNull = "paper_K_minus_null"
    case imagesPerSecond = "images_per_second"
    case seconds, steps, network, schedule, data, seed, quick
  }

  public func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: CodingKeys.self)
    let score = scores.first
    let other = scores.dropFirst().first
    try object.encode(score?.bits, forKey: .bits)
    try object.encode(score?.standardError, forKey: .standardError)
    try object.encode(score?.overNull, forKey: .overNull)
    try object.encode(score?.bitsPerDim, forKey: .bitsPerDim)
    try object.encode(score?.firstVariance, forKey: .firstVariance)
    try object.encode(score?.baseline.bits, forKey: .baseline)
    try object.encode(other?.bits, forKey: .bitsAtPaperVariance)
    try object.encode(other?.firstVariance, forKey: .paperVariance)
    try object.encode(other?.baseline.bits, forKey: .baselineAtPaperVariance)
    try object.encode(paper.bound, forKey: .paperBits)
    try object.encode(paper.overNull, forKey: .paperOverNull)
    try object.encode(imagesPerSecond, forKey: .imagesPerSecond)
    try object.encode(seconds, forKey: .seconds)
    try object.encode(steps, forKey: .steps)
    try object.encode(network, forKey: .network)
    try object.encode(schedule, forKey: .schedule)
    try object.encode(data, forKey: .data)
    try object.encode(seed, forKey: .seed)
    try object.encode(quick, forKey: .quick)
  }
}
