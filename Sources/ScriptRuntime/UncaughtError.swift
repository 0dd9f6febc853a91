import CScriptRuntime
import Foundation

/// Ends a script for an error that it threw at its top level and did not catch: its sentence on standard error, behind the
/// script's name, and status 1.
///
/// - Parameter error: a value of `any Error`, which is one pointer.
@_cdecl("diffusion_script_uncaught")
func uncaught(_ error: UnsafeRawPointer) -> Never {
  let error = unsafeBitCast(error, to: (any Error).self)
  let script = ProcessInfo.processInfo.environment["DIFFUSION_SCRIPT"].map { "\($0): " } ?? ""
  // What was printed and is still in a buffer comes first.
  fflush(nil)
  FileHandle.standardError.write(Data("\(script)\(error)\n".utf8))
  exit(1)
}
