@_exported import ProgramTesting
