import Prometheus
import Telemetry
import Testing
import Wire

/// Requests that are wrong, or want too much.
@Suite struct WriteInputTests {
    @Test func `the version follows from the content type`() throws {
        let first = [
            "application/x-protobuf", "application/x-protobuf;proto=prometheus.WriteRequest",
            "application/x-protobuf; charset=utf-8",
        ]
        for type in first { #expect(try RemoteWriteVersion(contentType: type) == .v1) }
        let second = [
            "application/x-protobuf;proto=io.prometheus.write.v2.Request", RemoteWriteVersion.v2.contentType,
        ]
        for type in second { #expect(try RemoteWriteVersion(contentType: type) == .v2) }
        for type in [nil, "", "application/json", "application/x-protobuf;proto=x"] {
            #expect(throws: RemoteWriteError.self) { try RemoteWriteVersion(contentType: type) }
        }
    }

    @Test func `what is cut off is refused with its place`() throws {
        let whole = WriteMessage([WriteMessage.series("a", 1, [("b", "c")])]).encoded(.v1)
        for count in 1..<whole.count {
            let error = #expect(throws: RemoteWriteError.self) {
                try WrittenTo().translator.translate(whole[0..<count], .v1)
            }
            #expect(error?.kind == .malformed && error?.description.contains("byte") == true)
        }
    }

    @Test(arguments: RemoteWriteVersion.allCases)
    func `numbers where messages have to be are fields that are not known`(
        _ version: RemoteWriteVersion
    ) throws {
        var writer = Writer()
        if version == .v2 {
            writer.write(varint: 7, 4)
            for text in ["", "__name__", "a"] { writer.write(string: text, 4) }
        } else {
            writer.write(varint: 7, 3)
        }
        let mark = writer.begin(version == .v1 ? 1 : 5)
        if version == .v2 {
            writer.write(packedVarints: [1, 2], 1)
        } else {
            writer.write(varint: 7, 1)
            let label = writer.begin(1)
            writer.write(string: "__name__", 1)
            writer.write(string: "a", 2)
            writer.end(label)
        }
        for number in 2...5 { writer.write(varint: 7, number) }
        writer.write(bytes: [], 2)
        writer.end(mark)
        let result = try WrittenTo().translator.translate(writer.finish(), version)
        #expect(ReadMetrics(result.batches).lines == ["a gauge 0.0 @0"] && result.fault == nil)
    }

    @Test func `symbols that are not there are faults of their series alone`() throws {
        var writer = Writer()
        for text in ["", "__name__", "good"] { writer.write(string: text, 4) }
        writer.write(bytes: [0xFF], 4)
        for references in [[1, 2], [1, 9], [1, 3], [1], [1, 2, 3, 2]] as [[UInt64]] {
            let mark = writer.begin(5)
            writer.write(packedVarints: references, 1)
            writer.write(bytes: [], 2)
            writer.end(mark)
        }
        let result = try WrittenTo().translator.translate(writer.finish(), .v2)
        #expect(ReadMetrics(result.batches).lines == ["good gauge 0.0 @0"])
        #expect(result.invalid == 4 && result.samples == 1)
        #expect(result.fault?.contains("refers to symbol 9 of 4") == true)
    }

    @Test func `references need not be packed`() throws {
        var writer = Writer()
        for text in ["", "__name__", "n", "a", "b"] { writer.write(string: text, 4) }
        for lists in [[[1], [2], [3], [4]], [[1, 2, 3], [4]], [[1, 2], [3]]] as [[[UInt64]]] {
            let mark = writer.begin(5)
            for list in lists {
                if list.count == 1 {
                    writer.write(varint: list[0], 1)
                } else {
                    writer.write(packedVarints: list, 1)
                }
            }
            writer.write(bytes: [], 2)
            writer.end(mark)
        }
        let result = try WrittenTo().translator.translate(writer.finish(), .v2)
        #expect(ReadMetrics(result.batches).lines == ["n{a=b} gauge 0.0 @0", "n{a=b} gauge 0.0 @0"])
        #expect(result.fault == "the series n has a label without a value")
    }

    @Test func `long labels that many series share do not become more than the limit`() throws {
        var writer = Writer()
        for text in ["", "__name__", "n", "x", String(repeating: "y", count: 1 << 20)] {
            writer.write(string: text, 4)
        }
        for _ in 0..<1000 {
            let mark = writer.begin(5)
            writer.write(packedVarints: [1, 2, 3, 4], 1)
            writer.write(bytes: [], 2)
            writer.end(mark)
        }
        let body = writer.finish()
        let error = #expect(throws: RemoteWriteError.self) {
            try WrittenTo().translator.translate(body, .v2)
        }
        #expect(error?.kind == .limit)
    }

