// swift-tools-version: 6.2
import PackageDescription

// Somebody else's program: it depends on the product and on nothing else.
let package = Package(
  name: "Embedding",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "DiffusionDSL", path: "../..")],
  targets: [
    .executableTarget(
      name: "embedding",
      dependencies: [.product(name: "DiffusionDSL", package: "DiffusionDSL")],
      path: "Sources")
  ],
  swiftLanguageModes: [.v6]
)
