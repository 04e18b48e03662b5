import OTLPOracle
import SwiftProtobuf
import Telemetry
import Testing
import Wire

/// Edits on wire bytes have to do what the same edits do to the oracle's messages, and touch nothing else.
@Suite struct RewritingProperties {
    private static let signals: [Signal] = [.traces, .metrics, .logs]
    private static let everywhere: Places = [.resource, .scope, .metric, .record, .event, .link]

    @Test(arguments: signals)
    func `an edit that changes nothing leaves the very same bytes`(_ signal: Signal) throws {
        for seed in 0..<40 as Range<UInt64> {
            let wire = try OracleMessage(signal, seed: seed, unknownFields: true).wire
            var batch = try Batch(validating: Bytes(wire), as: signal)
            let changed = batch.rewrite(Self.everywhere) { draft in
                _ = draft.attributes
                draft.update("no such attribute", 1)
                draft.remove("no such attribute")
            }
            #expect(!changed && batch.contiguous().array == wire, "seed \(seed)")
        }
    }

    @Test(arguments: signals)
    func `set, insert, update, remove and rename do what they do to the oracle`(_ signal: Signal) throws {
        for seed in 0..<40 as Range<UInt64> {
            let wire = try OracleMessage(signal, seed: seed, unknownFields: true).wire
            var expected = try OracleMessage(signal, decoding: wire)
            expected.editAttributes { $0.change() }
            var batch = try Batch(validating: Bytes(wire), as: signal)
            batch.rewrite(Self.everywhere) { draft in
                // The oracle's metadata of a metric is changed too: a draft of a metric calls it attributes.
                draft.set("host", "set")
                draft.insert("inserted", 42)
                draft.update("service.name", [true, 1.5])
                draft.remove("")
                draft.rename("k8s.pod.name", to: "renamed")
            }
            let edited = try OracleMessage(signal, decoding: batch.contiguous().array)
            #expect(try edited.wire == expected.wire, "seed \(seed)")
            #expect(batch.itemCount == expected.itemCount, "seed \(seed)")
            _ = try Batch(validating: batch.contiguous(), as: signal)
        }
    }

    @Test(arguments: signals)
    func `dropping records leaves the others under their headers`(_ signal: Signal) throws {
        for seed in 0..<40 as Range<UInt64> {
            let wire = try OracleMessage(signal, seed: seed, unknownFields: true).wire
            let all = try OracleMessage(signal, decoding: wire).flattened
            var batch = try Batch(validating: Bytes(wire), as: signal)
            for keep in [3, 2] {
                let before = try OracleMessage(signal, decoding: batch.contiguous().array).flattened
                var index = 0
                batch.rewrite([.record]) { draft in
                    if !index.isMultiple(of: keep) { draft.drop() }
                    index += 1
                }
                let expected = before.enumerated().filter { $0.offset.isMultiple(of: keep) }.map(\.element)
                let left = try OracleMessage(signal, decoding: batch.contiguous().array).flattened
                #expect(index == before.count && left == expected, "seed \(seed)")
                #expect(batch.itemCount == expected.count && expected.count <= all.count, "seed \(seed)")
            }
        }
    }
}

extension [OTLP.KeyValue] {
    /// The edits of the test above, on the oracle's attributes.
    fileprivate mutating func change() {
        set("host", .with { $0.stringValue = "set" })
        if !contains(where: { $0.key == "inserted" }) { set("inserted", .with { $0.intValue = 42 }) }
        if contains(where: { $0.key == "service.name" }) {
            set(
                "service.name",
                .with {
                    $0.arrayValue.values = [.with { $0.boolValue = true }, .with { $0.doubleValue = 1.5 }]
                })
        }
        removeAll { $0.key.isEmpty }
        guard let old = first(where: { $0.key == "k8s.pod.name" }) else { return }
        removeAll { $0.key == "k8s.pod.name" }
        set("renamed", old.value)
    }

    private mutating func set(_ key: String, _ value: OTLP.AnyValue) {
        let pair = OTLP.KeyValue.with {
            $0.key = key
            $0.value = value
        }
        if let index = firstIndex(where: { $0.key == key }) { self[index] = pair } else { append(pair) }
    }
}
