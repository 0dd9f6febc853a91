import Testing

@testable import DiffusionDSL
