import OTLPOracle
import SwiftProtobuf
import Telemetry
import Testing
import Wire

/// What batches have to keep while they are checked, joined and cut, for any telemetry there can be.
@Suite struct BatchProperties {
    private static let separable: [Signal] = [.traces, .metrics, .logs]

    @Test(arguments: Signal.allCases, [false, true])
    func `what the oracle encodes is valid and counts the same`(_ signal: Signal, _ unknown: Bool) throws {
        for seed in 0..<60 as Range<UInt64> {
            let message = OracleMessage(signal, seed: seed, unknownFields: unknown)
            let wire = try message.wire
            let batch = try Batch(validating: Bytes(wire), as: signal)
            #expect(batch.itemCount == message.itemCount, "seed \(seed)")
            #expect(batch.byteCount == wire.count, "seed \(seed)")
        }
    }

    @Test(arguments: separable)
    func `joined batches are what protobuf makes of joined messages`(_ signal: Signal) throws {
        for seed in 0..<30 as Range<UInt64> {
            let (batch, wire) = try joined(signal, seed: seed)
            let count = try OracleMessage(signal, decoding: wire).itemCount
            #expect(batch.contiguous().array == wire && batch.itemCount == count, "seed \(seed)")
            #expect(batch.byteCount == wire.count, "seed \(seed)")
        }
    }

    @Test(arguments: separable)
    func `cutting by items keeps every item under its headers`(_ signal: Signal) throws {
        for seed in 0..<25 as Range<UInt64> {
            let (batch, wire) = try joined(signal, seed: seed)
            let whole = try OracleMessage(signal, decoding: wire).flattened
            for limit in [1, 2, 7, max(batch.itemCount, 1), batch.itemCount + 1] {
                var rest = batch
                var parts: [[UInt8]] = []
                while rest.itemCount > 0 {
                    let expected = min(limit, rest.itemCount)
                    let part = rest.removeFirst(items: limit)
                    try #require(part.itemCount == expected, "seed \(seed), limit \(limit)")
                    parts += try check(part)
                }
                #expect(parts == whole, "seed \(seed), limit \(limit)")
            }
        }
    }

    @Test(arguments: separable)
    func `cutting by bytes keeps every item and the limit`(_ signal: Signal) throws {
        for seed in 0..<25 as Range<UInt64> {
            let (batch, wire) = try joined(signal, seed: seed)
            let whole = try OracleMessage(signal, decoding: wire).flattened
            for limit in [1, 300, 1000, 5000, batch.byteCount, batch.byteCount + 1] {
                var rest = batch
                var parts: [[UInt8]] = []
                while rest.itemCount > 0 {
                    let part = rest.removeFirst(bytes: limit)
                    try #require(part.itemCount > 0, "seed \(seed), limit \(limit)")
                    #expect(part.byteCount <= limit || part.itemCount == 1, "seed \(seed), limit \(limit)")
                    parts += try check(part)
                }
                #expect(parts == whole, "seed \(seed), limit \(limit)")
            }
        }
    }

    @Test func `groups without items neither count nor stop the cutting`() throws {
        let empty = OTLP.TracesData.with {
            $0.resourceSpans = [.with { $0.schemaURL = "http://example.com" }]
        }
        let full = OTLP.TracesData.with { data in
            data.resourceSpans = [.with { $0.scopeSpans = [.with { $0.spans = [.init(), .init()] }] }]
        }
        for limit in [1, 5, 20, 1000] {
            var batch = Batch(signal: .traces)
            for data in [empty, full, empty] {
                batch.append(try Batch(validating: Bytes(try data.wireForm), as: .traces))
            }
            var items = 0
            while batch.itemCount > 0 {
                let part = batch.removeFirst(bytes: limit)
                try #require(part.itemCount > 0, "limit \(limit)")
                items += part.itemCount
            }
            #expect(items == 2, "limit \(limit)")
        }
    }

    @Test func `profiles are cut between requests and never lose a sample`() throws {
        for seed in 0..<20 as Range<UInt64> {
            let (batch, _) = try joined(.profiles, seed: seed)
            var rest = batch
            var chunks: [[UInt8]] = []
            while rest.itemCount > 0 {
                let part = rest.removeFirst(items: 3)
                try #require(part.itemCount > 0, "seed \(seed)")
                chunks += part.chunks.map(\.bytes.array)
            }
            chunks += rest.chunks.map(\.bytes.array)
            #expect(chunks == batch.chunks.map(\.bytes.array), "seed \(seed)")
        }
    }

    /// A batch of three chunks and the bytes of all of them.
    private func joined(_ signal: Signal, seed: UInt64) throws -> (Batch, [UInt8]) {
        var batch = Batch(signal: signal)
        var wire: [UInt8] = []
        for part in 0..<3 as Range<UInt64> {
            let bytes = try OracleMessage(signal, seed: seed * 3 + part, size: 9, unknownFields: true).wire
            batch.append(try Batch(validating: Bytes(bytes), as: signal))
            wire += bytes
        }
        return (batch, wire)
    }

    /// Checks that a part is telemetry in its own right, and flattens it.
    private func check(_ part: Batch) throws -> [[UInt8]] {
        let bytes = part.contiguous()
        #expect(bytes.count == part.byteCount)
        for chunk in part.chunks {
            let again = try Batch(validating: chunk.bytes, as: part.signal)
            #expect(again.itemCount == chunk.itemCount)
        }
        return try OracleMessage(part.signal, decoding: bytes.array).flattened
    }
}
