internal import Logging
public import Pipeline
internal import Prometheus
internal import Settings
internal import Synchronization
public import Telemetry
internal import Transport

/// Shows the newest values of metrics on a page that Prometheus scrapes.
///
/// Points go onto the page in the call that exports them; a scrape writes it, in parts between which points
/// go on to be taken. Formats are those that the scraper asks for: text, OpenMetrics if that is switched on,
/// and protobuf, the only one with native histograms.
public struct PrometheusExporter: Exporter {
    public static let name = "prometheus"
    public static let summary = "Shows the newest values of metrics on a page that Prometheus scrapes."
    public static let signals: [Signal] = [.metrics]
    public static let differences = [
        "Points that have no place on the page are counted as failed, with the reason: deltas of sums that "
            + "may fall, deltas out of order, metrics whose name has another type. otelcol counts them as "
            + "sent.",
        "Points of several resources or scopes that get the same labels are one series, the newest of them. "
            + "otelcol fails to write such series.",
        "Attributes whose names become the same label share it, with ; between their values, as "
            + "OpenTelemetry says; otelcol fails to write the series.",
        "target_info has the attributes that the resource had last, is of type info in OpenMetrics, and "
            + "has the constant labels too.",
        "Exemplars have filtered attributes as labels, too, when there is room for all; otelcol has only "
            + "trace_id and span_id.",
        "Whole numbers are written with all their digits.",
        "The page is bounded by max_series and max_size. Points beyond are refused; exemplars and "
            + "target_info without room are left out, and not counted.",
        "A change of one of its keys begins with an empty page, so that deltas add up from zero again.",
        "compression_algorithms, include_metadata and max_request_body_size change nothing: scrapes have no "
            + "body, and go nowhere.",
    ]

    /// How long scrapes may take at the end.
    private static let grace = Duration.seconds(5)

    public let delivery: DeliverySettings
    private let page: MetricsPage
    private let server: ServerConfiguration
    private let application: PageApplication
    private let context: Context
    private let running = Holder()

    /// The server while it runs.
    private final class Holder: Sendable {
        let server = Mutex<Server?>(nil)
    }

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        var delivery = DeliverySettings(timeout: .zero)
        delivery.retry.enabled = false
        if let queue = configuration.sendingQueue.value {
            delivery.sendingQueue = queue
        } else {
            delivery.sendingQueue.enabled = false
        }
        self.delivery = delivery
        self.context = context
        page = MetricsPage(try configuration.page())
        server = try configuration.server.server(context.logger)
        application = try PageApplication(
            page, configuration.server, allowsOpenMetrics: configuration.enableOpenMetrics, in: context)
    }

    public func open() async throws(ComponentError) {
        publish()
        do throws(TransportError) {
            let server = try await Server.start(
                server, loops: context.eventLoops, application: application, logger: context.logger,
                listeners: context.listeners)
            running.server.withLock { $0 = server }
            let scheme = self.server.tls == nil ? "http" : "https"
            context.logger.info(
                "the page is there",
                metadata: ["address": "\(scheme)://\(server.address)\(PageApplication.path)"])
        } catch {
            throw ComponentError(error.description, key: "endpoint")
        }
    }

    public func export(_ batch: Batch, on lane: Int) async throws(ExportFailure) -> ExportOutcome {
        let outcome = page.take(batch, at: context.clock.now.offset)
        guard !outcome.refused.isEmpty else { return .delivered }
        let reasons = outcome.refused.sorted { $0.key.rawValue < $1.key.rawValue }
        for (refusal, count) in reasons { refusals(refusal).add(count) }
        let message = reasons.map { "\($0.key.reason) (points: \($0.value))" }.joined(separator: "; ")
        return ExportOutcome(rejectedItems: outcome.refusedCount, message: message)
    }

    public func close() async {
        let server = running.server.withLock { server in
            defer { server = nil }
            return server
        }
        await server?.shutdown(grace: Self.grace)
    }

    // MARK: - Metrics

    private var labels: Metrics.Labels { [("exporter", context.id.description)] }

    private func refusals(_ refusal: PageRefusal) -> Counter {
        context.metrics.counter(
            "apus_exporter_page_refused_points", "Points that have no place on the page.",
            labels: labels + [("reason", refusal.rawValue)])
    }

    private func publish() {
        let page = page
        context.metrics.observe(
            "apus_exporter_page_series", "Series on the page.", labels: labels
        ) { Double(page.statistics.series) }
        context.metrics.observe(
            "apus_exporter_page_size", "Memory that the series of the page take, about.", unit: "By",
            labels: labels
        ) { Double(page.statistics.bytes) }
        context.metrics.observe(
            "apus_exporter_page_expired_series", "Series that left the page as nothing came for them.",
            kind: .counter, labels: labels
        ) { Double(page.statistics.expired) }
    }
}
