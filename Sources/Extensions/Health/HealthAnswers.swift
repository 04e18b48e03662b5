internal import Pipeline
internal import Settings
internal import Transport
internal import Wire

/// Answers one path with the state of the collector, in the form of otelcol's first version.
struct HealthAnswers: ServerApplication {
    let path: String
    let body: HealthCheckSettings.ResponseBody
    let health: @Sendable () -> CollectorHealth

    func admit(_ head: ServerRequestHead) -> Admission {
        covers(head.path)
            ? .accept(maxBodySize: 64 << 10)
            : .refuse(.text(404, "the health of the collector is at \(path)"))
    }

    /// A path that ends in a slash stands for everything below it, as in otelcol: `/` answers any path.
    private func covers(_ requested: String) -> Bool {
        requested == path || (path.hasSuffix("/") && requested.hasPrefix(path))
    }

    func respond(to request: ServerRequest, with responder: Responder) {
        let health = health()
        let text = health.isReady ? body.healthy : body.unhealthy
        guard text.isEmpty else { return responder.send(.text(health.isReady ? 200 : 503, text)) }
        responder.send(
            ServerResponse(
                status: health.isReady ? 200 : 503, fields: ["content-type": "application/json"],
                body: Bytes(utf8: json(health))))
    }

    private func json(_ health: CollectorHealth) -> String {
        guard health.isReady else {
            return #"{"status":"Server not available","upSince":"0001-01-01T00:00:00Z","uptime":""}"#
        }
        let since = CalendarTime(unixNanoseconds: health.startedAt).rfc3339
        let uptime = health.uptime.tree(.revealed)?.text ?? ""
        return #"{"status":"Server available","upSince":"\#(since)","uptime":"\#(uptime)"}"#
    }
}
