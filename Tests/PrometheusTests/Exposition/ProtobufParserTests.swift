import Prometheus
import Testing
import Wire

@Suite struct ProtobufParserTests {
    private static func message(_ number: Int, _ writer: inout Writer, _ body: (inout Writer) -> Void) {
        let mark = writer.begin(number)
        body(&writer)
        writer.end(mark)
    }

    private static let counter = PageWriter.family(
        "c_total", help: "Things.", type: 0, unit: "things",
        [
            { writer in
                PageWriter.label("a", "1", &writer)
                message(3, &writer) { writer in
                    writer.write(double: 5, 1)
                    message(2, &writer) { writer in
                        PageWriter.label("trace_id", "ab", &writer)
                        writer.write(double: 1.5, 2)
                        message(3, &writer) { $0.write(varint: 7, 1) }
                    }
                    message(3, &writer) { writer in
                        writer.write(varint: 100, 1)
                        writer.write(varint: 500_000_000, 2)
                    }
                }
                writer.write(varint: 1234, 6)
            }
        ])

    private static let histogram = PageWriter.family(
        "h", type: 4,
        [
            { writer in
                PageWriter.label("a", "1", &writer)
                message(7, &writer) { writer in
                    writer.write(varint: 10, 1)
                    writer.write(double: 25, 2)
                    for (count, bound) in [(UInt64(3), 0.5), (8, 1)] {
                        message(3, &writer) { writer in
                            writer.write(varint: count, 1)
                            writer.write(double: bound, 2)
                        }
                    }
                }
            }
        ])

    private static let native = PageWriter.family(
        "n", type: 4,
        [
            { writer in
                message(7, &writer) { writer in
                    writer.write(varint: 12, 1)
                    writer.write(double: 18.4, 2)
                    writer.write(zigZag: 1, 5)
                    writer.write(double: 0.001, 6)
                    writer.write(varint: 2, 7)
                    for (offset, length) in [(Int64(0), UInt64(2)), (1, 2)] {
                        message(12, &writer) { writer in
                            writer.write(zigZag: offset, 1)
                            writer.write(varint: length, 2)
                        }
                    }
                    for delta in [Int64(1), 1, -1, 0] { writer.write(zigZag: delta, 13) }
                }
            }
        ])

    @Test func `counters have their exemplars and the time of their creation`() throws {
        let page = try ReadPage(Bytes(Self.counter), .protobuf)
        #expect(page.types == ["c_total": .counter] && page.helps == ["c_total": "Things."])
        #expect(page.units == ["c_total": "things"])
        let sample = try #require(page.samples.first)
        #expect(sample.description == "c_total{a=1} 5.0 @1234")
        #expect(sample.created == 100_500)
        #expect(sample.exemplars.first?.labels == [.init("trace_id", "ab")])
        #expect(sample.exemplars.first?.timestamp == 7000)
    }

    @Test func `histograms are the series that the text format has`() throws {
        let page = try ReadPage(Bytes(Self.histogram), .protobuf)
        #expect(
            page.samples.map(\.description) == [
                "h_bucket{a=1,le=0.5} 3.0 @-", "h_bucket{a=1,le=1.0} 8.0 @-", "h_bucket{a=1,le=+Inf} 10.0 @-",
                "h_sum{a=1} 25.0 @-", "h_count{a=1} 10.0 @-",
            ])
    }

    @Test func `native histograms are one sample`() throws {
        let page = try ReadPage(Bytes(Self.native), .protobuf)
        let histogram = try #require(page.samples.first?.histogram)
        #expect(page.samples.count == 1)
        #expect(histogram.schema == 1 && histogram.count == 12 && histogram.zeroCount == 2)
        #expect(histogram.positive.offset == -1)
        #expect(histogram.positive.counts == [1, 2, 0, 1, 1])
    }

    @Test func `summaries and values without a type`() throws {
        let summary = PageWriter.family(
            "s", type: 2,
            [
                { writer in
                    Self.message(4, &writer) { writer in
                        writer.write(varint: 3, 1)
                        writer.write(double: 6, 2)
                        Self.message(3, &writer) { writer in
                            writer.write(double: 0.5, 1)
                            writer.write(double: 2, 2)
                        }
                    }
                }
            ])
        let untyped = PageWriter.family(
            "u", type: 3,
            [
                { writer in
                    Self.message(5, &writer) { $0.write(double: 4, 1) }
                }
            ])
        let page = try ReadPage(Bytes(summary + untyped), .protobuf)
        #expect(
            page.samples.map(\.description) == [
                "s{quantile=0.5} 2.0 @-", "s_sum{} 6.0 @-", "s_count{} 3.0 @-", "u{} 4.0 @-",
            ])
    }

    @Test func `spans that claim many buckets are refused`() {
        let page = PageWriter.family(
            "n", type: 4,
            [
                { writer in
                    Self.message(7, &writer) { writer in
                        Self.message(12, &writer) { $0.write(varint: UInt64(UInt32.max), 2) }
                    }
                }
            ])
        #expect(throws: ExpositionError.self) { _ = try ReadPage(Bytes(page), .protobuf) }
    }

    @Test func `what a page is cut off or changed into never crashes`() {
        let page = Self.counter + Self.histogram + Self.native
        for end in 0..<page.count {
            _ = try? ReadPage(Bytes(Array(page[..<end])), .protobuf)
        }
        for index in page.indices {
            for byte in [0, 1, 0x7F, 0x80, 0xFF, page[index] ^ 4, page[index] ^ 8] as [UInt8] {
                var changed = page
                changed[index] = byte
                _ = try? ReadPage(Bytes(changed), .protobuf)
            }
        }
        #expect(throws: ExpositionError.self) {
            _ = try ReadPage(Bytes(Array(page.dropLast())), .protobuf)
        }
    }
}
