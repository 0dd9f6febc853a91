import DiffusionDSL
import DiffusionIO

/// An error whose cause is the data that a program was given, not the program or the machine: exit status 65.
///
/// Its description is one sentence that carries the offending value, its place and the remedy.
public protocol BadData: Error, CustomStringConvertible {}

extension CSVError: BadData {}

extension DataError: BadData {}

extension ImageFileError: BadData {}

extension NPYError: BadData {}

extension PosteriorError: BadData {}
