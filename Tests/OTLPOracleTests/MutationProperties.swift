import OTLPOracle
import SwiftProtobuf
import Telemetry
import Testing
import Wire

/// Damaged bodies: none may crash a decoder, and what is accepted has to mean the same to everybody.
@Suite struct MutationProperties {
    private static let bodies = 25
    private static let damagesPerBody = 520

    @Test(arguments: Signal.allCases)
    func `damaged JSON is refused, or read, written and read again to the same bytes`(_ signal: Signal) throws
    {
        var mutation = Mutation(seed: 1, meaningful: Array(#""{}[]:,\u0e-.1"#.utf8))
        var accepted = 0
        for body in try Self.smallMessages(signal) {
            let json = OTLPJSON.write(try Batch(validating: Bytes(body), as: signal)).array
            for _ in 0..<Self.damagesPerBody {
                let damaged = Bytes(mutation.damage(json))
                guard let batch = try? OTLPJSON.read(damaged, as: signal) else { continue }
                accepted += 1
                guard accepted.isMultiple(of: 8) else { continue }
                let again = try OTLPJSON.read(OTLPJSON.write(batch), as: signal).contiguous().array
                #expect(again == batch.contiguous().array, "\(damaged.string)")
            }
        }
        #expect(accepted > 500, "damage was too coarse to test anything")
    }

    @Test(arguments: Signal.allCases)
    func `damaged bytes are refused, or mean to us what they mean to the oracle`(_ signal: Signal) throws {
        var mutation = Mutation(seed: 2, meaningful: [0x00, 0x01, 0x0A, 0x12, 0x7F, 0x80, 0xFF, 0x08, 0x22])
        var accepted = 0
        for body in try Self.smallMessages(signal) {
            for _ in 0..<Self.damagesPerBody {
                let damaged = mutation.damage(body)
                guard let batch = try? Batch(validating: Bytes(damaged), as: signal) else { continue }
                accepted += 1
                guard accepted.isMultiple(of: 8) else { continue }
                try compare(batch, damaged)
            }
        }
        #expect(accepted > 500, "damage was too coarse to test anything")
    }

    /// The oracle has to count the same items and, by way of JSON, to see the same values.
    private func compare(_ batch: Batch, _ bytes: [UInt8]) throws {
        let message = try OracleMessage(batch.signal, decoding: bytes, keepUnknown: false)
        #expect(message.itemCount == batch.itemCount, "\(bytes)")
        let json = OTLPJSON.write(batch)
        // JSON knows one NaN only, so the bits of others cannot come back.
        guard !json.string.contains("NaN") else { return }
        let read = try OTLPJSON.read(json, as: batch.signal).contiguous().array
        #expect(try OracleMessage(batch.signal, decoding: read).wire == message.wire, "\(bytes)")
    }

    private static func smallMessages(_ signal: Signal) throws -> [[UInt8]] {
        try (0..<UInt64(bodies)).map { seed in
            try OracleMessage(
                signal, seed: 1000 + seed, size: 1, depth: 1, unknownFields: seed.isMultiple(of: 4)
            ).wire
        }
    }
}
