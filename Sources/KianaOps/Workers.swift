internal import Dispatch
internal import Synchronization

/// Pure work on chunks, done by several threads and handed back in order.
///
/// The caller's thread is one of the workers: it feeds chunks in, takes results out in order and,
/// while the next result is not ready, works itself. So two workers keep two cores busy although
/// only one thread touches the database.
final class Workers<Input: Sendable, Output: Sendable>: Sendable {
  private struct State {
    var waiting = [(ticket: Int, input: Input)]()
    var done = [Int: Output]()
    var isClosed = false
  }

  private let state = Mutex(State())
  private let news = DispatchSemaphore(value: 0)
  private let results = DispatchSemaphore(value: 0)
  private let body: @Sendable (Input) -> Output
  private let helpers: Int

  /// - Parameter count: threads that work, the caller's among them; at least 1.
  init(count: Int, _ body: @escaping @Sendable (Input) -> Output) {
    self.body = body
    helpers = max(count, 1) - 1
    for _ in 0..<helpers {
      DispatchQueue.global().async { self.help() }
    }
  }

  /// Hands in a chunk; tickets count from 0.
  func submit(_ input: Input, ticket: Int) {
    state.withLock { $0.waiting.append((ticket, input)) }
    news.signal()
  }

  /// The result of a ticket that was handed in; each one is taken once.
  func take(_ ticket: Int) -> Output {
    while true {
      let found = state.withLock { $0.done.removeValue(forKey: ticket) }
      if let found { return found }
      if !workOnce() { results.wait() }
    }
  }

  /// Ends the helpers; nothing is handed in afterwards.
  func close() {
    state.withLock { $0.isClosed = true }
    for _ in 0..<helpers { news.signal() }
  }

  private func workOnce() -> Bool {
    let next = state.withLock { state in
      state.waiting.isEmpty ? nil : state.waiting.removeFirst()
    }
    guard let next else { return false }
    let output = body(next.input)
    state.withLock { $0.done[next.ticket] = output }
    results.signal()
    return true
  }

  private func help() {
    while true {
      news.wait()
      while workOnce() {}
      if state.withLock({ $0.isClosed }) { return }
    }
  }
}
