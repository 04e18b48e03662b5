import Prometheus
import Telemetry
import Testing
import Wire

@Suite struct SeriesFamilyTests {
    private func family(
        _ settings: SeriesSettings = SeriesSettings(), _ write: (inout MetricsBuilder) -> Void
    ) throws -> SeriesFamily {
        var builder = MetricsBuilder()
        builder.resource()
        builder.scope()
        write(&builder)
        let scope = builder.finish().resourceMetrics.first?.scopes.first
        return try SeriesFamily(#require(scope?.records.first), settings)
    }

    @Test func `a metric has the name, the type and the unit of Prometheus`() throws {
        let sum = try family { builder in
            builder.sum(
                .init("http.requests", unit: "By/s", details: "Help."), .cumulative, isMonotonic: true
            ) { _ in }
        }
        #expect(sum.name == "http_requests_bytes_per_second_total")
        #expect(sum.type == .counter && sum.unit == "bytes_per_second" && sum.help == "Help.")
        let gauge = try family { $0.sum("depth", .cumulative, isMonotonic: false) { _ in } }
        #expect(gauge.name == "depth" && gauge.type == .gauge && gauge.unit.isEmpty)
        #expect(try family { $0.histogram("h", .delta) { _ in } }.type == .histogram)
        #expect(try family { $0.exponentialHistogram("h", .cumulative) { _ in } }.type == .histogram)
        #expect(try family { $0.summary("s") { _ in } }.type == .summary)
    }

    @Test(arguments: [
        ("unknown", MetricType.unknown), ("info", .info), ("stateset", .stateSet), ("counter", .gauge),
        ("nonsense", .gauge),
    ])
    func `a gauge may have been something else`(said: String, type: MetricType) throws {
        var metadata = EncodedAttributes()
        metadata.append("prometheus.type", .string(said))
        #expect(try family { $0.gauge(.init("g", metadata: metadata)) { _ in } }.type == type)
    }

    @Test func `what has no name or no data is refused`() throws {
        #expect(throws: SeriesRefusal.name) { try family { $0.gauge("…") { _ in } } }
        let empty = MetricView(WireMessage(Bytes([0x0A, 1, 0x61])))
        #expect(throws: SeriesRefusal.data) { try SeriesFamily(empty, SeriesSettings()) }
    }
}
