import Testing

@testable import DiffusionPlots
