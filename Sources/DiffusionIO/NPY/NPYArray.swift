import DiffusionDSL
import Foundation

/// An array of numbers as NumPy's `save` writes it and its `load` reads it, in an `.npy` file.
///
///     let rows = try Table(NPYArray(contentsOf: url), schema: model.definition.schema)
///     try NPYArray(values: samples.flat, shape: [samples.count, samples.dimensions]).write(to: url)
///
/// The format's versions 1.0, 2.0 and 3.0 are read, with floating-point numbers, integers and truth values in either
/// byte order, stored row by row (C order) or column by column (Fortran order).
public struct NPYArray: Equatable, Sendable {
  /// The extent of each axis, outermost first; none for a single number.
  public let shape: [Int]
  /// All elements, the last axis running fastest.
  public let values: [Double]

  /// An array of values.
  ///
  /// - Throws: `NPYError.shapeMismatch` for values that do not fill the shape.
  public init(values: [Double], shape: [Int]) throws(NPYError) {
    guard shape.allSatisfy({ $0 >= 0 }), NumberLayout.count(shape) == values.count else {
      throw .shapeMismatch(values: values.count, shape: shape)
    }
    (self.values, self.shape) = (values, shape)
  }

  /// Reads a file.
  ///
  /// - Throws: `NPYError`.
  public init(contentsOf url: URL) throws(NPYError) {
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw .unreadable(file: url.path, reason: systemReason(error))
    }
    try self.init(data: data, name: url.path)
  }

  /// Reads a file's bytes; `name` is what errors call it.
  ///
  /// - Throws: `NPYError`.
  public init(data: Data, name: String) throws(NPYError) {
    // A closure that is typed by inference would throw any error.
    let result = data.withUnsafeBytes { bytes -> Result<NPYArray, NPYError> in
      do throws(NPYError) { return .success(try NPYArray(bytes, name)) } catch { return .failure(error) }
    }
    self = try result.get()
  }

  private init(_ bytes: UnsafeRawBufferPointer, _ file: String) throws(NPYError) {
    let layout = try NumberLayout(npy: bytes, file: file)
    var values: [Double] = []
    values.reserveCapacity(layout.count)
    for index in 0..<layout.count {
      switch layout.value(bytes, index) {
      case .success(let value): values.append(value)
      case .failure(let inexact): throw .inexact(file: file, index: index, value: inexact.text)
      }
    }
    (self.values, shape) = (layout.rowMajor(values), layout.shape)
  }

  /// Whether bytes begin as an NPY file's do.
  public static func isNPY(_ data: Data) -> Bool { data.prefix(6).elementsEqual(NPYHeader.magic) }

  /// The bytes of a file.
  ///
  /// - Parameter element: what the elements are written as; `float32` and `float16` round.
  /// - Throws: `NPYError.notRepresentable` for a value that is no integer or truth value of the kind.
  public func data(as element: NPYElement = .float64) throws(NPYError) -> Data {
    var data = NPYHeader(descr: element.rawValue, fortranOrder: false, shape: shape).bytes
    data.reserveCapacity(data.count + values.count * element.size)
    for (index, value) in values.enumerated() where !element.append(value, to: &data) {
      throw .notRepresentable(index: index, value: value, type: element.rawValue)
    }
    return data
  }

  /// Writes a file, which appears whole or not at all.
  ///
  /// - Parameters:
  ///   - url: the file; its directory must be there.
  ///   - element: what the elements are written as; `float32` and `float16` round.
  /// - Throws: `NPYError.notRepresentable`, `.unwritable`.
  public func write(to url: URL, as element: NPYElement = .float64) throws(NPYError) {
    let data = try data(as: element)
    do {
      try DurableFile.write(to: url) { try $0.write(data) }
    } catch ModelFileError.notWritable(let file, let reason) {
      throw .unwritable(file: file, reason: reason)
    } catch {
      throw .unwritable(file: url.path, reason: systemReason(error))
    }
  }
}

extension Table {
  /// The rows of an array of two axes, or of one where the schema has one column.
  ///
  /// - Parameters:
  ///   - array: numbers in the data's units, or the places of labels; NaN for a missing cell.
  ///   - schema: the columns, in the order of a row's numbers.
  /// - Throws: `DataError`: `.wrongDimensions` for rows of another width, and what `init(cells:schema:)` throws.
  public init(_ array: NPYArray, schema: Schema) throws(DataError) {
    let width = array.shape.count == 2 ? array.shape[1] : array.shape.count == 1 ? 1 : array.values.count
    guard width == schema.columns.count, (1...2).contains(array.shape.count) else {
      throw .wrongDimensions(expected: schema.columns.count, found: width)
    }
    try self.init(cells: array.values, schema: schema)
  }
}
