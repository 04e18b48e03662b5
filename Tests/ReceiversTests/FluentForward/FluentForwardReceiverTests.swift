import Compression
import Formats
import Logging
import Pipeline
import PipelineTesting
import Receivers
import Telemetry
import Testing
import Transport
import Wire

@Suite struct FluentForwardReceiverTests {
    private typealias Samples = ForwardSamples

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(FluentForwardReceiver.self, yaml: "endpoint: '127.0.0.1:0'")
    }

    @Test func `all modes are received, with acknowledgements`() async throws {
        let entries = (Samples.entry("c").encoded().array + Samples.entry("d").encoded().array)
        let halves = try [Samples.entry("e"), Samples.entry("f")].map {
            try Compressor(.gzip).compress([$0.encoded()]).array
        }
        let zstd = try Compressor(.zstd).compress([Samples.entry("g").encoded()]).array
        try await withForwardReceiver { receiver in
            let client = try await receiver.client()
            let messages: [MessagePackValue] = [
                Samples.event("a", chunk: "1"),
                .array([
                    .text("tag"), .array([Samples.entry("b")]), Samples.map(["chunk": .binary([1, 2])]),
                ]),
                Samples.packed(entries, ["chunk": .text("3"), "size": .int(2)]),
                .array([.text("tag"), .string(entries)]),
                Samples.packed(halves[0] + halves[1], ["compressed": .text("gzip"), "chunk": .text("4")]),
                Samples.packed(zstd, ["compressed": .text("zstd"), "chunk": .text("5")]),
            ]
            for message in messages { try await client.send(message) }
            #expect(try await client.receive() == Samples.acknowledgement("1"))
            #expect(try await client.receive() == Samples.map(["ack": .binary([1, 2])]))
            for chunk in ["3", "4", "5"] {
                #expect(try await client.receive() == Samples.acknowledgement(chunk))
            }
            #expect(
                receiver.records.map { $0.body?.string } == ["a", "b", "c", "d", "c", "d", "e", "f", "g"])
            #expect(receiver.harness.metric("otelcol_fluent_events_parsed") == 6)
            client.link.close()
        }
    }

    @Test func `a message is read however it is cut`() async throws {
        try await withForwardReceiver { receiver in
            let client = try await receiver.client()
            for byte in Samples.event("slow", chunk: "x").encoded().array { try await client.send([byte]) }
            #expect(try await client.receive() == Samples.acknowledgement("x"))
            #expect(receiver.records.map { $0.body?.string } == ["slow"])
            client.link.close()
        }
    }

    @Test func `messages that come together become one batch`() async throws {
        try await withForwardReceiver { receiver in
            let client = try await receiver.client()
            let count = 1000
            let messages = (0..<count).flatMap { Samples.event("\($0)", chunk: "\($0)").encoded().array }
            try await client.send(messages)
            for number in 0..<count {
                #expect(try await client.receive() == Samples.acknowledgement("\(number)"))
            }
            #expect(receiver.records.map { $0.body?.string } == (0..<count).map { "\($0)" })
            #expect(receiver.sink.batches.count < count / 10)
            client.link.close()
        }
    }

    @Test func `a client may ask with nil whether the receiver is there`() async throws {
        try await withForwardReceiver { receiver in
            let client = try await receiver.client()
            try await client.send([0xC0, 0xC0])
            try await client.send(Samples.event("a", chunk: "1"))
            _ = try await client.receive()
            #expect(receiver.records.count == 1)
            client.link.close()
        }
    }

    @Test func `what was sent before the end of a connection is received`() async throws {
        try await withForwardReceiver { receiver in
            let client = try await receiver.client()
            try await client.send(Samples.event("a"))
            client.link.close()
            await receiver.sink.waitForItems(1)
        }
    }

    @Test func `a unix socket is listened on`() async throws {
        let path = "/tmp/apus-forward-\(UInt64.random(in: 0 ... .max)).sock"
        try await withForwardReceiver("endpoint: 'unix://\(path)'") { receiver in
            #expect(receiver.address == .unix(path: path))
            let client = try await receiver.client()
            try await client.send(Samples.event("a", chunk: "1"))
            _ = try await client.receive()
            client.link.close()
        }
    }

    // MARK: - What the pipeline says

    @Test func `nothing is acknowledged before the pipeline has it, and nothing is read meanwhile`()
        async throws
    {
        try await withForwardReceiver { receiver in
            receiver.sink.hold()
            let client = try await receiver.client()
            try await client.send(Samples.event("a", chunk: "1"))
            await receiver.sink.waitForItems(1)
            try await client.send(Samples.event("b", chunk: "2"))
            #expect(receiver.records.count == 1)
            receiver.sink.answer()
            #expect(try await client.receive() == Samples.acknowledgement("1"))
            #expect(try await client.receive() == Samples.acknowledgement("2"))
            client.link.close()
        }
    }

    @Test func `a client that wants acknowledgements and is refused for now has to send again`() async throws
    {
        try await withForwardReceiver { receiver in
            receiver.sink.refuse(with: .later(reason: "full"))
            let client = try await receiver.client()
            try await client.send(Samples.event("a", chunk: "1"))
            await client.waitForEnd()
            let again = try await receiver.client()
            try await again.send(Samples.event("a", chunk: "1"))
            #expect(try await again.receive() == Samples.acknowledgement("1"))
            #expect(receiver.records.count == 1)
            again.link.close()
        }
    }

    @Test func `so has one whose events are refused later`() async throws {
        try await withForwardReceiver { receiver in
            receiver.sink.hold()
            let client = try await receiver.client()
            try await client.send(Samples.event("a", chunk: "1"))
            await receiver.sink.waitForItems(1)
            receiver.sink.answer(.later(reason: "the queue is full"))
            await client.waitForEnd()
        }
    }

    @Test func `events of a client that wants no acknowledgement are offered again`() async throws {
        try await withForwardReceiver { receiver in
            receiver.sink.refuse(next: 3, with: .later(reason: "full", after: .milliseconds(1)))
            let client = try await receiver.client()
            try await client.send(Samples.event("a"))
            try await client.send(Samples.event("b"))
            client.link.close()
            await receiver.sink.waitForItems(2)
            #expect(receiver.records.map { $0.body?.string } == ["a", "b"])
        }
    }

    @Test func `what is refused for good is acknowledged, or it would come for ever`() async throws {
        try await withForwardReceiver { receiver in
            receiver.sink.refuse(with: .never(reason: "not here"))
            let client = try await receiver.client()
            try await client.send(Samples.event("a", chunk: "1"))
            #expect(try await client.receive() == Samples.acknowledgement("1"))
            #expect(receiver.records.isEmpty)
            #expect(receiver.harness.log.messages(.warning).count == 1)
            client.link.close()
        }
    }

    @Test func `events that still wait at the end are told as lost`() async throws {
        let receiver = try await RunningForwardReceiver()
        receiver.sink.refuse(next: 100, with: .later(reason: "full", after: .seconds(20)))
        let client = try await receiver.client()
        try await client.send(Samples.event("a").encoded().array + Samples.event("b").encoded().array)
        while receiver.harness.metric("otelcol_fluent_events_parsed") ?? 0 < 2 { await Task.yield() }
        try await receiver.stop(grace: .zero)
        let lost = receiver.harness.log.lines.filter { $0.message.hasPrefix("events were lost") }
        #expect(lost.map { $0.metadata["events"] } == ["2"])
        client.link.close()
    }
}
