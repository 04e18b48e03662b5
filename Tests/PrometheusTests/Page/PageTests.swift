import Prometheus
import Telemetry
import Testing
import Wire

@Suite struct PageTests {
    @Test func `each kind of metric has its lines`() {
        let page = TestPage()
        page.take { builder in
            builder.one("b.gauge", -1.5)
            builder.sum("a.requests", .int(1_234_567))
            builder.histogram("c.time", [1, 2, 3])
            builder.summary("d.size") { points in
                points.point { point in
                    point.count(3)
                    point.sum(60.5)
                    point.quantile(0.9, 30)
                    point.quantile(0.5, 20)
                }
            }
            builder.exponentialHistogram("e.native", .cumulative) { points in
                points.point { point in
                    point.count(7)
                    point.sum(2)
                    point.positive(offset: 0, counts: [7])
                }
            }
        }
        #expect(
            page.text() == """
                # TYPE a_requests_total counter
                a_requests_total 1234567
                # TYPE b_gauge gauge
                b_gauge -1.5
                # TYPE c_time histogram
                c_time_bucket{le="1"} 1
                c_time_bucket{le="2"} 3
                c_time_bucket{le="+Inf"} 6
                c_time_sum 3
                c_time_count 6
                # TYPE d_size summary
                d_size{quantile="0.5"} 20
                d_size{quantile="0.9"} 30
                d_size_sum 60.5
                d_size_count 3
                # TYPE e_native histogram
                e_native_bucket{le="+Inf"} 7
                e_native_sum 2
                e_native_count 7

                """)
    }

    @Test func `a newer value takes the place of an older one, and no other way`() {
        let page = TestPage()
        page.take { $0.one("g", 1, time: 10) }
        page.take { $0.one("g", 2, time: 20) }
        #expect(page.take { $0.one("g", 3, time: 15) }.refused.isEmpty)
        #expect(page.lines == ["g 2"])
    }

    @Test func `a point without a value takes the series away`() {
        let page = TestPage()
        page.take { builder in
            builder.one("g", 1, label: "a")
            builder.one("g", 2, label: "b")
        }
        page.take { builder in
            builder.gauge("g") { points in
                points.point { point in
                    point.flags(1)
                    point.attribute("l", "a")
                }
                points.point { point in
                    point.flags(1)
                    point.attribute("l", "never there")
                }
            }
        }
        #expect(page.lines == [#"g{l="b"} 2"#])
        #expect(page.page.statistics.series == 1)
    }

    @Test func `a series that nothing comes for expires`() {
        var page = TestPage()
        page.take { builder in
            builder.one("old", 1)
            builder.one("both", 1, label: "old")
        }
        page.now += .seconds(200)
        page.take { $0.one("both", 2, label: "new") }
        page.now += .seconds(101)
        #expect(page.lines == [#"both{l="new"} 2"#])
        let statistics = page.page.statistics
        #expect(statistics.series == 1 && statistics.expired == 2)
        page.take { $0.one("old", 3) }
        #expect(page.lines.sorted() == [#"both{l="new"} 2"#, "old 3"])
        page.now += .seconds(400)
        #expect(page.text().isEmpty)
        #expect(page.page.statistics.bytes == 0)
    }

    @Test func `a series from the future expires when only older points come`() {
        var page = TestPage()
        page.take { $0.one("g", 1, time: 1 << 60) }
        page.now += .seconds(200)
        page.take { $0.one("g", 2, time: 10) }
        #expect(page.lines == ["g 1"])
        page.now += .seconds(101)
        page.take { $0.one("g", 3, time: 20) }
        page.now += .seconds(1)
        page.take { $0.one("g", 4, time: 30) }
        #expect(page.lines == ["g 4"])
    }

    @Test func `deltas that follow one another add up`() {
        let page = TestPage()
        page.take { $0.sum("s", .int(5), .delta, start: 10, time: 20) }
        page.take { $0.sum("s", .int(7), .delta, start: 20, time: 30) }
        page.take { $0.histogram("h", [1, 0, 2], .delta, start: 10, time: 20) }
        page.take { $0.histogram("h", [1, 1, 1], .delta, start: 20, time: 30) }
        #expect(page.lines.first { $0.hasPrefix("s_total") } == "s_total 12")
        #expect(
            page.lines.filter { $0.hasPrefix("h_") } == [
                #"h_bucket{le="1"} 2"#, #"h_bucket{le="2"} 3"#, #"h_bucket{le="+Inf"} 6"#, "h_sum 6",
                "h_count 6",
            ])
        // After a gap they begin anew.
        page.take { $0.sum("s", .int(1), .delta, start: 40, time: 50) }
        page.take { $0.histogram("h", [9, 0, 0], .delta, start: 40, time: 50) }
        #expect(page.lines.contains("s_total 1") && page.lines.contains("h_count 9"))
    }

    @Test func `deltas that cannot be shown are refused and counted`() {
        let page = TestPage()
        page.take { $0.histogram("h", [1, 0, 0], .delta, start: 10, time: 20) }
        page.take { $0.sum("s", .int(1), .delta, start: 10, time: 20) }
        let late = page.take { builder in
            builder.histogram("h", [1, 0, 0], .delta, start: 15, time: 25)
            builder.sum("s", .int(1), .delta, start: 5, time: 10)
        }
        #expect(late.refused == [.lateDelta: 2])
        let other = page.take { builder in
            builder.sum("falls", .int(1), .delta, isMonotonic: false)
            builder.sum("none", .int(1), .unspecified)
            builder.histogram("none", [1, 0, 0], .unspecified)
        }
        #expect(other.refused == [.temporality: 3] && other.refusedCount == 3)
        #expect(page.lines.count == 6)
    }

    @Test func `deltas of exponential histograms meet at the coarser scale`() throws {
        let page = TestPage()
        func take(_ scale: Int32, _ offset: Int32, _ counts: [UInt64], start: UInt64) -> PageOutcome {
            page.take { builder in
                builder.exponentialHistogram("h", .delta) { points in
                    points.point { point in
                        point.startTime(start)
                        point.time(start + 10)
                        point.count(counts.reduce(0, +))
                        point.scale(scale)
                        point.positive(offset: offset, counts: counts)
                    }
                }
            }
        }
        #expect(take(3, -2, [1, 2, 4], start: 10).refused.isEmpty)
        #expect(take(2, 0, [8], start: 20).refused.isEmpty)
        let text = page.page.write(PageFormat(.protobuf), at: page.now)
        var reader = ExpositionReader(text, format: .protobuf)
        var found: NativeHistogram?
        while let entry = try reader.next() {
            if case .sample(let sample) = entry { found = sample.histogram ?? found }
        }
        let native = try #require(found)
        #expect(native.schema == 2 && native.count == 15)
        #expect(native.positive.offset == -1 && native.positive.counts == [3, 12])
        // So far apart that no scale has room for both.
        #expect(take(0, 2_000_000_000, [1], start: 30).refused == [.buckets: 1])
    }

    @Test func `an exponential histogram that counts wrongly is refused`() {
        let page = TestPage()
        func take(count: UInt64, _ buckets: UInt64, start: UInt64) -> PageOutcome {
            page.take { builder in
                builder.exponentialHistogram("h", .delta) { points in
                    points.point { point in
                        point.startTime(start)
                        point.time(start + 10)
                        point.count(count)
                        point.positive(offset: 0, counts: [buckets])
                    }
                }
            }
        }
        #expect(take(count: 5, 4, start: 10).refused == [.count: 1])
        #expect(page.lines.isEmpty)
        #expect(take(count: 4, 4, start: 10).refused.isEmpty)
        let most = UInt64(Int64.max)
        #expect(take(count: most, most, start: 20).refused == [.count: 1])
        #expect(page.lines.contains("h_count 4"))
    }

    @Test func `the first type of a name stays, and the first help`() {
        let page = TestPage()
        func gauge(_ help: String, _ label: String) -> PageOutcome {
            page.take { builder in
                builder.gauge(.init("x", details: help)) { points in
                    points.point { point in
                        point.value(.int(1))
                        point.attribute("l", .string(label))
                    }
                }
            }
        }
        _ = gauge("First.", "a")
        #expect(gauge("Second.", "b").refused.isEmpty)
        #expect(page.take { $0.histogram("x", [1, 1, 1]) }.refused == [.typeConflict: 1])
        #expect(page.text().hasPrefix("# HELP x First.\n# TYPE x gauge\nx{l=\"a\"} 1\nx{l=\"b\"} 1\n"))
        page.take { $0.histogram("y", [1, 1, 1]) }
        #expect(page.take { $0.one("y_count", 1) }.refused == [.typeConflict: 1])
        page.take { $0.one("z_sum", 1) }
        #expect(page.take { $0.histogram("z", [1, 1, 1]) }.refused == [.typeConflict: 1])
        #expect(page.take { $0.one("…", 1) }.refused == [.name: 1])
    }

    @Test func `resources have a series of their own, the newest attributes in it`() {
        let page = TestPage()
        func take(_ host: String) {
            page.take(resource: [
                ("service.name", "api"), ("service.instance.id", "1"), ("host.name", .string(host)),
            ]) { $0.one("g", 1) }
        }
        take("a")
        take("b")
        #expect(
            page.text() == """
                # TYPE g gauge
                g{instance="1",job="api"} 1
                # HELP target_info Target metadata
                # TYPE target_info gauge
                target_info{host_name="b",instance="1",job="api"} 1

                """)
    }

    @Test func `series of several senders with the same labels are one`() {
        let page = TestPage()
        page.take(resource: [("host.name", "a")]) { $0.one("g", 1, time: 1) }
        page.take(resource: [("host.name", "b")]) { $0.one("g", 2, time: 2) }
        #expect(page.lines == ["g 2"])
    }

    @Test func `a scope gives labels unless it shall not`() {
        let page = TestPage(PageSettings())
        page.take { $0.one("g", 1) }
        #expect(page.lines == [#"g{otel_scope_name="lib",otel_scope_version="1"} 1"#])
    }
}
