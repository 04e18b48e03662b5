public import Pipeline

/// The last events of the collector, and a stream of the next ones; bounded as `EventHistory` is.
public final class EventLog: Sendable {
    private let history: EventHistory<Event>
    private let clock: any PipelineClock

    /// Makes an empty log that remembers `capacity` events.
    public init(capacity: Int = 1024, clock: any PipelineClock) {
        history = EventHistory(capacity: capacity)
        self.clock = clock
    }

    /// Notes that something has happened and tells all subscribers.
    public func note(
        _ kind: Event.Kind, _ subject: String, _ message: String, details: [String: String] = [:]
    ) {
        let time = clock.unixNanoseconds
        history.add { id in
            Event(id: id, time: time, kind: kind, subject: subject, message: message, details: details)
        }
    }

    /// What is remembered, oldest first.
    public var events: [Event] { history.events }

    /// The events after the one called `id`, and then every new one until the task is cancelled.
    ///
    /// `nil` when events after `id` are forgotten already, or when there was never one of that id; without an
    /// id the stream begins with the next event.
    public func stream(after id: UInt64?) -> AsyncStream<Event>? { history.stream(after: id) }
}
