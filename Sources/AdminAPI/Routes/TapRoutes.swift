internal import Engine
internal import HTTPAPI
internal import Pipeline
internal import Settings
internal import Transport

/// `/v1/tap`: telemetry as it passes.
enum TapRoutes {
    static let all: [AdminRoute] = [
        AdminRoute("tapPipeline", "GET", "/v1/tap", .operate, streams: true, tap)
    ]

    /// The longest time that a tap stays open.
    private static let longest = Duration.seconds(600)

    static func tap(_ call: AdminCall) async throws(APIProblem) -> APIReply {
        let point = try point(call.query)
        let query = call.query
        var filter: TelemetryFilter?
        if let text = query["filter"], !text.isEmpty {
            guard let wanted = TelemetryFilter(text) else {
                throw .badRequest(
                    "filter must be attribute=value, or up to \(TelemetryFilter.limit) of these with commas")
            }
            filter = wanted
        }
        var limits = Tap.Limits(itemsPerSecond: try query.number("rate", in: 1...10_000) ?? 100)
        if let text = query["sample"] {
            guard let sample = Double(text), sample > 0, sample <= 1 else {
                throw .badRequest("sample must be a number above 0, up to 1")
            }
            limits.sample = sample
        }
        let items = try query.number("limit", in: 1...100_000) ?? 1000
        let time = try query.duration("for", upTo: longest) ?? .seconds(60)
        guard call.head.fields.all("accept").joined(separator: ",").contains(EventStream.type) else {
            throw APIProblem(
                406, "not-acceptable", "A tap is a stream", "send Accept: \(EventStream.type)")
        }
        guard call.head.method == "GET" else { return APIReply(.text("", type: EventStream.type)) }
        try call.takeStream()
        let tap: Tap
        do throws(APIProblem) {
            tap = try await open(point, limits, call)
        } catch {
            call.giveStreamBack()
            throw error
        }
        await note(call, point)
        let stream = TapStream(
            tap: tap, filter: filter, mask: TelemetryMask(additional: call.context.maskedAttributes),
            limit: items, time: time, clock: call.context.clock)
        let (events, actor) = (call.context.events, call.caller.name)
        return APIReply(
            .stream(type: EventStream.type) { output in
                await stream.send(to: output)
                events.note(
                    .tapEnded, point.pipeline.description, "\(actor) does not look at \(point.text) any more",
                    details: ["actor": actor])
            })
    }

    private static func open(
        _ point: TapPoint, _ limits: Tap.Limits, _ call: AdminCall
    ) async throws(APIProblem) -> Tap {
        guard let opening = call.context.tap else { throw .notFound("nothing can be tapped here") }
        do throws(TapFailure) {
            return try await opening(point, limits)
        } catch {
            switch error {
            case .unknown: throw .notFound("there is no place \(point.text)")
            case .tooMany: throw .tooMany("\(Tap.limit) taps are open")
            }
        }
    }

    private static func point(_ query: Query) throws(APIProblem) -> TapPoint {
        guard let text = query["pipeline"], let pipeline = PipelineID(parsing: text) else {
            throw .badRequest("pipeline must be the id of a pipeline, such as traces or logs/audit")
        }
        let place = query["at"] ?? "in"
        guard place != "in" else { return .entry(pipeline) }
        guard place.hasPrefix("after:"), let id = ComponentID(parsing: String(place.dropFirst(6))) else {
            throw .badRequest("at must be 'in', or 'after:' and the id of a processor")
        }
        return .after(pipeline, id)
    }

    /// Looking at telemetry changes nothing, but it has to be known who did.
    private static func note(_ call: AdminCall, _ point: TapPoint) async {
        await call.context.audit.record(
            APIAuditEntry(
                action: call.route.id, target: "GET \(call.head.path)", actor: call.caller.name,
                address: call.caller.address, requestID: call.requestID, outcome: .done, status: 200,
                detail: point.text))
        call.context.events.note(
            .tapBegan, point.pipeline.description, "\(call.caller.name) looks at \(point.text)",
            details: ["actor": call.caller.name])
    }
}

extension TapPoint {
    /// For people.
    fileprivate var text: String {
        switch self {
        case .entry(let pipeline): "'in' of the pipeline \(pipeline)"
        case .after(let pipeline, let processor): "'after:\(processor)' of the pipeline \(pipeline)"
        }
    }
}
