import Compression
import Pipeline
import PipelineTesting
import Receivers
import Settings
import Synchronization
import Telemetry
import Testing
import Transport
import Wire

/// The receiver on ports of its own, the ends of its pipelines, and clients for both protocols.
struct RunningOTLPReceiver: Sendable {
    let harness: Harness
    private let live = Live()
    let grpc: Client?
    let http: Client?
    private let sinks: [Signal: RecordingSink]
    private let lifeline = Lifeline()
    private let run: Task<Void, any Error>

    /// Starts the receiver; only `signals` have a pipeline.
    init(
        _ yaml: String = Self.both, signals: [Signal] = Signal.allCases,
        extensions: [String: any Extension] = [:]
    ) async throws {
        let live = live
        harness = Harness(memory: MemoryProbe(live: { live.bytes }, total: { 1000 << 20 }))
        for (id, found) in extensions { harness.give(found, as: id) }
        let configuration = try OTLPReceiver.Configuration.decode(yaml: yaml)
        let receiver = try OTLPReceiver(configuration, in: harness.context(.receiver, "otlp"))
        sinks = Dictionary(uniqueKeysWithValues: signals.map { ($0, RecordingSink()) })
        var outlets: [Signal: Outlet] = [:]
        for (signal, sink) in sinks { outlets[signal] = try await harness.outlet(signal, to: sink) }
        let (ends, lifeline) = (outlets, lifeline)
        run = Task {
            defer { lifeline.ended() }
            try await receiver.run(ReceiverSession(lifeline: lifeline) { signal, _ in ends[signal] })
        }
        if await !lifeline.whenStarted() { try await run.value }
        grpc = try Self.client(in: harness, "OTLP/gRPC", .http2)
        http = try Self.client(in: harness, "OTLP/HTTP", .http1)
    }

    static let both = "protocols: {grpc: {endpoint: '127.0.0.1:0'}, http: {endpoint: '127.0.0.1:0'}}"

    /// A configuration of HTTP alone, with further keys.
    static func http(_ keys: String) -> String { "protocols: {http: {endpoint: '127.0.0.1:0', \(keys)}}" }

    /// A configuration of gRPC alone, with further keys.
    static func grpc(_ keys: String) -> String { "protocols: {grpc: {endpoint: '127.0.0.1:0', \(keys)}}" }

    /// Leaves `room` bytes of memory below the hard limit, for as long as the result is kept.
    func limitMemory(to room: Int) throws -> MemoryWatch {
        let settings = try MemoryLimiterSettings.decode(
            yaml: "{check_interval: 1s, limit_mib: 100, spike_limit_mib: 1}")
        live.bytes = (100 << 20) - room
        let context = harness.context(.extension, "memory_limiter")
        return MemoryWatch(try settings.limits(harness.memory.probe), of: settings, in: context)
    }

    func sink(_ signal: Signal) -> RecordingSink { sinks[signal] ?? RecordingSink() }

    /// Sends one request to the HTTP port.
    func send(
        _ body: Bytes = .empty, to path: String = "/v1/traces", method: String = "POST",
        _ fields: HTTPFields = ["content-type": "application/x-protobuf"]
    ) async throws -> ClientResponse {
        let request = ClientRequest(method: method, path: path, fields: fields, body: [body])
        return try await #require(http).send(request, timeout: .seconds(20))
    }

    /// Makes one call to the gRPC port.
    func call(
        _ message: Bytes, _ path: String = Signal.traces.exportMethod,
        compression: CompressionAlgorithm? = nil,
        metadata: HTTPFields = [:]
    ) async throws -> Bytes {
        let calls = try GRPCClient(client: #require(grpc), compression: compression, userAgent: "test")
        return try await calls.call(path: path, message: [message], metadata: metadata, timeout: .seconds(20))
    }

    /// Makes a call that has to fail.
    func failure(_ message: Bytes, _ path: String = Signal.traces.exportMethod) async throws -> GRPCStatus {
        let error = await #expect(throws: GRPCStatus.self) { _ = try await call(message, path) }
        return try #require(error)
    }

    /// Stops the receiver and waits for its end; the clients stay as they are.
    func stopReceiving() async throws {
        lifeline.requestStop(grace: .seconds(5))
        try await run.value
    }

    /// Stops the receiver and the clients.
    func stop() async throws {
        try await stopReceiving()
        await grpc?.close(grace: .zero)
        await http?.close(grace: .zero)
    }

    private static func client(
        in harness: Harness, _ name: String, _ versions: ClientConfiguration.Versions
    ) throws -> Client? {
        let line = harness.log.lines.first { $0.message == "listening" && $0.metadata["protocol"] == name }
        guard let address = line?.metadata["address"] else { return nil }
        var configuration = ClientConfiguration(target: try ListenAddress(parsing: address))
        configuration.versions = versions
        configuration.waitsForConnection = false
        return try Client(
            configuration, loops: harness.lanes.map { $0.eventLoop }, logger: RecordingLog().logger())
    }
}

/// Runs `body` against a receiver and stops it whatever happens.
func withOTLPReceiver(
    _ yaml: String = RunningOTLPReceiver.both, signals: [Signal] = Signal.allCases,
    extensions: [String: any Extension] = [:], _ body: (RunningOTLPReceiver) async throws -> Void
) async throws {
    let receiver = try await RunningOTLPReceiver(yaml, signals: signals, extensions: extensions)
    do {
        try await body(receiver)
    } catch {
        try await receiver.stop()
        throw error
    }
    try await receiver.stop()
}

/// How much memory telemetry is said to take.
private final class Live: Sendable {
    private let value = Atomic<Int>(0)

    var bytes: Int {
        get { value.load(ordering: .relaxed) }
        set { value.store(newValue, ordering: .relaxed) }
    }
}
