internal import Pipeline
internal import Synchronization
internal import Transport
internal import Wire

/// The streams of the health service: each gets the status of its service, and then every other one.
///
/// Looks `interval` apart, so a status that lasts less may not be told. Bounded: at most `limit` streams.
final class HealthWatch: Sendable {
    /// Time between two looks.
    static let interval = Duration.milliseconds(500)
    /// Streams at a time; more are refused.
    static let limit = 1000

    private struct Watcher {
        let service: String
        let stream: ResponseStream
        var told: HealthRules.ServingStatus?
    }

    private struct State {
        var watchers: [Int: Watcher] = [:]
        var next = 0
    }

    /// The status of a service; nothing stands for a service that does not exist.
    typealias Statuses = (String) -> HealthRules.ServingStatus?

    private let statuses: @Sendable () -> Statuses
    private let state = Mutex(State())

    /// Watches what `statuses` says at each look.
    init(statuses: @escaping @Sendable () -> Statuses) {
        self.statuses = statuses
    }

    /// Looks until the task is cancelled, and then ends all streams.
    func run(_ clock: any PipelineClock) async {
        while (try? await clock.sleep(for: Self.interval)) != nil { look() }
        let streams = state.withLock { state in
            defer { state.watchers = [:] }
            return state.watchers.values.map { $0.stream }
        }
        for stream in streams { stream.finish() }
    }

    /// Begins a stream and tells it the status; `false` when there are too many.
    func add(_ service: String, _ begin: () -> ResponseStream?) -> Bool {
        let hasRoom = state.withLock { $0.watchers.count < Self.limit }
        guard hasRoom else { return false }
        guard let stream = begin() else { return true }
        let number = state.withLock { state in
            state.next += 1
            state.watchers[state.next] = Watcher(service: service, stream: stream)
            return state.next
        }
        // A stream that ends must not hold anything, and nothing is held here after its end.
        stream.whenEnded { [weak self] in self?.remove(number) }
        look()
        return true
    }

    private func look() {
        state.withLock { state in
            guard !state.watchers.isEmpty else { return }
            let status = statuses()
            for (number, watcher) in state.watchers {
                let status = status(watcher.service) ?? .serviceUnknown
                guard status != watcher.told else { continue }
                if watcher.stream.send(Self.frame(status)) { state.watchers[number]?.told = status }
            }
        }
    }

    private func remove(_ number: Int) {
        // The last reference to a stream ends it, which must not happen while the lock is held.
        let watcher = state.withLock { $0.watchers.removeValue(forKey: number) }
        withExtendedLifetime(watcher) {}
    }

    /// A `HealthCheckResponse` with the prefix of a gRPC message.
    private static func frame(_ status: HealthRules.ServingStatus) -> Bytes {
        let message: [UInt8] = [8, UInt8(status.rawValue)]
        return Bytes([0, 0, 0, 0, UInt8(message.count)] + message)
    }
}
