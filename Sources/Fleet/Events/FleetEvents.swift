public import Pipeline
internal import Synchronization

/// The last events of the fleet as this manager saw them, and a stream of the next ones.
///
/// Bounded: it remembers `capacity` events, and a subscriber that is slower than `capacity` events loses the
/// oldest of those it has not read, which it sees from their ids. Of the kinds that a reconnecting fleet
/// makes by the thousand, at most `frequentPerSecond` are taken each second; the next one says how many
/// were not.
public final class FleetEvents: Sendable {
    /// Events of frequent kinds in one second.
    public static let frequentPerSecond = 50

    private struct State {
        var last: UInt64 = 0
        var events: [FleetEvent] = []
        var subscribers: [Int: AsyncStream<FleetEvent>.Continuation] = [:]
        var nextSubscriber = 0
        var second: UInt64 = 0
        var frequent = 0
        var omitted = 0
    }

    /// Events that are remembered.
    public let capacity: Int
    private let clock: any PipelineClock
    private let state = Mutex(State())

    /// Makes an empty log.
    public init(capacity: Int = 4096, clock: any PipelineClock) {
        self.capacity = max(capacity, 1)
        self.clock = clock
    }

    /// Notes that something has happened and tells all subscribers; texts are cut to 2000 characters.
    public func note(
        _ kind: FleetEvent.Kind, _ subject: String, _ message: String, actor: String? = nil,
        rollout: String? = nil, agent: String? = nil, details: [String: String] = [:]
    ) {
        let time = clock.unixNanoseconds
        let (event, subscribers) = state.withLock {
            state -> (FleetEvent?, [AsyncStream<FleetEvent>.Continuation]) in
            var details = details
            guard Self.admits(kind, time, &state) else { return (nil, []) }
            if kind.isFrequent, state.omitted > 0 {
                details["omitted"] = "\(state.omitted)"
                state.omitted = 0
            }
            state.last += 1
            let event = FleetEvent(
                id: state.last, time: time, kind: kind, subject: String(subject.prefix(2000)),
                message: String(message.prefix(2000)), actor: actor, rollout: rollout, agent: agent,
                details: details)
            state.events.append(event)
            if state.events.count > capacity { state.events.removeFirst(state.events.count - capacity) }
            return (event, Array(state.subscribers.values))
        }
        guard let event else { return }
        for subscriber in subscribers { subscriber.yield(event) }
    }

    /// What is remembered, oldest first.
    public var events: [FleetEvent] { state.withLock { $0.events } }

    /// The events after the one called `id`, and then every new one until the task is cancelled.
    ///
    /// `nil` when events after `id` are forgotten already, or when there was never one of that id; without an
    /// id the stream begins with the next event.
    public func stream(after id: UInt64?) -> AsyncStream<FleetEvent>? {
        let (stream, continuation) = AsyncStream.makeStream(
            of: FleetEvent.self, bufferingPolicy: .bufferingNewest(capacity))
        let isKnown = state.withLock { state in
            if let id {
                let first = state.events.first?.id ?? state.last + 1
                guard id <= state.last, id + 1 >= first else { return false }
                for event in state.events where event.id > id { continuation.yield(event) }
            }
            let subscriber = state.nextSubscriber
            state.nextSubscriber += 1
            state.subscribers[subscriber] = continuation
            continuation.onTermination = { [weak self] _ in self?.unsubscribe(subscriber) }
            return true
        }
        return isKnown ? stream : nil
    }

    private func unsubscribe(_ subscriber: Int) {
        state.withLock { $0.subscribers[subscriber] = nil }
    }

    private static func admits(_ kind: FleetEvent.Kind, _ time: UInt64, _ state: inout State) -> Bool {
        guard kind.isFrequent else { return true }
        let second = time / 1_000_000_000
        if second != state.second {
            state.second = second
            state.frequent = 0
        }
        state.frequent += 1
        if state.frequent <= frequentPerSecond { return true }
        state.omitted += 1
        return false
    }
}
