import Foundation

// Usage: diffusion-bench [--list] [--repeats N] [--threads N] [WORKLOAD ...]

let table: [Workload] = [
  swissRollTrain, neighbourTrain, heartbeatTrain, heartbeatSample, heartbeatBound, convolutionTrain,
  convolutionNeighbour, convolutionSample, convolutionSampleMany, convolutionSampleOne, convolutionSampleLarge,
  convolutionBound, convolutionBoundOne, posteriorImage, posteriorImageSampling, posteriorDeep, posteriorDeepSampling,
  imputation,
]
let sweeps = [convolutionSides, convolutionChannels, convolutionRows]
let names = table.map(\.name) + sweeps.map(\.name)

func write(_ text: String, to file: FileHandle) {
  file.write(Data((text + "\n").utf8))
}

/// Ends the program with one sentence on standard error.
func stop(_ sentence: String) -> Never {
  write("diffusion-bench: " + sentence, to: .standardError)
  exit(64)
}

var chosen: [Workload] = []
var repeats: Int?
var threads = ProcessInfo.processInfo.activeProcessorCount
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
  switch argument {
  case "--list":
    for name in names { write(name, to: .standardOutput) }
    exit(0)
  case "--repeats":
    guard let text = arguments.popFirst(), let number = Int(text), number > 0 else {
      stop("--repeats takes a whole number above 0")
    }
    repeats = number
  case "--threads":
    guard let text = arguments.popFirst(), let number = Int(text), (1...1_024).contains(number) else {
      stop("--threads takes a whole number from 1 to 1024")
    }
    threads = number
  default:
    if let sweep = sweeps.first(where: { $0.name == argument }) {
      chosen += sweep.workloads
    } else if let workload = table.first(where: { $0.name == argument }) {
      chosen.append(workload)
    } else {
      stop("no workload '\(argument)'; there are: " + names.joined(separator: ", "))
    }
  }
}

for var workload in chosen.isEmpty ? table : chosen {
  if let repeats { workload.repeats = repeats }
  do {
    let report = Report(
      workload: workload.name, rate: try await workload.rate(threads: threads), unit: workload.unit + "/s",
      threads: threads)
    write(try report.line(), to: .standardOutput)
  } catch {
    stop("\(workload.name): \(error)")
  }
}
