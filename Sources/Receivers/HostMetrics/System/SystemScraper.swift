internal import Telemetry

/// The metrics of the scraper system.
enum SystemMetric: String, HostMetricName {
    case uptime = "system.uptime"

    var definition: HostMetric { HostMetric(.gauge, "s", "The time the system has been running") }
}

/// How long the host has been running.
struct SystemScraper: HostScraper {
    static let name = "system"

    private var sheet: MetricSheet<SystemMetric>

    init(_ metrics: MetricSwitches<SystemMetric>) { sheet = MetricSheet(metrics) }

    mutating func scrape(_ moment: ScrapeMoment, _ failures: inout ScrapeFailures) -> Batch {
        guard sheet.wants(.uptime) else { return Batch(signal: .metrics) }
        let seconds = failures.reading(points: 1) { () throws(HostReadError) in
            try Self.uptime(moment.files)
        }
        guard let seconds else { return Batch(signal: .metrics) }
        sheet.record(.uptime, .double(seconds))
        return moment.batch(Self.name, &sheet)
    }

    /// Seconds, from `/proc/uptime`.
    static func uptime(_ files: HostFiles) throws(HostReadError) -> Double {
        guard let seconds = try files.read("/proc/uptime", limit: 4096).lines.first?.words.first?.decimal
        else {
            throw .content(path: files.place("/proc/uptime"), "it does not begin with a number")
        }
        return seconds
    }
}
