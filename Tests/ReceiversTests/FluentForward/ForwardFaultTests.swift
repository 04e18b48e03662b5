import Compression
import Formats
import Pipeline
import PipelineTesting
import Receivers
import Telemetry
import Testing
import Transport
import Wire

/// Messages that are none, and messages that are more than they seem.
@Suite struct ForwardFaultTests {
    private typealias Samples = ForwardSamples

    /// Bytes that end their connection, with the reason in the log.
    private static let faults: [(bytes: [UInt8], reason: String)] = [
        ([0xC1], "the byte 0xc1 begins no value"),
        (MessagePackValue.text("GET / HTTP/1.1").encoded().array, "a message is not an array"),
        (MessagePackValue.array([.text("tag")]).encoded().array, "a message has 1 elements"),
        (MessagePackValue.array([.int(1), .int(2), .map([])]).encoded().array, "a tag is no string"),
        (
            MessagePackValue.array([.text("t"), .bool(true), .map([])]).encoded().array,
            "a time is neither a number nor an EventTime"
        ),
        (
            MessagePackValue.array([.text("t"), .extended(type: 0, [1]), .map([])]).encoded().array,
            "a time is neither a number nor an EventTime"
        ),
        (MessagePackValue.array([.text("t"), .int(1), .int(2)]).encoded().array, "a record is not a map"),
        (
            MessagePackValue.array([.text("t"), .int(1), .map([.init(.int(1), .null)])]).encoded().array,
            "a key is no string"
        ),
        (
            MessagePackValue.array([.text("t"), .int(1), .map([]), .map([]), .null]).encoded().array,
            "a message has 5 elements instead of 3"
        ),
        (
            MessagePackValue.array([.text("t"), .array([.int(1)])]).encoded().array,
            "an entry is not an array of a time and a record"
        ),
        (Samples.packed([0x92, 0], [:]).encoded().array, "packed entries: value ends after what holds it"),
        (
            Samples.packed([1, 2, 3], ["compressed": .text("gzip")]).encoded().array,
            "packed entries: the gzip"
        ),
        (
            Samples.packed([], ["compressed": .text("lz4")]).encoded().array,
            "entries are compressed as 'lz4', not as gzip or zstd"
        ),
        (
            Samples.packed([], ["fluent_signal": .int(1)]).encoded().array,
            "the message carries metrics or traces; only logs are read"
        ),
        (
            Array(repeating: 0x91, count: 3) + [0xC0], "a message has 1 elements"
        ),
        (
            [0x93, 0xA1, 0x74, 0x01, 0x81, 0xA1, 0x61] + Array(repeating: 0x91, count: 64) + [0xC0],
            "values nest more than 64 deep"
        ),
        ([0xDD, 0xFF, 0xFF, 0xFF, 0xFF], "value is longer than 65536 bytes"),
        ([0x92, 0xDB, 0xFF, 0xFF, 0xFF, 0xFF], "value is longer than 65536 bytes"),
    ]

    @Test(arguments: faults.indices)
    func `a message that cannot be read ends its connection, with one line in the log`(
        index: Int
    ) async throws {
        let (bytes, reason) = Self.faults[index]
        try await withForwardReceiver("max_message_size: 64KiB") { receiver in
            let client = try await receiver.client()
            let before = Samples.event("before", chunk: "1").encoded().array
            try await client.send(before + bytes)
            #expect(try await client.receive() == Samples.acknowledgement("1"))
            await client.waitForEnd()
            #expect(receiver.records.map { $0.body?.string } == ["before"])
            let line = try #require(receiver.faults.first)
            #expect(receiver.faults.count == 1)
            #expect(line.metadata["reason"]?.hasPrefix(reason) == true, "\(line.metadata)")
            #expect(line.metadata["message_at"] == "\(before.count)")
            #expect(line.metadata["peer"]?.hasPrefix("127.0.0.1:") == true)
            #expect(receiver.harness.metric("apus_receiver_invalid_requests", ["transport": "tcp"]) == 1)
            #expect(receiver.harness.metric("otelcol_fluent_parse_failures") == 1)
        }
    }

    @Test func `a bomb is stopped at the limit`() async throws {
        let zeros = Bytes(Array(repeating: 0, count: 8 << 20))
        let bomb = try Compressor(.gzip).compress([zeros]).array
        #expect(bomb.count < 64 << 10)
        try await withForwardReceiver("max_message_size: 1MiB") { receiver in
            let client = try await receiver.client()
            try await client.send(Samples.packed(bomb, ["compressed": .text("gzip"), "chunk": .text("1")]))
            await client.waitForEnd()
            #expect(receiver.faults.first?.metadata["reason"]?.contains("larger than 1048576") == true)
        }
    }

