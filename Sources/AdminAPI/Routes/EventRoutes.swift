internal import Engine
internal import HTTPAPI
internal import Pipeline
internal import Settings
internal import Transport

/// `/v1/events`: what has happened, as a list or as a stream.
enum EventRoutes {
    static let all: [AdminRoute] = [
        AdminRoute("listEvents", "GET", "/v1/events", .read, streams: true, events)
    ]

    static func events(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let kind = try call.query.choice("kind", Event.Kind.self)
        let last = try call.lastEvent()
        guard call.wantsEvents else {
            let events = call.context.events.events.filter { event in
                (kind == nil || event.kind == kind) && event.id > last ?? 0
            }
            let items = events.map { event in
                (Page.key(event.id), EventTrees.tree(of: event))
            }
            return .tree(try Page.of("events", items, call.query))
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
                    guard kind == nil || event.kind == kind else { return nil }
                    return EventStream.Message(
                        id: event.id, kind: event.kind.rawValue, data: EventTrees.tree(of: event).json())
                }
            })
    }
}
