import OTLPOracle
import Telemetry
import Testing
import Wire

/// How much larger a batch has become is known to the byte while it is rewritten.
@Suite struct GrowthProperties {
    private static let seeds: Range<UInt64> = 0..<60
    private static let everything: Places = [.resource, .scope, .metric, .record, .event, .link]

    /// A resource that no edit changes: when it is shown, all that was changed before is written.
    private static func last(_ signal: Signal) throws -> Batch {
        let name = signal == .traces ? "Spans" : signal == .metrics ? "Metrics" : "Logs"
        let records =
            switch signal {
            case .traces: #""spans":[{"name":"last"}]"#
            case .metrics: #""metrics":[{"name":"last","gauge":{"dataPoints":[{"asInt":"1"}]}}]"#
            default: #""logRecords":[{"severityText":"last"}]"#
            }
        let resource = #"{"attributes":[{"key":"last","value":{"boolValue":true}}]}"#
        return try OTLPJSON.read(
            Bytes(utf8: #"{"resource\#(name)":[{"resource":\#(resource),"scope\#(name)":[{\#(records)}]}]}"#),
            as: signal)
    }

    /// All that edits can do, by turns.
    private static func change(_ draft: Draft, _ number: Int) {
        let text = AttributeValue.string(String(repeating: "x", count: number % 300))
        switch number % 9 {
        case 0: draft.set("new", text)
        case 1: draft.removeAttributes { key, _ in !key.utf8.count.isMultiple(of: 3) }
        case 2: if number.isMultiple(of: 4) { draft.drop() }
        case 3:
            draft.parent?.set("number", .int(Int64(number)))
            draft.parent?.set("number", text)
        case 4: if draft.kind.place == .metric || draft.kind == .logRecord { draft.addToScope(draft.current) }
        case 5 where draft.kind == .metric: draft.setField(5, .data(draft.data(5)))
        case 5 where draft.kind == .span: draft.setMessages(11, [])
        case 5: draft.resource.set("text", text)
        case 6 where draft.kind == .metric:
            for field in [7, 9, 10] where draft.hasField(field) { draft.setField(2, of: field, .unsigned(1)) }
        case 6: draft.parent?.setField(15, .data(.empty))
        case 7: draft.resource.remove("number")
        default: break
        }
    }

    @Test(arguments: [Signal.traces, .metrics, .logs], [true, false])
    func `growth is the bytes that come out more than went in`(
        _ signal: Signal, _ withParents: Bool
    ) throws {
        for seed in Self.seeds {
            let wire = try OracleMessage(signal, seed: seed, unknownFields: true).wire
            let last = try Self.last(signal)
            var inOneChunk = try Batch(
                validating: Bytes(wire + last.contiguous().array), as: signal)
            var inTwoChunks = try Batch(validating: Bytes(wire), as: signal)
            inTwoChunks.append(last)
            try check(&inOneChunk, withParents, "seed \(seed)")
            try check(&inTwoChunks, withParents, "seed \(seed) in two chunks")
        }
    }

    private func check(_ batch: inout Batch, _ withParents: Bool, _ comment: Comment) throws {
        let before = batch.byteCount
        var (number, growth) = (0, Int.min)
        batch.rewrite(Self.everything, changesParents: withParents) { draft in
            growth = draft.growth
            guard !draft.resource.has("last") else { return }
            number += 1
            Self.change(draft, number)
        }
        #expect(growth == batch.byteCount - before, comment)
        _ = try Batch(validating: batch.contiguous(), as: batch.signal)
    }
}
