import Telemetry
import Testing
import Wire

@Suite struct BuildersTests {
    @Test func `what is missing on the way down is begun without content`() throws {
        var builder = TracesBuilder()
        builder.span { $0.name("alone") }
        let batch = builder.finish()
        #expect(try batch.validatedAgain().itemCount == 1)
        #expect(batch.spanNames == ["alone"])
    }

    @Test func `ids of the wrong length are left out`() throws {
        var builder = TracesBuilder()
        builder.span { span in
            span.traceID(Bytes([1, 2, 3]))
            span.spanID(.empty)
            span.name("name")
        }
        let batch = try builder.finish().validatedAgain()
        let span = batch.resourceSpans.first?.scopes.first?.records.first
        #expect(span?.traceID.isEmpty == true && span?.message.has(1) == false && span?.name == "name")
    }

    @Test func `nothing built is an empty batch`() {
        let traces = TracesBuilder().finish()
        #expect(traces.itemCount == 0 && traces.chunks.isEmpty)
        let metrics = MetricsBuilder().finish()
        #expect(metrics.signal == .metrics && metrics.chunks.isEmpty)
    }

    @Test(arguments: [63, 64, 200])
    func `values that nest too deeply are left out instead of being invalid`(_ levels: Int) throws {
        var value = AttributeValue.string("innermost")
        for _ in 0..<levels { value = .array([value]) }
        var builder = LogsBuilder()
        builder.record { $0.body(value) }
        let batch = try builder.finish().validatedAgain()
        let text = String(decoding: batch.contiguous().array, as: UTF8.self)
        #expect(text.contains("innermost") == (levels < 64))
    }

    @Test func `a value that was read can be written again`() throws {
        let groups = Sample.traces(perScope: 1).resourceSpans
        let span = try #require(groups.first?.scopes.first?.records.first)
        let value = try #require(span.attributes["all"])
        var builder = LogsBuilder()
        builder.record { record in
            record.body(.encoded(value))
            record.attribute("nested", .array([.encoded(value)]))
        }
        let batch = try builder.finish().validatedAgain()
        let record = batch.resourceLogs.first?.scopes.first?.records.first
        #expect(record?.body?.message.bytes.array == value.message.bytes.array)
        guard case .array(let values) = record?.attributes["nested"]?.content else {
            Issue.record("not an array")
            return
        }
        #expect(values.first?.message.bytes.array == value.message.bytes.array)
    }
}
