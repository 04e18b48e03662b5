import Prometheus
import Testing
import Wire

@Suite struct TextParserTests {
    @Test func `a page of the text format`() throws {
        let page = try ReadPage(
            """
            # HELP go_goroutines Number of goroutines\\nthat exist, a \\\\ too.
            # TYPE go_goroutines gauge
            go_goroutines 33
            # a comment
            #TYPE x untyped
            \t x { a = "1" , b="2",} \t 4.5e-3  1395066363000
            rpc:latency{service="a\\"b\\\\c\\nd",quantile="0.99"} +Inf
            y{} NaN -1000

            z -Inf
            """)
        #expect(page.types == ["go_goroutines": .gauge, "x": .unknown])
        #expect(page.helps["go_goroutines"] == "Number of goroutines\nthat exist, a \\ too.")
        #expect(
            page.samples == [
                ReadSample(name: "go_goroutines", labels: [], value: 33),
                ReadSample(name: "x", labels: ["a=1", "b=2"], value: 0.0045, timestamp: 1_395_066_363_000),
                ReadSample(
                    name: "rpc:latency", labels: ["service=a\"b\\c\nd", "quantile=0.99"], value: .infinity),
                ReadSample(name: "y", labels: [], value: .nan, timestamp: -1000),
                ReadSample(name: "z", labels: [], value: -.infinity),
            ])
    }

    @Test func `names in quotes stand in the braces`() throws {
        let page = try ReadPage("# TYPE \"a.b\" counter\n{\"a.b\",\"x.y\"=\"1\",z=\"2\"} 1\n{\"c\"} 2\n")
        #expect(page.types == ["a.b": .counter])
        #expect(page.samples.map(\.description) == ["a.b{x.y=1,z=2} 1.0 @-", "c{} 2.0 @-"])
    }

    @Test func `a page of OpenMetrics`() throws {
        let page = try ReadPage(
            """
            # TYPE foo_seconds counter
            # UNIT foo_seconds seconds
            # HELP foo_seconds Time "spent".
            foo_seconds_total{a="b"} 17.0 1520879607.789 # {trace_id="0123",x=""} 9.8 1520879607.7
            foo_seconds_created{a="b"} 1520430000.123
            # TYPE h histogram
            h_bucket{le="1.0"} 3 # {} 0.5
            # TYPE s stateset
            # TYPE g gaugehistogram
            # TYPE i info
            i_info 1
            # EOF
            """, .openMetrics)
        #expect(page.units == ["foo_seconds": "seconds"])
        #expect(
            page.types["s"] == .stateSet && page.types["g"] == .gaugeHistogram && page.types["i"] == .info)
        #expect(page.samples.count == 4)
        #expect(page.samples[0].timestamp == 1_520_879_607_789)
        let exemplar = page.samples[0].exemplars[0]
        #expect(exemplar.labels == [.init("trace_id", "0123"), .init("x", "")])
        #expect(exemplar.value == 9.8 && exemplar.timestamp == 1_520_879_607_700)
        #expect(page.samples[2].exemplars[0].labels.isEmpty)
        #expect(page.samples[2].exemplars[0].timestamp == nil)
    }

    @Test(arguments: [
        ("x", "line 1: the value is missing"), ("x y", "no number: 'y'"), ("x 1 y", "is no number: 'y'"),
        ("x 1 2 3", "'3' stands after the value"), ("1x 1", "begins with a digit"),
        ("a 1\nx{a=\"1} 1\n", "line 2: a text in quotes does not end"), ("x{a=1} 1", "has no quotes"),
        ("x{a} 1", "has no value"), ("x{a=\"1\" b=\"2\"} 1", "',' or '}' is missing"),
        ("x{a=\"1\"", "'}' is missing"), ("{a=\"1\"} 1", "the name of the metric is missing"),
        ("x{\"y\"} 1", "has no value"), ("# TYPE x thing", "'thing' is no type"),
        ("# TYPE", "the name of a metric is missing"), ("# HELP 1x y", "'1x' is no name"),
        ("x 0x10", "no number"), ("x 1_0", "no number"), ("x 1e999", "no number"), ("x . ", "no number"),
        ("x - 1", "no number"), ("x 1 1.5", "the time of the value"), ("x{1a=\"\"} 1", "name of a label"),
        ("é 1", "the name of the metric is missing"),
    ])
    func `mistakes are told with their line`(page: String, message: String) {
        let error = #expect(throws: ExpositionError.self) { _ = try ReadPage(page) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func `a label that is not UTF-8 is refused`() {
        let page = Bytes(Array("x{a=\"".utf8) + [0xFF] + Array("\"} 1".utf8))
        #expect(throws: ExpositionError.self) { _ = try ReadPage(page, .text) }
    }

    @Test func `OpenMetrics without its end was cut off, and nothing follows the end`() {
        #expect(throws: ExpositionError.self) { _ = try ReadPage("x 1\n", .openMetrics) }
        #expect(throws: ExpositionError.self) { _ = try ReadPage("x 1\n# EOF\nx 1\n", .openMetrics) }
        #expect(throws: ExpositionError.self) { _ = try ReadPage("x 1 # y\n# EOF\n", .openMetrics) }
        #expect(throws: Never.self) { _ = try ReadPage("x 1\n# EOF", .openMetrics) }
        #expect(throws: Never.self) { _ = try ReadPage("x 1\n# EOF\n", .text) }
    }

    @Test(arguments: [
        "0", "1", "-1", "3.14", "0.1", "1e3", "1E-3", "+5", "123456789012345", "1234567890123456789",
        "0.30000000000000004", "-0.5", "5.", ".5", "9007199254740993", "1.7976931348623157e308", "00012",
        "0.000001", "-0",
    ])
    func `numbers are the nearest doubles`(text: String) throws {
        let value = try ReadPage("x \(text)\n").samples[0].value
        #expect(value.bitPattern == Double(text)?.bitPattern)
    }

    @Test func `what a page is cut off or changed into never crashes`() {
        let page = Array(
            """
            # TYPE a histogram
            a_bucket{le="1",x="y\\n"} 3 # {trace_id="00"} 1.5 2.5
            a_sum 1.5 1000
            {"b.c",d="e"} -1e-5
            # EOF
            """.utf8)
        for end in 0...page.count { _ = try? ReadPage(Bytes(Array(page[..<end])), .openMetrics) }
        for index in page.indices {
            for byte in [0, 0x22, 0x5C, 0x0A, 0x7B, 0x7D, 0x23, 0x80, 0xFF] as [UInt8] {
                var changed = page
                changed[index] = byte
                _ = try? ReadPage(Bytes(changed), .openMetrics)
                _ = try? ReadPage(Bytes(changed), .text)
            }
        }
    }

    @Test(arguments: [
        (1.0, "1", "1.0"), (0.5, "0.5", "0.5"), (1e6, "1e+06", "1e+06"), (123456, "123456", "123456.0"),
        (1_234_567, "1.234567e+06", "1.234567e+06"), (0.0001, "0.0001", "0.0001"),
        (0.00001, "1e-05", "1e-05"), (-2.5, "-2.5", "-2.5"), (0, "0", "0.0"), (.infinity, "+Inf", "+Inf"),
        (1e100, "1e+100", "1e+100"), (10, "10", "10.0"),
    ])
    func `numbers are written as Go writes them`(value: Double, text: String, bound: String) {
        #expect(NumberFormat.text(value) == text)
        #expect(NumberFormat.bound(value) == bound)
    }

    @Test(arguments: [
        ("text/plain; version=0.0.4; charset=utf-8", ExpositionFormat.text),
        ("application/openmetrics-text; version=1.0.0", .openMetrics),
        (
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
            .protobuf
        ),
    ])
    func `the type of the content says the format`(type: String, format: ExpositionFormat) {
        #expect(ExpositionFormat(contentType: type) == format)
        #expect(ExpositionFormat(contentType: "text/html") == nil)
    }
}
