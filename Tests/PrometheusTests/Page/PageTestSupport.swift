import Prometheus
import Telemetry
import Wire

/// A page and the time on it.
struct TestPage {
    let page: MetricsPage
    var now = Duration.seconds(100)

    init(_ settings: PageSettings = TestPage.plain) { page = MetricsPage(settings) }

    /// Without the labels of scopes, which most tests have nothing to do with.
    static var plain: PageSettings { PageSettings(series: SeriesSettings(includesScope: false)) }

    /// Takes what `write` writes, below a resource.
    @discardableResult
    func take(
        resource: [(String, AttributeValue)] = [], _ write: (inout MetricsBuilder) -> Void
    ) -> PageOutcome {
        page.take(TestPage.batch(resource: resource, write), at: now)
    }

    static func batch(
        resource: [(String, AttributeValue)] = [], _ write: (inout MetricsBuilder) -> Void
    ) -> Batch {
        var builder = MetricsBuilder()
        builder.resource { for (key, value) in resource { $0.attribute(key, value) } }
        builder.scope("lib", version: "1")
        write(&builder)
        return builder.finish()
    }

    func text(_ syntax: PageFormat.Syntax = .text004, _ escaping: NameEscaping = .underscores) -> String {
        page.write(PageFormat(syntax, escaping), at: now).string
    }

    /// Lines of samples in the text format.
    var lines: [String] {
        text().split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }
}

extension MetricsBuilder {
    /// A gauge with one point.
    mutating func one(_ name: String, _ value: Double, time: UInt64 = 0, label: String = "") {
        gauge(Header(name)) { points in
            points.point { point in
                point.time(time)
                point.value(.double(value))
                if !label.isEmpty { point.attribute("l", .string(label)) }
            }
        }
    }

    /// A sum with one point.
    mutating func sum(
        _ name: String, _ value: NumberValue, _ temporality: Temporality = .cumulative,
        isMonotonic: Bool = true, start: UInt64 = 0, time: UInt64 = 0
    ) {
        sum(Header(name), temporality, isMonotonic: isMonotonic) { points in
            points.point { point in
                point.startTime(start)
                point.time(time)
                point.value(value)
            }
        }
    }

    /// A histogram with bounds 1 and 2 and one point.
    mutating func histogram(
        _ name: String, _ counts: [UInt64], _ temporality: Temporality = .cumulative, start: UInt64 = 0,
        time: UInt64 = 0, bounds: [Double] = [1, 2]
    ) {
        histogram(Header(name), temporality) { points in
            points.point { point in
                point.startTime(start)
                point.time(time)
                point.count(counts.reduce(0, +))
                point.sum(Double(counts.count))
                point.buckets(counts: counts, bounds: bounds)
            }
        }
    }
}
