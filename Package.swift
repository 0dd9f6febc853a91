// swift-tools-version: 6.2
import PackageDescription

// What a program imports, itself or through what a module re-exports: a target that imports a module without naming it
// here is not compiled anew when that module changes.
let program: [Target.Dependency] = [
  "DiffusionDSL", "Distributions", "Formulas", "DiffusionIO",
  .product(name: "ArgumentParser", package: "swift-argument-parser"),
]
let example = program + ["ProgramSupport", "DiffusionPlots"]

let package = Package(
  name: "DiffusionDSL",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Distributions", targets: ["Distributions"]),
    .library(name: "DiffusionDSL", targets: ["DiffusionDSL"]),
    .library(name: "DiffusionIO", targets: ["DiffusionIO"]),
    .library(name: "DiffusionPlots", targets: ["DiffusionPlots"]),
    // The same for scripts, which are not linked: Scripts/diffusion-script.
    .library(name: "DiffusionDSLDynamic", type: .dynamic, targets: ["DiffusionDSL", "DiffusionIO"]),
    // What such scripts load first.
    .library(name: "DiffusionScripts", type: .dynamic, targets: ["ScriptRuntime"]),
    .executable(name: "diffusion", targets: ["DiffusionTool"]),
    .executable(name: "swiss-roll", targets: ["swiss-roll"]),
    .executable(name: "density", targets: ["density"]),
    .executable(name: "heartbeat", targets: ["heartbeat"]),
    .executable(name: "penguins", targets: ["penguins"]),
    .executable(name: "digits", targets: ["digits"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // What embeds: these need GSL and nothing else.
    .systemLibrary(
      name: "CGSL", pkgConfig: "gsl",
      providers: [.apt(["libgsl-dev", "pkg-config"]), .brew(["gsl", "pkgconf"])]),
    .target(name: "CRandomStreams", dependencies: ["CGSL"]),
    .target(name: "CTileLoops"),
    .target(name: "Distributions", dependencies: ["CGSL", "CRandomStreams"]),
    .target(name: "Formulas", dependencies: ["CTileLoops"]),
    .target(name: "DiffusionDSL", dependencies: ["Distributions", "Formulas"]),

    // What reads files and draws figures.
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng",
      providers: [.apt(["libpng-dev", "pkg-config"]), .brew(["libpng", "pkgconf"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev", "pkg-config"]), .brew(["zlib", "pkgconf"])]),
    .target(name: "CPNGFile", dependencies: ["CPNG", "CZlib"]),
    .target(name: "DiffusionIO", dependencies: ["DiffusionDSL", "CPNGFile", "CZlib"]),
    .target(name: "DiffusionPlots", dependencies: ["DiffusionDSL", "DiffusionIO"]),

    // What becomes of a script's uncaught errors; no program links it.
    .target(name: "CScriptRuntime"),
    .target(name: "ScriptRuntime", dependencies: ["CScriptRuntime"]),

    // What programs share: streams, exit statuses, words.
    .target(name: "ProgramSupport", dependencies: program),

    // The examples.
    .target(name: "ExampleSupport", dependencies: example, path: "Sources/Examples/Support"),
    .executableTarget(
      name: "swiss-roll", dependencies: example + ["ExampleSupport"], path: "Sources/Examples/SwissRoll"),
    .executableTarget(
      name: "density", dependencies: example + ["ExampleSupport"], path: "Sources/Examples/Density"),
    .executableTarget(
      name: "heartbeat", dependencies: example + ["ExampleSupport"], path: "Sources/Examples/Heartbeat"),
    .executableTarget(
      name: "penguins", dependencies: example + ["ExampleSupport"], path: "Sources/Examples/Penguins"),
    .executableTarget(
      name: "digits", dependencies: example + ["ExampleSupport"], path: "Sources/Examples/Digits",
      resources: [.copy("pretrained.safetensors")]),
    .executableTarget(
      name: "dead-leaves", dependencies: example + ["ExampleSupport"], path: "Sources/Examples/DeadLeaves",
      resources: [.copy("pretrained.safetensors")]),
    .executableTarget(
      name: "natural-images", dependencies: example + ["ExampleSupport"], path: "Sources/Examples/NaturalImages",
      exclude: ["rivals.py"], resources: [.copy("pretrained.safetensors")]),
    .executableTarget(
      name: "bark", dependencies: example + ["ExampleSupport"], path: "Sources/Examples/Bark", exclude: ["rivals.py"],
      resources: [.copy("pretrained-furrowed.safetensors")]),

    // The command-line tool.
    .executableTarget(name: "DiffusionTool", dependencies: program + ["ProgramSupport"]),

    .testTarget(
      name: "DistributionsTests", dependencies: ["Distributions", "CGSL", "CRandomStreams"],
      exclude: ["Golden/generate.py"]),
    // Gives the tests the loops at each vector width; no product holds it.
    .target(
      name: "CTileProbe", path: "Tests/CTileProbe",
      cSettings: [.headerSearchPath("../../Sources/CTileLoops")]),
    .testTarget(
      name: "TileLoopsTests", dependencies: ["CTileLoops", "CTileProbe", "CGSL"],
      exclude: ["Generators"], resources: [.copy("double_references.txt")]),
    // Counts the allocations of tests' threads; no product holds it.
    .target(name: "CAllocationProbe", path: "Tests/CAllocationProbe"),
    .testTarget(
      name: "FormulasTests", dependencies: ["Formulas", "CTileLoops", "CAllocationProbe"], exclude: ["References"]),
    .testTarget(
      name: "DiffusionDSLTests",
      dependencies: [
        "DiffusionDSL", "DiffusionIO", "DiffusionPlots", "Distributions", "Formulas", "CAllocationProbe",
      ],
      exclude: ["References"]),
    // Reads the sources as text: which folder refers to which.
    .testTarget(name: "StructureTests"),
    .testTarget(name: "DiagnosticsTests", dependencies: ["DiffusionDSL"], exclude: ["Programs"]),
    .testTarget(name: "DiffusionIOTests", dependencies: ["DiffusionDSL", "DiffusionIO"], exclude: ["References"]),
    .testTarget(
      name: "DiffusionPlotsTests",
      dependencies: ["DiffusionPlots", "DiffusionIO", "DiffusionDSL", "Distributions", "Formulas"]),
    // Runs built programs; no product holds it.
    .target(name: "ProgramTesting", path: "Tests/ProgramTesting"),
    .testTarget(
      name: "DiffusionToolTests",
      dependencies: example + ["ExampleSupport", "ProgramTesting", "DiffusionTool", "swiss-roll"]),
    .testTarget(
      name: "ExamplesTests",
      dependencies: example + [
        "ExampleSupport", "ProgramTesting", "bark", "dead-leaves", "density", "digits", "heartbeat", "natural-images",
        "penguins", "swiss-roll",
      ],
      exclude: ["References"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)

// Only Scripts/docs asks for the plugin: whoever embeds the library does not resolve it.
if Context.environment["DIFFUSION_DOCUMENTATION"] != nil {
  package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}
