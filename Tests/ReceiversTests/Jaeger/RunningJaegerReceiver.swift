import Glibc
import NIOCore
import Pipeline
import PipelineTesting
import Receivers
import Settings
import Synchronization
import Telemetry
import Testing
import Transport
import Wire

/// The receiver on ports of its own, the end of its pipeline, and clients.
struct RunningJaegerReceiver: Sendable {
    let harness: Harness
    private let receiver: ReceiverHarness<JaegerReceiver>
    private let live = LiveBytes()

    static let all = """
        protocols:
          grpc: {endpoint: '127.0.0.1:0'}
          thrift_http: {endpoint: '127.0.0.1:0'}
          thrift_compact: {endpoint: '127.0.0.1:0'}
          thrift_binary: {endpoint: '127.0.0.1:0'}
        """

    init(_ yaml: String = Self.all, extensions: [String: any Extension] = [:]) async throws {
        let live = live
        harness = Harness(memory: MemoryProbe(live: { live.bytes }, total: { 1000 << 20 }))
        for (id, found) in extensions { harness.give(found, as: id) }
        receiver = try await ReceiverHarness(JaegerReceiver.self, yaml: yaml, in: harness)
    }

    var sink: RecordingSink { receiver.sink(.traces) }

    /// The names of the spans that have arrived, in order.
    var names: [String] {
        sink.batches.flatMap { $0.resourceSpans }.flatMap { Array($0.scopes) }
            .flatMap { Array($0.records) }.map { $0.name }
    }

    /// Where a protocol is spoken.
    func address(_ name: String) throws -> ListenAddress {
        let line = harness.log.lines.first {
            $0.message == "listening" && $0.metadata["protocol"] == "Jaeger/\(name)"
        }
        return try ListenAddress(parsing: try #require(line?.metadata["address"]))
    }

    /// Says that there is no memory for new telemetry, for as long as the result is kept.
    func exhaustMemory() throws -> MemoryWatch {
        let settings = try MemoryLimiterSettings.decode(
            yaml: "{check_interval: 1s, limit_mib: 100, spike_limit_mib: 1}")
        live.bytes = (100 << 20) - 1000
        let context = harness.context(.extension, "memory_limiter")
        return MemoryWatch(try settings.limits(harness.memory.probe), of: settings, in: context)
    }

    /// Makes one call over gRPC.
    func call(
        _ message: Bytes, _ path: String = "/jaeger.api_v2.CollectorService/PostSpans",
        metadata: HTTPFields = [:]
    ) async throws -> Bytes {
        let client = try client("gRPC", .http2)
        let calls = try GRPCClient(client: client, compression: nil, userAgent: "test")
        do {
            let answer = try await calls.call(
                path: path, message: [message], metadata: metadata, timeout: .seconds(20))
            await client.close(grace: .zero)
            return answer
        } catch {
            await client.close(grace: .zero)
            throw error
        }
    }

    /// Makes a call that has to fail.
    func failure(
        _ message: Bytes, _ path: String = "/jaeger.api_v2.CollectorService/PostSpans"
    ) async throws -> GRPCStatus {
        let error = await #expect(throws: GRPCStatus.self) { _ = try await call(message, path) }
        return try #require(error)
    }

    /// Sends one request over HTTP.
    func send(
        _ body: [UInt8] = [], to path: String = "/api/traces", method: String = "POST",
        _ fields: HTTPFields = ["content-type": "application/x-thrift"], server: String = "HTTP"
    ) async throws -> ClientResponse {
        let client = try client(server, .http1)
        let request = ClientRequest(method: method, path: path, fields: fields, body: [Bytes(body)])
        let response = try await client.send(request, timeout: .seconds(20))
        await client.close(grace: .zero)
        return response
    }

    /// Sends datagrams.
    func datagrams(_ all: [[UInt8]], to name: String) throws {
        let port = try #require(try address(name).port)
        try UDP.send(all, port: port)
    }

    /// Returns when a counter has reached a value, or when the time of the test is over.
    func wait(for metric: String, _ value: Double) async {
        while harness.metric(metric) ?? 0 < value, !Task.isCancelled { await Task.yield() }
    }

    func stop(grace: Duration = .seconds(5)) async throws { try await receiver.stop(grace: grace) }

    private func client(_ name: String, _ versions: ClientConfiguration.Versions) throws -> Client {
        var configuration = ClientConfiguration(target: try address(name))
        configuration.versions = versions
        configuration.waitsForConnection = false
        return try Client(
            configuration, loops: harness.lanes.map { $0.eventLoop }, logger: RecordingLog().logger())
    }
}

/// Runs `body` against a receiver and stops it whatever happens.
func withJaegerReceiver(
    _ yaml: String = RunningJaegerReceiver.all, extensions: [String: any Extension] = [:],
    _ body: (RunningJaegerReceiver) async throws -> Void
) async throws {
    let receiver = try await RunningJaegerReceiver(yaml, extensions: extensions)
    do {
        try await body(receiver)
    } catch {
        try? await receiver.stop(grace: .zero)
        throw error
    }
    try await receiver.stop()
}

/// Datagrams to a port of this machine.
enum UDP {
    static func send(_ all: [[UInt8]], port: Int) throws {
        let descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        #expect(connected == 0)
        for bytes in all { #expect(Glibc.send(descriptor, bytes, bytes.count, 0) == bytes.count) }
    }
}

/// Spans as clients send them; FormatsTests look into what becomes of them.
enum JaegerSamples {
    /// A request of gRPC with one span.
    static func protobuf(_ name: String) -> Bytes {
        var writer = Writer()
        let batch = writer.begin(1)
        let span = writer.begin(1)
        writer.write(bytes: Array(repeating: 1, count: 16), 1)
        writer.write(bytes: Array(repeating: 2, count: 8), 2)
        writer.write(string: name, 3)
        writer.end(span)
        let process = writer.begin(2)
        writer.write(string: "shop", 1)
        writer.end(process)
        writer.end(batch)
        return writer.finish()
    }

