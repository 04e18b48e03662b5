import Formats
import Pipeline
import PipelineTesting
import Receivers
import Telemetry
import Testing
import Wire

@testable import Receivers

/// What becomes of events: the cases of the tests of otelcol-contrib's fluentforwardreceiver, and our own.
@Suite struct ForwardTranslationTests {
    private typealias Samples = ForwardSamples

    /// Translates the events of one message.
    private static func records(of message: MessagePackValue) throws -> [LogRecordView] {
        var reader = MessagePackReader(message.encoded())
        let read = try #require(try ForwardMessage.read(&reader))
        #expect(reader.isAtEnd)
        let entries = try ForwardEntries(read, limit: 1 << 20) { .max }
        var pieces = ForwardPieces()
        var translator = ForwardTranslator()
        try pieces.append(entries, tag: read.tag, &translator, now: 99, limit: 1 << 20)
        let batch = try #require(pieces.finish().first)
        _ = try Batch(validating: batch.contiguous(), as: .logs)
        return batch.resourceLogs.flatMap { Array($0.scopes) }.flatMap { Array($0.records) }
    }

    private static func record(
        _ pairs: KeyValuePairs<String, MessagePackValue>, time: MessagePackValue = .int(5000)
    ) throws -> LogRecordView {
        let message = MessagePackValue.array([.text("my-tag"), time, Samples.map(pairs)])
        return try #require(try records(of: message).first)
    }

    /// A record's attributes as text, for comparing.
    private static func attributes(_ record: LogRecordView) -> [String: AnyValueView] {
        var found: [String: AnyValueView] = [:]
        for pair in record.attributes {
            #expect(found[pair.key] == nil, "\(pair.key) comes twice")
            found[pair.key] = pair.value
        }
        return found
    }

    /// A value with what becomes of it.
    private static let values: [(value: MessagePackValue, becomes: AttributeValue)] = [
        (.double(5), .double(5)), (.bool(true), .bool(true)), (.int(1), .int(1)), (.int(-300), .int(-300)),
        (.int(4_294_967_295), .int(4_294_967_295)), (.int(.min), .int(.min)),
        (.unsigned(.max), .string("18446744073709551615")), (.text("text"), .string("text")),
        (.binary([0x01, 0x65, 0x02]), .string("\u{1}e\u{2}")), (.binary([99, 100, 101]), .string("cde")),
        (.string([0x61, 0xFF, 0x62]), .string("a\u{FFFD}b")),
        (.array([.text("first"), .text("second")]), .array([.string("first"), .string("second")])),
        (.array([.null]), .array([.empty])), (.array([]), .array([])), (.null, .empty),
        (
            .map([.init(.text("a"), .text("value")), .init(.binary([0x62]), .array([.int(24)]))]),
            .keyValues([.init("a", .string("value")), .init("b", .array([.int(24)]))])
        ),
        (
            .map([.init(.text("same"), .int(1)), .init(.text("same"), .map([])), .init(.text("c"), .int(3))]),
            .keyValues([.init("same", .int(1)), .init("c", .int(3))])
        ),
        (
            .extended(type: 0, EventTime.data(nanoseconds: 1_500_000_000)),
            .string("1970-01-01T00:00:01.5Z")
        ),
        (.extended(type: 5, [1, 2, 3]), .bytes([1, 2, 3])),
    ]

    @Test(arguments: values.indices)
    func `values keep their meaning, as attributes and as body`(index: Int) throws {
        let (value, becomes) = Self.values[index]
        let record = try Self.record(["a": value, "log": value])
        let expected = AnyValueView(becomes)
        #expect(try #require(Self.attributes(record)["a"]).hasContent(of: expected))
        #expect(try #require(record.body).hasContent(of: expected))
        #expect(Self.attributes(record)["fluent.tag"]?.string == "my-tag")
        #expect(record.attributes.count == 2)
    }

