import OTLPOracle
import SwiftProtobuf
import Telemetry
import Testing
import Wire

/// Records that edits add, and data that they put in place of other data.
@Suite struct AddingProperties {
    private static let seeds: Range<UInt64> = 0..<60

    @Test(arguments: [false, true])
    func `metrics made from metrics come last in their scope and are shown with their points`(
        _ withParents: Bool
    ) throws {
        for seed in Self.seeds {
            var expected = try OTLP.MetricsData(serializedBytes: wire(.metrics, seed))
            for outer in expected.resourceMetrics.indices {
                for inner in expected.resourceMetrics[outer].scopeMetrics.indices {
                    var metrics = expected.resourceMetrics[outer].scopeMetrics[inner].metrics
                    metrics += metrics.filter { !$0.name.utf8.count.isMultiple(of: 3) }.map { metric in
                        var copy = metric
                        copy.name = "copy"
                        return copy
                    }
                    for index in metrics.indices {
                        metrics[index].editPoints { $0.put("seen", 1) }
                    }
                    expected.resourceMetrics[outer].scopeMetrics[inner].metrics = metrics
                }
            }
            var batch = try Batch(validating: Bytes(wire(.metrics, seed)), as: .metrics)
            batch.rewrite([.metric, .record], changesParents: withParents) { draft in
                guard draft.kind == .metric else {
                    draft.set("seen", 1)
                    #expect(draft.addToScope(draft.current) == .invalid)
                    return
                }
                let name = draft.text(1)
                guard name != "copy", !name.utf8.count.isMultiple(of: 3) else { return }
                draft.setField(1, .text("copy"))
                #expect(draft.addToScope(draft.current) == .added)
                draft.setField(1, .text(name))
            }
            try check(batch, expected, seed)
        }
    }

    @Test func `records that beget one another come to an end`() throws {
        var batch = try Batch(validating: Bytes(wire(.logs, 7)), as: .logs)
        let before = batch.itemCount
        batch.rewrite(.record) { draft in draft.addToScope(draft.current) }
        #expect(batch.itemCount > before)
        #expect(try Batch(validating: batch.contiguous(), as: .logs).itemCount == batch.itemCount)
    }

    @Test func `an added record that the edit drops is not there`() throws {
        for seed in Self.seeds {
            let bytes = try wire(.traces, seed)
            var batch = try Batch(validating: Bytes(bytes), as: .traces)
            let before = batch.itemCount
            batch.rewrite(.record) { draft in
                if draft.text(5) == "added" { return draft.drop() }
                let name = draft.text(5)
                draft.setField(5, .text("added"))
                draft.addToScope(draft.current)
                draft.setField(5, .text(name))
            }
            #expect(batch.itemCount == before)
            #expect(try Batch(validating: batch.contiguous(), as: .traces).itemCount == before)
        }
    }

    @Test(arguments: [Places.metric, [.metric, .record]])
    func `the kind of a metric is changed and its new points are shown`(_ places: Places) throws {
        for seed in Self.seeds {
            var expected = try OTLP.MetricsData(serializedBytes: wire(.metrics, seed))
            expected.eachMetric { _, _, metric in
                switch metric.data {
                case .sum(let sum): metric.data = .gauge(.with { $0.dataPoints = sum.dataPoints })
                case .histogram, .exponentialHistogram:
                    metric.data = .sum(
                        .with {
                            $0.dataPoints = [.with { $0.asInt = 3 }, .with { $0.asDouble = 1 }]
                            $0.isMonotonic = true
                        })
                default: break
                }
                if places.contains(.record) { metric.editPoints { $0.put("seen", 1) } }
            }
            var batch = try Batch(validating: Bytes(wire(.metrics, seed)), as: .metrics)
            batch.rewrite(places) { draft in
                guard draft.kind == .metric else { return draft.set("seen", 1) }
                if let sum = draft.message(7) {
                    var gauge = Writer()
                    for field in sum.fields where field.number == 1 {
                        gauge.write(bytes: sum.bytes[field.value], 1)
                    }
                    #expect(draft.setField(5, .data(gauge.finish())))
                } else if draft.hasField(9) || draft.hasField(10) {
                    var sum = Writer()
                    sum.write(bytes: [0x31, 3, 0, 0, 0, 0, 0, 0, 0], 1)
                    sum.write(bytes: [0x21, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F], 1)
                    #expect(draft.setField(7, .data(sum.finish())))
                    #expect(draft.setField(3, of: 7, .unsigned(1)))
                }
            }
            try check(batch, expected, seed)
        }
    }

    private func wire(_ signal: Signal, _ seed: UInt64) throws -> [UInt8] {
        try OracleMessage(signal, seed: seed, unknownFields: false).wire
    }

    private func check(_ batch: Batch, _ expected: some SwiftProtobuf.Message, _ seed: UInt64) throws {
        let edited = try OracleMessage(batch.signal, decoding: batch.contiguous().array)
        #expect(try edited.wire == expected.serializedBytes(), "seed \(seed)")
        #expect(batch.itemCount == edited.itemCount, "seed \(seed)")
        _ = try Batch(validating: batch.contiguous(), as: batch.signal)
    }
}
