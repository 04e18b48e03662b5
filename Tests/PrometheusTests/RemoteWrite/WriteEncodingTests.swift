import Prometheus
import Telemetry
import Testing
import Wire

@Suite struct WriteEncodingTests {
    private static func encode(
        _ version: RemoteWriteVersion = .v1, _ change: (inout RemoteWriteEncoder.Settings) -> Void = { _ in },
        _ write: (inout MetricsBuilder) -> Void
    ) throws -> (output: RemoteWriteEncoder.Output, lines: [String]) {
        var settings = RemoteWriteEncoder.Settings(series: SeriesSettings(includesScope: false))
        settings.version = version
        settings.includesTargetInfo = false
        change(&settings)
        var builder = MetricsBuilder()
        write(&builder)
        let output = RemoteWriteEncoder(settings).encode(builder.finish())
        return (output, try output.allRows.joined().flatMap { try ReadRequest($0.body, version).lines })
    }

    private static func point(
        _ value: Double, _ time: UInt64, _ attributes: [(String, String)] = [], start: UInt64 = 0
    ) -> (NumberPointBuilder) -> Void {
        { point in
            if start > 0 { point.startTime(start * 1_000_000) }
            point.time(time * 1_000_000)
            for (key, value) in attributes { point.attribute(key, .string(value)) }
            point.value(.double(value))
        }
    }

