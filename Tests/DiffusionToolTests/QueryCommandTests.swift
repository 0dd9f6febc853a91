import DiffusionDSL
import DiffusionIO
import Foundation
import ProgramTesting
import Testing

/// The tool gives what the library gives for the same seed, to the last digit.
@Suite struct QueryCommandTests {
  /// Devices, pipes and links that results are written to stay what they are.
  @Test func outputsStayWhatTheyAre() async throws {
    try await ToolModel().withFolder { run, folder in
      let outcome = try run.shell(
        """
        mkfifo p; cat p >got & \
        $0 sample m.safetensors -c 3 -o p && test -p p && ln -s real.csv link.csv && \
        $0 sample m.safetensors -c 3 -o link.csv && test -L link.csv && \
        wait && cat real.csv got
        """)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let plain = try run("sample", "m.safetensors", "-c", "3").output
      #expect(outcome.output == plain + plain, "\(outcome.output)")
    }
  }

  /// What is far from all that the model knows is drawn, but not passed off as certain.
  @Test func farConditionsAreDoubted() async throws {
    try await ToolModel().withFolder { run, _ in
      let outcome = try run(
        "posterior", "m.safetensors", "--observe", "bill length=4000", "--particles", "200", "--evidence")
      #expect(outcome.status == 0 && outcome.errors.contains("spreads by"), "\(outcome.errors)")
    }
  }

  @Test func samples() async throws {
    let model = try await ToolModel()
    let expected = try model.trained.sampleTable(40, seed: 7)
    try model.withFolder { run, folder in
      let csv = try run("sample", "m.safetensors", "--count", "40", "--seed", "7", "--threads", "1")
      #expect(csv.status == 0 && csv.errors == "", "\(csv.errors)")
      #expect(try csv.table(expected.schema) == expected)
      let json = try run("sample", "m.safetensors", "--count", "40", "--seed", "7", "--json").object()
      #expect(json["columns"] as? [String] == expected.schema.names)
      let rows = try #require(json["rows"] as? [[Any]])
      #expect(rows.map { $0[0] as? String } == expected.column(ToolModel.species))
      #expect(rows.map { $0[2] as? Double } == expected.column(ToolModel.bill))
      let file = folder.appendingPathComponent("s.npy")
      let npy = try run("sample", "m.safetensors", "--count", "40", "--seed", "7", "--output", "s.npy")
      #expect(npy.status == 0 && npy.output == "")
      #expect(try NPYArray(contentsOf: file) == NPYArray(values: expected.cells, shape: [40, 4]))
    }
  }

  @Test func bounds() async throws {
    let model = try await ToolModel()
    let table = try model.scored
    let expected = try model.trained.lowerBound(on: table, seed: 3)
    try model.withFolder { run, folder in
      let bits = try run("bound", "m.safetensors", "rows.csv", "--seed", "3")
      #expect(bits.status == 0 && bits.output.hasPrefix("bits\n"))
      #expect(try bits.numbers().rows == expected.rowNats.map { $0 / M_LN2 })
      let mean = String(format: "mean K %.4f +- %.4f bits a row over 20 rows", expected.bits, expected.standardError)
      #expect(bits.errors == mean + "\n")
      let piped = try run.shell("cat rows.csv | $0 bound m.safetensors - --seed 3 --nats")
      #expect(try piped.numbers().rows == expected.rowNats && piped.output.hasPrefix("nats\n"))
      let json = try run("bound", "m.safetensors", "rows.csv", "--seed", "3", "--json").object()
      #expect(json["mean"] as? Double == expected.bits && json["unit"] as? String == "bits")
      #expect(json["standard_error"] as? Double == expected.standardError)
      // The same rows as an array of numbers.
      try NPYArray(values: table.cells, shape: [20, 4]).write(to: folder.appendingPathComponent("rows.npy"))
      #expect(try run("bound", "m.safetensors", "rows.npy", "--seed", "3").output == bits.output)
      #expect(try run.shell("$0 bound m.safetensors - --seed 3 <rows.npy").output == bits.output)
    }
  }

  @Test func logProbabilities() async throws {
    let model = try await ToolModel()
    let expected = try model.trained.logProbability(of: model.scored, trajectories: 32, seed: 3)
    try model.withFolder { run, _ in
      let outcome = try run("logprob", "m.safetensors", "rows.csv", "--seed", "3", "--trajectories", "32", "--nats")
      let table = try outcome.numbers()
      #expect(table.columns == ["nats", "standard_error", "effective_sample_size"])
      #expect(table.rows == expected.rows.flatMap { [$0.nats, $0.standardErrorNats, $0.effectiveSampleSize] })
      #expect(outcome.errorLines.first?.hasPrefix(String(format: "mean log p %.4f +- ", expected.nats)) == true)
      // What is beyond all numbers is not missing.
      let far = try run.shell(
        "printf 'species,sex,bill length,year\\nAdelie,male,1e30,2007\\n' | $0 logprob m.safetensors -")
      #expect(far.output.contains("\n-inf,"), "\(far.output)\(far.errors)")
      let few = try run("logprob", "m.safetensors", "rows.csv", "--trajectories", "2")
      #expect(few.errors.contains("20 rows of 20 rest on fewer than 10 effective trajectories"))
    }
  }

