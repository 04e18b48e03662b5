import Prometheus
import Telemetry
import Testing
import Wire

@Suite struct WriteTranslationTests {
    private static let stale = Double(bitPattern: 0x7FF0_0000_0000_0002)

    @Test func `types of version 2 decide what series become`() throws {
        let message = WriteMessage([
            WriteMessage.series("c_total", 5, type: 1, [("a", "b"), ("job", "j")]),
            WriteMessage.series("g", 1.5, type: 2), WriteMessage.series("n", 2),
            WriteMessage.series("h_bucket", 3, type: 3, [("le", "1")]),
            WriteMessage.series("s", 4, type: 5, [("quantile", "0.5")]),
            WriteMessage.series("i_info", 1, type: 6), WriteMessage.series("gh", 6, type: 4),
            WriteMessage.series("c_created", 7, type: 1),
        ])
        let (result, metrics) = try WrittenTo().write(message, .v2)
        #expect(
            Set(metrics.lines) == [
                "c_total{a=b} counter 5.0 @1000", "g gauge 1.5 @1000", "n gauge 2.0 @1000",
                "h_bucket{le=1} gauge 3.0 @1000", "s{quantile=0.5} gauge 4.0 @1000",
                "i_info sum 1.0 @1000", "gh gauge 6.0 @1000", "c_created gauge 7.0 @1000",
            ])
        #expect(metrics.metric("h_bucket")?.metadata["prometheus.type"]?.string == "histogram")
        #expect(metrics.metric("n")?.metadata["prometheus.type"]?.string == "unknown")
        #expect(result.samples == 8 && result.fault == nil && result.histograms == 0)
    }

    @Test func `metadata of version 1 is remembered and counters are known by their name without it`() throws
    {
        let receiver = WrittenTo()
        let series = [
            WriteMessage.series("a_total", 1), WriteMessage.series("b", 2), WriteMessage.series("c_sum", 3),
        ]
        #expect(
            try receiver.write(WriteMessage(series), .v1).metrics.lines == [
                "a_total counter 1.0 @1000", "b gauge 2.0 @1000", "c_sum gauge 3.0 @1000",
            ])
        var metadata = WriteMessage()
        metadata.metadata = [
            ("a_total", 2, "A.", ""), ("b", 1, "B.", "seconds"), ("c", 5, "C.", ""), ("b", 1, "B.", "bytes"),
        ]
        let nothing = try receiver.write(metadata, .v1)
        #expect(nothing.result.batches.isEmpty && nothing.result.fault == nil)
        let metrics = try receiver.write(WriteMessage(series), .v1).metrics
        #expect(
            metrics.lines == [
                "a_total gauge 1.0 @1000", "b counter 2.0 @1000", "c_sum gauge 3.0 @1000",
            ])
        #expect(metrics.metric("b")?.unit == "By" && metrics.metric("b")?.details == "B.")
        #expect(metrics.metric("c_sum")?.metadata["prometheus.type"]?.string == "summary")
    }

    @Test(arguments: RemoteWriteVersion.allCases)
    func `resources and scopes are those that labels name`(_ version: RemoteWriteVersion) throws {
        let receiver = WrittenTo()
        let api = [("job", "shop/api"), ("instance", "a:1")]
        let message = WriteMessage([
            WriteMessage.series("x", 1, api),
            WriteMessage.series("y", 2, [("instance", "b:1"), ("job", "web")]),
            WriteMessage.series("target_info", 1, api + [("k8s_node", "n1")]),
            WriteMessage.series(
                "x", 3,
                api + [
                    ("otel_scope_name", "lib"), ("otel_scope_version", "2"),
                    ("otel_scope_schema_url", "http://s"), ("otel_scope_tier", "gold"),
                ]),
        ])
        let (result, metrics) = try receiver.write(message, version)
        let expected = [
            "service.namespace": "shop", "service.name": "api", "service.instance.id": "a:1",
            "k8s_node": "n1",
        ]
        #expect(metrics.resources == [expected, ["service.name": "web", "service.instance.id": "b:1"]])
        #expect(metrics.scopes[1] == "lib@2{tier=gold}")
        #expect(metrics.scopes[0].contains("prometheusremotewritereceiver"))
        #expect(metrics.lines == ["x gauge 1.0 @1000", "x gauge 3.0 @1000", "y gauge 2.0 @1000"])
        #expect(result.samples == 4)

        let later = try receiver.write(WriteMessage([WriteMessage.series("x", 4, api)]), version)
        #expect(later.metrics.resources == [expected])
        let gone = WriteMessage(["x", "target_info"].map { WriteMessage.series($0, Self.stale, api) })
        #expect(try receiver.write(gone, version).metrics.resources == [expected])
        let last = try receiver.write(WriteMessage([WriteMessage.series("y", Self.stale, api)]), version)
        #expect(last.metrics.resources == [expected])
    }

    @Test func `samples keep their order, their times and their end`() throws {
        var series = WriteMessage.series("c_total", 1, type: 1)
        series.samples = [(1, 1000), (2, 2000), (Self.stale, 3000)]
        series.created = 500
        var other = WriteMessage.series("c_total", 7, type: 1, [("a", "b")])
        (other.created, other.start) = (500, 700)
        let (result, metrics) = try WrittenTo().write(WriteMessage([series, other]), .v2)
        #expect(
            metrics.lines == [
                "c_total counter 1.0 @500-1000", "c_total counter 2.0 @500-2000",
                "c_total counter @500-3000 stale", "c_total{a=b} counter 7.0 @700-1000",
            ])
        #expect(result.samples == 4)
    }

    @Test(arguments: RemoteWriteVersion.allCases)
    func `exemplars join a value of their series, wherever they stand`(_ version: RemoteWriteVersion) throws {
        let ids = [
            ("trace_id", "0102030405060708090a0b0c0d0e0f10"), ("span_id", "0102030405060708"), ("x", "y"),
        ]
        var own = WriteMessage.series("a_total", 1)
        own.exemplars = [(ids, 0.5, 900)]
        var loose = WriteMessage.series("b", 2)
        loose.samples = []
        loose.exemplars = [([("trace_id", "short")], 0.25, 0)]
        var lost = loose
        lost.labels = [("__name__", "nobody")]
        let message = WriteMessage([own, loose, WriteMessage.series("b", 2), lost])
        let (result, metrics) = try WrittenTo().write(message, version)
        #expect(result.exemplars == 2 && result.lostExemplars == 1)
        let first = try #require(metrics.exemplars("a_total").first)
        #expect(first.traceID.count == 16 && first.spanID.count == 8 && first.value == .double(0.5))
        #expect(first.filteredAttributes["x"]?.string == "y" && first.time == 900_000_000)
        let second = try #require(metrics.exemplars("b").first)
        #expect(second.filteredAttributes["trace_id"]?.string == "short" && second.time == 1_000_000_000)
    }

    @Test func `a series that is not valid does not keep others out`() throws {
        let message = WriteMessage([
            WriteMessage.series("good", 1), WriteMessage.series("", 2),
            WriteMessage.series("twice", 3, [("a", "b"), ("a", "c")]),
            WriteMessage.series("empty", 4, [("", "b")]),
            WriteMessage.series("none", 5, [("a", "")]), WriteMessage.series("more", 6, [("", "")]),
        ])
        let (result, metrics) = try WrittenTo().write(message, .v2)
        #expect(metrics.lines == ["good gauge 1.0 @1000", "none gauge 5.0 @1000"])
        #expect(result.invalid == 4 && result.samples == 2)
        #expect(
            result.fault == "a series has no metric name; the series twice has the label a twice; "
                + "the series empty has a label without a name; and 1 more")
    }

    @Test func `the longest help of a family is kept`() throws {
        var (short, long) = (WriteMessage.series("a", 1), WriteMessage.series("a", 2, [("x", "y")]))
        (short.help, long.help, short.unit, long.unit) = ("A", "A longer one", "bytes", "bytes")
        let metrics = try WrittenTo().write(WriteMessage([short, long]), .v2).metrics
        #expect(metrics.metrics.count == 1 && metrics.metric("a")?.details == "A longer one")
        #expect(metrics.metric("a")?.unit == "By")
    }
}

extension ReadMetrics {
    /// The exemplars of the points of a metric with numbers.
    func exemplars(_ name: String) -> [ExemplarView] {
        switch metric(name)?.content {
        case .gauge(let points)?, .sum(let points, _, _)?: points.flatMap { Array($0.exemplars) }
        default: []
        }
    }
}
