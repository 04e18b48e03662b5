import Compression
import Formats
import Logging
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Transport
import Wire

@testable import Receivers

/// What becomes of messages while there is no memory for them.
@Suite struct ForwardMemoryTests {
    private typealias Samples = ForwardSamples

    @Test func `clients with acknowledgements are sent away, and the others wait`() async throws {
        try await withForwardReceiver { receiver in
            let limiter = try receiver.limitMemory(to: 1 << 20)
            let client = try await receiver.client()
            try await client.send(Samples.event("a", chunk: "1"))
            await client.waitForEnd()
            let patient = try await receiver.client()
            try await patient.send(Samples.event("b"))
            while refusals(receiver.harness) < 2 { await Task.yield() }
            #expect(receiver.records.isEmpty)
            receiver.freeMemory()
            await receiver.sink.waitForItems(1)
            #expect(receiver.records.map { $0.body?.string } == ["b"])
            patient.link.close()
            withExtendedLifetime(limiter) {}
        }
    }

    @Test func `events that wait for memory at the end are told as lost`() async throws {
        let receiver = try await RunningForwardReceiver()
        let limiter = try receiver.limitMemory(to: 1 << 20)
        let client = try await receiver.client()
        let event = Samples.event("a").encoded()
        try await client.send([0xC0] + event.array)
        while refusals(receiver.harness) < 1 { await Task.yield() }
        try await receiver.stop(grace: .zero)
        let lost = receiver.harness.log.lines.filter { $0.message.hasPrefix("events were lost") }
        #expect(lost.map { $0.metadata["further_bytes"] } == ["\(event.count + 1)"])
        client.link.close()
        withExtendedLifetime(limiter) {}
    }

    @Test func `what was received is acknowledged, also when it held no events and the next has no room`()
        async throws
    {
        let bomb = try Self.bomb()
        try await withForwardReceiver { receiver in
            let limiter = try receiver.limitMemory(to: 4 << 20)
            let client = try await receiver.client()
            let empty = MessagePackValue.array([
                .text("tag"), .array([]), Samples.map(["chunk": .text("1")]),
            ])
            try await client.send(empty.encoded().array + bomb.encoded().array)
            #expect(try await client.receive() == Samples.acknowledgement("1"))
            client.link.close()
            withExtendedLifetime(limiter) {}
        }
    }

    @Test func `a message for which there is never memory is lost in the end, and told`() async throws {
        let server = try await Self.server(patience: [.milliseconds(1), .milliseconds(1)])
        let link = try await StreamClient.connect(
            StreamClient.Configuration(target: server.address), on: server.harness.lanes[0].eventLoop)
        let client = ForwardClient(link: link)
        let bomb = try Self.bomb()
        try await client.send(bomb)
        try await client.send(Samples.event("after", chunk: "1"))
        #expect(try await client.receive() == Samples.acknowledgement("1"))
        let records = server.sink.batches.reduce(0) { $0 + $1.itemCount }
        #expect(records == 1)
        let lost = server.harness.log.lines.filter {
            $0.message.hasPrefix("the events of a message were lost")
        }
        #expect(lost.map { $0.metadata["message_bytes"] } == ["\(bomb.encoded().count)"])
        #expect(refusals(server.harness) == 2)
        #expect(server.harness.metric("otelcol_fluent_parse_failures") == 1)
        link.close()
        await server.server.shutdown(grace: .zero)
        withExtendedLifetime(server.limiter) {}
    }

    @Test func `the time until a message is lost is long enough for a bad moment`() {
        let service = ForwardService(
            FluentForwardReceiver.Configuration(), nil,
            memory: ReceiverMemory(Harness().context(.receiver, "fluent_forward"), transport: "tcp"),
            transport: "tcp", Harness().context(.receiver, "fluent_forward"))
        #expect(service.patience.reduce(.zero, +) > .seconds(120))
    }

    /// A small message that becomes 16 MiB.
    private static func bomb() throws -> MessagePackValue {
        let zeros = Bytes(Array(repeating: 0, count: 16 << 20))
        let packed = try Compressor(.gzip).compress([zeros]).array
        return Samples.packed(packed, ["compressed": .text("gzip")])
    }

    private func refusals(_ harness: Harness) -> Double {
        harness.metric("apus_receiver_refused_requests", ["reason": "memory"]) ?? 0
    }

    /// A server of the receiver's, whose process has memory for 4 MiB.
    private static func server(
        patience: [Duration]
    ) async throws -> (
        server: Server, address: ListenAddress, harness: Harness, sink: RecordingSink, limiter: MemoryWatch
    ) {
        let harness = Harness(memory: MemoryProbe(live: { 96 << 20 }, total: { 1000 << 20 }))
        let settings = try MemoryLimiterSettings.decode(
            yaml: "{check_interval: 1s, limit_mib: 100, spike_limit_mib: 1}")
        let limiter = MemoryWatch(
            try settings.limits(harness.memory.probe), of: settings,
            in: harness.context(.extension, "memory_limiter"))
        let context = harness.context(.receiver, "fluent_forward")
        let sink = RecordingSink()
        var service = ForwardService(
            FluentForwardReceiver.Configuration(), try await harness.outlet(.logs, to: sink),
            memory: ReceiverMemory(context, transport: "tcp"), transport: "tcp", context)
        service.patience = patience
        let server = try await Server.start(
            ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0)),
            loops: context.eventLoops, streams: service, logger: context.logger)
        return (server, server.address, harness, sink, limiter)
    }
}
