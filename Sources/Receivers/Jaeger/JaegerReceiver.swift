internal import Formats
internal import Logging
public import Pipeline
internal import Settings
public import Telemetry
internal import Transport

/// Receives spans from Jaeger's clients and agents: over gRPC, HTTP and UDP.
///
/// | what happened | gRPC | HTTP | UDP |
/// |---|---|---|---|
/// | accepted | OK | 202 | |
/// | not a message of the protocol | `INVALID_ARGUMENT` | 400 | counted |
/// | larger than the limit | `RESOURCE_EXHAUSTED` | 413 | counted |
/// | no memory, or refused for now | `UNAVAILABLE` + `RetryInfo` | 503 + `Retry-After` | counted |
/// | refused for good | `INTERNAL` | 500 | counted |
/// | credentials are missing or wrong | `UNAUTHENTICATED` | 401 | |
public struct JaegerReceiver: Receiver {
    public static let name = "jaeger"
    public static let summary = "Receives traces from clients and agents of Jaeger over gRPC, HTTP and UDP."
    public static let signals: [Signal] = [.traces]
    public static let differences = [
        "remote_sampling works, with host_endpoint and strategy_file; otelcol refuses it since v0.61.",
        "Spans in Thrift get the scope and the trace state that are in their tags, as those in protobuf do.",
        "otel.library.name and otel.library.version count where there is no otel.scope.name.",
        "Times before 1970 become 0, since OTLP has no others.",
        "Refusals for now are 503 or UNAVAILABLE with a time to wait, and refusals for good 500 or INTERNAL.",
        "Text that is not UTF-8 has U+FFFD in place of what is not, since OTLP allows nothing else.",
        "A span may have 262144 tags, references, logs and fields of logs, and spans may become four times as"
            + " large as the largest message.",
        "workers is how many datagrams may wait for the pipeline's answer at a time.",
    ]

    public var settings: ReceiverSettings { configuration.receiver }
    private let configuration: Configuration
    private let context: Context
    private let grpc: ServerConfiguration?
    private let http: ServerConfiguration?
    private let grpcAuthentication: ServerAuthentication?
    private let httpAuthentication: ServerAuthentication?
    private let sampling: SamplingStore?

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        self.configuration = configuration
        self.context = context
        let protocols = configuration.protocols
        grpc = try Self.inside("protocols.grpc") { () throws(ComponentError) in
            try protocols.grpc.value?.server(context.logger)
        }
        http = try Self.inside("protocols.thrift_http") { () throws(ComponentError) in
            try protocols.thriftHTTP.value?.server(context.logger)
        }
        grpcAuthentication = try Self.inside("protocols.grpc") { () throws(ComponentError) in
            try protocols.grpc.value?.auth?.server(transport: "grpc", in: context)
        }
        httpAuthentication = try Self.inside("protocols.thrift_http") { () throws(ComponentError) in
            try protocols.thriftHTTP.value?.auth?.server(transport: "collector_http", in: context)
        }
        if let remote = configuration.remoteSampling {
            sampling = try SamplingStore(remote.strategyFile)
        } else {
            sampling = nil
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
        var running = Running()
        do throws(ComponentError) {
            try await startServers(session, &running)
            try await startAgents(session, &running)
        } catch {
            await running.shutDown(grace: .zero, context.clock)
            throw error
        }
        session.ready()
        let grace = await waitForStop(session)
        await running.shutDown(grace: grace, context.clock)
    }

