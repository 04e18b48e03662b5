internal import Pipeline
internal import Transport
internal import Wire

/// Answers `GET /metrics`.
struct MetricsPage: ServerApplication {
    let text: PrometheusText
    let metrics: Metrics
    let level: OwnMetricsSettings.Level

    func admit(_ head: ServerRequestHead) -> Admission {
        guard head.path == "/metrics" else {
            return .refuse(Self.plain(404, "the metrics are at /metrics\n"))
        }
        guard head.method == "GET" || head.method == "HEAD" else {
            return .refuse(Self.plain(405, "only GET is possible\n"))
        }
        return .accept(maxBodySize: 0)
    }

    func respond(to request: ServerRequest, with responder: Responder) {
        let page = text.render(metrics.snapshot().filter { Self.isPublished($0.name, level) })
        var response = Self.plain(200, page)
        response.fields = ["content-type": "text/plain; version=0.0.4; charset=utf-8"]
        responder.send(response)
    }

    func bodyTooLarge(_ head: ServerRequestHead, limit: Int) -> ServerResponse {
        Self.plain(413, "a body is not expected here\n")
    }

    private static func plain(_ status: Int, _ text: String) -> ServerResponse {
        ServerResponse(
            status: status, fields: ["content-type": "text/plain; charset=utf-8"], body: Bytes(utf8: text))
    }

    /// otelcol publishes the metrics of batches at `normal` and the rest at `basic`.
    private static func isPublished(_ name: String, _ level: OwnMetricsSettings.Level) -> Bool {
        level != .basic || !name.hasPrefix("otelcol_processor_batch_")
    }
}
