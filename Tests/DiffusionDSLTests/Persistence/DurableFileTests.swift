import Foundation
import Testing

@testable import DiffusionDSL

extension SafeTensorsTests {
  @Test func failedWriteLeavesTheOldFile() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      try example().write(to: url)
      let old = try Data(contentsOf: url)

      var misfit = example()
      misfit["grid"]?.shape = [2, 3, 5]
      let reason = "\"grid\" has shape [2, 3, 5] and 24 values"
      #expect(throws: ModelFileError.notWritable(file: url.path, reason: reason)) { try misfit.write(to: url) }
      misfit["grid"] = nil
      misfit["__metadata__"] = .init([Float(1)])
      #expect(throws: ModelFileError.self) { try misfit.write(to: url) }

      // The disk is full halfway.
      let full = ModelFileError.notWritable(file: url.path, reason: "full")
      #expect(throws: full) {
        try DurableFile.replace(url) { (writer) throws(ModelFileError) in
          try writer.write([UInt8](repeating: 7, count: 1000))
          throw full
        }
      }
      #expect(try Data(contentsOf: url) == old)
      #expect(try names(in: folder) == ["model.safetensors"])
    }
  }

  @Test func failedRenameLeavesNoTemporaryFile() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      #expect(throws: ModelFileError.notWritable(file: url.path, reason: "Is a directory")) {
        try DurableFile.replace(url) { (writer) throws(ModelFileError) in
          #expect((try? names(in: folder).count) == 1)
          // Somebody makes a folder of that name meanwhile.
          try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        }
      }
      let left = try names(in: folder)
      #expect(left == ["model.safetensors"])
      #expect(throws: ModelFileError.self) { try example().write(to: url) }
      let leftAgain = try names(in: folder) + names(in: url)
      #expect(leftAgain == left)
    }
  }

  @Test func unwritablePlacesAreNamed() throws {
    try withFolder { folder in
      let absent = folder.appendingPathComponent("absent/model.safetensors")
      #expect(throws: ModelFileError.notWritable(file: absent.path, reason: "No such file or directory")) {
        try example().write(to: absent)
      }
      let device = URL(fileURLWithPath: "/dev/null")
      #expect(
        throws: ModelFileError.notWritable(
          file: "/dev/null", reason: "something that is not a regular file has that name")
      ) {
        try example().write(to: device)
      }
    }
  }

  /// Results go through pipes and links, and leave them as they are.
  @Test func resultsAreWrittenThroughPipesAndLinks() throws {
    try withFolder { folder in
      let pipe = folder.appendingPathComponent("pipe")
      #expect(mkfifo(pipe.path, 0o600) == 0)
      let reader = open(pipe.path, O_RDONLY | O_NONBLOCK)
      defer { close(reader) }
      try DurableFile.write(to: pipe) { try $0.write(Data("rows".utf8)) }
      var bytes = [UInt8](repeating: 0, count: 8)
      #expect(read(reader, &bytes, 8) == 4 && bytes.prefix(4).elementsEqual("rows".utf8))
      #expect(DurableFile.isSpecial(pipe) && DurableFile.isSpecial(URL(fileURLWithPath: "/dev/null")))

      let file = folder.appendingPathComponent("file")
      let link = folder.appendingPathComponent("link")
      try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "file")
      try DurableFile.write(to: link) { try $0.write(Data("one".utf8)) }
      #expect(try Data(contentsOf: file) == Data("one".utf8))
      #expect(throws: CancellationError.self) {
        try DurableFile.write(to: link) { file in
          try file.write(Data("two".utf8))
          throw CancellationError()
        }
      }
      #expect(try Data(contentsOf: file) == Data("one".utf8))
      #expect(try names(in: folder) == ["file", "link", "pipe"])
      #expect(throws: ModelFileError.self) { try DurableFile.write(to: folder) { try $0.write(Data()) } }
    }
  }

  @Test func linksAndPermissionsSurvive() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      let link = folder.appendingPathComponent("latest")
      try SafeTensorsFile().write(to: url)
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: url.path)
      try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "model.safetensors")
      try example().write(to: link)
      #expect(try SafeTensorsFile(reading: url).tensors.count == 7)
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == "model.safetensors")
      let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
      #expect(attributes[.posixPermissions] as? Int == 0o640)
      #expect(try names(in: folder) == ["latest", "model.safetensors"])
    }
  }

  @Test func longNamesCanBeWritten() throws {
    try withFolder { folder in
      let name = String(repeating: "n", count: 255)
      try example().write(to: folder.appendingPathComponent(name))
      #expect(try names(in: folder) == [name])
    }
  }
}
