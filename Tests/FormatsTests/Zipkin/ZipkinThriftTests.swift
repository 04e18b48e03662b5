import Formats
import Telemetry
import Testing
import Wire

/// Spans of version 1 in Thrift.
@Suite struct ZipkinThriftTests {
    private static let endpoint = ThriftValue.structure([
        (1, .i32(0x0A00_0001)), (2, .i16(-1)), (3, .text("front")),
    ])

    private static func annotation(_ time: Int64, _ value: String) -> ThriftValue {
        .structure([(1, .i64(time)), (2, .text(value)), (3, endpoint)])
    }

    private static func fact(_ key: String, _ value: [UInt8], _ type: Int32) -> ThriftValue {
        .structure([(1, .text(key)), (2, .binary(value)), (3, .i32(type))])
    }

    private static func list(_ spans: [ThriftValue]) -> Bytes {
        Bytes(ThriftValue.list(spans).encoded(.binary))
    }

    private static let bare = ThriftValue.structure([(1, .i64(-1)), (4, .i64(2))])

    private static let full = ThriftValue.structure([
        (1, .i64(0x0102_0304_0506_0708)), (3, .text("get")), (4, .i64(2)), (5, .i64(3)),
        (6, .list([annotation(10, "sr"), annotation(11, "event"), annotation(12, "ss")])),
        (
            8,
            .list([
                fact("text", Array("7".utf8), 6), fact("yes", [1], 0), fact("no", [0], 0),
                fact("short", [0xFF, 0xFE], 2), fact("int", [0, 0, 1, 0], 3),
                fact("long", [255, 255, 255, 255, 255, 255, 255, 255], 4),
                fact("double", [0x40, 0x14, 0, 0, 0, 0, 0, 0], 5), fact("bytes", [1, 2, 3], 1),
                fact("cut", [1], 4), fact("other", [1], 77), fact("http.status_code", [0x01, 0xF4], 2),
                .structure([
                    (1, .text("sa")), (2, .binary([1])), (3, .i32(0)),
                    (
                        4,
                        .structure([
                            (1, .i32(0)), (2, .i16(80)), (3, .text("back")),
                            (4, .binary([0x20, 1] + [UInt8](repeating: 0, count: 13) + [1])),
                        ])
                    ),
                ]),
            ])
        ), (9, .bool(true)), (10, .i64(5)), (11, .i64(7)), (12, .i64(0x1112_1314_1516_1718)),
        (99, .map([(.text("a"), .list([.i32(1)]))])),
    ])

    /// A span with everything and one with its ids.
    static let sample = list([full, bare])

    @Test func `a span with everything is translated, its values with their types`() throws {
        let batch = try decode(Self.list([Self.full]), as: .thrift)
        #expect(batch.resources == [["service.name": "s:front", "ipv4": "s:10.0.0.1", "port": "s:65535"]])
        let found = try batch.onlySpan()
        #expect(found.traceID.digits == "11121314151617180102030405060708")
        #expect(found.spanID.digits == "0000000000000002")
        #expect(found.parentSpanID.digits == "0000000000000003")
        #expect(found.name == "get")
        #expect(found.kind == 2)
        #expect(found.startTime == 5000)
        #expect(found.endTime == 12_000)
        #expect(found.events.map { $0.name } == ["event"])
        #expect(found.status?.code == 2)
        #expect(
            found.attributes.facts == [
                "text": "s:7", "yes": "b:true", "no": "b:false", "short": "i:-2", "int": "i:256",
                "long": "i:-1", "double": "d:5.0", "bytes": "s:AQID", "cut": "s:AQ==", "other": "s:AQ==",
                "http.status_code": "i:500", "network.peer.address": "s:2001::1", "net.peer.port": "i:80",
                "service.peer.name": "s:back",
            ])
    }

    @Test func `a span without a time gets that of its annotations or of its arrival`() throws {
        let noted = ThriftValue.structure([
            (1, .i64(1)), (4, .i64(2)), (6, .list([Self.annotation(3, "cs"), Self.annotation(9, "cr")])),
        ])
        let batch = try decode(Self.list([noted, Self.bare]), as: .thrift, now: 77)
        #expect(batch.spans.map { $0.startTime } == [3000, 77])
        #expect(batch.spans.map { $0.endTime } == [9000, 77])
        #expect(
            batch.resources == [
                ["service.name": "s:front", "ipv4": "s:10.0.0.1", "port": "s:65535"],
                ["service.name": "s:unknown-service"],
            ])
    }

    @Test func `text that is not UTF-8 is mended`() throws {
        let span = ThriftValue.structure([
            (1, .i64(1)), (3, .binary([0x61, 0xFF])), (4, .i64(2)), (8, .list([Self.fact("k", [0xFE], 6)])),
        ])
        let found = try decode(Self.list([span]), as: .thrift).onlySpan()
        #expect(found.name == "a\u{FFFD}")
        #expect(found.attributes.facts["k"] == "s:\u{FFFD}")
    }

    @Test func `mistakes are told with their place`() throws {
        func reason(_ body: Bytes) throws -> String {
            let error = #expect(throws: InvalidTelemetry.self) { try decode(body, as: .thrift) }
            return try #require(error).description
        }
        #expect(try reason(.empty) == "list of spans: value ends after what holds it at byte 0")
        #expect(
            try reason(Bytes([8, 0, 0, 0, 1, 0, 0, 0, 1])).hasPrefix("list of spans: spans is not a list"))
        #expect(try reason(Bytes([12, 0x7F, 255, 255, 255])).hasPrefix("list of spans: value ends"))
        #expect(
            try reason(Self.list([.structure([(1, .i64(1))])]))
                == "span 0: id is missing, or all zeroes at byte 5")
        #expect(try reason(Bytes(Self.list([Self.bare]).array + [0])).hasPrefix("bytes after the last span"))
        let late = ThriftValue.structure([
            (1, .i64(1)), (4, .i64(2)), (6, .list([Self.annotation(.max, "x")])),
        ])
        #expect(try reason(Self.list([Self.bare, late])).hasPrefix("span 1: the timestamp of an annotation"))
        #expect(try decode(Self.list([]), as: .thrift).itemCount == 0)
    }
}
