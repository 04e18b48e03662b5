import OTLPOracle
import Telemetry
import Testing
import Wire

/// What reading and writing OTLP/JSON have to keep, for any telemetry there can be.
@Suite struct JSONProperties {
    @Test(arguments: Signal.allCases)
    func `what the writer wrote the reader turns into the very same bytes`(_ signal: Signal) throws {
        for seed in 0..<40 as Range<UInt64> {
            let wire = try OracleMessage(signal, seed: seed).wire
            let batch = try Batch(validating: Bytes(wire), as: signal)
            let json = OTLPJSON.write(batch)
            let back = try OTLPJSON.read(json, as: signal)
            #expect(back.contiguous().array == wire, "seed \(seed)")
            #expect(back.itemCount == batch.itemCount, "seed \(seed)")
        }
    }

    @Test(arguments: Signal.allCases)
    func `fields that nobody knows are left out and all others stay`(_ signal: Signal) throws {
        for seed in 0..<40 as Range<UInt64> {
            let wire = try OracleMessage(signal, seed: seed, unknownFields: true).wire
            let known = try OracleMessage(signal, decoding: wire, keepUnknown: false).wire
            let json = OTLPJSON.write(try Batch(validating: Bytes(wire), as: signal))
            #expect(try OTLPJSON.read(json, as: signal).contiguous().array == known, "seed \(seed)")
        }
    }

    @Test(arguments: Signal.allCases)
    func `the oracle reads what the writer wrote`(_ signal: Signal) throws {
        for seed in 0..<40 as Range<UInt64> {
            let wire = try OracleMessage(signal, seed: seed).wire
            let json = OTLPJSON.write(try Batch(validating: Bytes(wire), as: signal)).string
            let read = try OracleMessage(signal, decodingJSON: IdentifierText.toBase64(json))
            #expect(try read.wire == wire, "seed \(seed)")
        }
    }

    @Test(arguments: Signal.allCases)
    func `the reader reads what the oracle wrote`(_ signal: Signal) throws {
        for seed in 0..<40 as Range<UInt64> {
            let message = OracleMessage(signal, seed: seed)
            let json = IdentifierText.toHexadecimal(try message.json)
            let batch = try OTLPJSON.read(Bytes(utf8: json), as: signal)
            #expect(try batch.contiguous().array == message.wire, "seed \(seed)")
            #expect(batch.itemCount == message.itemCount, "seed \(seed)")
        }
    }

    @Test(arguments: [Signal.traces, .metrics, .logs])
    func `several chunks become one object`(_ signal: Signal) throws {
        for seed in 0..<40 as Range<UInt64> {
            let wires = try (0..<3).map { try OracleMessage(signal, seed: seed * 3 + $0, size: 4).wire }
            var batch = Batch(signal: signal)
            for wire in wires { batch.append(try Batch(validating: Bytes(wire), as: signal)) }
            let back = try OTLPJSON.read(OTLPJSON.write(batch), as: signal)
            #expect(back.contiguous().array == wires.flatMap { $0 }, "seed \(seed)")
        }
    }

    @Test func `profiles of several requests become a line each`() throws {
        let wires = try (0..<3 as Range<UInt64>).map { try OracleMessage(.profiles, seed: $0).wire }
        var batch = Batch(signal: .profiles)
        for wire in wires { batch.append(try Batch(validating: Bytes(wire), as: .profiles)) }
        let lines = OTLPJSON.write(batch).string.split(separator: "\n")
        let back = try lines.map {
            try OTLPJSON.read(Bytes(utf8: String($0)), as: .profiles).contiguous().array
        }
        #expect(back == wires)
    }

    @Test func `doubles keep every bit`() throws {
        var source = RandomSource(seed: 7)
        for _ in 0..<5000 {
            let value = source.double()
            let data = OTLP.MetricsData.gauge(value)
            let json = OTLPJSON.write(try Batch(validating: Bytes(try data.wireForm), as: .metrics))
            let back = try OTLPJSON.read(json, as: .metrics).contiguous().array
            #expect(try back == data.wireForm, "\(value) as \(json.string)")
        }
    }
}
