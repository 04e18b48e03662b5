internal import Dispatch
internal import Glibc
internal import Synchronization

/// The signals the process listens to, as a sequence.
final class ProcessSignals: Sendable {
    /// What a signal asks for.
    enum Request: Sendable {
        case stop, reload
    }

    /// Requests in the order of their arrival.
    let received: AsyncStream<Request>
    private let continuation: AsyncStream<Request>.Continuation
    private let sources: Sources
    private let exits = Atomic<Bool>(false)

    init() {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Request.self, bufferingPolicy: .bufferingNewest(16))
        received = stream
        self.continuation = continuation
        // A peer that goes away must not end the process.
        signal(SIGPIPE, SIG_IGN)
        let requests: [(Int32, Request)] = [(SIGTERM, .stop), (SIGINT, .stop), (SIGHUP, .reload)]
        sources = Sources(
            list: requests.map { number, _ in
                signal(number, SIG_IGN)
                return DispatchSource.makeSignalSource(signal: number)
            })
        for (source, (_, request)) in zip(sources.list, requests) {
            source.setEventHandler { [weak self] in self?.take(request) }
            source.resume()
        }
    }

    /// Keeps the sources alive.
    ///
    /// `@unchecked Sendable` is sound because nothing touches them after `init`.
    private struct Sources: @unchecked Sendable {
        let list: [any DispatchSourceSignal]
    }

    /// From now on another request to stop ends the process without waiting for anything.
    func exitOnNextStop() { exits.store(true, ordering: .relaxed) }

    /// Ends the sequence.
    func finish() { continuation.finish() }

    private func take(_ request: Request) {
        if request == .stop, exits.load(ordering: .relaxed) {
            Report.write("stopped at once by a second signal\n")
            _exit(130)
        }
        continuation.yield(request)
    }
}
