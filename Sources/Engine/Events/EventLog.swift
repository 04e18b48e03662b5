public import Pipeline
internal import Synchronization

/// The last events of the collector, and a stream of the next ones.
///
/// Bounded: it remembers `capacity` events, and a subscriber that is slower than `capacity` events loses the
/// oldest of those it has not read, which it sees from their ids.
public final class EventLog: Sendable {
    private struct State {
        var last: UInt64 = 0
        var events: [Event] = []
        var subscribers: [Int: AsyncStream<Event>.Continuation] = [:]
        var nextSubscriber = 0
    }

    /// Events that are remembered.
    public let capacity: Int
    private let clock: any PipelineClock
    private let state = Mutex(State())

    /// Makes an empty log.
    public init(capacity: Int = 1024, clock: any PipelineClock) {
        self.capacity = max(capacity, 1)
        self.clock = clock
    }

    /// Notes that something has happened and tells all subscribers.
    public func note(
        _ kind: Event.Kind, _ subject: String, _ message: String, details: [String: String] = [:]
    ) {
        let time = clock.unixNanoseconds
        let (event, subscribers) = state.withLock { state in
            state.last += 1
            let event = Event(
                id: state.last, time: time, kind: kind, subject: subject, message: message, details: details)
            state.events.append(event)
            if state.events.count > capacity { state.events.removeFirst(state.events.count - capacity) }
            return (event, Array(state.subscribers.values))
        }
        for subscriber in subscribers { subscriber.yield(event) }
    }

    /// What is remembered, oldest first.
    public var events: [Event] { state.withLock { $0.events } }

    /// The events after the one called `id`, and then every new one until the task is cancelled.
    ///
    /// `nil` when events after `id` are forgotten already, or when there was never one of that id; without an
    /// id the stream begins with the next event.
    public func stream(after id: UInt64?) -> AsyncStream<Event>? {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Event.self, bufferingPolicy: .bufferingNewest(capacity))
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
}
