internal import Fleet
internal import HTTPAPI
internal import Settings
internal import Transport

/// `/v1/events`: what has happened, as a list or as a stream.
enum EventRoutes {
    static let all: [FleetRoute] = [
        FleetRoute("listEvents", "GET", "/v1/events", .look, streams: true, events)
    ]

    /// Which events a client wants.
    private struct Filter: Sendable {
        /// A kind, or the beginning of some when it ends with `*`.
        let kind: String?
        let rollout: String?
        let agent: String?

        init(_ query: Query) throws(APIProblem) {
            kind = query["kind"]
            rollout = query["rollout"]
            agent = query["agent"]
            if let kind {
                let kinds = FleetEvent.Kind.allCases.map { $0.rawValue }
                guard kinds.contains(where: { Self.matches($0, kind) }) else {
                    throw .badRequest("kind must be one of \(kinds.joined(separator: ", "))")
                }
            }
        }

        private static func matches(_ name: String, _ wanted: String) -> Bool {
            wanted.hasSuffix("*") ? name.hasPrefix(wanted.dropLast()) : name == wanted
        }

        func takes(_ event: FleetEvent) -> Bool {
            if let kind, !Self.matches(event.kind.rawValue, kind) { return false }
            return (rollout == nil || event.rollout == rollout) && (agent == nil || event.agent == agent)
        }
    }

    static func events(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let filter = try Filter(call.query)
        let last = try call.lastEvent()
        guard call.wantsEvents else {
            let events = call.context.events.events.filter { $0.id > last ?? 0 && filter.takes($0) }
            return .tree(
                try Page.of("events", events.map { (Page.key($0.id), tree(of: $0)) }, call.query))
        }
        guard let events = call.context.events.stream(after: last) else {
            throw APIProblem(
                410, "gone", "The events are forgotten",
                "events after \(last ?? 0) are not remembered completely; begin without Last-Event-ID")
        }
        guard call.head.method == "GET" else { return APIReply(.text("", type: EventStream.type)) }
        try call.takeStream()
        let stream = EventStream(clock: call.context.clock)
        return APIReply(
            .stream(type: EventStream.type) { output in
                await stream.send(events, to: output) { event in
                    guard filter.takes(event) else { return nil }
                    return EventStream.Message(
                        id: event.id, kind: event.kind.rawValue, data: tree(of: event).json())
                }
            })
    }

    private static func tree(of event: FleetEvent) -> Tree { event.tree(time: Trees.time(event.time)) }
}
