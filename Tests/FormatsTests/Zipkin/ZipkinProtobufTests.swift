import Formats
import Telemetry
import Testing
import Wire

/// Spans of version 2 in protobuf.
@Suite struct ZipkinProtobufTests {
    /// A list of one span, which `body` writes after the ids.
    private func list(
        trace: [UInt8] = Array(1...16), id: [UInt8] = Array(1...8), _ body: (inout Writer) -> Void = { _ in }
    ) -> Bytes {
        var writer = Writer()
        let mark = writer.begin(1)
        writer.write(bytes: trace, 1)
        writer.write(bytes: id, 3)
        body(&writer)
        writer.end(mark)
        return writer.finish()
    }

    private func nested(_ writer: inout Writer, _ number: Int, _ body: (inout Writer) -> Void) {
        let mark = writer.begin(number)
        body(&writer)
        writer.end(mark)
    }

    @Test func `a span with everything is translated`() throws {
        let body = list { writer in
            writer.write(bytes: [UInt8](repeating: 9, count: 8), 2)
            writer.write(varint: 2, 4)
            writer.write(string: "get", 5)
            writer.write(fixed64: 1_472_470_996_199_000, 6)
            writer.write(varint: 207_000, 7)
            nested(&writer, 8) {
                $0.write(string: "front", 1)
                $0.write(bytes: [10, 0, 0, 1], 2)
                $0.write(varint: 80, 4)
            }
            nested(&writer, 9) { $0.write(bytes: [0x20, 1] + [UInt8](repeating: 0, count: 13) + [1], 3) }
            nested(&writer, 10) {
                $0.write(fixed64: 5, 1)
                $0.write(string: "event|{\"k\":1}|0", 2)
            }
            nested(&writer, 11) {
                $0.write(string: "key", 1)
                $0.write(string: "value", 2)
            }
            writer.write(bool: true, 12)
            writer.write(bool: true, 13)
            writer.write(string: "not known", 100)
        }
        let batch = try decode(body, as: .protobuf)
        #expect(batch.resources == [["service.name": "s:front"]])
        let found = try batch.onlySpan()
        #expect(found.traceID.array == Array(1...16))
        #expect(found.spanID.array == Array(1...8))
        #expect(found.parentSpanID.array == [UInt8](repeating: 9, count: 8))
        #expect(found.kind == 2)
        #expect(found.name == "get")
        #expect(found.startTime == 1_472_470_996_199_000_000)
        #expect(found.endTime == 1_472_470_996_406_000_000)
        #expect(
            found.attributes.facts == [
                "key": "s:value", "network.local.address": "s:10.0.0.1", "net.host.port": "i:80",
                "network.peer.address": "s:2001::1",
            ])
        #expect(found.events.map { $0.name } == ["event"])
        #expect(found.events.first?.attributes.facts == ["k": "i:1"])
    }

    @Test func `ids of traces may have 64 bits, and nothing is an empty list`() throws {
        let found = try decode(list(trace: Array(1...8)), as: .protobuf).onlySpan()
        #expect(found.traceID.array == [UInt8](repeating: 0, count: 8) + Array(1...8))
        #expect(try decode(.empty, as: .protobuf).itemCount == 0)
    }

    @Test func `mistakes are told with their place`() throws {
        func reason(_ body: Bytes) throws -> String {
            let error = #expect(throws: InvalidTelemetry.self) { try decode(body, as: .protobuf) }
            return try #require(error).description
        }
        #expect(try reason(list(trace: [1])) == "span 0: trace_id has 1 bytes, not 8 or 16 at byte 2")
        #expect(try reason(list(id: [1])).hasPrefix("span 0: id has 1 bytes, not 8"))
        #expect(try reason(list(id: [])).hasPrefix("span 0: id is missing"))
        #expect(
            try reason(list(trace: [UInt8](repeating: 0, count: 16))).hasPrefix("span 0: traceId is missing"))
        #expect(try reason(list { $0.write(bytes: [0xFF], 5) }) == "span 0: name is not UTF-8 at byte 32")
        #expect(try reason(list { $0.write(varint: 1, 5) }).hasPrefix("span 0: name has the wrong wire type"))
        #expect(try reason(list { $0.write(fixed64: .max, 6) }).contains("beyond the year 2554"))
        #expect(
            try reason(list { writer in nested(&writer, 8) { $0.write(varint: 65_536, 4) } })
                .hasPrefix("span 0: port is not from 0 to 65535"))
        #expect(
            try reason(list { writer in nested(&writer, 8) { $0.write(bytes: [1], 2) } })
                .hasPrefix("span 0: ipv4 has 1 bytes, not 4"))
        #expect(try reason(Bytes([0x0A, 0x05, 0x61])).hasPrefix("ListOfSpans is not protobuf: truncated"))
        #expect(try reason(Bytes([0x08, 0x05])) == "spans has the wrong wire type at byte 0")
    }
}
