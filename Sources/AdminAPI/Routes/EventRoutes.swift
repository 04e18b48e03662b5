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
        let last = try lastSeen(call)
        let accepts = call.head.fields.all("accept").joined(separator: ",")
        guard accepts.contains("text/event-stream") else {
            let events = call.context.events.events.filter { event in
                (kind == nil || event.kind == kind) && event.id > last ?? 0
            }
            let items = events.map { event in
                (Page.key(event.id), EventTrees.tree(of: event))
            }
            return .tree(try Page.of("events", items, call.query))
        }
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
        let (field, query) = (try id(call.head.fields["last-event-id"]), try id(call.query["after"]))
        return field ?? query
    }

    private static func id(_ text: String?) throws(AdminProblem) -> UInt64? {
        guard let text else { return nil }
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let id = UInt64(text)
        else { throw .badRequest("the id of the last event must be a whole number of at most 18 digits") }
        return id
    }
}
