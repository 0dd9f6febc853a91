import DiffusionDSL
import Foundation

/// The system's words for a failed file operation, without Foundation's preamble.
package func systemReason(_ error: any Error) -> String {
  let error = error as NSError
  if error.domain == NSPOSIXErrorDomain { return systemReason(Int32(truncatingIfNeeded: error.code)) }
  if let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError, underlying.domain == NSPOSIXErrorDomain {
    return systemReason(Int32(truncatingIfNeeded: underlying.code))
  }
  switch error.code {
  case CocoaError.fileReadNoSuchFile.rawValue, CocoaError.fileNoSuchFile.rawValue: return "no such file"
  case CocoaError.fileReadNoPermission.rawValue, CocoaError.fileWriteNoPermission.rawValue:
    return "permission denied"
  case CocoaError.fileWriteOutOfSpace.rawValue: return "no space left"
  default: return error.localizedDescription
  }
}
