internal import Logging
public import Pipeline
internal import Settings
public import Telemetry
internal import Transport

/// Receives spans from Zipkin's clients over HTTP: version 1 in JSON and Thrift, version 2 in JSON and
/// protobuf.
///
/// A request is handled on the event loop that read it, from its bytes to the pipeline's answer: spans are
/// read one after another and written as OTLP at once. A body that is wrong anywhere is refused as a whole,
/// with the place of the fault.
///
/// | what happened | answer |
/// |---|---|
/// | accepted, as far as `ack` says, or a backend refused only some for good | 202 |
/// | not a list of spans, more than 262144 annotations or tags in one | 400 and what is wrong with it |
/// | more than 4 times the largest body, and 1 MiB, as OTLP | 400 |
/// | an encoding that the version does not have | 415 |
/// | larger than the limit | 413 |
/// | no memory, or refused by the pipeline for now | 503 + `Retry-After` |
/// | the pipeline refuses for good | 400 |
/// | credentials are missing or wrong (`auth`) | 401 + `WWW-Authenticate` |
public struct ZipkinReceiver: Receiver {
    public static let name = "zipkin"
    public static let summary =
        "Receives spans from Zipkin's clients: version 1 and 2, JSON, Thrift and protobuf."
    public static let signals: [Signal] = [.traces]
    public static let differences = [
        "Only the paths /api/v1/spans and /api/v2/spans, with whatever before them, are there; otelcol reads"
            + " what comes on any other path as version 2.",
        "What the pipeline refuses for now is 503 with Retry-After, not 500; what a backend refuses of spans"
            + " whose others it took is logged, and the answer 202.",
        "A span has up to 262144 annotations and as many tags, and the spans of a request become up to 4"
            + " times max_request_body_size and 1 MiB; otelcol has no such bounds.",
        "Every span gets the resource and the scope of its own tags; otelcol gives all spans of a service"
            + " those of one of them.",
        "The scope is read from otel.scope.name and otel.scope.version, and from otel.library.name and"
            + " otel.library.version before those; otel.status_code may also be OK and ERROR, as the"
            + " libraries of OpenTelemetry write it.",
        "Annotations and tags otlp.link.N that are not of the form in which otelcol writes events and links"
            + " are names of events and attributes; otelcol cuts or refuses them. Lists and maps in their"
            + " attributes are kept.",
        "An address that is none is kept as it is, and null and numbers are accepted as values of tags;"
            + " otelcol refuses the request. A span without an id is refused; otelcol takes some of them.",
        "In version 1, the endpoints of sa, ca and ma are the peer, and a text in error is the message of the"
            + " status.",
        "The fields debug and shared have no place in OTLP and are left out, as in otelcol.",
    ]

    public var settings: ReceiverSettings { configuration.receiver }
    private let configuration: Configuration
    private let context: Context
    private let server: ServerConfiguration
    private let authentication: ServerAuthentication?

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        self.configuration = configuration
        self.context = context
        let (settings, prefix) = configuration.effectiveServer
        do throws(ComponentError) {
            server = try settings.server(context.logger)
            authentication = try settings.auth?.server(transport: "http", in: context)
        } catch {
            throw ComponentError(error.description, key: error.key.map { prefix + $0 })
        }
    }

    public func run(_ session: ReceiverSession) async throws(ComponentError) {
        let (settings, prefix) = configuration.effectiveServer
        if configuration.hasIdleServer {
            context.logger.warning(
                "protocols.http is there, so the keys of the server beside it do not count")
        }
        let memory = ReceiverMemory(context, transport: "http")
        let intake = ZipkinIntake(
            session, context, parsesStringTags: configuration.parseStringTags, settings)
        let application = ZipkinApplication(
            settings: settings, intake: intake, memory: memory, authentication: authentication)
        var server = server
        server.memory = memory
        let running: Server
        do throws(TransportError) {
            running = try await Server.start(
                server, loops: context.eventLoops, application: application, logger: context.logger,
                listeners: context.listeners)
        } catch {
            throw ComponentError(error.description, key: "\(prefix)endpoint")
        }
        context.logger.info(
            "listening",
            metadata: [
                "protocol": "Zipkin", "address": "\(running.address)", "tls": "\(server.tls != nil)",
            ])
        session.ready()
        let grace = await session.stopRequested()
        await running.shutdown(grace: grace)
    }
}
