import CTileLoops

/// Turns vertices of a graph into instructions over registers.
///
/// The interpreter runs a flat list of instructions, each of which reads up to three operands and writes one
/// destination. To lower a graph is to choose that list, and where every value lies. It is done in four files:
///
/// - FusionPlan.swift decides which vertices need no instruction of their own, because the one that uses them does
///   their work: products within sums, convolutions under a function, parts of a concatenation, sums of gradients.
/// - Addressing.swift says where a value lies and how it is read. Slices, reshapes and looks into tables are
///   addresses; a value spread over features or rows is read with a mode. None of them is copied.
/// - InstructionSelection.swift writes the instruction of each remaining vertex.
/// - Allocation.swift then gives the registers their places in a tile's buffers.
///
/// Invariants, on which allocation and the interpreter rest:
///
/// - Instructions stand in the order of their vertices' numbers, which is an order of computation, but that a vertex
///   may be moved later, into the sum or function that uses it. So an operand is always written before it is read.
/// - A register belongs to one vertex. It is written by that vertex's instructions alone (several only for a
///   concatenation or a padded vector, each to a part of its own) and never again once it has been read. Its life is
///   therefore one interval of the list.
/// - A destination is the place of an operand exactly, or apart from all of them. The C loops are compiled on that
///   promise.
///
/// What is fused is part of a program's results: at the wider vector levels a multiply-add rounds once where a product
/// and a sum round twice. All choices here depend on the graph alone, so that a formula gives the same bits each time
/// that it is compiled.
///
/// Rejected: fusing chains of elementwise operations into loops generated at run time. Interpretation costs about 1.3 ns
/// for an instruction and a tile, and a table's tile is in the nearest cache, so that there is little to gain. (Images
/// are not, which is why a convolution applies the function behind it to each line.)
struct Lowering {
  typealias ID = Graph.ID

  /// A buffer of a tile: `size` features for lanes, `size` numbers for uniform values.
  struct Register {
    var isLanes: Bool
    var size: Int
    /// Lives through the whole program: inputs and outputs.
    var isPinned = false
  }

  struct Instruction {
    var opcode: tile_opcode
    var flags = 0
    var features: Int
    var inner = 0
    /// Of an image, and of the kernel that is moved over it.
    var image = (height: 0, width: 0)
    var kernel = (height: 0, width: 0)
    var immediate = 0.0
    /// Applied to a convolution's result; `TILE_COPY`: nothing is.
    var activation = TILE_COPY
    var destination: Operand
    var operands: [Operand]
    /// Memory that the instruction alone uses.
    var scratch: Operand?
    /// A convolution's kernel at the points, where it is taken there before tiles are computed.
    var points: Operand?
    var vertex: ID

    /// What it reads, writes or uses.
    var places: [Operand] { [destination] + operands + (scratch.map { [$0] } ?? []) }
  }

  /// A kernel that is taken to the points, and whether as that of the transposed convolution.
  struct PointKernel: Hashable {
    var kernel: ID
    var isTurned: Bool
  }

  let graph: Graph
  let plan: FusionPlan
  /// Whether rows are blocks of images.
  let isInBlocks: Bool
  var registers: [Register] = []
  var instructions: [Instruction] = []
  var constants: [Double] = []
  /// Where values lie that have been computed, or that exist before the code runs.
  var places: [ID: Place]
  var constantPlaces: [ID: Place] = [:]
  /// By their bits: 0 and -0 are equal, and their reciprocals are not.
  var scalarConstants: [UInt64: Int] = [:]
  /// What is done once, before tiles are computed, and again when parameters have changed.
  var pointKernels: [Instruction] = []
  var pointKernelPlaces: [PointKernel: Int] = [:]
  /// Numbers of the kernels at the points.
  var pointKernelCount = 0

  /// The code for outputs, which stay in pinned registers, and for sums, which are added to fixed places.
  ///
  /// - Parameters:
  ///   - places: where values lie that exist before the code runs (parameters, shared values).
  ///   - inputs: vertices that are written into pinned registers before the code runs, in the registers' order.
  init(
    graph: Graph, places: [ID: Place], inputs: [ID], outputs: [ID], sums: [(vertex: ID, place: Place)],
    isInBlocks: Bool = false
  ) {
    self.graph = graph
    self.isInBlocks = isInBlocks
    var given = places
    for (register, input) in inputs.enumerated() {
      registers.append(
        Register(isLanes: graph[input].stage == .row, size: max(1, graph[input].shape.count), isPinned: true))
      given[input] = .register(register, offset: 0)
    }
    self.places = given
    let roots = outputs + sums.map(\.vertex)
    let needed = graph.reachable(from: roots, stoppingAt: { given[$0] != nil })
    plan = FusionPlan(graph: graph, needed: needed, outputs: outputs, sums: sums, given: Set(given.keys))
    // Sums are emitted as soon as their values are there, so that registers are free again early.
    for id in needed {
      if let place = plan.sums[id] {
        emitSum(id, into: place)
      } else if self.places[id] == nil || plan.wholes.contains(id), !plan.fused.contains(id), !graph[id].isVirtual {
        emit(id)
      }
    }
    for (vertex, place) in plan.copiedSums { addCopy(of: vertex, into: place) }
    for output in outputs { pin(output) }
  }
}