    @Test func `an event of Docker's driver is what otelcol makes of it`() throws {
        let message = MessagePackValue.array([
            .text("b00a67eb6458"), .int(1_593_031_012),
            Samples.map([
                "container_id": .text("b00a67eb645849d6"), "container_name": .text("/unruffled_cannon"),
                "source": .text("stdout"), "log": .text("..."),
            ]), .map([]),
        ])
        let record = try #require(try Self.records(of: message).first)
        #expect(record.time == 1_593_031_012_000_000_000)
        #expect(record.observedTime == 0 && record.severityNumber == 0)
        #expect(record.body?.string == "...")
        #expect(
            Self.attributes(record).mapValues { $0.string } == [
                "container_id": "b00a67eb645849d6", "container_name": "/unruffled_cannon",
                "source": "stdout", "fluent.tag": "b00a67eb6458",
            ])
    }

    @Test func `entries of Fluent Bit are what otelcol makes of them`() throws {
        func entry(_ time: UInt64) -> MessagePackValue {
            .array([
                .extended(type: 0, EventTime.data(nanoseconds: time)),
                Samples.map(["Mem.total": .int(7_155_496), "Swap.used": .int(0)]),
            ])
        }
        let times: [UInt64] = [1_593_032_377_776_693_638, 1_593_032_378_756_829_346]
        let records = try Self.records(of: .array([.text("mem.0"), .array(times.map(entry))]))
        #expect(records.map { $0.time } == times)
        for record in records {
            #expect(record.body == nil)
            let attributes = Self.attributes(record)
            #expect(attributes["Mem.total"]?.content.int == 7_155_496)
            #expect(attributes["Swap.used"]?.content.int == 0)
            #expect(attributes["fluent.tag"]?.string == "mem.0")
        }
    }

    @Test func `of message and log the last one is the body`() throws {
        #expect(try Self.record(["message": .int(1), "log": .text("l")]).body?.string == "l")
        #expect(try Self.record(["log": .int(1), "message": .text("m")]).body?.string == "m")
        #expect(try Self.record(["other": .int(1)]).body == nil)
    }

    @Test func `of equal keys the last one counts, however many there are`() throws {
        let few = try Self.record(["a": .int(1), "b": .int(2), "a": .int(3)])
        #expect(Self.attributes(few)["a"]?.content.int == 3)
        let pairs = (0..<100).map { MessagePackValue.Pair(.text("key-\($0 % 40)"), .int(Int64($0))) }
        let message = MessagePackValue.array([.text("t"), .int(1), .map(pairs)])
        let many = Self.attributes(try #require(try Self.records(of: message).first))
        #expect(many.count == 41)
        #expect(many["key-19"]?.content.int == 99)
        #expect(many["key-20"]?.content.int == 60)
    }

    @Test func `a field fluent_tag wins in a single event, and the tag in all others`() throws {
        let own = Samples.map(["fluent.tag": .text("own")])
        let single = try Self.records(of: .array([.text("tag"), .int(1), own]))
        #expect(Self.attributes(single[0])["fluent.tag"]?.string == "own")
        let entry = MessagePackValue.array([.int(1), own])
        let several = try Self.records(of: .array([.text("tag"), .array([entry])]))
        #expect(Self.attributes(several[0])["fluent.tag"]?.string == "tag")
    }

    /// Times with what they become, and whether the event gets an observed time instead.
    private static let times: [(time: MessagePackValue, nanoseconds: UInt64)] = [
        (.int(5000), 5_000_000_000_000), (.double(1.25), 1_250_000_000),
        (.extended(type: 0, [0, 0, 0, 2, 0, 0, 0, 3]), 2_000_000_003),
        (.int(0), 0), (.int(-5), 0), (.null, 0), (.unsigned(.max), 0), (.double(.nan), 0),
    ]

    @Test(arguments: times.indices)
    func `times are read from every form, and an event without one has been observed`(index: Int) throws {
        let (time, nanoseconds) = Self.times[index]
        let record = try Self.record(["a": .int(1)], time: time)
        #expect(record.time == nanoseconds)
        #expect(record.observedTime == (nanoseconds == 0 ? 99 : 0))
    }

    @Test func `metadata beside a time is kept`() throws {
        let time = MessagePackValue.array([.int(7), Samples.map(["level": .text("info")])])
        let entry = MessagePackValue.array([time, Samples.map(["log": .text("x")])])
        let record = try #require(try Self.records(of: .array([.text("t"), .array([entry])])).first)
        #expect(record.time == 7_000_000_000)
        #expect(record.body?.string == "x")
        let metadata = try #require(Self.attributes(record)["fluent.metadata"])
        #expect(metadata.hasContent(of: AnyValueView(.keyValues([.init("level", .string("info"))]))))
        let bare = MessagePackValue.array([.array([.int(7), .map([])]), .map([])])
        let plain = try #require(try Self.records(of: .array([.text("t"), .array([bare])])).first)
        #expect(Self.attributes(plain)["fluent.metadata"] == nil)
    }

    @Test func `values as deep as OTLP takes them arrive whole`() throws {
        let deep = (0..<63).reduce(MessagePackValue.text("core")) { value, _ in .array([value]) }
        var view = try #require(Self.attributes(try Self.record(["deep": deep]))["deep"])
        var levels = 0
        while case .array(let values) = view.content, let next = values.first {
            view = next
            levels += 1
        }
        #expect(levels == 63)
        #expect(view.string == "core")
    }
}

extension AnyValueView.Content {
    /// The number when it is an integer.
    fileprivate var int: Int64? { if case .int(let int) = self { int } else { nil } }
}
