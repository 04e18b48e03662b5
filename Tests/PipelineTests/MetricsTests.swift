import Pipeline
import Testing

@Suite struct MetricsTests {
    @Test func `the same name and labels are the same series`() {
        let metrics = Metrics()
        metrics.counter("c", "help", labels: [("a", "1")]).add(2)
        metrics.counter("c", "help", labels: [("a", "1")]).add(3)
        metrics.counter("c", "help", labels: [("a", "2")]).add(7)
        let values = metrics.snapshot()[0].samples.map { sample -> Double in
            if case .number(let value) = sample.value { value } else { .nan }
        }
        #expect(values == [5, 7])
    }

    @Test func `an observation replaces the one before`() {
        let metrics = Metrics()
        metrics.observe("g", "help", labels: []) { 1 }
        metrics.observe("g", "help", labels: []) { 2 }
        #expect(metrics.snapshot()[0].samples.count == 1)
    }

    @Test func `series of a component that is gone are no longer published`() {
        let metrics = Metrics()
        metrics.counter("c", "help", labels: [("exporter", "a")]).add(1)
        metrics.counter("c", "help", labels: [("exporter", "b")]).add(1)
        metrics.remove(whereLabel: "exporter", is: "a")
        #expect(metrics.snapshot()[0].samples.map { $0.labels[0].value } == ["b"])
        metrics.counter("c", "help", labels: [("exporter", "b")]).add(1)
        metrics.counter("c", "help", labels: [("exporter", "a")]).add(1)
        #expect(metrics.snapshot()[0].samples.map { $0.labels[0].value } == ["b", "a"])
    }

    @Test func `a histogram counts a value at a bound into that bucket`() {
        let histogram = Histogram(bounds: [1, 10])
        for value in [0.5, 1, 1.5, 10, 11] { histogram.observe(value) }
        let snapshot = histogram.snapshot
        #expect(snapshot.counts == [2, 2, 1])
        #expect(snapshot.sum == 24)
        #expect(snapshot.count == 5)
    }
}
