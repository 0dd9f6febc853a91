import Distributions
import Formulas
import Foundation

/// Draws the missing cells of rows, given the observed ones, from the model as it stands: the E step of stochastic
/// expectation maximisation (Celeux, Diebolt 1985).
///
/// The observed cells follow the forward process and the missing ones the model's own chain, each step given both, down
/// to x_0. A single such chain draws the missing cells too independently of the observed ones, since its early steps
/// see them through much noise; training on such draws would weaken the dependence between columns a little more each
/// time. So each row has several chains, of which one is taken with probability in proportion to its weight (sampling
/// importance resampling, Rubin 1987; Docs/Mathematics.md, section 9).
final class MissingCellDraws: ParallelWork, @unchecked Sendable {
  private static let tileRows = 128
  /// Chains for each row; a divisor of `tileRows`.
  private static let proposals = 8
  private static let tileSources = tileRows / proposals

  /// All rows, the missing cells with their latest draws.
  private(set) var filled: Dataset
  /// Minibatches between two draws: drawing takes half of the time or so.
  let period: Int
  private let model: DiffusionModel
  private let scaling: Scaling
  /// Indices of the rows with missing cells, and their missing columns.
  private let rows: [(row: Int, columns: [Int])]
  private let incomplete: PreparedData
  private let seed: UInt64
  private let programs: PathPrograms
  private let pool: WorkerPool
  private var numbers: [Double]
  /// For each column, where a draw may lie: the observed cells' range, extended on either side by its own width.
  private let limits: [ClosedRange<Double>]
  private let states: UnsafeMutableBufferPointer<Double>
  private var purpose: Purpose = "missing cells"
  private var cancellation: Cancellation?

  /// - Parameter batch: rows of a minibatch.
  init(
    _ model: DiffusionModel, _ data: Dataset, _ scaling: Scaling, parameters: AlignedBuffer, seed: UInt64, batch: Int,
    level: VectorLevel, pool: WorkerPool
  ) throws(DefinitionError) {
    self.model = model
    self.scaling = scaling
    self.seed = seed
    self.pool = pool
    let width = data.dimensions
    let all = PreparedData(data, scaling, parts: model.parts, seed: seed).filled
    numbers = all.withNumbers { numbers in (0..<data.count * width).map { numbers[$0] } }
    rows = data.withNumbers { numbers in
      (0..<data.count).compactMap { row in
        let columns = (0..<width).filter { numbers[row * width + $0].isNaN }
        return columns.isEmpty ? nil : (row, columns)
      }
    }
    limits = data.withNumbers { numbers in
      (0..<width).map { column in
        let cells = (0..<data.count).lazy.map { numbers[$0 * width + column] }.filter { !$0.isNaN }
        guard let low = cells.min(), let high = cells.max() else { return 0...0 }
        return low - (high - low)...high + (high - low)
      }
    }
    // Their cells were checked when the data was made.
    let cells = rows.flatMap { data[$0.row] }
    incomplete = PreparedData(
      Dataset(finiteOrMissing: cells, dimensions: width), scaling, parts: model.parts, seed: seed)
    filled = all
    let layout = model.layout
    programs = try PathPrograms(model, .conditional, .weight) { (outputs) throws(DefinitionError) in
      do {
        let program = try TileProgram(outputs: outputs, layout: layout, precision: parameters.precision)
        return SharedValues(program: program, parameters: parameters, level: level)
      } catch {
        throw DefinitionError([DefinitionFault("\(error)", at: model.definition.reversePart.location)])
      }
    }
    states = .allocate(capacity: rows.count * model.features)
    states.initialize(repeating: 0)
    // In tiles' steps: a draw takes one for each step of the chain, training about three for forward and backward.
    let tiles = TileSweep(rows: rows.count, tileRows: MissingCellDraws.tileSources).count
    let drawing = Double(tiles * model.steps)
    let training = 3 * max(1, Double(batch) / 64)
    period = max(20, Int((drawing / training).rounded(.up)))
  }

  deinit {
    states.deallocate()
  }

  var isCancelled: Bool { cancellation?.isCancelled == true }

  private var tiles: TileSweep { TileSweep(rows: rows.count, tileRows: MissingCellDraws.tileSources) }

  /// The latest draws, row by row; as many as cells are missing.
  var cells: [Double] {
    get {
      rows.flatMap { row, columns in columns.map { numbers[row * model.dimensions + $0] } }
    }
    set {
      let places = rows.flatMap { row, columns in columns.map { row * model.dimensions + $0 } }
      for (place, cell) in zip(places, newValue) { numbers[place] = cell }
      filled = Dataset(finite: numbers, dimensions: model.dimensions).withWeights(filled.weights)
    }
  }

  /// Draws all missing cells anew.
  ///
  /// - Parameter step: minibatches done, a part of the noise's address.
  func draw(step: Int, _ cancellation: Cancellation) {
    self.cancellation = cancellation
    purpose = ("missing cells" as Purpose).appending("\(step)")
    for shared in [programs.start, programs.step, programs.last] { shared.update() }
    pool.run(tasks: tiles.count, self)
    if isCancelled { return }
    let drawn = scaling.undone(model.rows(of: Array(states)))
    // The chain of an untrained model may end anywhere, and draws far from all other rows would spoil what is learned
    // from them. Such a draw is discarded, and the latest one kept.
    let latest = cells
    var place = 0
    cells = rows.indices.flatMap { index in
      rows[index].columns.map { column in
        defer { place += 1 }
        let cell = drawn.flat[index * model.dimensions + column]
        return cell.isFinite && limits[column].contains(cell) ? cell : latest[place]
      }
    }
  }

  func perform(task tile: Int, thread: Int) {
    let proposals = MissingCellDraws.proposals
    let (first, sources) = (tiles[tile].first, tiles[tile].rows)
    let count = sources * proposals
    let space = PathSpace(
      programs, model, rows: TileWorkspace.padded(count), seed: seed,
      purposes: (purpose.appending("end"), purpose.appending("trajectory")))
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { indices in
      for chain in 0..<count { indices[chain] = Int32(first + chain / proposals) }
      var logWeights = Array(repeating: 0.0, count: count)
      let end = space.walk(
        incomplete, rows: UnsafeBufferPointer(indices), firstChain: UInt64(first * proposals),
        isCancelled: { isCancelled }
      ) { _, term in
        for chain in 0..<count { logWeights[chain] += term(0, chain) }
      }
      guard let end else { return }
      for source in 0..<sources {
        let chains = source * proposals..<(source + 1) * proposals
        var stream = RandomStream(seed: seed, purpose: purpose.appending("choice"), chain: UInt64(first + source))
        // A weight that is NaN counts as 0; where all are, each chain is equally likely.
        let weights = normalised(logWeights[chains].map { $0.isFinite ? $0 : -.infinity })
        let choice = weights.map { systematic($0, count: 1, offset: Double(stream.nextUniform()))[0] } ?? 0
        let chain = chains.lowerBound + choice
        for feature in 0..<model.features {
          states[(first + source) * model.features + feature] = end(feature, chain)
        }
      }
    }
  }
}
