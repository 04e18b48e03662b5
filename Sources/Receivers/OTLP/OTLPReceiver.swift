internal import Logging
public import Pipeline
internal import Settings
internal import Telemetry
internal import Transport

/// Receives OTLP over gRPC and HTTP (OTLP 1.11).
///
/// A request is handled on the event loop that read it, from its bytes to the pipeline's answer. What is not
/// valid is refused at the door with the place of the fault; a pipeline that cannot take more now makes the
/// client wait and try again; full success is an empty response, as the specification wants it.
///
/// | what happened | gRPC | HTTP |
/// |---|---|---|
/// | accepted | OK | 200 |
/// | accepted, but a backend refuses a part for good (`ack: delivered`) | OK + `partial_success` | the same |
/// | not valid telemetry | `INVALID_ARGUMENT` + `BadRequest` | 400 |
/// | larger than the limit | `RESOURCE_EXHAUSTED` | 413 |
/// | no memory, or refused by the pipeline for now | `UNAVAILABLE` + `RetryInfo` | 503 + `Retry-After` |
/// | the pipeline refuses for good | `INTERNAL` | 500 |
/// | no pipeline of the signal | `UNIMPLEMENTED` | 404 |
/// | credentials are missing or wrong (`auth`) | `UNAUTHENTICATED` | 401 + `WWW-Authenticate` |
///
/// Errors over HTTP carry a `google.rpc.Status` in the encoding of the request. Differences from otelcol:
/// limits are 64 MiB, too large bodies get 413, and `partial_success` is unset on success.
public struct OTLPReceiver: Receiver {
    public static let name = "otlp"
    public static let summary = "Receives OTLP over gRPC and HTTP (protobuf and JSON)."

    private let configuration: Configuration
    private let context: Context
    public var settings: ReceiverSettings { configuration.receiver }
    private let grpc: ServerConfiguration?
    private let http: ServerConfiguration?
    private let grpcAuthentication: ServerAuthentication?
    private let httpAuthentication: ServerAuthentication?

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        self.configuration = configuration
        self.context = context
        let protocols = configuration.protocols
        grpc = try Self.inside("protocols.grpc") { () throws(ComponentError) in
            try protocols.grpc.value?.server(context.logger)
        }
        http = try Self.inside("protocols.http") { () throws(ComponentError) in
            try protocols.http.value?.server.server(context.logger)
        }
        grpcAuthentication = try Self.inside("protocols.grpc") { () throws(ComponentError) in
            try protocols.grpc.value?.auth?.server(transport: "grpc", in: context)
        }
        httpAuthentication = try Self.inside("protocols.http") { () throws(ComponentError) in
            try protocols.http.value?.server.auth?.server(transport: "http", in: context)
        }
    }

    /// Runs `body` and puts `key` in front of the key of its error.
    private static func inside<Result>(
        _ key: String, _ body: () throws(ComponentError) -> Result
    ) throws(ComponentError) -> Result {
        do throws(ComponentError) {
            return try body()
        } catch {
            throw ComponentError(error.description, key: error.key.map { "\(key).\($0)" } ?? key)
        }
    }

    public func run(_ session: ReceiverSession) async throws(ComponentError) {
        var servers: [Server] = []
        if let grpc, let settings = configuration.protocols.grpc.value {
            let intake = OTLPIntake(
                session, transport: "grpc", context, keepsMetadata: settings.includeMetadata)
            let service = OTLPGRPCService(intake: intake, authentication: grpcAuthentication)
            let memory = ReceiverMemory(context, transport: "grpc")
            let application = GRPCApplication(
                service: service, maxMessageSize: settings.maxMessageBytes, memory: memory)
            servers.append(try await start(grpc, application, memory, "gRPC"))
        }
        if let http, let settings = configuration.protocols.http.value {
            let intake = OTLPIntake(
                session, transport: "http", context, keepsMetadata: settings.server.includeMetadata)
            let memory = ReceiverMemory(context, transport: "http")
            let application = OTLPHTTPApplication(
                settings: settings, intake: intake, memory: memory, authentication: httpAuthentication)
            do throws(ComponentError) {
                servers.append(try await start(http, application, memory, "HTTP"))
            } catch {
                await shutDown(servers, grace: .zero)
                throw error
            }
        }
        session.ready()
        let grace = await session.stopRequested()
        await shutDown(servers, grace: grace)
    }

    private func start(
        _ configuration: ServerConfiguration, _ application: any ServerApplication, _ memory: ReceiverMemory,
        _ protocolName: String
    ) async throws(ComponentError) -> Server {
        var configuration = configuration
        configuration.memory = memory
        do throws(TransportError) {
            let server = try await Server.start(
                configuration, loops: context.eventLoops, application: application, logger: context.logger,
                listeners: context.listeners)
            context.logger.info(
                "listening",
                metadata: [
                    "protocol": "OTLP/\(protocolName)", "address": "\(server.address)",
                    "tls": "\(configuration.tls != nil)",
                ])
            return server
        } catch {
            throw ComponentError(error.description, key: "protocols.\(protocolName.lowercased()).endpoint")
        }
    }

    private func shutDown(_ servers: [Server], grace: Duration) async {
        await withTaskGroup { group in
            for server in servers { group.addTask { await server.shutdown(grace: grace) } }
        }
    }
}