    /// Waits until the receiver has to stop, and reads the strategies again meanwhile.
    private func waitForStop(_ session: ReceiverSession) async -> Duration {
        guard let sampling, let interval = configuration.remoteSampling?.reloadInterval, interval > .zero
        else {
            return await session.stopRequested()
        }
        let context = context
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while (try? await context.clock.sleep(for: interval)) != nil, !Task.isCancelled {
                    sampling.refresh(context.logger)
                }
            }
            let grace = await session.stopRequested()
            group.cancelAll()
            return grace
        }
    }

    // MARK: - Starting

    private func startServers(
        _ session: ReceiverSession, _ running: inout Running
    ) async throws(ComponentError) {
        if let grpc, let settings = configuration.protocols.grpc.value {
            let intake = JaegerIntake(
                session, transport: "grpc", context, keepsMetadata: settings.includeMetadata)
            let service = JaegerGRPCService(
                intake: intake, authentication: grpcAuthentication, sampling: sampling,
                outputLimit: TracesIntake.outputLimit(settings.maxMessageBytes))
            let memory = ReceiverMemory(context, transport: "grpc")
            let application = GRPCApplication(
                service: service, maxMessageSize: settings.maxMessageBytes, memory: memory)
            running.servers.append(
                try await start(grpc, application, memory, "gRPC", key: "protocols.grpc.endpoint"))
        }
        if let http, let settings = configuration.protocols.thriftHTTP.value {
            let intake = JaegerIntake(
                session, transport: "collector_http", context, keepsMetadata: settings.includeMetadata)
            let memory = ReceiverMemory(context, transport: "collector_http")
            let application = JaegerHTTPApplication(
                settings: settings, intake: intake, memory: memory, authentication: httpAuthentication)
            running.servers.append(
                try await start(http, application, memory, "HTTP", key: "protocols.thrift_http.endpoint"))
        }
        if let sampling, let remote = configuration.remoteSampling {
            let address = try remote.address()
            running.servers.append(
                try await start(
                    ServerConfiguration(address: address), SamplingApplication(store: sampling), nil,
                    "sampling", key: "remote_sampling.host_endpoint"))
        }
    }

    private func start(
        _ configuration: ServerConfiguration, _ application: any ServerApplication, _ memory: ReceiverMemory?,
        _ name: String, key: String
    ) async throws(ComponentError) -> Server {
        var configuration = configuration
        configuration.memory = memory
        do throws(TransportError) {
            let server = try await Server.start(
                configuration, loops: context.eventLoops, application: application, logger: context.logger,
                listeners: context.listeners)
            note("Jaeger/\(name)", server.address, tls: configuration.tls != nil)
            return server
        } catch {
            throw ComponentError(error.description, key: key)
        }
    }

    private func startAgents(
        _ session: ReceiverSession, _ running: inout Running
    ) async throws(ComponentError) {
        let protocols = configuration.protocols
        if let settings = protocols.thriftCompact.value {
            running.agents.append(
                try await start(settings, .compact, "thrift_compact", lane: context.lanes[0], session))
        }
        if let settings = protocols.thriftBinary.value {
            // On another lane than the other one, where there is one.
            let lane = context.lanes[context.lanes.count - 1]
            running.agents.append(try await start(settings, .binary, "thrift_binary", lane: lane, session))
        }
    }

    private func start(
        _ settings: UDPSettings, _ encoding: ThriftEncoding, _ name: String, lane: Lane,
        _ session: ReceiverSession
    ) async throws(ComponentError) -> Running.Agent {
        let intake = JaegerIntake(session, transport: "udp_\(name)", context)
        let agent = JaegerAgent(settings, encoding, intake, context, lane: lane)
        var configuration = DatagramServer.Configuration(address: try settings.address())
        configuration.maxSize = settings.maxPacketSize
        configuration.receiveBufferSize = settings.socketBufferSize
        do throws(TransportError) {
            let server = try await DatagramServer.start(
                configuration, on: lane.eventLoop, listeners: context.listeners
            ) { agent.receive($0) }
            note("Jaeger/\(name)", server.address, tls: false)
            return Running.Agent(agent: agent, server: server)
        } catch {
            throw ComponentError(error.description, key: "protocols.\(name).endpoint")
        }
    }

    private func note(_ name: String, _ address: ListenAddress, tls: Bool) {
        context.logger.info(
            "listening", metadata: ["protocol": "\(name)", "address": "\(address)", "tls": "\(tls)"])
    }
}

/// What has been opened.
private struct Running: Sendable {
    struct Agent: Sendable {
        let agent: JaegerAgent
        let server: DatagramServer
    }

    var servers: [Server] = []
    var agents: [Agent] = []

    func shutDown(grace: Duration, _ clock: any PipelineClock) async {
        await withTaskGroup(of: Void.self) { group in
            for server in servers { group.addTask { await server.shutdown(grace: grace) } }
            for agent in agents {
                group.addTask {
                    await agent.server.close()
                    await agent.agent.drain(grace: grace, clock)
                }
            }
        }
    }
}
