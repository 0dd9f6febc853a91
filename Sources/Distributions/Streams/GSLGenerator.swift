internal import CGSL

/// The state of one of GSL's own generators, owned. Streams copy it before writing when they share it, so that no two
/// threads ever write one.
final class GSLGenerator: @unchecked Sendable {
  private let type: GSLGeneratorType
  private let state: UnsafeMutableRawPointer

  /// GSL's generators by name. GSL fills a table of its own when asked for it: once, here, behind the lock of a static
  /// property. What it points to is constant.
  static let types: [String: GSLGeneratorType] = {
    var result: [String: GSLGeneratorType] = [:]
    guard var entry = gsl_rng_types_setup() else { return result }
    while let type = entry.pointee {
      result[String(cString: type.pointee.name)] = GSLGeneratorType(pointer: type)
      entry += 1
    }
    return result
  }()

  init(name: String, seed: UInt64) throws(GSLError) {
    guard let type = GSLGenerator.types[name] else {
      throw GSLError(
        status: Int(GSL_EINVAL), operation: "RandomStream(generator:)", value: name,
        remedy: "use mt19937, ranlxd2, taus2 or another of RandomStream.generatorNames")
    }
    self.type = type
    state = type.makeState()
    var generator = gsl_rng(type: type.pointer, state: state)
    // From 1 to 2^31 - 2: with other seeds some generators get stuck (minstd) or read outside their state (ran1).
    gsl_rng_set(&generator, UInt(seed % 0x7fff_fffe + 1))
  }

  /// A generator that goes on as `original` does.
  init(copying original: GSLGenerator) {
    type = original.type
    state = type.makeState()
    state.copyMemory(from: original.state, byteCount: type.pointer.pointee.size)
  }

  deinit { state.deallocate() }

  var name: String { String(cString: type.pointer.pointee.name) }

  func withGSL<Result>(_ body: (UnsafeMutablePointer<gsl_rng>) -> Result) -> Result {
    var generator = gsl_rng(type: type.pointer, state: state)
    return body(&generator)
  }
}

struct GSLGeneratorType: @unchecked Sendable {
  let pointer: UnsafePointer<gsl_rng_type>

  func makeState() -> UnsafeMutableRawPointer {
    .allocate(byteCount: pointer.pointee.size, alignment: 16)
  }
}
