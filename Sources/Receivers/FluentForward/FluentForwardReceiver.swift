internal import Logging
public import Pipeline
internal import Settings
public import Telemetry
internal import Transport
internal import Wire

/// Receives logs over the Forward protocol of Fluentd and Fluent Bit (specification v1).
///
/// All four modes are read, over TCP, TLS or a unix socket, with the handshake where a shared key is set. The
/// events that are there when a connection is read become one batch; while that waits, nothing more is read.
///
/// | what happened | a client that wants acknowledgements | one that does not |
/// |---|---|---|
/// | accepted, as far as `ack` says | gets them | |
/// | refused for now, or no memory | is disconnected and sends again | waits: the events are offered again |
/// | refused for good | gets them, since sending again is useless | |
/// | not a message of the protocol | is disconnected | is disconnected |
///
/// A message that cannot be read is told in the log with its place; those before it are received. One for
/// which there is no memory is tried for some minutes, and then left out and told.
public struct FluentForwardReceiver: Receiver {
    public static let name = "fluent_forward"
    public static let aliases = ["fluentforward"]
    public static let summary = "Receives logs over the Forward protocol of Fluentd and Fluent Bit."
    public static let signals: [Signal] = [.logs]
    public static let differences = [
        "TLS, the handshake with a shared key and users, and entries compressed with zstd are additions.",
        "The endpoint has a default, the port that Fluentd's clients send to.",
        "A chunk is acknowledged when the pipeline has it, as far as ack says, not when it has been read.",
        "Metadata beside the time of an entry, as Fluent Bit may keep it, becomes the attribute"
            + " fluent.metadata; otelcol refuses such entries.",
        "Times may be fractions of seconds or nil, and an event without a time gets an observed time.",
        "Text that is not UTF-8 has U+FFFD in place of what is not, since OTLP allows nothing else.",
        "Of equal keys in a map inside of a record the first one counts; in the record itself the last one.",
        "Data of extension types is kept as bytes, an EventTime inside of a record as text in RFC 3339.",
        "A map may have 65536 keys, together with those of the maps around it.",
    ]

    public var settings: ReceiverSettings { configuration.receiver }
    private let configuration: Configuration
    private let context: Context
    private let server: ServerConfiguration

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        self.configuration = configuration
        self.context = context
        var server = ServerConfiguration(address: try configuration.address())
        server.tls = try configuration.tls?.make(context.logger)
        server.maxConnections = configuration.maxConnections
        server.maxBufferedBytes = max(server.maxBufferedBytes, 4 * configuration.maxMessageSize.bytes)
        server.readTimeout = .seconds(60)
        server.idleTimeout = configuration.idleTimeout > .zero ? configuration.idleTimeout : nil
        self.server = server
    }

    public func run(_ session: ReceiverSession) async throws(ComponentError) {
        let transport = if case .unix = server.address { "unix" } else { "tcp" }
        let memory = ReceiverMemory(context, transport: transport)
        let service = ForwardService(
            configuration, session.outlet(for: .logs, transport: transport), memory: memory,
            transport: transport, context)
        var server = server
        server.memory = memory
        let running: Server
        do throws(TransportError) {
            running = try await Server.start(
                server, loops: context.eventLoops, streams: service, logger: context.logger,
                listeners: context.listeners)
        } catch {
            throw ComponentError(error.description, key: "endpoint")
        }
        let heartbeat: DatagramResponder?
        do throws(TransportError) {
            heartbeat = try await startHeartbeat(running.address)
        } catch {
            await running.shutdown(grace: .zero)
            throw ComponentError(error.description, key: "udp_heartbeat")
        }
        context.logger.info(
            "listening",
            metadata: [
                "protocol": "Forward", "address": "\(running.address)", "tls": "\(server.tls != nil)",
                "handshake": "\(configuration.security != nil)",
            ])
        session.ready()
        let grace = await session.stopRequested()
        await heartbeat?.close()
        await running.shutdown(grace: grace)
    }

    /// Answers heartbeats on the port of the server; `nil` for unix sockets, which have none.
    private func startHeartbeat(
        _ address: ListenAddress
    ) async throws(TransportError) -> DatagramResponder? {
        guard configuration.udpHeartbeat, case .tcp(let host, let port) = address else { return nil }
        // One zero byte, whatever the client sent: so says the specification. Nothing is shorter than that.
        let answer = Bytes([0])
        return try await DatagramResponder.start(host: host, port: port, on: context.eventLoops[0]) {
            $0.isEmpty ? nil : answer
        }
    }
}