    @Test func `numbers become series with sorted labels`() throws {
        let (output, lines) = try Self.encode { builder in
            builder.resource {
                $0.attribute("service.name", .string("api"))
                $0.attribute("service.namespace", .string("shop"))
                $0.attribute("service.instance.id", .string("i1"))
            }
            builder.sum(MetricsBuilder.Header("requests", unit: "By"), .cumulative, isMonotonic: true) {
                $0.point(Self.point(5, 1000, [("z.y", "1"), ("Upper", "2")], start: 500))
            }
            builder.gauge("temperature") { $0.point(Self.point(1.5, 2000)) }
            builder.sum("queue", .cumulative, isMonotonic: false) { $0.point(Self.point(3, 3000)) }
        }
        #expect(
            lines == [
                "{Upper=2,__name__=requests_bytes_total,instance=i1,job=shop/api,z_y=1} 5.0 @1000",
                "{__name__=temperature,instance=i1,job=shop/api} 1.5 @2000",
                "{__name__=queue,instance=i1,job=shop/api} 3.0 @3000",
            ])
        #expect(output.allRows.count == 1 && output.allRows[0].count == 1 && output.refused.isEmpty)
        #expect(output.allRows[0][0].samples == 3 && output.allRows[0][0].points == 3)
    }

    @Test func `version 2 has metadata, start times and every text once`() throws {
        let (output, lines) = try Self.encode(.v2) { builder in
            builder.sum(
                MetricsBuilder.Header("requests", unit: "s", details: "Help."), .cumulative, isMonotonic: true
            ) {
                $0.point(Self.point(5, 1000, [("a", "a")], start: 500))
                $0.point(Self.point(6, 1000, [("a", "b")]))
            }
        }
        #expect(
            lines == [
                "{__name__=requests_seconds_total,a=a} 5.0 @1000@500 type 1 'Help.' 'seconds'",
                "{__name__=requests_seconds_total,a=b} 6.0 @1000 type 1 'Help.' 'seconds'",
            ])
        let symbols = try ReadRequest(output.allRows[0][0].body, .v2).symbols
        #expect(symbols.first == "" && Set(symbols).count == symbols.count)
    }

    @Test func `histograms become buckets, sum and count, with exemplars at their buckets`() throws {
        let (output, lines) = try Self.encode { builder in
            builder.histogram("h", .cumulative) {
                $0.point { point in
                    point.time(1_000_000_000)
                    point.count(6)
                    point.sum(9.5)
                    point.buckets(counts: [1, 2, 3], bounds: [0.5, 1_000_000])
                    point.exemplar {
                        $0.time(900_000_000)
                        $0.value(.double(0.7))
                        $0.spanID(Bytes([1, 2, 3, 4, 5, 6, 7, 8]))
                        $0.attribute("k.x", .string("v"))
                    }
                }
            }
        }
        #expect(
            lines == [
                "{__name__=h_sum} 9.5 @1000", "{__name__=h_count} 6.0 @1000",
                "{__name__=h_bucket,le=0.5} 1.0 @1000", "{__name__=h_bucket,le=1000000} 3.0 @1000",
                "{__name__=h_bucket,le=1000000} exemplar {span_id=0102030405060708,k_x=v} 0.7 @900",
                "{__name__=h_bucket,le=+Inf} 6.0 @1000",
            ])
        #expect(output.allRows[0][0].points == 1 && output.allRows[0][0].samples == 5)
    }

    @Test func `histograms can become native ones with their bounds`() throws {
        func write(_ builder: inout MetricsBuilder) {
            builder.histogram("h", .cumulative) {
                $0.point { point in
                    point.time(1_000_000_000)
                    point.startTime(500_000_000)
                    point.count(6)
                    point.sum(9.5)
                    point.buckets(counts: [0, 2, 4], bounds: [0.5, 1])
                }
            }
        }
        let native =
            "{__name__=h} native 6 9.5 schema -53 zero 0.0:0 [][] [\"1+2\"][2, 2] [0.5, 1.0] @1000@500"
            + " type 3 '' ''"
        let lines = try Self.encode(.v2, { $0.convertsHistograms = true }, write).lines
        #expect(lines == [native])
        let (output, both) = try Self.encode(
            .v2,
            {
                $0.convertsHistograms = true
                $0.keepsClassicHistograms = true
            }, write)
        #expect(both.count == 6 && both.contains(native) && output.allRows[0][0].points == 1)
    }

    @Test(arguments: RemoteWriteVersion.allCases)
    func `exponential histograms become native ones`(_ version: RemoteWriteVersion) throws {
        let lines = try Self.encode(version) { builder in
            builder.exponentialHistogram("e", .cumulative) {
                $0.point { point in
                    point.time(1_000_000_000)
                    point.count(12)
                    point.sum(18.5)
                    point.scale(9)
                    point.zeroCount(2)
                    point.positive(offset: -4, counts: [1, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0])
                    point.negative(offset: 0, counts: [3])
                }
            }
        }.lines
        let metadata = version == .v2 ? " type 3 '' ''" : ""
        #expect(
            lines == [
                "{__name__=e} native 12 18.5 schema 8 zero 1e-128:2 [\"1+1\"][3] "
                    + "[\"-1+2\", \"4+1\"][2, 1, -1] [] @1000\(metadata)"
            ])
    }

    @Test func `points without a value end their series`() throws {
        let lines = try Self.encode { builder in
            builder.gauge("g") {
                $0.point {
                    $0.time(1_000_000_000)
                    $0.flags(1)
                }
            }
            builder.histogram("h", .cumulative) {
                $0.point {
                    $0.time(1_000_000_000)
                    $0.flags(1)
                }
            }
            builder.exponentialHistogram("e", .cumulative) {
                $0.point {
                    $0.time(1_000_000_000)
                    $0.flags(1)
                }
            }
            builder.summary("s") {
                $0.point {
                    $0.time(1_000_000_000)
                    $0.flags(1)
                    $0.quantile(0.5, 1)
                }
            }
        }.lines
        #expect(lines.count == 7)
        #expect(lines.allSatisfy { $0.contains(" stale ") }, "\(lines)")
    }

    @Test func `summaries become quantiles, sum and count`() throws {
        let lines = try Self.encode { builder in
            builder.summary("s") {
                $0.point { point in
                    point.time(1_000_000_000)
                    point.count(3)
                    point.sum(6)
                    point.quantile(0.99, 2)
                }
            }
        }.lines
        #expect(
            lines == [
                "{__name__=s_sum} 6.0 @1000", "{__name__=s_count} 3.0 @1000",
                "{__name__=s,quantile=0.99} 2.0 @1000",
            ])
    }

    @Test func `what Prometheus has no place for is counted by its reason`() throws {
        let (output, lines) = try Self.encode { builder in
            builder.sum("d", .delta, isMonotonic: true) {
                $0.point(Self.point(1, 1))
                $0.point(Self.point(2, 2))
            }
            builder.histogram("h", .unspecified) { $0.point { $0.time(1) } }
            builder.exponentialHistogram("e", .cumulative) { $0.point { $0.scale(-5) } }
            builder.gauge("...") { $0.point(Self.point(1, 1)) }
            builder.gauge("good") { $0.point(Self.point(1, 1)) }
        }
        #expect(lines == ["{__name__=good} 1.0 @1"])
        #expect(output.refusedCount == 5)
        #expect(output.refused["a metric is not cumulative, which Prometheus has no place for"] == 3)
        #expect(output.refused["the scale of an exponential histogram is below -4"] == 1)
    }

    @Test func `attributes of the resource are a series of their own`() throws {
        let (_, lines) = try Self.encode(
            .v1,
            {
                $0.includesTargetInfo = true
                $0.series.metricNamer = MetricNamer(namespace: "ns")
            }
        ) { builder in
            builder.resource {
                $0.attribute("service.name", .string("api"))
                $0.attribute("k8s.node", .string("n1"))
            }
            builder.gauge("g") {
                $0.point(Self.point(1, 1000))
                $0.point(Self.point(2, 3000, [("a", "b")]))
            }
        }
        #expect(lines.last == "{__name__=ns_target_info,job=api,k8s_node=n1} 1.0 @3000")
    }

    @Test func `metadata of version 1 goes in requests of their own`() throws {
        let (output, lines) = try Self.encode(.v1, { $0.sendsMetadata = true }) { builder in
            builder.gauge(MetricsBuilder.Header("g", unit: "s", details: "Help.")) {
                $0.point(Self.point(1, 1000))
            }
        }
        #expect(lines == ["metadata g_seconds 2 Help. seconds", "{__name__=g_seconds} 1.0 @1000"])
        #expect(output.allRows.count == 2 && output.allRows[0][0].points == 0)
    }

    @Test func `samples of one series are together and in the order of their times`() throws {
        let lines = try Self.encode { builder in
            builder.gauge("g") {
                $0.point(Self.point(3, 3000, [("a", "b")]))
                $0.point(Self.point(9, 1000, [("a", "c")]))
                $0.point(Self.point(1, 1000, [("a", "b")]))
            }
            builder.gauge("g") { $0.point(Self.point(2, 2000, [("a", "b")])) }
        }.lines
        #expect(
            lines == [
                "{__name__=g,a=b} 1.0 @1000", "{__name__=g,a=b} 2.0 @2000", "{__name__=g,a=b} 3.0 @3000",
                "{__name__=g,a=c} 9.0 @1000",
            ])
    }
}
