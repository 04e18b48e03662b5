import Telemetry
import Testing
import Wire

/// What the writer makes of messages that are valid but laid out as no encoder does it.
@Suite struct JSONWritingTests {
    private func json(_ signal: Signal = .traces, _ build: (inout Writer) -> Void) throws -> String {
        var writer = Writer()
        build(&writer)
        return OTLPJSON.write(try Batch(validating: writer.finish(), as: signal)).string
    }

    /// A message in field `number`.
    private func nested(_ number: Int, in writer: inout Writer, _ build: (inout Writer) -> Void) {
        let mark = writer.begin(number)
        build(&writer)
        writer.end(mark)
    }

    @Test func `an empty batch is an empty object`() {
        #expect(OTLPJSON.write(Batch(signal: .logs)).string == "{}")
    }

    @Test func `lists whose elements are apart are one list`() throws {
        let text = try json { writer in
            nested(1, in: &writer) { writer in
                nested(1, in: &writer) { nested(1, in: &$0) { $0.write(string: "a", 1) } }
            }
            nested(1, in: &writer) { writer in
                nested(2, in: &writer) { _ in }
                writer.write(string: "old", 3)
                nested(1, in: &writer) { writer in
                    nested(1, in: &writer) { $0.write(string: "b", 1) }
                    writer.write(varint: 4, 2)
                    nested(1, in: &writer) { $0.write(string: "c", 1) }
                    writer.write(varint: 5, 2)
                }
                writer.write(string: "new", 3)
                nested(2, in: &writer) { $0.write(string: "s", 3) }
            }
        }
        let expected =
            #"{"resourceSpans":[{"resource":{"attributes":[{"key":"a"}]}},{"resource":{"attributes":"#
            + #"[{"key":"b"},{"key":"c"}],"droppedAttributesCount":5},"scopeSpans":[{},{"schemaUrl":"s"}],"#
            + #""schemaUrl":"new"}]}"#
        #expect(text == expected)
    }

    @Test func `the last value of a oneof counts`() throws {
        let text = try json(.logs) { writer in
            nested(1, in: &writer) { writer in
                nested(2, in: &writer) { writer in
                    nested(2, in: &writer) { writer in
                        nested(5, in: &writer) { writer in
                            nested(5, in: &writer) { _ in }
                            writer.write(varint: 1, 2)
                            writer.write(string: "first", 1)
                            writer.write(string: "last", 1)
                        }
                    }
                }
            }
        }
        #expect(
            text == #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"last"}}]}]}]}"#)
    }

    @Test func `a member of a oneof replaces another one that came before`() throws {
        let text = try json(.metrics) { writer in
            let marks = [1, 2, 2, 5, 1].map { writer.begin($0) }
            writer.write(double: 1.5, 4)
            writer.write(fixed64: 7, 6)
            for mark in marks.reversed() { writer.end(mark) }
        }
        let expected =
            #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":"#
            + #"[{"asInt":"7"}]}}]}]}]}"#
        #expect(text == expected)
    }

    @Test func `numbers are the same list packed or not`() throws {
        for isPacked in [true, false] {
            let text = try json(.metrics) { writer in
                let marks = [1, 2, 2, 9, 1].map { writer.begin($0) }
                if isPacked {
                    writer.write(packedFixed64: [1, 0, UInt64.max], 6)
                } else {
                    for value in [1, 0, UInt64.max] { writer.write(fixed64: value, 6) }
                }
                writer.write(packedFixed64: [], 7)
                for mark in marks.reversed() { writer.end(mark) }
            }
            let expected =
                #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":"#
                + #"[{"bucketCounts":["1","0","18446744073709551615"]}]}}]}]}]}"#
            #expect(text == expected)
        }
    }

    @Test func `unknown fields and groups vanish without a trace`() throws {
        let text = try json { writer in
            writer.write(varint: 1, 99)
            nested(1, in: &writer) { writer in
                writer.write(fixed64: 1, 1000)
                writer.writeTag(1001, .startGroup)
                writer.write(varint: 1, 1)
                writer.writeTag(1001, .endGroup)
                writer.write(string: "s", 3)
                writer.write(fixed32: 1, 1002)
            }
        }
        #expect(text == #"{"resourceSpans":[{"schemaUrl":"s"}]}"#)
    }

    @Test func `integers of 32 bits are numbers and wrap as protobuf has it`() throws {
        let text = try json(.metrics) { writer in
            let marks = [1, 2, 2, 10, 1].map { writer.begin($0) }
            // Bits beyond the type are cut off, as every protobuf reader does.
            writer.write(varint: 1 << 32 | 5, 6)
            writer.write(varint: UInt64(UInt32.max), 10)
            for mark in marks.reversed() { writer.end(mark) }
        }
        let expected =
            #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"exponentialHistogram":{"dataPoints":"#
            + #"[{"scale":-3,"flags":4294967295}]}}]}]}]}"#
        #expect(text == expected)
    }
}
