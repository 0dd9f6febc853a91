// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that whoever depends on the product never builds it. It sees the product as
// any other user does: through its public interface.
let package = Package(
  name: "DiffusionBenchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "DiffusionDSL", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    // What both programs train.
    .target(
      name: "BenchmarkModels", dependencies: [.product(name: "DiffusionDSL", package: "DiffusionDSL")], path: "Models"),
    .executableTarget(
      name: "diffusion-bench",
      dependencies: ["BenchmarkModels", .product(name: "DiffusionDSL", package: "DiffusionDSL")],
      path: "Sources"),
    .executableTarget(
      name: "optimiser-study",
      dependencies: [
        "BenchmarkModels",
        .product(name: "DiffusionDSL", package: "DiffusionDSL"),
        .product(name: "DiffusionIO", package: "DiffusionDSL"),
        .product(name: "DiffusionPlots", package: "DiffusionDSL"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "OptimiserStudy"),
  ],
  swiftLanguageModes: [.v6]
)
