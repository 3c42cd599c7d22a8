/// The one error of the toolkit: what happened, why, and what to do about it.
///
/// Its `code` decides the exit status, in one table in KianaCLI. The three texts are written in
/// lower case without a full stop, with the subject in single quotes, and never hold a secret.
package struct KianaError: Error, Sendable, Equatable {
  /// The kinds of failure that a caller may want to tell apart.
  package enum Code: String, Sendable, CaseIterable {
    /// The operation did not work; the message says why.
    case failed
    /// Something was skipped or held and was named; the rest is done.
    case partial
    /// Nothing by that name, or no proof either way.
    case notFound
    /// A question was answered with no: two things differ, a probe is down.
    case conditionNotMet
    /// There is no state directory that this user can use.
    case noState
    /// Another process holds a lock; trying again later may work.
    case stateLocked
    /// A key or credential is missing, wrong or unusable.
    case key
    /// Damaged or forged: verification says no.
    case damaged
    /// A person must act before this can go on.
    case needsPerson
    /// Refused by policy; doing it would break a promise.
    case refused
    /// The command line or a settings file is wrong.
    case usage
    /// The disk is full, or reading or writing failed.
    case inputOutput
    /// The user interrupted (SIGINT).
    case interrupted
    /// The process was asked to end (SIGTERM).
    case terminated
  }

  package let code: Code
  /// What could not be done, with its subject: "cannot open the state directory '/x'".
  package let what: String
  /// The reason: "process 41 holds its lock". Empty when `what` says it all.
  package let why: String
  /// What the user can do; empty when there is nothing sensible to suggest.
  package let hint: String

  package init(code: Code, what: String, why: String = "", hint: String = "") {
    self.code = code
    self.what = what
    self.why = why
    self.hint = hint
  }

  /// `what: why`, as printed after the program's name.
  package var message: String { why.isEmpty ? what : "\(what): \(why)" }
}
