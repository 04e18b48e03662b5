import OTLPOracle
import SwiftProtobuf
import Telemetry
import Testing
import Wire

/// What is changed later than where it stands, or inside of a field, has to become what the same changes make
/// of the oracle's messages.
@Suite struct LateRewritingProperties {
    private static let seeds: Range<UInt64> = 0..<60

    @Test func `spans and their events change the span, the scope and the resource around them`() throws {
        for seed in Self.seeds {
            var expected = try OTLP.TracesData(serializedBytes: wire(.traces, seed))
            var number: Int64 = 0
            expected.eachSpan { resource, scope, span in
                number += 1
                if number.isMultiple(of: 3) { scope.name = "scope \(number)" }
                if number.isMultiple(of: 2) { resource.attributes.put("spans", number) }
                for _ in span.events {
                    number += 1
                    guard number.isMultiple(of: 3) else { continue }
                    span.attributes.put("events", number)
                    span.name = "span \(number)"
                    span.status.code = .error
                    resource.attributes.put("host", number)
                }
            }
            var batch = try Batch(validating: Bytes(wire(.traces, seed)), as: .traces)
            number = 0
            batch.rewrite([.record, .event], changesParents: true) { draft in
                number += 1
                if draft.kind == .span {
                    if number.isMultiple(of: 3) { draft.parent?.setField(1, .text("scope \(number)")) }
                    if number.isMultiple(of: 2) { draft.resource.set("spans", .int(number)) }
                } else if number.isMultiple(of: 3) {
                    draft.parent?.set("events", .int(number))
                    draft.parent?.setField(5, .text("span \(number)"))
                    draft.parent?.setField(3, of: 15, .unsigned(2))
                    draft.resource.set("host", .int(number))
                }
            }
            try check(batch, expected, seed)
        }
    }

    @Test func `parents that no child changes leave the very same bytes`() throws {
        for signal in [Signal.traces, .metrics, .logs] {
            for seed in Self.seeds {
                let bytes = try wire(signal, seed)
                var batch = try Batch(validating: Bytes(bytes), as: signal)
                let changed = batch.rewrite(
                    [.resource, .scope, .metric, .record, .event, .link], changesParents: true
                ) { draft in
                    draft.resource.update("no such attribute", 1)
                    draft.parent?.remove("no such attribute")
                    draft.parent?.drop()
                }
                #expect(!changed && batch.contiguous().array == bytes, "seed \(seed)")
            }
        }
    }

    @Test func `headers change before, while and after records are dropped`() throws {
        for seed in Self.seeds {
            var expected = try OTLP.LogsData(serializedBytes: wire(.logs, seed))
            for outer in expected.resourceLogs.indices {
                expected.resourceLogs[outer].resource.attributes.put("first", 1)
                for inner in expected.resourceLogs[outer].scopeLogs.indices {
                    let records = expected.resourceLogs[outer].scopeLogs[inner].logRecords
                    for record in records {
                        expected.resourceLogs[outer].resource.attributes.put(
                            "last", Int64(record.severityText.utf8.count))
                        expected.resourceLogs[outer].scopeLogs[inner].scope.version = record.severityText
                    }
                    let kept = records.filter { !$0.severityText.utf8.count.isMultiple(of: 3) }
                    expected.resourceLogs[outer].scopeLogs[inner].logRecords = kept
                    guard kept.isEmpty, !records.isEmpty else { continue }
                    expected.resourceLogs[outer].scopeLogs[inner].schemaURL = "emptied"
                }
                let scopes = expected.resourceLogs[outer].scopeLogs
                let left = scopes.filter { $0.schemaURL != "emptied" }
                expected.resourceLogs[outer].scopeLogs = left
                if left.isEmpty, !scopes.isEmpty { expected.resourceLogs[outer].schemaURL = "emptied" }
            }
            expected.resourceLogs.removeAll { $0.schemaURL == "emptied" }
            var batch = try Batch(validating: Bytes(wire(.logs, seed)), as: .logs)
            batch.rewrite([.resource, .record], changesParents: true) { draft in
                guard draft.kind == .logRecord else {
                    draft.set("first", 1)
                    return
                }
                let size = draft.text(3).utf8.count
                draft.resource.set("last", .int(Int64(size)))
                draft.parent?.setField(2, .text(draft.text(3)))
                if size.isMultiple(of: 3) { draft.drop() }
            }
            try check(batch, expected, seed)
        }
    }

