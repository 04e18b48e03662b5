import Prometheus
import Testing
import Wire

/// Small requests that would become large.
@Suite struct WriteBoundsTests {
    /// Where all series of a request refer to one long text.
    enum Place: CaseIterable {
        case label, target, job, scope, name, unit, help, sharedHelp, exemplar, looseExemplar
    }

    /// 500 series, and a text of 64 KiB that each of them refers to.
    private static func request(_ place: Place) -> Bytes {
        let count: UInt64 = 500
        let texts = [
            "", "__name__", "n", "x", String(repeating: "y", count: 1 << 16), "job", "target_info",
            "otel_scope_name",
        ]
        let (name, short, key, long, job, target, scope) =
            (1, 2, 3, 4, 5, 6, 7)
            as (
                UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64
            )
        var writer = Writer()
        for text in texts { writer.write(string: text, 4) }
        for number in 0..<count { writer.write(string: "number \(number)", 4) }
        for number in 0..<count {
            let own = UInt64(texts.count) + number
            let labels: [UInt64] =
                switch place {
                case .label: [name, short, key, long]
                case .target: [name, target, job, own, key, long]
                case .job: [name, short, job, long, key, own]
                case .scope: [name, short, scope, long, key, own]
                case .name: [name, long, key, own]
                case .help: [name, own]
                case .unit, .exemplar, .looseExemplar: [name, short, key, own]
                case .sharedHelp: [name, short, job, own]
                }
            let series = writer.begin(5)
            writer.write(packedVarints: labels, 1)
            if place != .looseExemplar { writer.write(bytes: [], 2) }
            if place == .exemplar || place == .looseExemplar {
                let exemplar = writer.begin(4)
                writer.write(packedVarints: [key, long], 1)
                writer.end(exemplar)
            }
            let metadata = writer.begin(5)
            if place == .help || place == .sharedHelp && number == 0 { writer.write(varint: long, 3) }
            if place == .unit { writer.write(varint: long, 4) }
            writer.end(metadata)
            writer.end(series)
        }
        return writer.finish()
    }

    @Test(arguments: Place.allCases)
    func `a long text counts wherever series refer to it`(_ place: Place) throws {
        var settings = RemoteWriteSettings()
        settings.outputLimit = 8 << 20
        let receiver = WrittenTo(settings)
        let body = Self.request(place)
        let error = #expect(throws: RemoteWriteError.self) {
            try receiver.translator.translate(body, .v2)
        }
        #expect(error?.kind == .limit)
        #expect(throws: Never.self) { try WrittenTo().translator.translate(body, .v2) }
    }

    @Test func `what is remembered of a target counts with every piece`() throws {
        var settings = RemoteWriteSettings()
        settings.outputLimit = 16 << 20
        let receiver = WrittenTo(settings)
        let value = String(repeating: "v", count: 3 << 20)
        let job = [("job", "j")]
        let target = WriteMessage([WriteMessage.series("target_info", 1, job + [("x", value)])])
        #expect(throws: Never.self) { try receiver.write(target, .v1) }
        let large = WriteMessage(
            (0..<4).map { WriteMessage.series("a", Double($0), job + [("n", "\($0)"), ("y", value)]) })
        #expect(throws: Never.self) { try WrittenTo(settings).write(large, .v1) }
        let error = #expect(throws: RemoteWriteError.self) { try receiver.write(large, .v1) }
        #expect(error?.kind == .limit)
    }

    @Test func `targets need memory as well`() throws {
        let targets = (0..<100).map { WriteMessage.series("target_info", 1, [("job", "\($0)"), ("a", "b")]) }
        let body = WriteMessage(targets).encoded(.v1)
        let error = #expect(throws: RemoteWriteError.self) {
            try WrittenTo().translator.translate(body, .v1, room: { 10_000 })
        }
        #expect(error?.kind == .noRoom)
    }

    @Test func `names of labels have a largest size`() throws {
        let names = [4096, 4097].map { String(repeating: "x", count: $0) }
        let message = WriteMessage(names.map { WriteMessage.series("a", 1, [($0, "b")]) })
        for version in RemoteWriteVersion.allCases {
            let result = try WrittenTo().write(message, version).result
            #expect(result.samples == 1 && result.invalid == 1)
            #expect(result.fault == "the series a has a label whose name has more than 4096 bytes")
        }
    }

    @Test func `a million families are too many for one request`() throws {
        let part: [UInt8] = [0x1A, 0]
        let body = Bytes([UInt8](repeatElement(part, count: 1_000_001).joined()))
        let error = #expect(throws: RemoteWriteError.self) {
            try WrittenTo().translator.translate(body, .v1)
        }
        #expect(error?.kind == .limit)
    }
}
