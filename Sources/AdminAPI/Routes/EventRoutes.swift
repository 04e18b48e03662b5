internal import Engine
internal import Pipeline
internal import Settings
internal import Transport

/// `/v1/events`: what has happened, as a list or as a stream.
enum EventRoutes {
    static let all: [AdminRoute] = [
        AdminRoute("listEvents", "GET", "/v1/events", .read, streams: true, events)
    ]

    static func events(_ call: AdminCall) async throws(AdminProblem) -> AdminReply {
        let kind = try call.query.choice("kind", Event.Kind.self)
        let accepts = call.head.fields.all("accept").joined(separator: ",")
        guard accepts.contains("text/event-stream") else {
            let items = call.context.events.events.filter { kind == nil || $0.kind == kind }.map { event in
                (Page.key(event.id), EventTrees.tree(of: event))
            }
            return .tree(try Page.of("events", items, call.query))
        }
        let last = try lastSeen(call)
        guard let events = call.context.events.stream(after: last) else {
            throw AdminProblem(
                410, "gone", "The events are forgotten",
                "events after \(last ?? 0) are not remembered completely; begin without Last-Event-ID")
        }
        guard call.head.method == "GET" else { return AdminReply(.text("", type: EventStream.type)) }
        try call.service.streams.take()
        let stream = EventStream(clock: call.context.clock)
        return AdminReply(
            .stream(type: EventStream.type) { output in
                await stream.send(events.filter { kind == nil || $0.kind == kind }, to: output)
            })
    }

    /// `Last-Event-ID`, or `after` for clients that cannot set fields.
    private static func lastSeen(_ call: AdminCall) throws(AdminProblem) -> UInt64? {
        guard let text = call.head.fields["last-event-id"] ?? call.query["after"], !text.isEmpty else {
            return nil
        }
        guard let id = UInt64(text) else {
            throw .badRequest("the id of the last event must be a whole number")
        }
        return id
    }
}
