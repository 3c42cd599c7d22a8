package import KianaModel

/// The one table of exit statuses; every man page shows the same.
package enum ExitStatus {
  package static let done: Int32 = 0
  /// Wrong usage, as sysexits.h has it.
  package static let usage: Int32 = 64

  /// The status of a failure.
  package static func of(_ code: KianaError.Code) -> Int32 {
    switch code {
    case .failed: 1
    case .partial: 3
    case .notFound: 4
    case .conditionNotMet: 5
    case .noState: 10
    case .stateLocked: 11
    case .key: 12
    case .damaged: 13
    case .needsPerson: 14
    case .refused: 15
    case .usage: usage
    case .inputOutput: 74
    case .interrupted: 130
    case .terminated: 143
    }
  }
}
