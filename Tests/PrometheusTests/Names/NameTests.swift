import Prometheus
import Testing

@Suite struct NameTests {
    @Test(arguments: [
        ("http.server.duration", "s", MetricNamer.Kind.other, "http_server_duration_seconds"),
        ("requests.count", "1", .monotonicSum, "requests_count_total"),
        ("memory.usage", "By", .gauge, "memory_usage_bytes"),
        ("system.cpu.utilization", "1", .gauge, "system_cpu_utilization_ratio"),
        ("disk.io", "By/s", .gauge, "disk_io_bytes_per_second"),
        ("already_total", "", .monotonicSum, "already_total"),
        ("total.things", "{thing}", .monotonicSum, "things_total"),
        ("duration_seconds", "s", .other, "duration_seconds"),
        ("5xx", "", .other, "_5xx"),
        ("a..b__c", "", .other, "a_b_c"),
        ("speed", "m/min", .gauge, "speed_meters_per_min"),
        ("odd", "/", .gauge, "odd"),
        ("ns:rule", "", .other, "ns:rule"),
    ])
    func `names get units and types`(name: String, unit: String, kind: MetricNamer.Kind, result: String) {
        #expect(MetricNamer().name(of: name, unit: unit, kind) == result)
    }

    @Test(arguments: [
        (TranslationStrategy.underscoreEscapingWithoutSuffixes, "a.b", "a_b"),
        (.noTranslation, "a.b", "a.b"), (.noUTF8EscapingWithSuffixes, "a.b", "a.b_seconds_total"),
        (.underscoreEscapingWithSuffixes, "a.b", "a_b_seconds_total"),
    ])
    func `the strategy decides`(strategy: TranslationStrategy, name: String, result: String) {
        #expect(MetricNamer(strategy: strategy).name(of: name, unit: "s", .monotonicSum) == result)
    }

    @Test func `a namespace stands before`() {
        #expect(MetricNamer(namespace: "app").name(of: "x", unit: "", .other) == "app_x")
        let plain = MetricNamer(namespace: "my.app", strategy: .underscoreEscapingWithoutSuffixes)
        #expect(plain.name(of: "x.y", unit: "s", .other) == "my_app_x_y")
    }

    @Test func `what leaves nothing has no name`() {
        #expect(MetricNamer().name(of: "…", unit: "", .other) == nil)
        #expect(MetricNamer().name(of: "", unit: "", .other) == nil)
        #expect(LabelNamer().name(of: "--") == nil)
        #expect(LabelNamer().name(of: "") == nil)
    }

    @Test(arguments: [
        ("http.method", "http_method"), ("123x", "key_123x"), ("_x", "key_x"), ("__x__", "__x__"),
        ("a.-b", "a_b"), ("größe", "gr_e"), ("ok", "ok"), ("__reserved", "key_reserved"),
    ])
    func `labels are escaped`(name: String, result: String) {
        #expect(LabelNamer().name(of: name) == result)
        #expect(LabelNamer(escapes: false).name(of: name) == name)
    }

    @Test(arguments: [
        ("seconds", "s"), ("bytes_per_second", "By/s"), ("ratio", "1"), ("widgets", "widgets"), ("", ""),
        ("meters_per_", "meters_per_"), ("days_per_fortnight", "d/fortnight"),
    ])
    func `units become those of UCUM`(word: String, unit: String) {
        #expect(Units.ucum(of: word) == unit)
    }

    @Test(arguments: [
        ("s", "seconds"), ("By/s", "bytes_per_second"), ("1", ""), ("{x}/h", "per_hour"), ("{x}", ""),
    ])
    func `units become words`(unit: String, word: String) { #expect(Units.word(of: unit) == word) }

    @Test(arguments: [
        ("http_requests_total", true, "", "http_requests"), ("up", false, "", "up"),
        ("cpu_seconds_total", true, "seconds", "cpu"), ("x_seconds", false, "seconds", "x"),
        ("x_total", false, "", "x_total"), ("rate_bytes_per_second", false, "bytes_per_second", "rate"),
    ])
    func `suffixes are trimmed`(name: String, isSum: Bool, unit: String, result: String) {
        #expect(MetricNamer.trimmed(name, isSum: isSum, unit: unit) == result)
    }
}