    /// A batch of binary Thrift with one span.
    static func binary(_ name: String) -> [UInt8] {
        let zeros = [UInt8](repeating: 0, count: 7)
        func field(_ type: UInt8, _ number: UInt8) -> [UInt8] { [type, 0, number] }
        func text(_ text: String) -> [UInt8] { [0, 0, 0, UInt8(text.utf8.count)] + Array(text.utf8) }
        var span: [UInt8] = []
        for number: UInt8 in 1...4 { span += field(10, number) + zeros + [number] }
        span += field(11, 5) + text(name) + field(8, 7) + [0, 0, 0, 1]
        span += field(10, 8) + zeros + [8] + field(10, 9) + zeros + [9, 0]
        let process = field(12, 1) + field(11, 1) + text("shop") + [0]
        return process + field(15, 2) + [12, 0, 0, 0, 1] + span + [0]
    }

    /// A call of emitBatch in binary Thrift.
    static func binaryCall(_ name: String) -> [UInt8] {
        [0x80, 1, 0, 4, 0, 0, 0, 9] + Array("emitBatch".utf8) + [0, 0, 0, 1, 12, 0, 1] + binary(name) + [0]
    }

    /// A call of emitBatch in compact Thrift.
    static func compactCall(_ name: String) -> [UInt8] {
        func text(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
        let span: [UInt8] =
            [0x16, 2, 0x16, 4, 0x16, 6, 0x16, 0, 0x18] + text(name) + [0x25, 2, 0x16, 16, 0x16, 18, 0]
        let batch = [0x1C, 0x18] + text("shop") + [0, 0x19, 0x1C] + span + [0]
        return [0x82, 0x81, 1] + text("emitBatch") + [0x1C] + batch + [0]
    }
}

/// How much memory telemetry is said to take.
private final class LiveBytes: Sendable {
    private let value = Atomic<Int>(0)

    var bytes: Int {
        get { value.load(ordering: .relaxed) }
        set { value.store(newValue, ordering: .relaxed) }
    }
}
