import Testing

@testable import DiffusionIO
