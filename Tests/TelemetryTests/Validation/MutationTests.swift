import Telemetry
import Testing
import Wire

/// Damaged messages, in great number and the same ones every time.
@Suite struct MutationTests {
    private struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return value ^ value >> 31
        }
    }

    /// Changes, inserts, removes or cuts off a few bytes.
    private func mutate(_ bytes: [UInt8], _ random: inout Random) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
            case 1: bytes.remove(at: index)
            case 2: bytes.removeLast(Int.random(in: 1...min(9, bytes.count), using: &random))
            case 3: bytes[index] ^= 0x80
            case 4: bytes[index] = UInt8.random(in: 0...3, using: &random)
            case 5: bytes[index] &+= 1
            case 6: bytes[index] &-= 1
            default: bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
        }
        return bytes
    }

    @Test(arguments: [Signal.traces, .metrics, .logs], [UInt64(1), 2])
    func `damage is refused or harmless`(_ signal: Signal, _ seed: UInt64) throws {
        var random = Random(state: seed)
        let sample = Sample.batch(signal, size: 1).contiguous().array
        var accepted = 0
        for round in 0..<17_000 {
            let bytes = Bytes(mutate(sample, &random))
            guard let batch = try? Batch(validating: bytes, as: signal) else { continue }
            accepted += 1
            try exercise(batch, round)
        }
        // Most damage in the values of fields is legal, so a validator that refuses all would be noticed.
        #expect(accepted > 1000)
        #expect(accepted < 16_000)
    }

    private func exercise(_ batch: Batch, _ round: Int) throws {
        _ = describe(batch)
        var rest = batch
        var count = 0
        while rest.itemCount > 0 {
            let head = round.isMultiple(of: 2) ? rest.removeFirst(items: 1) : rest.removeFirst(bytes: 100)
            let again = try head.validatedAgain()
            try #require(again.itemCount == head.itemCount && head.itemCount > 0)
            count += head.itemCount
        }
        try #require(count == batch.itemCount)
        var edited = batch
        edited.rewrite([.resource, .scope, .metric, .record, .event, .link]) { draft in
            draft.set("stamp", 1)
            draft.remove("http.method")
            if draft.kind == .numberPoint { draft.drop() }
        }
        try #require(edited.validatedAgain().itemCount == edited.itemCount)
    }

    /// Reads everything that views give.
    private func describe(_ batch: Batch) -> String {
        var text = ""
        for group in batch.resourceSpans {
            for span in group.scopes.flatMap({ Array($0.records) }) {
                text += "\(span.name) \(span.traceID.count) \(span.status?.text ?? "")"
                text += span.events.map { $0.name }.joined() + span.links.map { $0.traceState }.joined()
                text += describe(span.attributes)
            }
        }
        for group in batch.resourceLogs {
            for record in group.scopes.flatMap({ Array($0.records) }) {
                text += "\(record.severityText) \(record.eventName)" + describe(record.attributes)
                if let body = record.body { text += "\(body.content)" }
            }
        }
        for group in batch.resourceMetrics {
            for metric in group.scopes.flatMap({ Array($0.records) }) {
                switch metric.content {
                case .gauge(let points), .sum(let points, _, _):
                    for point in points { text += "\(String(describing: point.value))" }
                case .histogram(let points, _):
                    for point in points { text += "\(point.bucketCounts) \(point.explicitBounds)" }
                case .exponentialHistogram(let points, _):
                    for point in points { text += "\(point.scale) \(point.positive?.bucketCounts ?? [])" }
                case .summary(let points):
                    for point in points { text += point.quantiles.map { "\($0.value)" }.joined() }
                case .empty: break
                }
            }
        }
        return text
    }

    private func describe(_ attributes: Messages<KeyValueView>) -> String {
        attributes.map { $0.key + describe($0.value) }.joined()
    }

    private func describe(_ value: AnyValueView) -> String {
        switch value.content {
        case .array(let values): values.map(describe).joined()
        case .keyValues(let pairs): describe(pairs)
        case .string(let text): text
        default: ""
        }
    }
}
