import OpAMP
import Testing
import Wire

@Suite struct FlowReportTests {
    private static let report: FlowReport = {
        var total = FlowReport.Counters()
        total.accepted = 300
        total.delivered = 290
        total.filtered = 1
        total.dropped = 2
        total.refused = 3
        total.exportFailures = 4
        total.queued = 5
        var traces = FlowReport.Counters()
        traces.accepted = 7
        return FlowReport(total: total, pipelines: [FlowReport.Pipeline(id: "traces/a", counters: traces)])
    }()

    @Test func `a report has its numbers where the other side looks for them`() {
        #expect(
            Self.report.encoded().array
                == [0x08, 0xAC, 0x02, 0x10, 0xA2, 0x02, 0x18, 1, 0x20, 2, 0x28, 3, 0x30, 4, 0x38, 5]
                + [0x42, 12, 0x0A, 8] + Array("traces/a".utf8) + [0x10, 7])
    }

    @Test func `a report reads as it was written`() throws {
        let message = Self.report.message
        #expect(message.capability == "io.apus.flow/v1" && message.type == "counters")
        #expect(try FlowReport(decoding: Bytes(message.data)) == Self.report)
    }
}
