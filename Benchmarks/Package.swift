// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that whoever depends on the product never builds it. It sees the product as
// any other user does: through its public interface.
let package = Package(
  name: "DiffusionBenchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "DiffusionDSL", path: "..")],
  targets: [
    // What is trained.
    .target(
      name: "BenchmarkModels", dependencies: [.product(name: "DiffusionDSL", package: "DiffusionDSL")], path: "Models"),
    .executableTarget(
      name: "diffusion-bench",
      dependencies: ["BenchmarkModels", .product(name: "DiffusionDSL", package: "DiffusionDSL")],
      path: "Sources"),
  ],
  swiftLanguageModes: [.v6]
)