    @Test func `gaps in histograms do not become more than the limit`() throws {
        var writer = Writer()
        for text in ["", "__name__", "n"] { writer.write(string: text, 4) }
        var histogram = Writer()
        for (offset, length) in [(0, 1), (16_000, 1)] as [(Int64, UInt64)] {
            let mark = histogram.begin(11)
            histogram.write(zigZag: offset, 1)
            histogram.write(varint: length, 2)
            histogram.end(mark)
        }
        histogram.write(packedVarints: [2, 0], 12)
        let bytes = histogram.finish()
        for _ in 0..<10_000 {
            let mark = writer.begin(5)
            writer.write(packedVarints: [1, 2], 1)
            writer.write(bytes: bytes, 3)
            writer.end(mark)
        }
        let body = writer.finish()
        let error = #expect(throws: RemoteWriteError.self) {
            try WrittenTo().translator.translate(body, .v2)
        }
        #expect(error?.kind == .limit)
    }

    @Test func `a million empty parts are too many`() throws {
        var writer = Writer()
        writer.write(
            raw: Bytes(
                [UInt8](repeating: 0, count: 2_200_000).enumerated().map { $0.offset % 2 == 0 ? 0x22 : 0 }))
        let body = writer.finish()
        let error = #expect(throws: RemoteWriteError.self) {
            try WrittenTo().translator.translate(body, .v2)
        }
        #expect(error?.kind == .limit)
    }

    @Test func `without memory nothing is taken`() throws {
        let body = WriteMessage([WriteMessage.series("a", 1)]).encoded(.v1)
        let error = #expect(throws: RemoteWriteError.self) {
            try WrittenTo().translator.translate(body, .v1, room: { 10 })
        }
        #expect(error?.kind == .noRoom)
    }

    @Test func `large requests become several batches in order`() throws {
        let value = String(repeating: "v", count: 1000)
        let message = WriteMessage(
            (0..<10_000).map { WriteMessage.series("a", Double($0), [("k", value), ("n", "\($0)")]) })
        let result = try WrittenTo().translator.translate(message.encoded(.v2), .v2)
        #expect(result.batches.count == 3 && result.samples == 10_000)
        #expect(result.batches.reduce(0) { $0 + $1.itemCount } == 10_000)
    }

    @Test func `sources and families that are remembered are bounded`() throws {
        let receiver = WrittenTo()
        for round in 0..<12 {
            let message = WriteMessage(
                (0..<1000).map {
                    WriteMessage.series("target_info", 1, [("a", "b"), ("job", "\(round)-\($0)")])
                })
            _ = try receiver.write(message, .v1)
        }
        func isKnown(_ job: String) throws -> Bool {
            let message = WriteMessage([WriteMessage.series("x", 1, [("job", job)])])
            return try receiver.write(message, .v1).metrics.resources.first?["a"] != nil
        }
        #expect(try isKnown("11-999"))
        #expect(try !isKnown("0-0"))
    }

    @Test(arguments: RemoteWriteVersion.allCases)
    func `mutations are errors or valid telemetry`(_ version: RemoteWriteVersion) throws {
        var series = WriteMessage.series(
            "c_total", 1, type: 1, [("a", "b"), ("job", "j"), ("otel_scope_name", "s")])
        series.exemplars = [([("trace_id", "0102030405060708090a0b0c0d0e0f10")], 0.5, 900)]
        var histogram = WriteMessage.Histogram(count: 12, sum: 18.5, schema: 1, zeroCount: 2)
        (histogram.positive, histogram.deltas) = ([(-1, 2), (2, 1)], [1, 2, -1])
        var custom = WriteMessage.Histogram(count: 7, sum: 9, schema: -53)
        (custom.bounds, custom.positive, custom.deltas) = ([0.5, 1, 2], [(1, 1), (1, 1)], [3, 1])
        let native = WriteMessage.Series(
            labels: [("__name__", "h")], histograms: [histogram, custom], type: 3)
        var message = WriteMessage([series, native, WriteMessage.series("target_info", 1, [("x", "y")])])
        message.metadata = [("c", 1, "help", "seconds")]
        let whole = message.encoded(version).array
        var random = SeededRandom(seed: 42)
        var (taken, refused) = (0, 0)
        for _ in 0..<10_000 {
            var bytes = whole
            for _ in 0...random.next(below: 3) { mutate(&bytes, &random) }
            do throws(RemoteWriteError) {
                let result = try WrittenTo().translator.translate(Bytes(bytes), version)
                for batch in result.batches {
                    for chunk in batch.chunks {
                        #expect(throws: Never.self) { try Batch(validating: chunk.bytes, as: .metrics) }
                    }
                }
                taken += 1
            } catch {
                refused += 1
            }
        }
        #expect(taken > 500 && refused > 500)
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        guard !bytes.isEmpty else { return }
        let place = random.next(below: bytes.count)
        switch random.next(below: 4) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next(below: 256))
        case 1: bytes[place] ^= 1 << UInt8(random.next(below: 8))
        case 2: bytes.remove(at: place)
        default: bytes.insert(UInt8(truncatingIfNeeded: random.next(below: 256)), at: place)
        }
    }
}

/// Numbers that are the same in every run.
struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next(below limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }
}
