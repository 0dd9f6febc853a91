import DiffusionIO
import Foundation
import ProgramTesting
import Testing

/// Bad input ends with the right exit status and one sentence, and prints no results.
@Suite struct ToolFailureTests {
  private static let posterior = ["posterior", "m.safetensors"]

  static let cases: [(arguments: [String], status: Int32, words: String)] = [
    (["sample"], 64, "Missing expected argument '<model>'; see 'diffusion sample --help'"),
    (["sample", "m.safetensors", "--count", "0"], 64, "--count 0 is not possible"),
    (["sample", "m.safetensors", "--count", "-3"], 64, "--count -3 is not possible"),
    (["sample", "m.safetensors", "--format", "xml"], 64, "--format"),
    (["sample", "m.safetensors", "--json", "--format", "csv"], 64, "exclude each other"),
    (["sample", "m.safetensors", "--threads", "0"], 64, "--threads 0 is not possible"),
    (["sample", "m.safetensors", "--output", "no/such/folder.csv"], 1, "cannot write 'no/such/folder.csv'"),
    (["sample", "m.safetensors", "--output", "."], 1, "it is a directory"),
    (["sample", "none.safetensors"], 65, "cannot read 'none.safetensors'"),
    (["sample", "rows.csv"], 65, "is not a .safetensors file"),
    (["sample", "cut.safetensors"], 65, "is cut short"),
    (["paint", "m.safetensors"], 64, "paint"),
    (["bound", "m.safetensors", "none.csv"], 65, "cannot read 'none.csv'"),
    (["bound", "m.safetensors", "."], 65, "'.' is a folder, and a table is needed"),
    (["bound", "m.safetensors", "picture.csv"], 65, "'picture.csv' is a JPEG picture, and a table is needed"),
    (["impute", "m.safetensors", "archive.npy"], 65, "is a ZIP archive"),
    (["bound", "m.safetensors", "infinite.npy"], 65, "row 1, field 'bill length' is inf"),
    (["bound", "m.safetensors", "other.csv"], 65, "has no column 'species'"),
    (["bound", "m.safetensors", "label.csv"], 65, "line 2 holds 'Dodo'"),
    (["bound", "m.safetensors", "cut.npy"], 65, "is cut short"),
    (["bound", "m.safetensors", "rows.csv", "--draws", "0"], 64, "--draws 0 is not possible"),
    (["logprob", "m.safetensors", "rows.csv", "--trajectories", "0"], 64, "--trajectories 0 is not possible"),
    (["impute", "m.safetensors", "other.csv"], 65, "has no column 'species'"),
    (["impute", "m.safetensors", "rows.csv", "--draws", "0"], 64, "--draws 0 is not possible"),
    (posterior, 64, "nothing is known"),
    (posterior + ["--observe", "sex=male", "--particles", "0"], 64, "--particles 0 is not possible"),
    (posterior + ["--observe", "sex=male", "--repeats", "0"], 64, "--repeats 0 is not possible"),
    (posterior + ["--observe", "sex"], 64, "it has no '='"),
    (
      posterior + ["--observe", "beak=1"], 65, "there is no field 'beak': the model has species, sex, bill length, year"
    ),
    (posterior + ["--observe", "sex=none"], 65, "field 'sex' has no label 'none': its labels are female, male"),
    (posterior + ["--observe", "bill length=long"], 65, "'long' is none"),
    (
      posterior + ["--observe", "bill length=40", "--observe", "bill length=41"], 65,
      "what is known contradicts itself, for field 'bill length' is observed to be 40.0 and to be 41.0"
    ),
    (posterior + ["--observe", "sex=male", "--observe", "sex=female"], 65, "what is known contradicts itself"),
    (
      posterior + ["--where", "bill length < 40", "--where", "bill length > 41"], 65, "what is known contradicts itself"
    ),
    (posterior + ["--near", "bill length=40"], 64, "it is no FIELD=VALUE,DEVIATION"),
    (posterior + ["--near", "bill length=40,0"], 64, "the standard deviation 0.0 is not possible"),
    (posterior + ["--near", "sex=1,1"], 65, "field 'sex' has labels"),
    (posterior + ["--where", "sex ~ male"], 64, "it has no comparison"),
    (posterior + ["--where", "sex > male"], 65, "which have no order"),
    (posterior + ["--where", "bill length != 40"], 65, "field 'bill length' is a number"),
    (posterior + ["--where", "bill length in 45...35"], 65, "is empty"),
    (posterior + ["--where", "bill length == 40", "--guidance", "constant"], 65, "has the wrong limit"),
    (
      posterior + ["--where", "sex == male", "--method", "perturbed", "--evidence"], 64, "no weights and so no evidence"
    ),
    (["train", "none.csv"], 65, "cannot read 'none.csv'"),
    (["train", "empty.csv"], 65, "is empty"),
    (["train", "rows.csv", "--steps", "0"], 64, "--steps 0 is not possible"),
    (["train", "rows.csv", "--schema", "sex=colour"], 64, "there is no kind 'colour'"),
    (["train", "rows.csv", "--schema", "beak=none"], 65, "has no column 'beak'"),
    (["train", "rows.csv", "--schema", "sex=continuous"], 65, "column 'sex' is not numeric"),
    (["train", "rows.csv", "--schema", "species=binary"], 65, "a binary field has two"),
    (["train", "rows.csv", "--schema", "sex=category:x,y"], 65, "which is none of its labels"),
    (["train", "rows.csv", "--output", "no/such/m.safetensors"], 1, "cannot write"),
  ]

  @Test func statusesAndSentences() async throws {
    try await ToolModel().withFolder { _, folder in
      let model = try Data(contentsOf: folder.appendingPathComponent("m.safetensors"))
      try model.prefix(model.count - 100).write(to: folder.appendingPathComponent("cut.safetensors"))
      for (name, text) in [
        ("other.csv", "a,b\nx,2\n"), ("empty.csv", ""),
        ("label.csv", "species,sex,bill length,year\nDodo,male,40,2007\n"),
      ] { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
      try Data([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0]).write(to: folder.appendingPathComponent("cut.npy"))
      try Data([0xFF, 0xD8, 0xFF, 0xE0]).write(to: folder.appendingPathComponent("picture.csv"))
      try Data("PK\u{3}\u{4}".utf8).write(to: folder.appendingPathComponent("archive.npy"))
      try NPYArray(values: [0, 0, 40, 0, 1, 1, .infinity, 1], shape: [2, 4])
        .write(to: folder.appendingPathComponent("infinite.npy"))
      for (arguments, status, words) in Self.cases {
        let outcome = try Executable("diffusion").run(arguments, in: folder)
        #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
        #expect(outcome.output == "", "\(arguments)")
        let sentence = outcome.errorLines.last ?? ""
        #expect(sentence.hasPrefix("diffusion: ") && sentence.contains(words), "\(arguments): \(outcome.errors)")
        #expect(outcome.errorLines.count == 1, "\(arguments): \(outcome.errors)")
      }
    }
  }

  /// A reader that has had enough, such as `head`, is no failure.
  @Test func aClosedPipeIsNoFailure() async throws {
    try await ToolModel().withFolder { run, _ in
      let outcome = try run.shell("{ $0 sample m.safetensors -c 100000; echo $? >status; } | head -1; cat status")
      #expect(outcome.output == "species,sex,bill length,year\n0\n" && outcome.errors == "")
    }
  }
}
