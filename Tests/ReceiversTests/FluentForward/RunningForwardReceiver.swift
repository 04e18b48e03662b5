import Formats
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

/// The receiver on a port of its own, the end of its pipeline, and clients.
struct RunningForwardReceiver: Sendable {
    let harness: Harness
    let address: ListenAddress
    private let receiver: ReceiverHarness<FluentForwardReceiver>
    private let live = LiveBytes()

    init(_ keys: String = "") async throws {
        let live = live
        harness = Harness(memory: MemoryProbe(live: { live.bytes }, total: { 1000 << 20 }))
        let endpoint = keys.contains("endpoint") ? "" : "endpoint: '127.0.0.1:0', "
        receiver = try await ReceiverHarness(
            FluentForwardReceiver.self, yaml: "{\(endpoint)\(keys)}", in: harness)
        let line = try #require(harness.log.lines.first { $0.message == "listening" })
        address = try ListenAddress(parsing: try #require(line.metadata["address"]))
    }

    var sink: RecordingSink { receiver.sink(.logs) }

    /// The log records that have arrived, in order.
    var records: [LogRecordView] {
        sink.batches.flatMap { $0.resourceLogs }.flatMap { Array($0.scopes) }.flatMap { Array($0.records) }
    }

    /// Leaves `room` bytes of memory below the hard limit, for as long as the result is kept.
    func limitMemory(to room: Int) throws -> MemoryWatch {
        let settings = try MemoryLimiterSettings.decode(
            yaml: "{check_interval: 1s, limit_mib: 100, spike_limit_mib: 1}")
        live.bytes = (100 << 20) - room
        let context = harness.context(.extension, "memory_limiter")
        return MemoryWatch(try settings.limits(harness.memory.probe), of: settings, in: context)
    }

    /// Gives the memory free again.
    func freeMemory() { live.bytes = 0 }

    func client(tls: ClientTLS? = nil) async throws -> ForwardClient {
        var configuration = StreamClient.Configuration(target: address)
        configuration.tls = tls
        let link = try await StreamClient.connect(configuration, on: harness.lanes[0].eventLoop)
        link.limit(.seconds(60))
        return ForwardClient(link: link)
    }

    func stop(grace: Duration = .seconds(5)) async throws { try await receiver.stop(grace: grace) }

    /// What the log says about messages that could not be read.
    var faults: [RecordingLog.Line] {
        harness.log.lines.filter { $0.message.hasPrefix("a message cannot be read") }
    }
}

/// A connection over which a test says what it likes.
struct ForwardClient: Sendable {
    let link: StreamLink

    func send(_ value: MessagePackValue) async throws { try await link.send([value.encoded()]) }

    func send(_ bytes: [UInt8]) async throws { try await link.send([Bytes(bytes)]) }

    /// The next message of the receiver.
    func receive() async throws -> MessagePackValue {
        try MessagePackValue(decoding: try await receiveBytes(), depth: 8)
    }

    func receiveBytes() async throws -> Bytes {
        try await link.receive(limit: 1 << 16) { bytes throws(TransportError) in
            var reader = MessagePackReader(bytes)
            return (try? reader.skip(depth: 8)) == nil ? 0 : reader.position
        }
    }

    /// Returns when the receiver has closed the connection without a word.
    func waitForEnd() async {
        let error = await #expect(throws: TransportError.self) { _ = try await receiveBytes() }
        #expect(error?.kind == .closedBeforeResponse)
    }
}

/// Runs `body` against a receiver and stops it whatever happens.
func withForwardReceiver(
    _ keys: String = "", _ body: (RunningForwardReceiver) async throws -> Void
) async throws {
    let receiver = try await RunningForwardReceiver(keys)
    do {
        try await body(receiver)
    } catch {
        try? await receiver.stop(grace: .zero)
        throw error
    }
    try await receiver.stop()
}

/// Messages as clients send them.
enum ForwardSamples {
    static func map(_ pairs: KeyValuePairs<String, MessagePackValue>) -> MessagePackValue {
        .map(pairs.map { .init(.text($0.key), $0.value) })
    }

    static func record(_ text: String) -> MessagePackValue { map(["message": .text(text)]) }

    static func event(
        _ text: String, tag: String = "tag", chunk: String? = nil
    ) -> MessagePackValue {
        let elements: [MessagePackValue] = [.text(tag), .int(5000), record(text)]
        return .array(elements + (chunk.map { [map(["chunk": .text($0)])] } ?? []))
    }

    static func entry(_ text: String) -> MessagePackValue {
        .array([.extended(type: 0, EventTime.data(nanoseconds: 5_000_000_000_007)), record(text)])
    }

    static func packed(_ entries: [UInt8], _ options: KeyValuePairs<String, MessagePackValue>)
        -> MessagePackValue
    {
        .array([.text("tag"), .binary(entries), map(options)])
    }

    static func acknowledgement(_ chunk: String) -> MessagePackValue { map(["ack": .text(chunk)]) }
}

/// How much memory telemetry is said to take.
private final class LiveBytes: Sendable {
    private let value = Atomic<Int>(0)

    var bytes: Int {
        get { value.load(ordering: .relaxed) }
        set { value.store(newValue, ordering: .relaxed) }
    }
}
