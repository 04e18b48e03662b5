public import Pipeline
public import Transport
internal import Wire

/// Sends events to a client as `text/event-stream`.
///
/// A client that takes nothing for so long that `ResponseStream.defaultBound` bytes wait for it is let go; it
/// comes back with the id of the last event that it has, and misses nothing that is still remembered.
public struct EventStream: Sendable {
    /// One event on its way to a client.
    public struct Message: Sendable {
        /// Grows from event to event.
        public var id: UInt64
        /// Such as `config.applied`.
        public var kind: String
        /// One line of JSON.
        public var data: String

        public init(id: UInt64, kind: String, data: String) {
            self.id = id
            self.kind = kind
            self.data = data
        }

        var text: String { "id: \(id)\nevent: \(kind)\ndata: \(data)\n\n" }
    }

    public static let type = "text/event-stream"
    /// How often something is sent when nothing happens, so that neither end takes the other for gone.
    static let heartbeat = Duration.seconds(15)

    private let clock: any PipelineClock

    public init(clock: any PipelineClock) { self.clock = clock }

    /// Returns when the client is gone, too slow, or the task is cancelled.
    public func send<Event: Sendable>(
        _ events: some AsyncSequence<Event, Never> & Sendable, to output: ResponseStream,
        _ message: @Sendable (Event) -> Message?
    ) async {
        guard output.send(Bytes(utf8: ": events\nretry: 3000\n\n")) else { return }
        let heart = Task {
            while (try? await clock.sleep(for: Self.heartbeat)) != nil {
                guard output.send(Bytes(utf8: ": still here\n\n")) else { break }
            }
        }
        defer { heart.cancel() }
        for await event in events {
            guard let message = message(event) else { continue }
            guard output.send(Bytes(utf8: message.text)) else { return }
        }
    }
}

extension APICall {
    /// Whether the client wants a stream of events.
    public var wantsEvents: Bool {
        head.fields.all("accept").joined(separator: ",").contains(EventStream.type)
    }

    /// The id of the last event that the client has: `Last-Event-ID`, or `after` for clients that cannot set
    /// fields.
    public func lastEvent() throws(APIProblem) -> UInt64? {
        let (field, after) = (try Self.id(head.fields["last-event-id"]), try Self.id(query["after"]))
        return field ?? after
    }

    private static func id(_ text: String?) throws(APIProblem) -> UInt64? {
        guard let text else { return nil }
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let id = UInt64(text)
        else { throw .badRequest("the id of the last event must be a whole number of at most 18 digits") }
        return id
    }
}
