import ArgumentParser
import DiffusionDSL
import Foundation
import Synchronization

/// What every command-line program of the package does around its work: streams, interruption, one exit status, and
/// failures as one sentence on standard error.
///
/// Exit status: 0 done, 64 wrong usage, 65 bad data (errors that are `BadData`), 130 interrupted, 1 any other, such as
/// results that could not be written.
public enum Program {
  /// Parses the command line and gives the command that is to be run; the parser's own commands, such as `help`, are
  /// run here.
  ///
  /// - Parameters:
  ///   - root: the program, or its tree of commands.
  ///   - type: what the commands that have work are.
  public static func parse<Command>(_ root: any ParsableCommand.Type, as type: Command.Type) -> Command {
    StandardStreams.prepare()
    let program = root._commandName
    var command: any ParsableCommand
    do {
      command = try root.parseAsRoot()
      if let work = command as? Command { return work }
      // These end by throwing what to print.
      try command.run()
      root.exit()
    } catch {
      exit(from: error, root, program)
    }
  }

  /// Does the work and ends the process.
  ///
  /// - Parameters:
  ///   - program: the name that sentences on standard error begin with.
  ///   - console: where words go.
  ///   - work: gives what is to be printed as one JSON object, if anything. It checks `Task.isCancelled` often enough
  ///     to stop within a tenth of a second.
  public static func run(
    _ program: String, on console: Console, _ work: @escaping @Sendable () async throws -> (any Encodable & Sendable)?
  ) async -> Never {
    // Listens before the work starts: what the work does first may be what a caller waits for to interrupt it.
    let interruption = Interruption { leave(.interrupted, console) }
    let task = Task { try await work() }
    interruption.ask { task.cancel() }
    let result = await task.result
    interruption.cancel()
    // A failure caused by the interruption is an interruption, whatever error it surfaced as.
    if interruption.happened, case .failure(let error) = result {
      leave(error is Cancelled ? Failure(error) : .interrupted, console)
    }
    do {
      let report = try result.get()
      console.endProgress()
      if let report { try console.printJSON(report) }
      try console.checkOutput()
      Foundation.exit(0)
    } catch {
      leave(Failure(error), console)
    }
  }

  private static func leave(_ failure: Failure, _ console: Console) -> Never {
    // The work may end while an interruption that it took too long to heed ends the process: one of them speaks.
    leaving.withLock { _ in
      console.warn(failure.sentence)
      Foundation.exit(failure.status)
    }
  }

  private static let leaving = Mutex(())

  private static func exit(from error: any Error, _ root: any ParsableCommand.Type, _ program: String) -> Never {
    let status = root.exitCode(for: error)
    if status.isSuccess { root.exit(withError: error) }
    let failure = Failure(status: status.rawValue, sentence: root.message(for: error))
    let isSentence = failure.sentence.last.map { ".?!".contains($0) } == true
    let command = ([program] + subcommand(of: root)).joined(separator: " ")
    Console(program: program, json: false)
      .warn("\(failure.sentence)\(isSentence ? " See" : "; see") '\(command) --help'.")
    Foundation.exit(failure.status)
  }

  /// The subcommand that the command line names, if any: its help says more than the program's.
  private static func subcommand(of root: any ParsableCommand.Type) -> [String] {
    guard let first = CommandLine.arguments.dropFirst().first,
      root.configuration.subcommands.contains(where: { $0._commandName == first })
    else { return [] }
    return [first]
  }
}
