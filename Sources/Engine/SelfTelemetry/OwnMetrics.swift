internal import Logging
internal import Pipeline
internal import Transport

/// Everyone who gets the collector's own metrics: pages that others ask, and sendings.
///
/// A reader that cannot be started is logged as an error and left out: telemetry of others is worth more than
/// telemetry about the collector.
struct OwnMetrics: Sendable {
    private var servers: [Server] = []
    private var pushes: [(push: MetricsPush, task: Task<Void, Never>)] = []

    /// Nobody gets them.
    init() {}

    /// Starts the readers that `settings` asks for.
    ///
    /// `resource` says who the collector is, and `startedAt` since when it counts (nanoseconds since 1970).
    init(
        _ settings: OwnMetricsSettings, resource: [(key: String, value: String)], startedAt: UInt64,
        _ surroundings: EngineSurroundings
    ) async {
        guard settings.level != .none else { return }
        let logger = surroundings.log.logger()
        for reader in settings.readers {
            if let page = reader.pull?.exporter.prometheus {
                await open(page, settings.level, resource, surroundings)
            }
            guard let periodic = reader.periodic else { continue }
            do throws(ComponentError) {
                let batch = MetricsBatch(start: startedAt, resource: resource)
                let push = try MetricsPush(periodic, surroundings, batch)
                pushes.append((push, Task { await push.run() }))
                let endpoint = periodic.exporter.otlp.endpoint
                logger.info("own metrics", metadata: ["sent_to": "\(endpoint)"])
            } catch {
                logger.error("own metrics cannot be sent", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Closes the pages and sends once more, so that the last counts are not lost.
    func stop() async {
        for server in servers { await server.shutdown(grace: .seconds(1)) }
        for (push, task) in pushes {
            task.cancel()
            await push.push()
            await push.close()
        }
    }

    private mutating func open(
        _ page: PrometheusPageSettings, _ level: OwnMetricsSettings.Level,
        _ resource: [(key: String, value: String)], _ surroundings: EngineSurroundings
    ) async {
        let logger = surroundings.log.logger()
        let text = PrometheusText(
            withoutTypeSuffix: page.withoutTypeSuffix, withoutUnits: page.withoutUnits, resource: resource)
        var configuration = ServerConfiguration(address: .tcp(host: page.host, port: page.port))
        configuration.http2 = false
        do throws(TransportError) {
            let server = try await Server.start(
                configuration, loops: surroundings.lanes.map { $0.eventLoop },
                application: MetricsPage(text: text, metrics: surroundings.metrics, level: level),
                logger: logger)
            logger.info("own metrics", metadata: ["address": "http://\(server.address)/metrics"])
            servers.append(server)
        } catch {
            logger.error(
                "own metrics cannot be published",
                metadata: ["address": "\(page.host):\(page.port)", "error": "\(error)"])
        }
    }
}
