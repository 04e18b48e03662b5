import Testing

@testable import Prometheus

@Suite struct GaugeHistogramTests {
    @Test func `native gauge histograms are left out and counted`() {
        var target = ScrapedTarget()
        let (outcome, batch) = target.translator.translate(
            PageWriter.nativeHistogram(type: 5), .protobuf, at: 1, elapsed: { 0 })
        #expect(outcome.failure == nil && outcome.incomplete == 1)
        #expect(ReadMetrics(batch).own.isEmpty)
        let other = target.translator.translate(
            PageWriter.nativeHistogram(type: 4), .protobuf, at: 1, elapsed: { 0 })
        #expect(other.0.incomplete == 0)
    }
}
