import Logging
import Pipeline
import PipelineTesting
import Receivers
import Telemetry
import Testing
import Transport
import Wire

/// What becomes of datagrams, of which nobody hears.
@Suite(.timeLimit(.minutes(1))) struct JaegerAgentTests {
    private typealias Samples = JaegerSamples

    private static func compact(_ keys: String = "") -> String {
        "protocols: {thrift_compact: {endpoint: '127.0.0.1:0', \(keys)}}"
    }

    private static let dropped = "otelcol_jaeger_receiver_thrift_pkt_dropped"
    private static let processed = "otelcol_jaeger_receiver_thrift_pkt_processed"

    private static func calls(_ names: Range<Int>) -> [[UInt8]] {
        names.map { Samples.compactCall("\($0)") }
    }

    @Test func `datagrams that cannot be read are counted, and the others are read`() async throws {
        try await withJaegerReceiver { receiver in
            let bad: [[UInt8]] = [
                [0], Array(Samples.compactCall("cut").dropLast(3)), Samples.binaryCall("wrong protocol"),
                Array(repeating: 0xFF, count: 1000),
            ]
            try receiver.datagrams(bad + Self.calls(0..<1), to: "thrift_compact")
            await receiver.sink.waitForItems(1)
            let labels: KeyValuePairs = ["transport": "udp_thrift_compact"]
            #expect(receiver.harness.metric("apus_receiver_invalid_requests", labels) == 4)
            #expect(receiver.harness.log.messages(.warning).count == 4)
            #expect(receiver.names == ["0"])
        }
    }

    @Test func `a datagram that is too large is refused, one that just fits is read`() async throws {
        let size = Samples.compactCall("12345").count
        try await withJaegerReceiver(Self.compact("max_packet_size: \(size)")) { receiver in
            try receiver.datagrams(
                [Samples.compactCall("123456"), Samples.compactCall("12345")], to: "thrift_compact")
            await receiver.sink.waitForItems(1)
            #expect(receiver.names == ["12345"])
            let fault = try #require(receiver.harness.log.lines.first { $0.message.hasPrefix("a message") })
            #expect(fault.metadata["reason"]?.contains("max_packet_size, \(size) bytes") == true)
        }
    }

    @Test func `while as many wait as there are workers, others wait in the queue`() async throws {
        try await withJaegerReceiver(Self.compact("workers: 2, queue_size: 3")) { receiver in
            receiver.sink.hold()
            try receiver.datagrams(Self.calls(0..<7), to: "thrift_compact")
            await receiver.wait(for: Self.dropped, 2)
            #expect(receiver.names == ["0", "1"])
            receiver.sink.answer()
            await receiver.sink.waitForItems(5)
            #expect(receiver.names.sorted() == ["0", "1", "2", "3", "4"])
            await receiver.wait(for: Self.processed, 5)
            #expect(receiver.harness.metric(Self.dropped) == 2)
        }
    }

    @Test func `what is refused is gone, and said to be`() async throws {
        try await withJaegerReceiver(Self.compact()) { receiver in
            receiver.sink.refuse(with: .later(reason: "full"))
            try receiver.datagrams(Self.calls(0..<2), to: "thrift_compact")
            await receiver.sink.waitForItems(1)
            #expect(receiver.names == ["1"])
            let lost = receiver.harness.log.lines.filter { $0.message.contains("nobody sends them again") }
            #expect(lost.map { $0.metadata["reason"] } == ["full"])
        }
    }

    @Test func `what was taken is handed on before the end`() async throws {
        let receiver = try await RunningJaegerReceiver(Self.compact("workers: 1, queue_size: 1"))
        receiver.sink.hold()
        try receiver.datagrams(Self.calls(0..<3), to: "thrift_compact")
        await receiver.wait(for: Self.dropped, 1)
        async let end: Void = receiver.stop(grace: .seconds(60))
        await receiver.harness.clock.waitForSleepers()
        receiver.sink.answer()
        try await end
        #expect(receiver.names == ["0", "1"])
        #expect(receiver.harness.metric(Self.dropped) == 1)
    }

    @Test func `what is left at the end of the grace is counted`() async throws {
        let receiver = try await RunningJaegerReceiver(Self.compact("workers: 1, queue_size: 2"))
        receiver.sink.hold()
        try receiver.datagrams(Self.calls(0..<4), to: "thrift_compact")
        await receiver.wait(for: Self.dropped, 1)
        async let end: Void = receiver.stop(grace: .seconds(60))
        await receiver.harness.clock.waitForSleepers()
        receiver.harness.clock.advance(by: .seconds(60))
        try await end
        #expect(receiver.harness.metric(Self.dropped) == 3)
        receiver.sink.answer()
    }

    @Test func `a socket that is handed over is read by one at a time`() async throws {
        let registry = ListenerRegistry()
        let (old, new) = (registry.share(), registry.share())
        let harness = Harness()
        let loop = harness.lanes[0].eventLoop
        let configuration = DatagramServer.Configuration(
            address: try ListenAddress(parsing: "127.0.0.1:0"))
        let (arrivals, input) = AsyncStream.makeStream(of: (byte: UInt8, isNew: Bool).self)
        let leaving = try await DatagramServer.start(configuration, on: loop, listeners: old) {
            input.yield(($0.bytes[0], false))
        }
        registry.beginHandover(from: [old])
        let coming = try await DatagramServer.start(configuration, on: loop, listeners: new) {
            input.yield(($0.bytes[0], true))
        }
        #expect(coming.address == leaving.address)
        let port = try #require(leaving.address.port)
        var iterator = arrivals.makeAsyncIterator()
        try UDP.send([[1]], port: port)
        let first = await iterator.next()
        #expect(first?.byte == 1 && first?.isNew == false)
        // While both are there, each datagram comes once.
        registry.endHandover()
        for number in UInt8(2)...100 {
            try UDP.send([[number]], port: port)
            #expect(await iterator.next()?.byte == number)
        }
        await leaving.close()
        try UDP.send([[101]], port: port)
        let last = await iterator.next()
        #expect(last?.byte == 101 && last?.isNew == true)
        await coming.close()
    }

    @Test func `a socket is handed over with what waits in it`() async throws {
        let registry = ListenerRegistry()
        let (old, new) = (registry.share(), registry.share())
        let harness = Harness()
        let loop = harness.lanes[0].eventLoop
        let configuration = DatagramServer.Configuration(
            address: try ListenAddress(parsing: "127.0.0.1:0"))
        let (arrivals, input) = AsyncStream.makeStream(of: UInt8.self)
        let leaving = try await DatagramServer.start(configuration, on: loop, listeners: old) { _ in
            input.yield(0)
        }
        registry.beginHandover(from: [old])
        let coming = try await DatagramServer.start(configuration, on: loop, listeners: new) {
            input.yield($0.bytes[0])
        }
        let port = try #require(leaving.address.port)
        await leaving.close()
        try UDP.send((1...50).map { [$0] }, port: port)
        registry.endHandover()
        var iterator = arrivals.makeAsyncIterator()
        for number in UInt8(1)...50 { #expect(await iterator.next() == number) }
        await coming.close()
    }
}