  @Test func posteriors() async throws {
    let model = try await ToolModel()
    let query = model.trained.posterior {
      Near(ToolModel.bill, to: 44, standardDeviation: 2)
      ToolModel.sex != "female"
      ["Chin, strap", "Gentoo"].contains(ToolModel.species)
      (35...50).contains(ToolModel.bill)
      Observe(ToolModel.year, equals: "2008")
    }
    let expected = try query.sample(20, method: .particles(256, repeats: 4), seed: 5)
    let table = try model.trained.table(of: expected.samples)
    try model.withFolder { run, _ in
      let arguments = [
        "posterior", "m.safetensors", "--near", "bill length=44,2", "--where", "sex != female", "--where",
        "species in 'Chin, strap',Gentoo", "--where", "bill length in 35...50", "--observe", "year=2008", "--count",
        "20", "--particles", "256", "--repeats", "4", "--seed", "5", "--evidence",
      ]
      let csv = try Executable("diffusion").run(arguments, in: run.folder)
      #expect(csv.status == 0, "\(csv.errors)")
      #expect(try csv.table(table.schema) == table)
      #expect(csv.errors.contains(String(format: "log evidence %.4f +- ", expected.logEvidence)))
      let json = try Executable("diffusion").run(arguments + ["--json"], in: run.folder).object()
      #expect(json["log_evidence"] as? Double == expected.logEvidence)
      #expect(json["log_evidence_standard_error"] as? Double == expected.logEvidenceStandardError)
      #expect(json["effective_sample_size"] as? Double == expected.effectiveSampleSize)
      #expect((json["rows"] as? [Any])?.count == 20)
    }
  }

  @Test func perturbedPosteriors() async throws {
    let model = try await ToolModel()
    let query = model.trained.posterior { ToolModel.species == "Gentoo" }
    let expected = try model.trained.table(
      of: query.sample(10, method: .perturbed, guidance: .annealed, seed: 2).samples)
    try model.withFolder { run, _ in
      let outcome = try run(
        "posterior", "m.safetensors", "--where", "species == Gentoo", "--method", "perturbed", "--guidance", "annealed",
        "--count", "10", "--seed", "2")
      #expect(try outcome.table(expected.schema) == expected, "\(outcome.errors)")
    }
  }

  @Test func inspections() async throws {
    let model = try await ToolModel()
    try model.withFolder { run, _ in
      let text = try run("inspect", "m.safetensors").output
      for part in [
        "Category(\"species\", of: [\"Adelie\", \"Chin, strap\", \"Gentoo\"])", "ConstantErasure(steps: 8)",
        "Dense(8, activation: .silu)", "Readout(.bumps(2))", "T = 8", "trained for 200 steps", "readout.weight",
      ] { #expect(text.contains(part), "\(part)") }
      let json = try run("inspect", "m.safetensors", "--json").object()
      let fields = try #require(json["fields"] as? [[String: Any]])
      #expect(fields.map { $0["kind"] as? String } == ["category", "binary", "continuous", "category"])
      #expect(fields[2]["scale"] as? Double == model.trained.scaling.scale[2] && fields[0]["scale"] == nil)
      #expect(json["parameter_count"] as? Double == Double(model.trained.parameterCount))
      #expect(json["betas"] as? [Double] == model.trained.betas)
    }
  }

  /// Rows by place where fields have no names.
  @Test func aModelWithoutNames() async throws {
    let rows = (0..<100).map { [Double($0 % 10), Double($0 % 7)] }
    let trained = try await Diffusion {
      GaussianKernel(dimensions: 2)
      LearnedSchedule(steps: 6, firstVariance: 1e-2)
      ReverseNetwork {
        RadialBasis(units: 4)
        Readout(.perStep)
      }
    }.fit(to: rows, steps: 20, seed: 1)
    let answer = try trained.posterior { Observe(0, equals: 3) }.sample(
      5, method: .particles(128, repeats: 2), seed: 1)
    try withFolder { folder in
      try trained.save(to: folder.appendingPathComponent("m.safetensors"))
      let run = Tool(folder: folder)
      let outcome = try run(
        "posterior", "m.safetensors", "--observe", "x0=3", "--particles", "128", "--repeats", "2", "-c", "5")
      #expect(outcome.output.hasPrefix("x0,x1\n"))
      #expect(try outcome.numbers().rows == answer.samples.flat)
      let text = try run("inspect", "m.safetensors").output
      #expect(text.contains("GaussianKernel(dimensions: 2)") && text.contains("LearnedSchedule(steps: 6"))
    }
  }
}
