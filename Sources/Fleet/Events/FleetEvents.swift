public import Pipeline
internal import Synchronization

/// The last events of the fleet as this manager saw them, and a stream of the next ones.
///
/// Bounded as `EventHistory` is. Of the kinds that a reconnecting fleet makes by the thousand, at most
/// `frequentPerSecond` are taken each second; the next one says how many were not.
public final class FleetEvents: Sendable {
    /// Events of frequent kinds in one second.
    public static let frequentPerSecond = 50

    /// The frequent events of the current second.
    private struct Pace {
        var second: UInt64 = 0
        var frequent = 0
        var omitted = 0

        /// How many were left out before this one; `nil` when it has to be left out, too.
        mutating func take(at time: UInt64) -> Int? {
            let second = time / 1_000_000_000
            if second != self.second {
                self.second = second
                frequent = 0
            }
            frequent += 1
            guard frequent <= frequentPerSecond else {
                omitted += 1
                return nil
            }
            defer { omitted = 0 }
            return omitted
        }
    }

    private let history: EventHistory<FleetEvent>
    private let clock: any PipelineClock
    private let pace = Mutex(Pace())

    /// Makes an empty log that remembers `capacity` events.
    public init(capacity: Int = 4096, clock: any PipelineClock) {
        history = EventHistory(capacity: capacity)
        self.clock = clock
    }

    /// Notes that something has happened and tells all subscribers; texts are cut to 2000 characters.
    ///
    /// - Returns: The event; `nil` for one of a frequent kind that was left out.
    @discardableResult
    public func note(
        _ kind: FleetEvent.Kind, _ subject: String, _ message: String, actor: String? = nil,
        rollout: String? = nil, agent: String? = nil, details: [String: String] = [:]
    ) -> FleetEvent? {
        let time = clock.unixNanoseconds
        var details = details
        if kind.isFrequent {
            guard let omitted = pace.withLock({ $0.take(at: time) }) else { return nil }
            if omitted > 0 { details["omitted"] = "\(omitted)" }
        }
        let (subject, message) = (String(subject.prefix(2000)), String(message.prefix(2000)))
        return history.add { [details] id in
            FleetEvent(
                id: id, time: time, kind: kind, subject: subject, message: message, actor: actor,
                rollout: rollout, agent: agent, details: details)
        }
    }

    /// What is remembered, oldest first.
    public var events: [FleetEvent] { history.events }

    /// The events after the one called `id`, and then every new one until the task is cancelled.
    ///
    /// `nil` when events after `id` are forgotten already, or when there was never one of that id; without an
    /// id the stream begins with the next event.
    public func stream(after id: UInt64?) -> AsyncStream<FleetEvent>? { history.stream(after: id) }
}