    @Test(arguments: [true, false])
    func `data points change their metric, temporality included`(_ early: Bool) throws {
        for seed in Self.seeds {
            var expected = try OTLP.MetricsData(serializedBytes: wire(.metrics, seed))
            var number = 0
            expected.eachMetric { _, _, metric in
                for _ in 0..<metric.pointCount {
                    number += 1
                    if number.isMultiple(of: 2) { metric.name = "metric \(number)" }
                    if number.isMultiple(of: 3) { metric.metadata.put("point", Int64(number)) }
                    metric.setTemporality(.delta)
                }
                if early { metric.setTemporality(.delta) }
            }
            var batch = try Batch(validating: Bytes(wire(.metrics, seed)), as: .metrics)
            number = 0
            batch.rewrite(early ? [.metric, .record] : .record, changesParents: true) { draft in
                guard let metric = draft.kind == .metric ? draft : draft.parent else { return }
                for field in [7, 9, 10] where metric.hasField(field) {
                    #expect(metric.setField(2, of: field, .unsigned(1)))
                    #expect(metric.message(field)?.unsigned(2) == 1)
                }
                guard draft.kind != .metric else { return }
                number += 1
                if number.isMultiple(of: 2) { metric.setField(1, .text("metric \(number)")) }
                if number.isMultiple(of: 3) { metric.set("point", .int(Int64(number))) }
                #expect(!metric.setField(5, .data(.empty)) && !metric.removeField(7))
            }
            try check(batch, expected, seed)
        }
    }

    @Test func `fields of the status and of the data are set and removed`() throws {
        for seed in Self.seeds {
            var spans = try OTLP.TracesData(serializedBytes: wire(.traces, seed))
            spans.eachSpan { _, _, span in
                span.status.message = "set"
                span.status.code = .unset
            }
            var batch = try Batch(validating: Bytes(wire(.traces, seed)), as: .traces)
            batch.rewrite(.record) { draft in
                #expect(draft.setField(2, of: 15, .text("set")))
                draft.removeField(3, of: 15)
                #expect(!draft.setField(9, of: 15, .unsigned(1)) && !draft.setField(1, of: 9, .text("x")))
            }
            try check(batch, spans, seed)

            var metrics = try OTLP.MetricsData(serializedBytes: wire(.metrics, seed))
            metrics.eachMetric { _, _, metric in
                if case .sum(var sum) = metric.data {
                    sum.isMonotonic = true
                    sum.aggregationTemporality = .unspecified
                    metric.data = .sum(sum)
                }
            }
            batch = try Batch(validating: Bytes(wire(.metrics, seed)), as: .metrics)
            batch.rewrite(.metric) { draft in
                #expect(draft.setField(3, of: 7, .unsigned(1)) == draft.hasField(7))
                draft.removeField(2, of: 7)
            }
            try check(batch, metrics, seed)
        }
    }

    @Test func `repeated messages are replaced as a whole`() throws {
        for seed in Self.seeds {
            var expected = try OTLP.TracesData(serializedBytes: wire(.traces, seed))
            expected.eachSpan { _, _, span in
                span.events.removeAll { $0.name.utf8.count.isMultiple(of: 2) }
                span.events.reverse()
            }
            var batch = try Batch(validating: Bytes(wire(.traces, seed)), as: .traces)
            batch.rewrite(.record) { draft in
                let events = SpanView(draft.current).events.filter { !$0.name.utf8.count.isMultiple(of: 2) }
                #expect(draft.setMessages(11, events.reversed().map { $0.message.bytes }))
                #expect(!draft.setMessages(11, [Bytes([0xFF])]) && !draft.setMessages(5, []))
            }
            try check(batch, expected, seed)
        }
    }

    private func wire(_ signal: Signal, _ seed: UInt64) throws -> [UInt8] {
        try OracleMessage(signal, seed: seed, unknownFields: true).wire
    }

    private func check(_ batch: Batch, _ expected: some SwiftProtobuf.Message, _ seed: UInt64) throws {
        let edited = try OracleMessage(batch.signal, decoding: batch.contiguous().array)
        #expect(try edited.wire == expected.serializedBytes(), "seed \(seed)")
        #expect(batch.itemCount == edited.itemCount, "seed \(seed)")
        _ = try Batch(validating: batch.contiguous(), as: batch.signal)
    }
}
