import Pipeline
import PipelineTesting
import Receivers
import Settings
import Synchronization
import Telemetry
import Testing
import Transport
import Wire

/// The receiver on a port of its own, the end of its pipeline, and a client.
struct RunningZipkinReceiver: Sendable {
    let harness: Harness
    let sink = RecordingSink()
    private let client: Client
    private let live = Live()
    private let transports = Transports()
    private let lifeline = Lifeline()
    private let run: Task<Void, any Error>

    /// Starts the receiver with further keys.
    init(_ keys: String = "endpoint: '127.0.0.1:0'", extensions: [String: any Extension] = [:]) async throws {
        let live = live
        harness = Harness(memory: MemoryProbe(live: { live.bytes }, total: { 1000 << 20 }))
        for (id, found) in extensions { harness.give(found, as: id) }
        let configuration = try ZipkinReceiver.Configuration.decode(yaml: "{\(keys)}")
        let receiver = try ZipkinReceiver(configuration, in: harness.context(.receiver, "zipkin"))
        let outlet = try await harness.outlet(.traces, to: sink)
        let (transports, lifeline) = (transports, lifeline)
        run = Task {
            defer { lifeline.ended() }
            try await receiver.run(
                ReceiverSession(lifeline: lifeline) { signal, transport in
                    transports.add(transport)
                    return signal == .traces ? outlet : nil
                })
        }
        if await !lifeline.whenStarted() { try await run.value }
        let line = harness.log.lines.first { $0.message == "listening" }
        var target = ClientConfiguration(
            target: try ListenAddress(parsing: try #require(line?.metadata["address"])))
        target.versions = .http1
        target.waitsForConnection = false
        client = try Client(
            target, loops: harness.lanes.map { $0.eventLoop }, logger: RecordingLog().logger())
    }

    /// The transports for which there are ways into the pipelines.
    var outletTransports: Set<String> { transports.names }

    /// Leaves `room` bytes of memory below the hard limit, for as long as the result is kept.
    func limitMemory(to room: Int) throws -> MemoryWatch {
        let settings = try MemoryLimiterSettings.decode(
            yaml: "{check_interval: 1s, limit_mib: 100, spike_limit_mib: 1}")
        live.bytes = (100 << 20) - room
        let context = harness.context(.extension, "memory_limiter")
        return MemoryWatch(try settings.limits(harness.memory.probe), of: settings, in: context)
    }

    /// Sends one request.
    func send(
        _ body: Bytes, to path: String = "/api/v2/spans", method: String = "POST",
        _ fields: HTTPFields = ["content-type": "application/json"]
    ) async throws -> ClientResponse {
        try await client.send(
            ClientRequest(method: method, path: path, fields: fields, body: [body]), timeout: .seconds(20))
    }

    /// Stops the receiver and the client.
    func stop() async throws {
        lifeline.requestStop(grace: .seconds(5))
        try await run.value
        await client.close(grace: .zero)
    }
}

/// Runs `body` against a receiver and stops it whatever happens.
func withZipkinReceiver(
    _ keys: String = "endpoint: '127.0.0.1:0'", extensions: [String: any Extension] = [:],
    _ body: (RunningZipkinReceiver) async throws -> Void
) async throws {
    let receiver = try await RunningZipkinReceiver(keys, extensions: extensions)
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

private final class Transports: Sendable {
    private let found = Mutex<Set<String>>([])

    var names: Set<String> { found.withLock { $0 } }

    func add(_ name: String) { found.withLock { _ = $0.insert(name) } }
}
