internal import Logging
internal import Pipeline
internal import Transport
internal import Wire

/// A page with the collector's own metrics, for Prometheus to scrape.
struct MetricsReader: Sendable {
    private let server: Server

    /// Starts the pages that `settings` asks for.
    ///
    /// A page that cannot be opened is logged as an error and left out: telemetry of others is worth more than
    /// telemetry about the collector.
    static func start(
        _ settings: OwnMetricsSettings, _ surroundings: EngineSurroundings, commonLabels: Metrics.Labels
    ) async -> [MetricsReader] {
        guard settings.level != .none else { return [] }
        let logger = surroundings.log.logger()
        var readers: [MetricsReader] = []
        for reader in settings.readers {
            let page = reader.pull.exporter.prometheus
            let text = PrometheusText(
                withoutTypeSuffix: page.withoutTypeSuffix, withoutUnits: page.withoutUnits,
                commonLabels: commonLabels)
            var configuration = ServerConfiguration(address: .tcp(host: page.host, port: page.port))
            configuration.http2 = false
            do throws(TransportError) {
                let server = try await Server.start(
                    configuration, loops: surroundings.lanes.map { $0.eventLoop },
                    application: MetricsPage(text: text, metrics: surroundings.metrics, level: settings.level),
                    logger: logger)
                logger.info("own metrics", metadata: ["address": "http://\(server.address)/metrics"])
                readers.append(MetricsReader(server: server))
            } catch {
                logger.error(
                    "own metrics cannot be published",
                    metadata: ["address": "\(page.host):\(page.port)", "error": "\(error)"])
            }
        }
        return readers
    }

    func stop() async { await server.shutdown(grace: .seconds(1)) }
}

/// Answers `GET /metrics`.
private struct MetricsPage: ServerApplication {
    let text: PrometheusText
    let metrics: Metrics
    let level: OwnMetricsSettings.Level

    func admit(_ head: ServerRequestHead) -> Admission {
        guard head.path == "/metrics" else { return .refuse(Self.plain(404, "the metrics are at /metrics\n")) }
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
