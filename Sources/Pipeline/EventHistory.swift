internal import Synchronization

/// The last events of a kind, numbered from 1, and streams of the next ones.
///
/// Bounded: it remembers `capacity` events, and a subscriber that is slower than `capacity` events loses the
/// oldest of those it has not read, which it sees from their numbers. Every subscriber gets them in order.
public final class EventHistory<Event: Sendable>: Sendable {
    private struct State {
        /// The number of the last event.
        var last: UInt64 = 0
        var events: [Event] = []
        var subscribers: [Int: AsyncStream<Event>.Continuation] = [:]
        var nextSubscriber = 0
    }

    /// Events that are remembered.
    public let capacity: Int
    private let state = Mutex(State())

    /// Makes an empty history; it remembers one event at least.
    public init(capacity: Int) { self.capacity = max(capacity, 1) }

    /// Adds an event and tells all subscribers.
    ///
    /// - Parameter make: Makes the event with its number; called under a lock.
    /// - Returns: The event.
    @discardableResult
    public func add(_ make: (UInt64) -> Event) -> Event {
        state.withLock { state in
            state.last += 1
            let event = make(state.last)
            state.events.append(event)
            if state.events.count > capacity { state.events.removeFirst(state.events.count - capacity) }
            // Under the lock, or two that come at once could be told in the wrong order.
            for subscriber in state.subscribers.values { subscriber.yield(event) }
            return event
        }
    }

    /// What is remembered, oldest first.
    public var events: [Event] { state.withLock { $0.events } }

    /// The events after the one with a number, and then every new one until the task is cancelled.
    ///
    /// - Parameter number: That of the last event that is known; without one the stream begins with the next.
    /// - Returns: `nil` when events after it are forgotten already, or when there was never one of that
    ///   number.
    public func stream(after number: UInt64?) -> AsyncStream<Event>? {
        // Room for everything that is remembered, and for as many new events before the first is read.
        let (stream, continuation) = AsyncStream.makeStream(
            of: Event.self, bufferingPolicy: .bufferingNewest(2 * capacity))
        let isKnown = state.withLock { state in
            if let number {
                guard number <= state.last, state.last - number <= UInt64(state.events.count) else {
                    return false
                }
                for event in state.events.suffix(Int(state.last - number)) { continuation.yield(event) }
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