    @Test func `so is a long tag on many events`() async throws {
        let entries = Array(repeating: [0x92, 0x01, 0x80] as [UInt8], count: 10_000).flatMap { $0 }
        try await withForwardReceiver("max_message_size: 1MiB") { receiver in
            let client = try await receiver.client()
            let tag = String(repeating: "t", count: 100_000)
            try await client.send(.array([.text(tag), .binary(entries)]))
            await client.waitForEnd()
            #expect(receiver.faults.first?.metadata["reason"]?.contains("as OTLP") == true)
            #expect(receiver.records.isEmpty)
        }
    }

    @Test(arguments: [1, 2, 64])
    func `so are maps with more keys than anybody has, also when they are inside of each other`(
        maps: Int
    ) async throws {
        try await withForwardReceiver { receiver in
            let client = try await receiver.client()
            // What is within the bound is received.
            for (keys, name) in [((1 << 16) / maps, "within"), ((1 << 16) / maps + 1, "above")] {
                let event = [0x94, 0xA1, 0x74, 0x01] + Self.nested(maps: maps, keys: keys)
                try await client.send(event + Samples.map(["chunk": .text(name)]).encoded().array)
            }
            #expect(try await client.receive() == Samples.acknowledgement("within"))
            await client.waitForEnd()
            #expect(receiver.faults.first?.metadata["reason"]?.contains("more than 65536 keys") == true)
            #expect(receiver.records.count == 1)
        }
    }

    /// A map with so many keys, the last of which has such a map, and so on.
    private static func nested(maps: Int, keys: Int) -> [UInt8] {
        func bytes(_ number: Int, _ shifts: [Int]) -> [UInt8] {
            shifts.map { UInt8(truncatingIfNeeded: number >> $0) }
        }
        var map: [UInt8] = [0xDF] + bytes(keys, [24, 16, 8, 0])
        for number in (0..<keys).reversed() {
            map += [0xC4, 3] + bytes(number, [16, 8, 0])
            if number > 0 { map.append(0xC0) }
        }
        var result: [UInt8] = []
        for _ in 0..<maps { result += map }
        return result + [0xC0]
    }

    @Test func `large messages are handed on in pieces`() async throws {
        let text = String(repeating: "x", count: 1 << 20)
        let entries = (0..<10).flatMap { _ in Samples.entry(text).encoded().array }
        try await withForwardReceiver { receiver in
            let client = try await receiver.client()
            try await client.send(Samples.packed(entries, ["chunk": .text("1")]))
            #expect(try await client.receive() == Samples.acknowledgement("1"))
            #expect(receiver.records.count == 10)
            #expect(receiver.sink.batches.allSatisfy { $0.byteCount < 6 << 20 })
            client.link.close()
        }
    }

    @Test func `mutated messages never crash the receiver, nor make it hand on what is not valid`()
        async throws
    {
        var random = SystemRandomNumberGenerator()
        let seeds: [[UInt8]] = [
            Samples.event("text", chunk: "1").encoded().array,
            MessagePackValue.array([
                .text("t"), .array([Samples.entry("a"), .array([.array([.int(1), .map([])]), .map([])])]),
            ]).encoded().array,
            Samples.packed(Samples.entry("b").encoded().array, ["chunk": .text("2")]).encoded().array,
            Samples.packed(
                try Compressor(.gzip).compress([Samples.entry("c").encoded()]).array,
                ["compressed": .text("gzip")]
            ).encoded().array,
        ]
        try await withForwardReceiver("max_message_size: 64KiB") { receiver in
            for round in 0..<400 {
                var bytes = seeds[round % seeds.count] + seeds[(round / 7) % seeds.count]
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    bytes[place] = UInt8.random(in: 0...255, using: &random)
                }
                let client = try await receiver.client()
                // The receiver may have closed the connection by now.
                try? await client.send(bytes)
                client.link.close()
            }
            let client = try await receiver.client()
            try await client.send(Samples.event("end", chunk: "end"))
            #expect(try await client.receive() == Samples.acknowledgement("end"))
            for batch in receiver.sink.batches {
                let again = try Batch(validating: batch.contiguous(), as: .logs)
                #expect(again.itemCount == batch.itemCount)
            }
            client.link.close()
        }
    }
}
