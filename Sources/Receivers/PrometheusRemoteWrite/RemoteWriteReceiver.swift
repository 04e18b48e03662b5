internal import Logging
public import Pipeline
internal import Prometheus
internal import Settings
public import Telemetry
internal import Transport

/// Receives samples that Prometheus and others send by remote write, versions 1.0 and 2.0.
///
/// | what happened | answer |
/// |---|---|
/// | accepted, as far as `ack` says | 204; in version 2 with how much was written |
/// | some series are not valid | 400 with the reason and how much was written; the others are accepted |
/// | not a message of remote write | 400 |
/// | larger than the limit | 413 |
/// | a content type or encoding that is not known | 415 |
/// | no memory, or refused by the pipeline for now | 503 + `Retry-After` |
/// | the pipeline refuses for good | 400, since senders repeat what gets a 500 |
/// | credentials are missing or wrong (`auth`) | 401 + `WWW-Authenticate` |
public struct RemoteWriteReceiver: Receiver {
    public static let name = "prometheus_remote_write"
    public static let aliases = ["prometheusremotewrite"]
    public static let summary = "Receives samples that Prometheus sends by remote write."
    public static let signals: [Signal] = [.metrics]
    public static let differences = [
        "Version 1.0 of the protocol is taken as well. What its metadata says of types is remembered; until "
            + "there is any, a series whose name ends in `_total` is a counter and every other a gauge.",
        "Series of classic histograms and summaries are passed on one by one as gauges, instead of being "
            + "dropped; `prometheus.type` in the metadata of the metric tells what they are part of.",
        "Info metrics and state sets become sums that are not monotonic, and samples of gauge histograms "
            + "gauges, instead of being refused.",
        "Units become those of UCUM, `s` for `seconds`, as the receiver `prometheus` does it.",
        "`otel_scope_schema_url` and other `otel_scope_` labels go to the scope, as name and version do.",
        "10,000 targets and 50,000 families are remembered, up to 32 MiB of each, and a `target_info` that "
            + "ends until there are more.",
        "A request that becomes more than 4 MiB as OTLP goes on in pieces. When a later one is refused, the "
            + "answer is a refusal of all, and a sender that repeats it sends the earlier ones twice.",
        "A body above `max_request_body_size` gets 413, and a request that becomes more than four times that "
            + "as OTLP as well; samples, exemplars and symbols may be a million each.",
    ]

    public var settings: ReceiverSettings { configuration.receiver }
    private let configuration: Configuration
    private let context: Context
    private let server: ServerConfiguration
    private let authentication: ServerAuthentication?

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        self.configuration = configuration
        self.context = context
        server = try configuration.server.server(context.logger)
        authentication = try configuration.server.auth?.server(transport: "http", in: context)
    }

    public func run(_ session: ReceiverSession) async throws(ComponentError) {
        let memory = ReceiverMemory(context, transport: "http")
        let application = RemoteWriteApplication(
            settings: configuration.server, intake: RemoteWriteIntake(session, configuration.server, context),
            memory: memory, authentication: authentication)
        var server = server
        server.memory = memory
        let running: Server
        do throws(TransportError) {
            running = try await Server.start(
                server, loops: context.eventLoops, application: application, logger: context.logger,
                listeners: context.listeners)
        } catch {
            throw ComponentError(error.description, key: "endpoint")
        }
        context.logger.info(
            "listening",
            metadata: [
                "protocol": "remote write", "address": "\(running.address)", "tls": "\(server.tls != nil)",
            ])
        session.ready()
        let grace = await session.stopRequested()
        await running.shutdown(grace: grace)
    }
}
