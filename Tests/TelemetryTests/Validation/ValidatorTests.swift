import Telemetry
import Testing
import Wire

@Suite struct ValidatorTests {
    /// A message around `span`, whose first byte is at index 6 while it is shorter than 120 bytes.
    private func traces(span: [UInt8]) -> Bytes {
        let scope = [0x12, UInt8(span.count)] + span
        let resource = [0x12, UInt8(scope.count)] + scope
        return Bytes([0x0A, UInt8(resource.count)] + resource)
    }

    private func fault(_ bytes: Bytes, _ signal: Signal = .traces) -> InvalidTelemetry? {
        do throws(InvalidTelemetry) {
            _ = try Batch(validating: bytes, as: signal)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [Signal.traces, .metrics, .logs])
    func `samples pass and are counted`(_ signal: Signal) throws {
        let batch = Sample.batch(signal, size: 3)
        let again = try batch.validatedAgain()
        #expect(again.itemCount == batch.itemCount)
        #expect(again.byteCount == batch.byteCount)
    }

    @Test(arguments: Signal.allCases)
    func `nothing is valid and empty`(_ signal: Signal) throws {
        let batch = try Batch(validating: .empty, as: signal)
        #expect(batch.itemCount == 0 && batch.chunks.isEmpty)
    }

    static let faults: [([UInt8], String)] = [
        ([0x2A, 0x03, 0x41, 0xFF, 0x41], "Span.name is not valid UTF-8 at byte 9"),
        ([0x0A, 0x02, 1, 2], "Span.trace_id has the wrong length at byte 8"),
        ([0x12, 0x09, 1, 2, 3, 4, 5, 6, 7, 8, 9], "Span.span_id has the wrong length at byte 8"),
        ([0x28, 0x00], "Span.name has the wrong wire type at byte 7"),
        ([0x2A, 0x05, 0x41], "Span.name ends after the message that holds it at byte 7"),
        ([0x39, 1, 2], "Span.start_time_unix_nano ends after the message that holds it at byte 7"),
        ([0x00], "Span holds an invalid field tag at byte 6"),
        ([0x0F], "Span.trace_id holds an invalid field tag at byte 7"),
        ([0x30, 0x80], "Span.kind ends after the message that holds it at byte 7"),
        (
            [0x30] + [UInt8](repeating: 0xFF, count: 10) + [1],
            "Span.kind holds a varint of more than 64 bits at byte 7"
        ),
        ([0x7A, 0x00, 0x7A, 0x00], "Span.status occurs more than once at byte 8"),
        ([0x4A, 0x06, 0x0A, 0x01, 0x41, 0x0A, 0x01, 0x42], "KeyValue.key occurs more than once at byte 11"),
        ([0x2C], "Span.name holds a group that is not closed or nests too deeply at byte 7"),
        (
            [0xC3, 0x3E], "Span field 1000 holds a group that is not closed or nests too deeply at byte 8"
        ),
        ([0x4A, 0x05, 0x0A, 0x03, 0x61, 0xC3, 0x28], "KeyValue.key is not valid UTF-8 at byte 11"),
    ]

    @Test(arguments: 1...33)
    func `a byte that is not UTF-8 is found wherever it stands in a run of attributes`(size: Int) throws {
        let text = [UInt8](repeating: 0x61, count: size)
        let pair = [0x0A, 1, 0x6B, 0x12, UInt8(size + 2), 0x0A, UInt8(size)] + text
        let field = [0x4A, UInt8(pair.count)] + pair
        #expect(fault(traces(span: field + field)) == nil)
        for index in 0..<size {
            for first in [true, false] {
                var broken = field
                broken[field.count - size + index] = 0x80
                let span = first ? broken + field : field + broken
                let place = 6 + (first ? 0 : field.count) + field.count - size + index
                #expect(
                    fault(traces(span: span))?.description.hasSuffix("is not valid UTF-8 at byte \(place)")
                        == true, "of \(size), at \(index)")
            }
        }
    }

    @Test(arguments: faults)
    func `a fault is named with its place`(_ span: [UInt8], _ message: String) {
        #expect(fault(traces(span: span))?.description == message)
    }

    @Test(
        arguments: [
            // Empty ids, unknown fields of every wire type, an unknown group, an unknown enumeration value.
            [0x0A, 0x00, 0x12, 0x00], [0xC0, 0x3E, 0x05], [0xC2, 0x3E, 0x01, 0xFF],
            [0xC1, 0x3E, 1, 2, 3, 4, 5, 6, 7, 8], [0xC5, 0x3E, 1, 2, 3, 4],
            [0xC3, 0x3E, 0x08, 0x01, 0xC4, 0x3E],
            [0x30, 0x63], [0x30, 0x81, 0x80, 0x00],
        ] as [[UInt8]])
    func `what is legal passes`(_ span: [UInt8]) {
        #expect(fault(traces(span: span)) == nil)
    }

    @Test(arguments: [(64, true), (65, false)])
    func `values nest to a bound`(_ levels: Int, _ isValid: Bool) {
        var value: [UInt8] = []
        for _ in 1..<levels {
            var writer = Writer()
            let array = writer.begin(5)
            writer.write(bytes: value, 1)
            writer.end(array)
            value = writer.finish().array
        }
        var writer = Writer()
        let marks = [1, 2, 2].map { writer.begin($0) }
        writer.write(bytes: value, 5)
        for mark in marks.reversed() { writer.end(mark) }
        let found = fault(writer.finish(), .logs)
        #expect((found == nil) == isValid)
        if !isValid { #expect(found?.reason == "ArrayValue.values nests more than 64 values deep") }
    }

    @Test func `repeated scalars are packed or not`() throws {
        func metrics(_ point: [UInt8]) -> Bytes {
            var writer = Writer()
            let marks = [1, 2, 2, 9].map { writer.begin($0) }
            writer.write(bytes: point, 1)
            for mark in marks.reversed() { writer.end(mark) }
            return writer.finish()
        }
        let eight = [UInt8](repeating: 0, count: 8)
        let packed = try Batch(validating: metrics([0x32, 16] + eight + eight), as: .metrics)
        let single = try Batch(validating: metrics([0x31] + eight + [0x31] + eight), as: .metrics)
        #expect(packed.itemCount == 1 && single.itemCount == 1)
        #expect(
            fault(metrics([0x32, 9] + eight + [0]), .metrics)?.reason
                == "HistogramDataPoint.bucket_counts is not a whole number of values")
    }

    @Test func `a metric has one kind of data`() {
        var writer = Writer()
        let marks = [1, 2, 2].map { writer.begin($0) }
        writer.write(bytes: [UInt8](), 5)
        writer.write(bytes: [UInt8](), 7)
        for mark in marks.reversed() { writer.end(mark) }
        #expect(fault(writer.finish(), .metrics)?.reason == "Metric.sum occurs more than once")
    }

    @Test func `the samples of profiles are counted and their dictionary is checked`() throws {
        var writer = Writer()
        let marks = [1, 2, 2].map { writer.begin($0) }
        for _ in 0..<3 { writer.write(bytes: [0x08, 0x01, 0x22, 0x02, 0x05, 0x06], 2) }
        for mark in marks.reversed() { writer.end(mark) }
        let dictionary = writer.begin(2)
        writer.write(string: "main", 5)
        writer.end(dictionary)
        let bytes = writer.finish()
        #expect(try Batch(validating: bytes, as: .profiles).itemCount == 3)
        let broken = Bytes(bytes.array.dropLast(1) + [0xFF])
        #expect(fault(broken, .profiles)?.reason == "ProfilesDictionary.string_table is not valid UTF-8")
    }
}
